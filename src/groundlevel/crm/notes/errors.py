"""Refusals about notes."""

from __future__ import annotations

from groundlevel.kernel.errors import SHOWN, BadRequest, NotFound


class NoteNotFound(NotFound):
    """Note not found"""

    code = "note_not_found"
    hint = "GET /contacts/{contactId}/notes lists the notes of a contact, POST /notes/search those of any records."
    about = "The contact, or the location, has no note with this id."

    def __init__(self, note_id: str) -> None:
        super().__init__(f"Note ({note_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> NoteNotFound:
        return cls("HGPcayliwcdoUFzvbTok")


class LastNoteRelation(BadRequest):
    """A note is related to at least one record"""

    code = "last_note_relation"
    hint = "Add the other record first, or delete the note: DELETE /notes/{id}."
    about = "The removal would leave the note related to nothing. Nothing was changed."
