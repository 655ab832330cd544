"""Clients that other programs generate from our own OpenAPI document."""
