"""The operations on notes: those of contacts, and those of any records."""
