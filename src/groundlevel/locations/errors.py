"""Refusals about what a location keeps."""

from __future__ import annotations

from groundlevel.kernel.errors import SHOWN, NotFound


class CustomValueNotFound(NotFound):
    """Custom value not found"""

    code = "custom_value_not_found"
    hint = "GET /locations/{locationId}/customValues lists them with their ids."
    about = "No custom value of the location has this id."

    def __init__(self, value_id: str) -> None:
        super().__init__(f"Custom value ({value_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> CustomValueNotFound:
        return cls("3sv6UEo51C9Bmpo1cKTq")
