"""Random searches over random records: every engine must answer like a plain Python oracle."""
