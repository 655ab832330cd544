"""The bodies and replies of the operations on notes (docs/contract.md#notes-and-tasks)."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from groundlevel.crm.texts import BodyText, Line
from groundlevel.kernel.absence import or_unset
from groundlevel.kernel.http.bodies import Body, Filled, Flag, Timestamp
from groundlevel.kernel.ids import to_short_id
from groundlevel.kernel.timestamps import iso
from groundlevel.notes.model import Note


class LiveNoteCreation(Body, kw_only=True):
    """A new note."""

    body: BodyText
    title: Line | None | UnsetType = UNSET
    color: Line | None | UnsetType = UNSET
    """How it is shown to people, such as `#FFAA00`; kept as it was sent."""
    pinned: Flag = UNSET
    user_id: Line | None | UnsetType = UNSET
    """Whose note it is; kept as it was sent."""


class NoteCreation(LiveNoteCreation, kw_only=True):
    """A new note, which may name the location."""

    location_id: Filled | None | UnsetType = UNSET


class LiveNoteUpdate(Body, kw_only=True):
    """A change of a note: members left out stay, null and the empty text clear all but the body."""

    body: BodyText | None | UnsetType = UNSET
    title: Line | None | UnsetType = UNSET
    color: Line | None | UnsetType = UNSET
    pinned: Flag = UNSET
    user_id: Line | None | UnsetType = UNSET


class NoteUpdate(LiveNoteUpdate, kw_only=True):
    """A change of a note, which may name the location."""

    location_id: Filled | None | UnsetType = UNSET


class NoteBody(Struct, rename="camel"):
    """A note."""

    id: str
    body: str
    date_added: Timestamp
    contact_id: str
    pinned: bool
    user_id: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    color: str | UnsetType = UNSET


class NoteReply(Struct, rename="camel"):
    """One note."""

    note: NoteBody
    trace_id: str


class NotesReply(Struct, rename="camel"):
    """The notes of a contact."""

    notes: list[NoteBody]
    trace_id: str


def note_body(note: Note) -> NoteBody:
    """The wire form of a note."""
    return NoteBody(
        note.shown_id,
        note.body,
        iso(note.created_at),
        to_short_id(note.contact_id),
        note.pinned,
        or_unset(note.user_id),
        or_unset(note.title),
        or_unset(note.color),
    )
