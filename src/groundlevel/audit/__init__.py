"""The log of changes and its readers: the feed of changes, the history of records, the bin of deleted ones."""
