"""A task as a frozen value."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.kernel.ids import timestamp_of, to_short_id


class Task(Struct, frozen=True, gc=False):
    """What somebody has to do for a contact, until a moment."""

    id: str
    """Of the form of a record id, so that the order of ids is that of creation."""
    contact_id: str
    """The record id of the contact."""
    updated_at: int
    title: str
    body: str | None
    due_at: int
    """Epoch milliseconds."""
    completed: bool
    assigned_to: str | None

    @property
    def shown_id(self) -> str:
        """The id as the world knows it: 20 characters."""
        return to_short_id(self.id)

    @property
    def created_at(self) -> int:
        """Epoch milliseconds."""
        return timestamp_of(self.id)
