"""Copies a database to another one, of either engine, and verifies the copy before it counts."""
