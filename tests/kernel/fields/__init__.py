"""Tests of the field types, of the compiled objects and of text folding."""
