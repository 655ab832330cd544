"""The official Node SDK, driven from Python."""
