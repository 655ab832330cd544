"""Key pairs that sign webhooks and access tokens."""
