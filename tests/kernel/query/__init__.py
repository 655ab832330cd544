"""Tests of the search grammar: a table of examples, and arbitrary input."""
