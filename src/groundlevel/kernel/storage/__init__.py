"""Keeps everything durable: one abstract storage, one set of statements, an engine for each database."""
