"""What is put into an empty database."""
