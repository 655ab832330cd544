"""Checks of the whole repository: the API against a base revision, and code that nobody uses."""
