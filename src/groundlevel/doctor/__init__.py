"""Examines whether a database is consistent."""
