"""The same questions asked of any server, and what is different about its answers."""
