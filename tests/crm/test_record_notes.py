"""Notes of any records: what they are related to, who sees them, and what becomes of them.

See docs/contract.md#notes-of-records.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from groundlevel.crm.businesses.rules import BUSINESSES, create_business
from groundlevel.crm.contacts.rules import CONTACTS, NewContact, create_contact
from groundlevel.crm.notes import record_note_rules, rules
from groundlevel.crm.notes.errors import LastNoteRelation, NoteNotFound
from groundlevel.crm.notes.record_note_rules import (
    NamedRecord,
    NewRecordNote,
    NoteSearch,
    RecordNoteChange,
    RelationChange,
    change_note_relations,
    create_record_note,
    delete_record_note,
    get_record_note,
    search_notes,
    update_record_note,
)
from groundlevel.crm.notes.rules import NewNote, NoteChange, NoteKey, create_note, list_notes, update_note
from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import LimitExceeded
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.notes import store
from groundlevel.notes.model import RelatedNote
from groundlevel.records.bulk import RowChange
from groundlevel.records.bulk_rules import BulkMode, RowsChange, write_rows
from groundlevel.records.errors import UnknownReference
from groundlevel.records.purging import purge_records
from groundlevel.records.rules import NewRecord
from groundlevel.schema.object_rules import delete_object
from groundlevel.standard.objects import BUSINESS, CONTACT
from tests.kernel.http.world import open_world
from tests.world import PET, World, world_in


@pytest.fixture
async def world(storage: Storage) -> World:
    """A location with pets."""
    world = await world_in(storage)
    await world.pet()
    return world


async def new_pet(world: World, name: str = "Rex") -> NamedRecord:
    return NamedRecord(PET, await world.create({"name": name}))


async def new_contact(world: World, name: str = "Ann") -> NamedRecord:
    return NamedRecord(CONTACT, (await world.do(create_contact, NewContact({"name": name}))).id)


async def new_note(world: World, *records: NamedRecord, body: str = "x") -> str:
    """The id of a new note, as the world knows it."""
    return (await world.do(create_record_note, NewRecordNote(body, records))).note.shown_id


async def related_to(world: World, shown: str) -> list[str]:
    """The keys of the objects of what a note is related to."""
    found: RelatedNote = await world.do(get_record_note, shown)
    return [relation.object_key for relation in found.relations]


async def found(world: World, **members: Any) -> list[str]:
    return [each.note.shown_id for each in (await world.do(search_notes, NoteSearch(**members))).notes]


async def test_a_neighbour_has_none_of_them(storage: Storage, world: World) -> None:
    pet = await new_pet(world)
    note = await new_note(world, pet)
    neighbour = await world_in(storage)
    await neighbour.pet()
    own = await new_pet(neighbour)

    assert await found(neighbour) == []
    assert await found(neighbour, records=[pet.id]) == []
    for use_case, request in (
        (get_record_note, note),
        (delete_record_note, note),
        (update_record_note, RecordNoteChange(note, body="y")),
        (change_note_relations, RelationChange(note, [own], added=True)),
    ):
        with pytest.raises(NoteNotFound):
            await neighbour.do(use_case, request)  # type: ignore[arg-type]
    with pytest.raises(UnknownReference):
        await new_note(neighbour, pet)
    assert await found(world) == [note]
    assert await related_to(world, note) == [PET]


async def test_a_refused_note_is_not_stored(world: World) -> None:
    pet = await new_pet(world)
    for missing in (NamedRecord(CONTACT, pet.id), NamedRecord("custom_objects.car", pet.id), NamedRecord("", "")):
        with pytest.raises(UnknownReference, match=r"^relations: "):
            await new_note(world, pet, missing)
    assert await found(world) == []
    assert (await examine(world.storage)).ok


async def test_a_record_named_twice_is_related_once(world: World) -> None:
    pet = await new_pet(world)
    note = await new_note(world, pet, NamedRecord(PET, pet.id), pet)
    assert await related_to(world, note) == [PET]


async def test_a_note_of_a_deleted_contact_stays_with_its_other_records(world: World) -> None:
    ann, bob, pet = await new_contact(world), await new_contact(world, "Bob"), await new_pet(world)
    shared = await new_note(world, pet, bob, ann)
    of_both = await new_note(world, ann, bob)
    with_pet = await new_note(world, ann, pet)
    alone = await new_note(world, ann)
    assert (await examine(world.storage)).ok

    await world.do(CONTACTS.delete, ann.id)

    assert await found(world) == [with_pet, of_both, shared]
    assert await related_to(world, shared) == [CONTACT, PET]
    assert await related_to(world, with_pet) == [PET]
    assert [note.shown_id for note in await world.do(list_notes, bob.id)] == [of_both, shared]
    with pytest.raises(NoteNotFound):
        await world.do(get_record_note, alone)
    assert (await examine(world.storage)).ok

    await world.do(CONTACTS.delete, bob.id)
    assert await found(world) == [with_pet, shared]
    await world.delete(pet.id)
    assert await found(world) == []
    assert (await examine(world.storage)).ok


async def test_a_note_goes_with_a_deleted_business(world: World) -> None:
    acme = NamedRecord(BUSINESS, (await world.do(create_business, NewRecord(BUSINESS, {"name": "Acme"}))).record.id)
    note = await new_note(world, acme)
    assert await found(world, records=[acme]) == [note]
    await world.do(BUSINESSES.delete, acme.id)
    assert await found(world) == []
    assert (await examine(world.storage)).ok


async def test_notes_go_with_records_deleted_by_rows(world: World) -> None:
    rex, tom = await new_pet(world), await new_pet(world, "Tom")
    both, one = await new_note(world, rex, tom), await new_note(world, rex)
    await world.do(write_rows, RowsChange(PET, BulkMode.DELETE, [RowChange({}, id=rex.id)]))
    assert await found(world) == [both]
    assert one not in await found(world)
    assert (await examine(world.storage)).ok


async def test_notes_go_with_the_records_of_a_deleted_object(world: World) -> None:
    pet, ann = await new_pet(world), await new_contact(world)
    await new_note(world, pet)
    kept = await new_note(world, pet, ann)
    number = (await world.object()).number
    await world.do(delete_object, PET)
    assert (await examine(world.storage)).ok

    while await world.do(purge_records, number):
        pass

    assert await found(world) == [kept]
    assert await related_to(world, kept) == [CONTACT]
    assert (await examine(world.storage)).ok


async def test_relations_change_with_their_contacts(world: World) -> None:
    ann, bob, pet = await new_contact(world), await new_contact(world, "Bob"), await new_pet(world)
    note = await new_note(world, pet)
    await world.do(change_note_relations, RelationChange(note, [bob, ann, pet], added=True))
    assert await related_to(world, note) == [CONTACT, CONTACT, PET]
    for contact in (ann, bob):
        assert [each.shown_id for each in await world.do(list_notes, contact.id)] == [note]
    for gone, left in ((ann, [CONTACT, PET]), (ann, [CONTACT, PET]), (bob, [PET])):
        await world.do(change_note_relations, RelationChange(note, [gone], added=False))
        assert await related_to(world, note) == left
        assert await world.do(list_notes, gone.id) == []
    with pytest.raises(LastNoteRelation):
        await world.do(change_note_relations, RelationChange(note, [pet, ann], added=False))
    assert await related_to(world, note) == [PET]
    assert (await examine(world.storage)).ok


async def test_a_note_leaves_its_first_contact_for_another(world: World) -> None:
    ann, bob = await new_contact(world), await new_contact(world, "Bob")
    note = (await world.do(create_note, NewNote(ann.id, "x"))).shown_id
    await world.do(change_note_relations, RelationChange(note, [bob], added=True))
    await world.do(change_note_relations, RelationChange(note, [ann], added=False))
    assert await world.do(list_notes, ann.id) == []
    assert [each.shown_id for each in await world.do(list_notes, bob.id)] == [note]
    assert (await examine(world.storage)).ok


async def test_changes_by_both_families_are_all_kept(world: World) -> None:
    ann, pet = await new_contact(world), await new_pet(world)
    note = await new_note(world, pet, ann)
    await asyncio.gather(
        world.do(update_note, NoteChange(NoteKey(ann.id, note), title="T", user_id="u")),
        world.do(update_record_note, RecordNoteChange(note, color="#fff")),
        world.do(update_record_note, RecordNoteChange(note, pinned=True)),
    )
    after = (await world.do(get_record_note, note)).note
    assert (after.body, after.title, after.color, after.pinned, after.user_id) == ("x", "T", "#fff", True, "u")


async def test_records_deleted_at_once_take_their_note_along(world: World) -> None:
    pets = [await new_pet(world, str(number)) for number in range(6)]
    ann = await new_contact(world)
    await new_note(world, ann, *pets)
    note = await new_note(world, *pets)

    async def add() -> None:
        # Whether the note or the contact is still there depends on who comes first.
        with suppress(NoteNotFound, UnknownReference):
            await world.do(change_note_relations, RelationChange(note, [ann], added=True))

    await asyncio.gather(*(world.delete(pet.id) for pet in pets), add(), world.do(CONTACTS.delete, ann.id))
    assert await found(world) == []
    assert (await examine(world.storage)).ok


async def test_there_are_so_many_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_NOTES", 2)
    monkeypatch.setattr(record_note_rules, "MAX_RELATIONS", 2)
    pets = [await new_pet(world, str(number)) for number in range(3)]
    ann = await new_contact(world)
    with pytest.raises(LimitExceeded, match="A note can be related to 2 records"):
        await new_note(world, *pets)
    note = await new_note(world, pets[0], ann)
    with pytest.raises(LimitExceeded, match="A note can be related to 2 records"):
        await world.do(change_note_relations, RelationChange(note, [pets[1]], added=True))
    await world.do(create_note, NewNote(ann.id, "x"))
    with pytest.raises(LimitExceeded, match="A record can have 2 notes"):
        await new_note(world, ann)
    with pytest.raises(LimitExceeded, match="A contact can have 2 notes"):
        await world.do(create_note, NewNote(ann.id, "x"))
    other = await new_note(world, pets[2])
    with pytest.raises(LimitExceeded, match="A record can have 2 notes"):
        await world.do(change_note_relations, RelationChange(other, [ann], added=True))
    assert await found(world) == [other, (await world.do(list_notes, ann.id))[0].shown_id, note]


async def test_a_search_goes_on_behind_what_it_holds_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_note_rules, "CHUNK", 2)
    pet = await new_pet(world)
    notes = [await new_note(world, pet, body="Été" if number % 2 else "Winter") for number in range(7)]

    assert await found(world, newest_first=False) == notes
    assert await found(world, records=[pet], skip=3, limit=3) == notes[::-1][3:6]
    assert await found(world, text="ETE", skip=1, limit=1) == [notes[3]]
    counted = await world.do(search_notes, NoteSearch(text="ete", limit=1, counted=True))
    assert ([each.note.shown_id for each in counted.notes], counted.total) == ([notes[5]], 3)
    assert (await world.do(search_notes, NoteSearch(records=[], counted=True))).total == 0


async def test_notes_of_a_server_of_before_are_found_by_their_text(world: World) -> None:
    ann = await new_contact(world)
    note = (await world.do(create_note, NewNote(ann.id, "Été", title="Paris"))).shown_id
    await world.do(create_note, NewNote(ann.id, "Winter"))

    async def forget(tx: Transaction) -> None:
        await tx.connection.run(Statement.command("UPDATE notes SET search_text = NULL"))

    await world.storage.write(world.location, forget)
    for text in ("ete", "PARIS"):
        assert await found(world, text=text) == [note]
    assert await found(world, text="rome") == []
    assert await found(world, text="  ") == await found(world)


async def test_a_record_is_counted_with_all_its_notes(world: World) -> None:
    ann, pet = await new_contact(world), await new_pet(world)
    await new_note(world, pet, ann)
    await new_note(world, pet)
    assert await world.storage.read(world.location, lambda tx: store.count_notes(tx, pet.id)) == 2


async def test_a_company_token_reaches_the_location_that_it_names(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        here, sister = f"?locationId={world.location}", f"?locationId={world.sister}"

        async def send(method: str, path: str, status: int, body: object = None) -> Any:
            reply = await world.client.request(method, path, json=body, headers=world.headers("company"))
            assert reply.status_code == status, reply.text
            return reply.json()

        person = {"locationId": world.sister, "name": "Ann"}
        contact = (await send("POST", "/contacts/", 201, person))["contact"]["id"]
        body = {"body": "x", "relations": [{"objectKey": "contact", "recordId": contact}], "userId": "u"}
        note = (await send("POST", "/notes/" + sister, 201, body))["note"]["id"]
        await send("GET", f"/notes/{note}{here}", 404)
        await send("POST", "/notes/" + here, 400, body)
        await send("PUT", f"/notes/{note}", 422, {"body": "y"})
        await send("DELETE", f"/notes/{note}{sister}", 200)
