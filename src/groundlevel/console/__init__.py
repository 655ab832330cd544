"""The console: what people see and touch of a server in a browser."""
