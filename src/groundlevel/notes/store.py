"""Stores notes and what they are related to."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
from msgspec import Struct

from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.fields.fold import fold
from groundlevel.kernel.ids import LAST_ID
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.notes.model import Note, NoteRelation, RelatedNote
from groundlevel.standard.objects import CONTACT


class NoteQuery(Struct, frozen=True):
    """Which notes of a location to find; what is None does not matter."""

    records: Sequence[str] | None = None
    """Record ids: notes that are related to any of them."""
    user_id: str | None = None
    text: str | None = None
    """What title or body hold, whatever the case and accents."""
    newest_first: bool = True


async def list_notes(tx: Transaction, contact_id: str) -> list[Note]:
    """All notes of a contact, the newest first."""
    rows = await tx.connection.rows(tx.sql["list_notes"], tx.loc, bytes.fromhex(contact_id))
    return [_note_of(row) for row in rows]


async def find_note(tx: Transaction, note_id: str) -> Note | None:
    """The note, or None."""
    row = await tx.connection.row(tx.sql["find_note"], tx.loc, bytes.fromhex(note_id))
    return None if row is None else _note_of(row)


async def find_note_of(tx: Transaction, contact_id: str, note_id: str) -> Note | None:
    """The note if it is one of the contact's, or None."""
    row = await tx.connection.row(tx.sql["is_note_related"], tx.loc, bytes.fromhex(note_id), bytes.fromhex(contact_id))
    note = None if row is None else await find_note(tx, note_id)
    return None if note is None else msgspec.structs.replace(note, contact_id=contact_id)


async def lock_note(tx: Transaction, note_id: str) -> Note | None:
    """As `find_note`, locked against other writers. Who locks records of the note as well, locks these first."""
    row = await tx.connection.row(tx.sql["lock_note"], tx.loc, bytes.fromhex(note_id))
    return None if row is None else _note_of(row)


async def lock_notes_of_contact(tx: Transaction, contact_id: str) -> None:
    """Locks the notes that are kept with a contact against other writers."""
    await tx.connection.rows(tx.sql["lock_notes_of_contact"], tx.loc, bytes.fromhex(contact_id))


async def count_notes(tx: Transaction, record_id: str) -> int:
    """How many notes a record has."""
    row = await tx.connection.row(tx.sql["count_notes"], tx.loc, bytes.fromhex(record_id))
    assert row is not None, "the statement always has a row"
    return int(row[0])


async def search_notes(tx: Transaction, query: NoteQuery, after: str | None, limit: int) -> list[Note]:
    """Some notes of the location, those behind the note with the id `after`.

    Of notes that a server of before has written, it is not known in the database whether they hold the text: the caller
    has to look, and `holds_text` says.
    """
    first = LAST_ID if query.newest_first else b""
    conditions = (
        first if after is None else bytes.fromhex(after),
        query.user_id,
        fold(query.text or "") or None,
        limit,
    )
    name = "search_newest_notes" if query.newest_first else "search_oldest_notes"
    if query.records is None:
        rows = await tx.connection.rows(tx.sql[name], tx.loc, *conditions)
    else:
        rows = await tx.connection.rows(tx.sql[f"{name}_of_records"], tx.loc, *conditions, _ids(tx, query.records))
    return [_note_of(row) for row in rows]


def holds_text(note: Note, text: str | None) -> bool:
    """Whether title or body hold a text, whatever the case and accents."""
    return not text or fold(text) in _search_text(note)


async def with_relations(tx: Transaction, notes: Sequence[Note]) -> list[RelatedNote]:
    """Notes with what they are related to."""
    if not notes:
        return []
    rows = await tx.connection.rows(tx.sql["list_note_relations"], tx.loc, _ids(tx, [note.id for note in notes]))
    relations: dict[str, list[NoteRelation]] = {note.id: [] for note in notes}
    for note_id, object_key, record_id in rows:
        relations[note_id.hex()].append(NoteRelation(object_key, record_id.hex()))
    return [RelatedNote(note, tuple(sorted(relations[note.id]))) for note in notes]


async def insert_note(tx: Transaction, note: Note) -> None:
    """Stores a new note, related to its contact if it has one."""
    ids = (bytes.fromhex(note.id), bytes.fromhex(note.contact_id))
    await tx.connection.run(tx.sql["insert_note"], tx.loc, *ids, *_values(note))


async def update_note(tx: Transaction, note: Note) -> None:
    """Stores a changed note; what it is related to stays."""
    await tx.connection.run(tx.sql["update_note"], tx.loc, bytes.fromhex(note.id), *_values(note))


async def move_note(tx: Transaction, note_id: str, contact_id: str) -> None:
    """Keeps a note with another of its contacts, or with none if the id is empty."""
    await tx.connection.run(tx.sql["move_note"], tx.loc, bytes.fromhex(note_id), bytes.fromhex(contact_id))
    if contact_id:
        await delete_relation(tx, note_id, contact_id)


async def delete_note(tx: Transaction, note_id: str) -> None:
    """Deletes a note with its relations."""
    for name in ("delete_note", "delete_relations_of_note"):
        await tx.connection.run(tx.sql[name], tx.loc, bytes.fromhex(note_id))


async def delete_notes_of_contact(tx: Transaction, contact_id: str) -> None:
    """Deletes the notes that are kept with a contact, none of which another record has."""
    await tx.connection.run(tx.sql["delete_notes_of_contact"], tx.loc, bytes.fromhex(contact_id))


async def delete_unrelated_note(tx: Transaction, note_id: str) -> None:
    """Deletes a note if it is related to nothing."""
    await tx.connection.run(tx.sql["delete_unrelated_note"], tx.loc, bytes.fromhex(note_id))


async def list_shared_notes(tx: Transaction, contact_id: str) -> list[tuple[str, str]]:
    """The ids of notes kept with a contact that other records have too, each with another of its contacts; empty for
    none."""
    rows = await tx.connection.rows(tx.sql["list_shared_notes"], tx.loc, bytes.fromhex(contact_id))
    return [(row[0].hex(), "" if row[1] is None else row[1].hex()) for row in rows]


async def insert_relation(tx: Transaction, note_id: str, relation: NoteRelation) -> None:
    """Relates a note to a record that it is not kept with, unless it is already."""
    ids = (bytes.fromhex(note_id), bytes.fromhex(relation.record_id))
    await tx.connection.run(tx.sql["insert_note_relation"], tx.loc, *ids, relation.object_key)


async def delete_relation(tx: Transaction, note_id: str, record_id: str) -> None:
    """Ends the relation of a note to a record that it is not kept with."""
    ids = (bytes.fromhex(note_id), bytes.fromhex(record_id))
    await tx.connection.run(tx.sql["delete_note_relation"], tx.loc, *ids)


async def delete_relations_of_record(tx: Transaction, record_id: str) -> list[str]:
    """Ends all relations of notes to a record that they are not kept with; the ids of these notes, in order."""
    rows = await tx.connection.rows(tx.sql["delete_note_relations_of_record"], tx.loc, bytes.fromhex(record_id))
    return sorted(row[0].hex() for row in rows)


def contacts_among(relations: Collection[NoteRelation]) -> list[str]:
    """The record ids of the contacts among what a note is related to."""
    return [relation.record_id for relation in relations if relation.object_key == CONTACT]


def _ids(tx: Transaction, ids: Sequence[str]) -> object:
    """A list of ids as the engine takes it."""
    return [bytes.fromhex(each) for each in ids] if tx.dialect.takes_arrays else encode_text(list(ids))


def _values(note: Note) -> tuple[object, ...]:
    return note.body, note.title, note.color, int(note.pinned), note.user_id, _search_text(note)


def _search_text(note: Note) -> str:
    return fold(f"{note.title or ''} {note.body}")


def _note_of(row: Row) -> Note:
    return Note(row[0].hex(), row[1].hex(), row[2], row[3], row[4], bool(row[5]), row[6])
