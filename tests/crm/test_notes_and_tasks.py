"""Notes and tasks of contacts: where they are stored, who reaches them, and what goes with them.

See docs/contract.md#notes-and-tasks.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from groundlevel.access.rules import NewUser, create_user
from groundlevel.crm.contacts.rules import CONTACTS, NewContact, create_contact
from groundlevel.crm.notes import rules as note_rules
from groundlevel.crm.notes.errors import NoteNotFound
from groundlevel.crm.notes.rules import NewNote, NoteChange, NoteKey, create_note, get_note, list_notes, update_note
from groundlevel.crm.tasks import rules as task_rules
from groundlevel.crm.tasks import store as tasks_store
from groundlevel.crm.tasks.errors import TaskNotFound
from groundlevel.crm.tasks.model import Task
from groundlevel.crm.tasks.rules import NewTask, TaskChange, TaskKey, create_task, get_task, list_tasks, update_task
from groundlevel.crm.tasks.search_rules import TaskSearch, search_tasks
from groundlevel.crm.tasks.store import TaskQuery
from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import LimitExceeded
from groundlevel.kernel.ids import from_short_id
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.notes import store as notes_store
from groundlevel.notes.model import Note
from groundlevel.standard.errors import ContactNotFound
from tests.kernel.http.world import open_world
from tests.world import World, world_in


@pytest.fixture
async def world(storage: Storage) -> World:
    return await world_in(storage)


async def new_contact(world: World, name: str = "Ann") -> str:
    """The id of a new contact, as the world knows it."""
    return (await world.do(create_contact, NewContact({"name": name}))).id


async def test_the_store_keeps_notes_by_contact(world: World) -> None:
    ann, bob = "0" * 24, "f" * 24
    first = Note("1" * 24, ann, "One", None, None, False, None)
    second = Note("2" * 24, ann, "Zwei \U0001f436", "Title", "#fff", True, "user")
    other = Note("3" * 24, bob, "Of Bob", None, None, False, None)

    async def work(tx: Transaction) -> None:
        for note in (second, first, other):
            await notes_store.insert_note(tx, note)
        assert await notes_store.list_notes(tx, ann) == [second, first]
        assert await notes_store.find_note_of(tx, bob, other.id) == other
        assert await notes_store.find_note_of(tx, bob, second.id) is None
        assert await notes_store.count_notes(tx, ann) == 2
        changed = Note(first.id, ann, "Changed", "T", None, True, "u")
        await notes_store.update_note(tx, changed)
        assert await notes_store.list_notes(tx, ann) == [second, changed]
        await notes_store.delete_note(tx, second.id)
        await notes_store.delete_notes_of_contact(tx, bob)
        assert await notes_store.list_notes(tx, ann) == [changed]
        assert await notes_store.list_notes(tx, bob) == []
        await notes_store.delete_note(tx, changed.id)

    await world.storage.write(world.location, work)


async def test_the_store_keeps_and_finds_tasks(world: World) -> None:
    ann, bob = "0" * 24, "f" * 24
    first = Task("1" * 24, ann, 5, "Call", "ÉCLAIR", -1, False, "u1")
    second = Task("2" * 24, bob, 5, "Write", None, 9, True, "u2")
    third = Task("3" * 24, ann, 5, "Visit", "", 9, False, None)

    async def found(tx: Transaction, **members: object) -> list[Task]:
        return await tasks_store.search_tasks(tx, TaskQuery(**members))  # type: ignore[arg-type]

    async def work(tx: Transaction) -> None:
        for task in (second, third, first):
            await tasks_store.insert_task(tx, task)
        assert await tasks_store.list_tasks(tx, ann) == [third, first]
        assert await tasks_store.count_tasks(tx, bob) == 1
        assert await found(tx) == [third, second, first]
        assert await found(tx, contacts=[ann]) == [third, first]
        assert await found(tx, contacts=[bob, ann], skip=1, limit=1) == [second]
        assert await found(tx, after=third.id) == [second, first]
        assert await found(tx, contacts=[ann], after=third.id) == [first]
        assert await found(tx, completed=True) == [second]
        assert await found(tx, assigned_to=["u2", "u1"]) == [second, first]
        assert await found(tx, contacts=[ann], assigned_to=["u2"]) == []
        assert await found(tx, text="eclair") == [first]
        await tasks_store.delete_tasks(tx, ann)
        await tasks_store.delete_task(tx, second)
        assert await found(tx) == []

    await world.storage.write(world.location, work)


async def test_a_neighbour_has_none_of_them(storage: Storage, world: World) -> None:
    contact_id = await new_contact(world)
    await world.do(create_note, NewNote(contact_id, "x"))
    await world.do(create_task, NewTask(contact_id, "x", 0))
    neighbour = await world_in(storage)

    with pytest.raises(ContactNotFound):
        await neighbour.do(list_notes, contact_id)
    assert await neighbour.do(search_tasks, TaskSearch()) == []
    assert await neighbour.do(search_tasks, TaskSearch(contact_ids=[contact_id])) == []
    assert len(await world.do(search_tasks, TaskSearch())) == 1


async def test_notes_and_tasks_go_with_their_contact(world: World) -> None:
    contact_id, other = await new_contact(world), await new_contact(world, "Bob")
    for each in (contact_id, other):
        await world.do(create_note, NewNote(each, "x"))
        await world.do(create_task, NewTask(each, "x", 0))
    assert (await examine(world.storage)).ok

    await world.do(CONTACTS.delete, contact_id)

    record_id = from_short_id(contact_id)
    assert record_id is not None
    assert await world.storage.read(world.location, lambda tx: notes_store.list_notes(tx, record_id)) == []
    assert await world.storage.read(world.location, lambda tx: tasks_store.list_tasks(tx, record_id)) == []
    assert [len(await world.do(use_case, other)) for use_case in (list_notes, list_tasks)] == [1, 1]
    assert (await examine(world.storage)).ok


async def test_nothing_is_added_to_a_contact_that_is_being_deleted(world: World) -> None:
    contact_id = await new_contact(world)

    async def add(number: int) -> bool:
        try:
            await world.do(create_note, NewNote(contact_id, str(number)))
            await world.do(create_task, NewTask(contact_id, str(number), 0))
        except ContactNotFound:
            return False
        return True

    await asyncio.gather(*(add(number) for number in range(8)), world.do(CONTACTS.delete, contact_id))
    assert (await examine(world.storage)).ok
    assert await world.do(search_tasks, TaskSearch()) == []


async def test_changes_at_once_are_all_kept(world: World) -> None:
    contact_id = await new_contact(world)
    note = await world.do(create_note, NewNote(contact_id, "x"))
    key = NoteKey(contact_id, note.shown_id)
    await asyncio.gather(
        world.do(update_note, NoteChange(key, title="T")),
        world.do(update_note, NoteChange(key, color="#fff")),
        world.do(update_note, NoteChange(key, pinned=True)),
    )
    after = await world.do(get_note, key)
    assert (after.body, after.title, after.color, after.pinned) == ("x", "T", "#fff", True)


async def test_a_change_of_a_task_shows(world: World) -> None:
    contact_id = await new_contact(world)
    task = await world.do(create_task, NewTask(contact_id, "x", 0))
    key = TaskKey(contact_id, task.shown_id)
    first = await world.do(update_task, TaskChange(key, completed=True))
    second = await world.do(update_task, TaskChange(key, completed=True))
    assert task.created_at == task.updated_at < first.updated_at < second.updated_at


async def test_a_contact_has_so_many_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(note_rules, "MAX_NOTES", 2)
    monkeypatch.setattr(task_rules, "MAX_TASKS", 2)
    contact_id = await new_contact(world)
    for _ in range(2):
        await world.do(create_note, NewNote(contact_id, "x"))
        await world.do(create_task, NewTask(contact_id, "x", 0))
    with pytest.raises(LimitExceeded, match="A contact can have 2 notes"):
        await world.do(create_note, NewNote(contact_id, "x"))
    with pytest.raises(LimitExceeded, match="A contact can have 2 tasks"):
        await world.do(create_task, NewTask(contact_id, "x", 0))
    assert [len(await world.do(use_case, contact_id)) for use_case in (list_notes, list_tasks)] == [2, 2]
    await world.do(create_note, NewNote(await new_contact(world), "x"))


async def test_what_is_there_is_found_by_its_own_contact_alone(world: World) -> None:
    contact_id, other = await new_contact(world), await new_contact(world, "Bob")
    note = await world.do(create_note, NewNote(contact_id, "x"))
    task = await world.do(create_task, NewTask(contact_id, "x", 0))
    with pytest.raises(NoteNotFound):
        await world.do(get_note, NoteKey(other, note.shown_id))
    with pytest.raises(NoteNotFound):
        await world.do(get_note, NoteKey(contact_id, task.shown_id))
    with pytest.raises(TaskNotFound):
        await world.do(get_task, TaskKey(other, task.shown_id))


async def test_a_search_shows_whom_a_task_is_assigned_to(world: World) -> None:
    here = world.location
    user = await create_user(world.storage, NewUser(here.company_id, here.id, "Ada", "Lovelace", "ada@mine.example"))
    contact_id = await new_contact(world)
    for assigned_to in (user.id, "nobody"):
        await world.do(create_task, NewTask(contact_id, "x", 0, assigned_to=assigned_to))
    found = await world.do(search_tasks, TaskSearch())
    assert [each.user and each.user.first_name for each in found] == [None, "Ada"]
    assert [each.contact["first_name"] for each in found] == ["Ann", "Ann"]


async def test_a_company_token_finds_them_in_whichever_location(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        here, sister = {"locationId": world.location}, {"locationId": world.sister}

        async def send(method: str, path: str, status: int, body: object = None) -> Any:
            reply = await world.client.request(method, path, json=body, headers=world.headers("company"))
            assert reply.status_code == status, reply.text
            return reply.json()

        for place in (here, sister):
            contact = (await send("POST", "/contacts/", 201, {**place, "name": "Ann"}))["contact"]["id"]
            note = (await send("POST", f"/contacts/{contact}/notes", 201, {"body": "x"}))["note"]["id"]
            await send("PUT", f"/contacts/{contact}/notes/{note}", 200, {"title": "T"})
            new = {"title": "x", "dueDate": "2026-10-25", "completed": False}
            task = (await send("POST", f"/contacts/{contact}/tasks", 201, new))["task"]["id"]
            await send("PUT", f"/contacts/{contact}/tasks/{task}/completed", 200, {"completed": True})
            found = await send("POST", f"/locations/{place['locationId']}/tasks/search", 200, {})
            assert [each["_id"] for each in found["tasks"]] == [task]
            await send("GET", f"/contacts/{contact}/notes/{task}", 404)
            await send("DELETE", f"/contacts/{contact}/notes/{note}", 200)


async def test_a_repeated_request_makes_one_note(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        headers = world.headers("own")
        body = {"locationId": world.location, "name": "Ann"}
        contact = (await world.client.post("/contacts/", json=body, headers=headers)).json()["contact"]["id"]
        keyed = {**headers, "Idempotency-Key": "once"}
        path = f"/contacts/{contact}/notes"
        replies = [await world.client.post(path, json={"body": "x"}, headers=keyed) for _ in range(2)]
        assert [reply.status_code for reply in replies] == [201, 201]
        assert replies[0].json()["note"] == replies[1].json()["note"]
        assert len((await world.client.get(path, headers=headers)).json()["notes"]) == 1
