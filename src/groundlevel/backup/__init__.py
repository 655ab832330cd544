"""Backups of SQLite databases, made while the server runs, and their verified restoration."""
