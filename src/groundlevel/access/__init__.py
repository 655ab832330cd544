"""Who may call: companies, users, tokens."""
