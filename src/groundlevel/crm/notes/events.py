"""The events about notes (docs/contract.md#webhook-events)."""

from __future__ import annotations

from groundlevel.crm.notes.model import Note
from groundlevel.kernel.events import EventKind, declare_event, is_subscribed, make_event
from groundlevel.kernel.ids import to_short_id
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.timestamps import iso

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


async def emit_note_event(tx: Transaction, kind: EventKind, note: Note) -> None:
    """Tells of a note: as it is now, or as it was when it was deleted."""
    if not await is_subscribed(tx, kind):
        return
    payload = {
        "locationId": tx.location.id,
        "id": note.shown_id,
        "body": note.body,
        "contactId": to_short_id(note.contact_id),
        "dateAdded": iso(note.created_at),
    }
    tx.emit(make_event(tx, kind, note.shown_id, payload))
