"""Notes of any records: creates, changes, relates, searches and deletes them (docs/contract.md#notes-of-records)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, Struct, UnsetType

from groundlevel.crm.notes import rules
from groundlevel.crm.notes.errors import LastNoteRelation, NoteNotFound
from groundlevel.crm.texts import cleared
from groundlevel.kernel.absence import or_else
from groundlevel.kernel.errors import LimitExceeded, ObjectNotFound
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.ids import from_short_id, is_record_id
from groundlevel.kernel.names import canonical_key
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, reading, scanning, writing
from groundlevel.notes import store
from groundlevel.notes.events import (
    NOTE_CREATE,
    NOTE_DELETE,
    NOTE_UPDATE,
    emit_note_event,
    emit_note_events,
)
from groundlevel.notes.model import Note, NoteRelation, RelatedNote
from groundlevel.notes.store import NoteQuery, contacts_among
from groundlevel.records.errors import UnknownReference
from groundlevel.records.rules import lock_referenced_record
from groundlevel.standard.ids import record_id_of

MAX_RELATIONS = 100
"""Most records of a note."""
CHUNK = 500
"""Notes that a search holds in memory at once."""


class NamedRecord(Struct, frozen=True, order=True):
    """A record as bodies name it: the key of its object, and its public id."""

    object_key: str
    id: str


class NewRecordNote(Struct, frozen=True):
    """The note to be created."""

    body: str
    records: Sequence[NamedRecord]
    """At least one."""
    user_id: str | None = None


class RecordNoteChange(Struct, frozen=True):
    """A change of a note: members left out stay, null and the empty text clear what may be absent."""

    id: str
    """As the world knows it."""
    body: str | None | UnsetType = UNSET
    title: str | None | UnsetType = UNSET
    color: str | None | UnsetType = UNSET
    pinned: bool | None | UnsetType = UNSET


class RelationChange(Struct, frozen=True):
    """Records that a note is to be related to, or no longer."""

    id: str
    """The note, as the world knows it."""
    records: Sequence[NamedRecord]
    added: bool
    """Whether they are added; else they are removed."""


class NoteSearch(Struct, frozen=True):
    """What to search for; what is None does not matter."""

    records: Sequence[NamedRecord | str] | None = None
    """Notes that are related to any of them; a text is the public id of a record of whichever object."""
    user_id: str | None = None
    text: str | None = None
    newest_first: bool = True
    skip: int = 0
    limit: int = 25
    counted: bool = False
    """Whether all that are found are counted."""


class FoundNotes(Struct, frozen=True):
    """A page of a search."""

    notes: list[RelatedNote]
    total: int | None
    """How many there are in all; None where they were not counted."""


@writing
async def create_record_note(tx: Transaction, call: Call, request: NewRecordNote) -> RelatedNote:
    """A new note. Raises UnknownReference, LimitExceeded."""
    relations = await _lock_records(tx, request.records)
    _check_number(relations)
    for relation in relations:
        await _check_room(tx, relation)
    contacts = contacts_among(relations)
    note = Note(
        call.ids.record_id(),
        contacts[0] if contacts else "",
        request.body,
        None,
        None,
        pinned=False,
        user_id=request.user_id or None,
    )
    await store.insert_note(tx, note)
    for relation in relations:
        if relation.record_id != note.contact_id:
            await store.insert_relation(tx, note.id, relation)
    await emit_note_events(tx, NOTE_CREATE, note)
    return RelatedNote(note, tuple(relations))


@reading
async def get_record_note(tx: Transaction, call: Call, shown: str) -> RelatedNote:
    """One note. Raises NoteNotFound."""
    note_id = from_short_id(shown)
    note = None if note_id is None else await store.find_note(tx, note_id)
    if note is None:
        raise NoteNotFound(shown)
    return await _complete(tx, note)


@writing
async def update_record_note(tx: Transaction, call: Call, change: RecordNoteChange) -> RelatedNote:
    """A change of what a note says. Raises NoteNotFound."""
    before = await _lock(tx, change.id)
    after = msgspec.structs.replace(
        before,
        body=or_else(change.body, before.body),
        title=cleared(change.title, before.title),
        color=cleared(change.color, before.color),
        pinned=or_else(change.pinned, before.pinned),
    )
    await store.update_note(tx, after)
    await emit_note_events(tx, NOTE_UPDATE, after)
    return await _complete(tx, after)


@writing
async def change_note_relations(tx: Transaction, call: Call, change: RelationChange) -> RelatedNote:
    """Relates a note to records, or ends that; what is so already has no effect.

    Raises NoteNotFound, UnknownReference, LimitExceeded, LastNoteRelation.
    """
    if change.added:
        # Records are locked before their notes, here as in their removal.
        records = await _lock_records(tx, change.records)
        note = await _lock(tx, change.id)
        return await _relate(tx, note, records)
    note = await _lock(tx, change.id)
    return await _unrelate(tx, note, {each for named in change.records if (each := _record_id(named)) is not None})


@writing
async def delete_record_note(tx: Transaction, call: Call, shown: str) -> RelatedNote:
    """Deletes a note, whatever it is related to; what it was. Raises NoteNotFound."""
    note = await _lock(tx, shown)
    related = await _complete(tx, note)
    await emit_note_events(tx, NOTE_DELETE, note)
    await store.delete_note(tx, note.id)
    return related


@scanning
async def search_notes(tx: Transaction, call: Call, request: NoteSearch) -> FoundNotes:
    """A page of the location's notes, in the order of their creation."""
    records = None
    if request.records is not None:
        records = [each for named in request.records if (each := _record_id(named)) is not None]
    query = NoteQuery(records, request.user_id, request.text, request.newest_first)
    page: list[Note] = []
    seen, last = 0, None
    end = request.skip + request.limit
    while True:
        notes = await store.search_notes(tx, query, last, CHUNK)
        for note in notes:
            if store.holds_text(note, request.text):
                if request.skip <= seen < end:
                    page.append(note)
                seen += 1
        if len(notes) < CHUNK or (seen >= end and not request.counted):
            break
        last = notes[-1].id
    return FoundNotes(await store.with_relations(tx, page), seen if request.counted else None)


async def _relate(tx: Transaction, note: Note, records: Sequence[NoteRelation]) -> RelatedNote:
    before = await _complete(tx, note)
    new = [each for each in records if each not in before.relations]
    _check_number((*before.relations, *new))
    for relation in new:
        await _check_room(tx, relation)
    contacts = contacts_among(new)
    if contacts and not note.contact_id:
        note = msgspec.structs.replace(note, contact_id=contacts[0])
        await store.move_note(tx, note.id, note.contact_id)
    for relation in new:
        if relation.record_id != note.contact_id:
            await store.insert_relation(tx, note.id, relation)
    for contact_id in contacts:
        await emit_note_event(tx, NOTE_CREATE, note, contact_id)
    return await _complete(tx, note)


async def _unrelate(tx: Transaction, note: Note, gone: set[str]) -> RelatedNote:
    before = await _complete(tx, note)
    left = [each for each in before.relations if each.record_id not in gone]
    if not left:
        raise LastNoteRelation
    if note.contact_id in gone:
        note = msgspec.structs.replace(note, contact_id=next(iter(contacts_among(left)), ""))
        await store.move_note(tx, note.id, note.contact_id)
    ended = [each for each in before.relations if each.record_id in gone]
    for relation in ended:
        await store.delete_relation(tx, note.id, relation.record_id)
    for contact_id in contacts_among(ended):
        await emit_note_event(tx, NOTE_DELETE, note, contact_id)
    return RelatedNote(note, tuple(left))


async def _lock(tx: Transaction, shown: str) -> Note:
    note_id = from_short_id(shown)
    note = None if note_id is None else await store.lock_note(tx, note_id)
    if note is None:
        raise NoteNotFound(shown)
    return note


async def _complete(tx: Transaction, note: Note) -> RelatedNote:
    [related] = await store.with_relations(tx, [note])
    return related


async def _lock_records(tx: Transaction, named: Sequence[NamedRecord]) -> list[NoteRelation]:
    """The records that a body names, each once and locked, in one order for all writers. Raises UnknownReference."""
    schemas: dict[str, CompiledObject] = {}
    keys: set[NamedRecord] = set()
    for each in named:
        schema = await _schema(tx, each.object_key)
        schemas[schema.object.key] = schema
        keys.add(NamedRecord(schema.object.key, each.id))
    locked = []
    for each in sorted(keys, key=lambda key: (key.object_key, _record_id(key) or "")):
        record = await lock_referenced_record(tx, schemas[each.object_key], each.id, member="relations")
        locked.append(NoteRelation(each.object_key, record.id))
    return locked


async def _schema(tx: Transaction, key: str) -> CompiledObject:
    try:
        return await tx.schema(canonical_key(key))
    except ObjectNotFound as nothing:
        raise UnknownReference(f"relations: {nothing.message}") from nothing


def _record_id(named: NamedRecord | str) -> str | None:
    """The record id that is meant; None for what cannot be one."""
    if isinstance(named, NamedRecord):
        return record_id_of(canonical_key(named.object_key), named.id)
    return named if is_record_id(named) else from_short_id(named)


async def _check_room(tx: Transaction, relation: NoteRelation) -> None:
    """Raises LimitExceeded for a record that has as many notes as it can."""
    if await store.count_notes(tx, relation.record_id) >= rules.MAX_NOTES:
        raise LimitExceeded(f"A record can have {rules.MAX_NOTES} notes", hint=rules.DELETE_SOME)


def _check_number(relations: Sequence[NoteRelation]) -> None:
    if len(relations) > MAX_RELATIONS:
        raise LimitExceeded(
            f"A note can be related to {MAX_RELATIONS} records", hint="Remove records that it is not about any more."
        )
