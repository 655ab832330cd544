"""Notes as they are stored, and what becomes of them when their records are deleted."""
