"""Tasks of contacts."""
