"""GroundLevel: a self-hosted custom-objects platform that speaks HighLevel's Objects API."""

__version__ = "0.1.0"
