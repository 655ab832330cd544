"""TLS for clients with a built-in host: an authority of this machine's own, and what leads programs here."""
