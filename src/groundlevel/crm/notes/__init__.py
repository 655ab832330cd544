"""Notes of contacts."""
