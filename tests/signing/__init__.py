"""Key pairs of the server."""
