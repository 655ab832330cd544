"""Tests of the HTTP face: its parts one by one, and the whole against bad input."""
