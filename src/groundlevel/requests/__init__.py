"""The log of requests: what was asked of the server lately, and why it was refused."""
