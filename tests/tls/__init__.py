"""The local certificate authority, and programs that have the platform's host built in."""
