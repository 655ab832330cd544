"""The rows of the table of examples, a module for each behaviour."""
