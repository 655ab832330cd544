"""Notes, and what they are related to, as frozen values."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.kernel.ids import timestamp_of, to_short_id


class Note(Struct, frozen=True, gc=False):
    """What somebody has written down about records."""

    id: str
    """Of the form of a record id, so that the order of ids is that of creation."""
    contact_id: str
    """The record id of the contact it is related to, of several the one that it was asked of; empty for none."""
    body: str
    title: str | None
    color: str | None
    pinned: bool
    user_id: str | None

    @property
    def shown_id(self) -> str:
        """The id as the world knows it: 20 characters."""
        return to_short_id(self.id)

    @property
    def created_at(self) -> int:
        """Epoch milliseconds."""
        return timestamp_of(self.id)


class NoteRelation(Struct, frozen=True, gc=False, order=True):
    """A record that a note is related to."""

    object_key: str
    record_id: str


class RelatedNote(Struct, frozen=True, gc=False):
    """A note with all that it is related to."""

    note: Note
    relations: tuple[NoteRelation, ...]
    """In the order of their keys and ids."""
