"""Clients and documents made by others, against a real server."""
