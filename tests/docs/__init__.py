"""Tests of the documentation: its snippets run, its links lead somewhere, its reference is complete."""
