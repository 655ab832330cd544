"""Refusals about lost reasons."""

from __future__ import annotations

from groundlevel.kernel.errors import SHOWN, NotFound


class LostReasonNotFound(NotFound):
    """There is no such lost reason."""

    code = "lost_reason_not_found"
    hint = "GET /opportunities/lost-reason?locationId= lists the lost reasons with their ids."
    about = "The location has no lost reason with this id, or it was deleted already."

    def __init__(self, reason_id: str) -> None:
        super().__init__(f"Lost reason ({reason_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> LostReasonNotFound:
        return cls("CLu7BaljjqrEjBGKTNNe")
