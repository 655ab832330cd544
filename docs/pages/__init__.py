"""What `make docs` writes: one module for each page, nearly all of them read from a table in the code."""
