"""Locations, the tenants."""
