"""The events about notes (docs/contract.md#webhook-events)."""

from __future__ import annotations

from groundlevel.kernel.events import EventKind, declare_event, is_subscribed, make_event
from groundlevel.kernel.ids import to_short_id
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.timestamps import iso
from groundlevel.notes import store
from groundlevel.notes.model import Note

_SAMPLE = {
    "locationId": "ve9EPM428h8vShlRW1KT",
    "id": "otg8dTQqGLh3Q6iQI55w",
    "body": "Prefers to be called in the evening",
    "contactId": "CWBf1PR9LvvBkcYqiXlc",
    "dateAdded": "2021-11-26T12:41:02.193Z",
}
_SCOPE = "contacts.readonly"
NOTE_CREATE = declare_event("NoteCreate", scope=_SCOPE, doc="A contact has a new note.", sample=_SAMPLE)
NOTE_UPDATE = declare_event("NoteUpdate", scope=_SCOPE, doc="A note has changed.", sample=_SAMPLE)
NOTE_DELETE = declare_event(
    "NoteDelete", scope=_SCOPE, doc="A note was deleted, by itself or with its contact.", sample=_SAMPLE
)


async def emit_note_events(tx: Transaction, kind: EventKind, note: Note) -> None:
    """Tells of a stored note, as it is now or just before it is deleted, once for each contact that it is related to.

    What is told of a note names a contact: of one that has none nothing is told.
    """
    # Nothing is read where nobody hears of it.
    if not await is_subscribed(tx, kind):
        return
    [related] = await store.with_relations(tx, [note])
    for contact_id in store.contacts_among(related.relations):
        await emit_note_event(tx, kind, note, contact_id)


async def emit_note_event(tx: Transaction, kind: EventKind, note: Note, contact_id: str) -> None:
    """Tells of a note of one contact."""
    if not await is_subscribed(tx, kind):
        return
    payload = {
        "locationId": tx.location.id,
        "id": note.shown_id,
        "body": note.body,
        "contactId": to_short_id(contact_id),
        "dateAdded": iso(note.created_at),
    }
    tx.emit(make_event(tx, kind, note.shown_id, payload))
