"""Tests that end a process in the middle of its work."""
