"""The bodies and replies of the operations on notes of any records (docs/contract.md#notes-of-records)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from groundlevel.crm.notes.record_note_rules import MAX_RELATIONS, FoundNotes, NamedRecord
from groundlevel.crm.texts import BodyText, Line
from groundlevel.kernel.absence import or_unset
from groundlevel.kernel.http.bodies import Body, Filled, Flag, Names, Timestamp
from groundlevel.kernel.timestamps import iso
from groundlevel.notes.model import RelatedNote
from groundlevel.standard.ids import public_id


class NamedRecordBody(Body, kw_only=True):
    """A record that a note is related to: the key of its object, and its id as the world knows it."""

    object_key: Filled
    record_id: Filled

    def named(self) -> NamedRecord:
        """The record as the rules take it."""
        return NamedRecord(self.object_key, self.record_id)


Relations = Annotated[list[NamedRecordBody], Meta(min_length=1, max_length=MAX_RELATIONS)]


class LiveRecordNoteCreation(Body, kw_only=True):
    """A new note with the records that it is about."""

    body: BodyText
    relations: Relations
    user_id: Line
    """Whose note it is; kept as it was sent."""


class RecordNoteCreation(Body, kw_only=True):
    """A new note with the records that it is about. It may name the location, and need not say whose it is."""

    body: BodyText
    relations: Relations
    user_id: Line | None | UnsetType = UNSET
    """Whose note it is; kept as it was sent."""
    location_id: Filled | None | UnsetType = UNSET


class LiveRecordNoteUpdate(Body, kw_only=True):
    """A change of a note: members left out stay, null and the empty text clear title and color."""

    body: BodyText | None | UnsetType = UNSET
    title: Line | None | UnsetType = UNSET
    color: Line | None | UnsetType = UNSET
    pinned: Flag = UNSET


class RecordNoteUpdate(LiveRecordNoteUpdate, kw_only=True):
    """A change of a note, which may name the location."""

    location_id: Filled | None | UnsetType = UNSET


class LiveNoteRelationChange(Body, kw_only=True):
    """Records that a note is to be related to, or no longer."""

    type: Literal["add", "remove"]
    relations: Relations


class NoteRelationChange(LiveNoteRelationChange, kw_only=True):
    """Records that a note is to be related to, or no longer; it may name the location."""

    location_id: Filled | None | UnsetType = UNSET


class NoteSearchBody(Body, kw_only=True):
    """A search among the notes of a location. A relation is a record, or the id of one of whichever object."""

    location_id: Filled | None | UnsetType = UNSET
    query: Line | None | UnsetType = UNSET
    relations: Annotated[list[Line | NamedRecordBody], Meta(max_length=MAX_RELATIONS)] | None | UnsetType = UNSET
    created_by_user_id: Line | None | UnsetType = UNSET
    sources: Names | None | UnsetType = UNSET
    """Refused unless it is empty: notes here have no source."""
    limit: int | float | None | UnsetType = UNSET
    skip: int | float | None | UnsetType = UNSET
    sort_by: Literal["dateAdded"] | None | UnsetType = UNSET
    sort_order: Literal["asc", "desc"] | None | UnsetType = UNSET
    count: Flag = UNSET
    """Whether the reply has the total."""
    include_relation_records: Flag = UNSET
    """Of no effect: what the platform shows of the records is not published."""


class NoteRelationBody(Struct, rename="camel"):
    """A record that a note is related to."""

    object_key: str
    record_id: str


class RecordNoteBody(Struct, rename="camel"):
    """A note with what it is related to."""

    id: str
    body: str
    date_added: Timestamp
    pinned: bool
    relations: list[NoteRelationBody]
    user_id: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    color: str | UnsetType = UNSET


class RecordNoteReply(Struct, rename="camel"):
    """One note."""

    note: RecordNoteBody
    trace_id: str


class FoundNotesReply(Struct, rename="camel"):
    """A page of the notes found."""

    notes: list[RecordNoteBody]
    trace_id: str
    total: int | UnsetType = UNSET
    """How many there are in all, where that was asked for."""


def record_note_body(related: RelatedNote) -> RecordNoteBody:
    """The wire form of a note with what it is related to."""
    note = related.note
    return RecordNoteBody(
        note.shown_id,
        note.body,
        iso(note.created_at),
        note.pinned,
        [
            NoteRelationBody(relation.object_key, public_id(relation.object_key, relation.record_id))
            for relation in related.relations
        ],
        or_unset(note.user_id),
        or_unset(note.title),
        or_unset(note.color),
    )


def found_notes_reply(found: FoundNotes, trace_id: str) -> FoundNotesReply:
    """The reply to a search."""
    return FoundNotesReply([record_note_body(each) for each in found.notes], trace_id, or_unset(found.total))
