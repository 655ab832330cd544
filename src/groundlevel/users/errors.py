"""Refusals about users."""

from __future__ import annotations

from groundlevel.kernel.errors import SHOWN, NotFound


class UserNotFound(NotFound):
    """User not found"""

    code = "user_not_found"
    hint = "GET /users/?locationId= lists the users of a location with their ids."
    about = "No user with this id is in reach of the token."

    def __init__(self, user_id: str) -> None:
        super().__init__(f"User ({user_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> UserNotFound:
        return cls("sx6wyHhbFdRXh302LLNR")
