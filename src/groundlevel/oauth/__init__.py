"""Apps, their installs, and the grants and tokens of OAuth 2.0."""
