"""The feed of changes: in the order of the commits, without gap and without double, and resumable."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import msgspec
import pytest

from groundlevel.associations.relation_rules import NewRelation, create_relation, delete_relation
from groundlevel.associations.rules import NewAssociation, create_association
from groundlevel.audit.errors import AuditOff, CursorGone
from groundlevel.audit.following import follow_changes, wait_for_changes
from groundlevel.audit.rules import ChangesQuery, changes_since, newest_cursor
from groundlevel.kernel.changes import TOKEN, UPDATE, Author, Change
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import RecordNotFound, UniqueConflict
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.records.changes import RECORD
from groundlevel.records.rules import RecordKey, get_record
from groundlevel.schema.field_rules import delete_field
from groundlevel.schema.object_rules import delete_object
from tests.audit.replay import Replica, read_all
from tests.conftest import Opening
from tests.world import PATIENCE_SECONDS, PET, World, world_in

WRITERS = 16
TURNS = 8
SOMEBODY = "sx6wyHhbFdRXh302LLNR"


@pytest.fixture
async def world(storage: Storage) -> World:
    made = await world_in(storage)
    await made.pet()
    return made


@pytest.fixture(params=[1, 2], ids=["one process", "two processes"])
async def worlds(opening: Opening, request: pytest.FixtureRequest) -> list[World]:
    """The same location with pets that may be friends, seen by one storage or by two."""
    storages = [await opening() for _ in range(request.param)]
    first = await world_in(storages[0])
    await first.pet()
    await first.field("age", "NUMERICAL")
    await first.field("chip", unique=True)
    await first.do(create_association, NewAssociation("friends", PET, "A", PET, "B"))
    return [first, *[await world_in(storage, first.location) for storage in storages[1:]]]


async def write(world: World, shared: list[str], friends: str, seed: int) -> None:
    """Creates, changes, relates and deletes records, some of which other writers change too."""
    dice = random.Random(seed)
    own: list[str] = []
    relations: list[str] = []
    for turn in range(TURNS):
        own.append(await world.create({"name": f"{seed}-{turn}", "age": turn}, followers=[f"user{seed:016}"]))
        await world.update(dice.choice(shared), {"age": dice.randrange(1_000_000), "name": f"by {seed} in {turn}"})
        await world.update(dice.choice(own), {"age": None}, owners=[f"user{turn:016}"])
        view = await world.do(create_relation, NewRelation(friends, own[-1], dice.choice(shared)))
        relations.append(view.relation.id)
        if turn % 3 == 1:
            await world.do(delete_relation, relations.pop(0))
        if turn % 3 == 2:
            await world.delete(own.pop(0))
            relations.pop(0)
        with pytest.raises(UniqueConflict):
            await world.create({"name": "refused", "chip": "taken"})


async def stored_records(world: World) -> dict[tuple[str, str], dict[str, Any]]:
    """Every pet as it is stored."""
    schema = await world.storage.read(world.location, lambda tx: tx.schema(PET))
    records, _ = await world.storage.read(world.location, lambda tx: tx.records.list_after(schema, "", 10_000))
    return {
        (PET, record.id): {
            "properties": decode_object(record.properties),
            "owners": record.owners,
            "followers": record.followers,
        }
        for record in records
    }


async def test_what_sixteen_writers_do_is_replayed_from_the_feed(worlds: list[World]) -> None:
    first = worlds[0]
    shared = [await first.create({"name": f"shared {n}", "chip": "taken" if n == 0 else None}) for n in range(3)]
    association = next(
        each.row.subject
        for each in (await first.do(changes_since, ChangesQuery())).changes
        if each.row.kind == "association" and each.after is not None and each.after["key"] == "friends"
    )
    for world in worlds[1:]:
        await world.knows_fields("age", "chip")
    replica = Replica()
    written = asyncio.Event()

    async def follow() -> None:
        since: int | None = None
        while True:
            last = written.is_set()
            since = await read_all(worlds[-1], replica, since)
            if last:
                return
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(follow())
        await asyncio.gather(*(write(worlds[n % len(worlds)], shared, association, n) for n in range(WRITERS)))
        written.set()
    assert replica.numbers == list(range(1, len(replica.numbers) + 1))
    assert replica.records == await stored_records(first)
    late = Replica()
    await read_all(first, late)
    assert late.records == replica.records
    assert late.relations == replica.relations
    assert late.numbers == replica.numbers


async def test_a_change_says_who_made_it_and_what_was_different(world: World) -> None:
    author = Author(TOKEN, "a-token", "INTEGRATION", "a-trace")
    asked = msgspec.structs.replace(world, call=msgspec.structs.replace(world.call, author=author))
    await world.field("age", "NUMERICAL")
    since = await world.do(newest_cursor, None)
    record_id = await asked.create({"name": "Rex", "age": 3})
    await asked.update(record_id, {"age": 4}, followers=[SOMEBODY])
    await asked.update(record_id, {"age": 4})
    await asked.update(record_id, {"age": None})
    await asked.delete(record_id)
    created, changed, cleared, deleted = (await world.do(changes_since, ChangesQuery(since))).changes
    assert [each.row.version for each in (created, changed, cleared, deleted)] == [1, 2, 3, 3]
    assert {each.row.subject for each in (created, changed, cleared, deleted)} == {record_id}
    assert created.row.author == deleted.row.author == author
    assert created.after == {"properties": {"name": "Rex", "age": 3}, "owners": (), "followers": ()}
    assert changed.changed == ("age", "followers")
    assert changed.before == {"properties": {"age": 3}, "followers": ()}
    assert changed.after == {"properties": {"age": 4}, "followers": (SOMEBODY,)}
    assert cleared.before == {"properties": {"age": 4}}
    assert cleared.after == {"properties": {"age": None}}
    assert deleted.before == {"properties": {"name": "Rex"}, "owners": (), "followers": (SOMEBODY,)}
    assert deleted.after is None


async def test_changes_of_one_kind_or_of_one_object_can_be_asked_for(world: World) -> None:
    field = await world.field("age", "NUMERICAL")
    record_id = await world.create({"name": "Rex"})
    page = await world.do(changes_since, ChangesQuery(kinds=frozenset(("record",))))
    assert [each.row.subject for each in page.changes] == [record_id]
    assert page.complete
    of_pets = await world.do(changes_since, ChangesQuery(object_key=PET))
    assert {each.row.kind for each in of_pets.changes} == {"object", "folder", "field", "record"}
    assert field.id in {each.row.subject for each in of_pets.changes}


@pytest.mark.parametrize(
    "details",
    [("{}", "{}", "{}"), ("{}", '{"restored":1}', "{}"), ("{}", '{"restored":1}', '{"restored":2}')],
    ids=["the same", "two alike", "all different"],
)
async def test_every_change_of_a_transaction_is_logged_by_itself(world: World, details: tuple[str, ...]) -> None:
    since = await world.do(newest_cursor, None)

    async def log(tx: Transaction) -> None:
        for detail in details:
            tx.log.append(Change(RECORD, UPDATE, "0" * 24, PET, 2, detail, at=1))

    await world.storage.write(world.location, log)

    page = await world.do(changes_since, ChangesQuery(since))
    assert [(each.row.subject, each.row.version, each.row.detail) for each in page.changes] == [
        ("0" * 24, 2, detail) for detail in details
    ]
    assert {(each.row.operation, each.row.object_key, each.row.at) for each in page.changes} == {(UPDATE, PET, 1)}


async def test_a_refused_write_leaves_no_change(world: World) -> None:
    since = await world.do(newest_cursor, None)
    with pytest.raises(RecordNotFound):
        await world.update("0" * 24, {"name": "Nobody"})
    assert (await world.do(changes_since, ChangesQuery(since))).changes == []


async def test_a_cursor_of_another_database_is_refused(world: World) -> None:
    newest = await world.do(newest_cursor, None)
    with pytest.raises(CursorGone) as refused:
        await world.do(changes_since, ChangesQuery(newest + 1))
    assert refused.value.meta == {"oldest": "0", "newest": str(newest)}


async def test_waiting_ends_with_the_first_change(world: World) -> None:
    since = await world.do(newest_cursor, None)
    waiting = asyncio.create_task(
        wait_for_changes(world.storage, world.call, ChangesQuery(since), seconds=PATIENCE_SECONDS)
    )
    await asyncio.sleep(0)
    record_id = await world.create({"name": "Rex"})
    page = await waiting
    assert [each.row.subject for each in page.changes] == [record_id]


async def test_waiting_for_what_another_process_does(opening: Opening) -> None:
    here, there = await opening(), await opening()
    world = await world_in(here)
    await world.pet()
    since = await world.do(newest_cursor, None)
    other = await world_in(there, world.location)
    waiting = asyncio.create_task(wait_for_changes(here, world.call, ChangesQuery(since), seconds=PATIENCE_SECONDS))
    record_id = await other.create({"name": "Rex"})
    assert [each.row.subject for each in (await waiting).changes] == [record_id]


async def test_whoever_waits_is_let_go_when_the_server_stops(world: World) -> None:
    since = await world.do(newest_cursor, None)
    follower = follow_changes(world.storage, world.call, ChangesQuery(since), quiet_seconds=PATIENCE_SECONDS)
    waiting = asyncio.ensure_future(anext(follower))
    await asyncio.sleep(0)
    world.storage.change_signal.stop()
    assert (await waiting).changes == []
    with pytest.raises(StopAsyncIteration):
        await anext(follower)


async def test_nothing_is_logged_and_shown_while_audit_is_off(world: World) -> None:
    await world.create({"name": "Rex"})
    since = await world.do(newest_cursor, None)
    world.storage.audited = False
    record_id = await world.create({"name": "Max"})
    await world.update(record_id, {"name": "Maximilian"})
    await world.delete(record_id)
    await world.field("age", "NUMERICAL")
    with pytest.raises(AuditOff):
        await world.do(changes_since, ChangesQuery())
    world.storage.audited = True
    assert await world.do(newest_cursor, None) == since


async def test_a_record_created_before_an_unlogged_change_is_not_made_up(world: World) -> None:
    record_id = await world.create({"name": "Rex"})
    world.storage.audited = False
    await world.update(record_id, {"name": "Max"})
    world.storage.audited = True
    await world.update(record_id, {"name": "Moritz"})
    created, changed = (await world.do(changes_since, ChangesQuery(kinds=frozenset(("record",))))).changes
    assert created.after is None
    assert changed.before == {"properties": {"name": "Max"}}


async def test_the_records_of_a_deleted_object_stay_in_the_feed(world: World) -> None:
    await world.create({"name": "Rex"})
    await world.do(delete_object, PET)
    page = await world.do(changes_since, ChangesQuery(kinds=frozenset(("record", "object"))))
    assert [(each.row.kind, each.row.operation) for each in page.changes] == [
        ("object", "create"),
        ("record", "create"),
        ("object", "delete"),
    ]


async def test_the_values_of_a_deleted_field_stay_in_the_feed(world: World) -> None:
    field = await world.field("nick")
    record_id = await world.create({"name": "Rex", "nick": "R"})
    await world.update(record_id, {"nick": "Rexy"})
    await world.do(delete_field, field.id)
    await world.field("nick")
    await world.update(record_id, {"nick": "new"})
    *_, changed, renewed = (await world.do(changes_since, ChangesQuery(kinds=frozenset(("record",))))).changes
    assert changed.before == {"properties": {"nick": "R"}}
    assert renewed.after == {"properties": {"nick": "new"}}
    assert (await world.do(get_record, RecordKey(PET, record_id))).record.version == 3
