"""What Node.js and Python load before a program that `groundlevel tls run` runs."""
