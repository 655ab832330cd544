"""Deletes the notes of a contact that is deleted itself."""

from __future__ import annotations

from groundlevel.crm.notes import store
from groundlevel.crm.notes.events import NOTE_DELETE, emit_note_event
from groundlevel.kernel.events import is_subscribed
from groundlevel.kernel.storage.transaction import Transaction


async def remove_notes_of(tx: Transaction, contact_id: str) -> None:
    """Deletes every note of a contact that is held, and tells of each."""
    # Nothing is read where nobody hears of it.
    if await is_subscribed(tx, NOTE_DELETE):
        for note in await store.list_notes(tx, contact_id):
            await emit_note_event(tx, NOTE_DELETE, note)
    await store.delete_notes(tx, contact_id)
