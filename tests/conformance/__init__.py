"""Scenarios of the wire contract as data, run on every engine and in both profiles."""
