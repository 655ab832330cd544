"""The reference pages: one module for each, every one of them read from a table in the code."""
