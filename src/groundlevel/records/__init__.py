"""Records, their search and their bulk writing."""
