"""The objects and associations that every location has."""
