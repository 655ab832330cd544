"""Users: who may own or follow records."""
