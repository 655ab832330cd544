"""Stores the notes of contacts."""

from __future__ import annotations

from groundlevel.crm.notes.model import Note
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.transaction import Transaction


async def list_notes(tx: Transaction, contact_id: str) -> list[Note]:
    """All notes of a contact, the newest first."""
    rows = await tx.connection.rows(tx.sql["list_notes"], tx.loc, bytes.fromhex(contact_id))
    return [_note_of(row) for row in rows]


async def find_note(tx: Transaction, contact_id: str, note_id: str) -> Note | None:
    """The note of the contact, or None."""
    row = await tx.connection.row(tx.sql["find_note"], tx.loc, bytes.fromhex(contact_id), bytes.fromhex(note_id))
    return None if row is None else _note_of(row)


async def count_notes(tx: Transaction, contact_id: str) -> int:
    """How many notes a contact has."""
    row = await tx.connection.row(tx.sql["count_notes"], tx.loc, bytes.fromhex(contact_id))
    assert row is not None, "the statement always has a row"
    return int(row[0])


async def insert_note(tx: Transaction, note: Note) -> None:
    """Stores a new note."""
    await tx.connection.run(tx.sql["insert_note"], tx.loc, *_values(note))


async def update_note(tx: Transaction, note: Note) -> None:
    """Stores a changed note."""
    await tx.connection.run(tx.sql["update_note"], tx.loc, *_values(note))


async def delete_note(tx: Transaction, note: Note) -> None:
    """Deletes a note."""
    await tx.connection.run(tx.sql["delete_note"], tx.loc, bytes.fromhex(note.contact_id), bytes.fromhex(note.id))


async def delete_notes(tx: Transaction, contact_id: str) -> None:
    """Deletes all notes of a contact."""
    await tx.connection.run(tx.sql["delete_notes_of_contact"], tx.loc, bytes.fromhex(contact_id))


def _values(note: Note) -> tuple[object, ...]:
    ids = (bytes.fromhex(note.contact_id), bytes.fromhex(note.id))
    return (*ids, note.body, note.title, note.color, int(note.pinned), note.user_id)


def _note_of(row: Row) -> Note:
    return Note(row[0].hex(), row[1].hex(), row[2], row[3], row[4], bool(row[5]), row[6])
