"""The reasons for which opportunities are lost."""
