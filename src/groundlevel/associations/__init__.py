"""Associations, the rules by which records may be related, and relations, which follow them."""
