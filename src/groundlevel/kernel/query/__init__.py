"""Searches as values: read from the wire (`parse`), bound to an object's fields (`bind`), described by `ast`."""
