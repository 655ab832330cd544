"""What every noun stands on; it names none of them."""
