"""What becomes of notes when a record that they are related to is deleted."""

from __future__ import annotations

from groundlevel.kernel.events import is_subscribed
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.notes import store
from groundlevel.notes.events import NOTE_DELETE, emit_note_event


async def remove_notes_of_contact(tx: Transaction, contact_id: str) -> None:
    """Ends the relations of notes to a contact that is held, deletes the notes that nothing else has, and tells of
    each: the contact has it no longer."""
    # Nothing is read where nobody hears of it.
    if await is_subscribed(tx, NOTE_DELETE):
        for note in await store.list_notes(tx, contact_id):
            await emit_note_event(tx, NOTE_DELETE, note, contact_id)
    await store.lock_notes_of_contact(tx, contact_id)
    for note_id, other_contact in await store.list_shared_notes(tx, contact_id):
        await store.move_note(tx, note_id, other_contact)
    await store.delete_notes_of_contact(tx, contact_id)
    await remove_notes_of_record(tx, contact_id)


async def remove_notes_of_record(tx: Transaction, record_id: str) -> None:
    """Ends the relations of notes to a record that is held, and deletes the notes that nothing else has.

    Of the notes that are kept with a contact, `remove_notes_of_contact` does so.
    """
    for note_id in await store.delete_relations_of_record(tx, record_id):
        # Another process may be deleting the other record of the note: whoever is second sees that nothing is left.
        await store.lock_note(tx, note_id)
        await store.delete_unrelated_note(tx, note_id)
