"""Contacts, opportunities, businesses and pipelines: standard objects with operations of their own."""
