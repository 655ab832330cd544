"""Lists, creates, changes and deletes the notes of contacts (docs/contract.md#notes-and-tasks)."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from groundlevel.crm.contacts.rules import CONTACTS
from groundlevel.crm.notes.errors import NoteNotFound
from groundlevel.crm.texts import cleared
from groundlevel.kernel.absence import or_else
from groundlevel.kernel.errors import LimitExceeded
from groundlevel.kernel.ids import from_short_id
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, reading, writing
from groundlevel.notes import store
from groundlevel.notes.events import NOTE_CREATE, NOTE_DELETE, NOTE_UPDATE, emit_note_events
from groundlevel.notes.model import Note

MAX_NOTES = 2_000
"""Most notes of a record, since those of a contact are all listed at once."""
DELETE_SOME = "Delete notes that nobody needs any more."


class NoteKey(Struct, frozen=True):
    """Which note of which contact, by the ids as the world knows them."""

    contact_id: str
    id: str


class NewNote(Struct, frozen=True):
    """The note to be created."""

    contact_id: str
    """As the world knows it."""
    body: str
    title: str | None = None
    color: str | None = None
    pinned: bool = False
    user_id: str | None = None


class NoteChange(Struct, frozen=True):
    """A change of a note: members left out stay, null and the empty text clear what may be absent."""

    key: NoteKey
    body: str | None | UnsetType = UNSET
    title: str | None | UnsetType = UNSET
    color: str | None | UnsetType = UNSET
    pinned: bool | None | UnsetType = UNSET
    user_id: str | None | UnsetType = UNSET


@reading
async def list_notes(tx: Transaction, call: Call, contact_id: str) -> list[Note]:
    """All notes of a contact, the newest first. Raises ContactNotFound."""
    contact = await CONTACTS.fetch(tx, call, contact_id)
    return await store.list_notes(tx, contact.record.id)


@reading
async def get_note(tx: Transaction, call: Call, key: NoteKey) -> Note:
    """One note. Raises ContactNotFound, NoteNotFound."""
    contact = await CONTACTS.fetch(tx, call, key.contact_id)
    return await _find(tx, contact.record.id, key)


@writing
async def create_note(tx: Transaction, call: Call, request: NewNote) -> Note:
    """A new note. Raises ContactNotFound, LimitExceeded."""
    contact = await CONTACTS.lock(tx, call, request.contact_id)
    if await store.count_notes(tx, contact.record.id) >= MAX_NOTES:
        raise LimitExceeded(f"A contact can have {MAX_NOTES} notes", hint=DELETE_SOME)
    note = Note(
        call.ids.record_id(),
        contact.record.id,
        request.body,
        request.title or None,
        request.color or None,
        request.pinned,
        request.user_id or None,
    )
    await store.insert_note(tx, note)
    await emit_note_events(tx, NOTE_CREATE, note)
    return note


@writing
async def update_note(tx: Transaction, call: Call, change: NoteChange) -> Note:
    """A change. Raises ContactNotFound, NoteNotFound."""
    before = await _lock(tx, call, change.key)
    after = Note(
        before.id,
        before.contact_id,
        or_else(change.body, before.body),
        cleared(change.title, before.title),
        cleared(change.color, before.color),
        or_else(change.pinned, before.pinned),
        cleared(change.user_id, before.user_id),
    )
    await store.update_note(tx, after)
    await emit_note_events(tx, NOTE_UPDATE, after)
    return after


@writing
async def delete_note(tx: Transaction, call: Call, key: NoteKey) -> None:
    """Deletes a note, also if other records have it. Raises ContactNotFound, NoteNotFound."""
    note = await _lock(tx, call, key)
    await emit_note_events(tx, NOTE_DELETE, note)
    await store.delete_note(tx, note.id)


async def _lock(tx: Transaction, call: Call, key: NoteKey) -> Note:
    """The note, held against other writers together with its contact."""
    contact = await CONTACTS.lock(tx, call, key.contact_id)
    note_id = from_short_id(key.id)
    if note_id is not None:
        await store.lock_note(tx, note_id)
    return await _find(tx, contact.record.id, key)


async def _find(tx: Transaction, contact_id: str, key: NoteKey) -> Note:
    note_id = from_short_id(key.id)
    note = None if note_id is None else await store.find_note_of(tx, contact_id, note_id)
    if note is None:
        raise NoteNotFound(key.id)
    return note
