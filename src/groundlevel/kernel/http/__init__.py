"""Speaks the platform's wire format over HTTP: a table of routes per noun, a guard, and a thin ASGI application."""
