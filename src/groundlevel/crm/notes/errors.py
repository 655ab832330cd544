"""Refusals about notes."""

from __future__ import annotations

from groundlevel.kernel.errors import SHOWN, NotFound


class NoteNotFound(NotFound):
    """Note not found"""

    code = "note_not_found"
    hint = "GET /contacts/{contactId}/notes lists the notes of the contact with their ids."
    about = "The contact has no note with this id."

    def __init__(self, note_id: str) -> None:
        super().__init__(f"Note ({note_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> NoteNotFound:
        return cls("HGPcayliwcdoUFzvbTok")
