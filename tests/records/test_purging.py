"""A deleted object is gone at once, and all that was its goes after it, a slice at a time and exactly once."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from groundlevel.associations import relation_rules
from groundlevel.associations.relation_rules import NewRelation, RelationQuery, create_relation, list_relations
from groundlevel.associations.rules import NewAssociation, create_association, delete_association
from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import ObjectNotFound, StorageUnavailable
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, writing
from groundlevel.locations.rules import delete_location
from groundlevel.records import purging, upkeep
from groundlevel.records.purging import purge_records
from groundlevel.records.rules import NewRecord, RecordKey, create_record, get_record
from groundlevel.records.upkeep import Kind, carry_out, keep_up, list_jobs
from groundlevel.schema.indexes import IndexKey, build_index
from groundlevel.schema.object_rules import delete_object, get_object, list_objects
from tests.conftest import Opening
from tests.webhooks.event_capture import heard, listen
from tests.world import PET, World, eventually, world_in

SLICE = 4
RECORDS = 2 * SLICE + 2
TABLES = ("records", "record_search", "record_unique", "record_values", "object_counts", "relations", "relation_counts")


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "SLICE", SLICE)
    monkeypatch.setattr(relation_rules, "SLICE", SLICE)


async def filled(storage: Storage) -> tuple[World, list[str]]:
    """Pets with a unique, an indexed and a searchable value each, all related to one business."""
    world = await world_in(storage)
    await world.pet()
    await world.field("chip", unique=True)
    note = await world.field("note")
    ids = [await world.create({"name": "Rex", "chip": str(n), "note": "a"}) for n in range(RECORDS)]
    await build_index(storage, world.call, IndexKey(PET, note.number))
    return world, ids


@pytest.fixture
async def world(storage: Storage) -> World:
    return (await filled(storage))[0]


async def relate(world: World) -> tuple[str, str]:
    """Relates all pets to a business by a new association. Returns both ids."""
    made = await world.do(create_association, NewAssociation("kept_by", PET, "pet", "business", "keeper"))
    keeper = (await world.do(create_record, NewRecord("business", {"name": "Clinic"}))).record.id
    for record_id in await world.found():
        await world.do(create_relation, NewRelation(made.id, record_id, keeper))
    return made.id, keeper


async def rows(storage: Storage) -> dict[str, int]:
    """How many rows are left in the tables of records and relations."""

    async def count(tx: Transaction) -> dict[str, int]:
        found = {}
        for table in TABLES:
            row: Any = await tx.connection.row(Statement.query(f"SELECT count(*) FROM {table}"))
            found[table] = row[0]
        return found

    return await storage.read(None, count)


async def jobs(world: World) -> list[Kind]:
    return [job.kind for job in await world.storage.read(None, list_jobs)]


async def test_an_object_is_gone_for_readers_before_its_records_are(world: World) -> None:
    record_id = (await world.found())[0]
    await world.do(delete_object, PET)
    assert (await rows(world.storage))["records"] == RECORDS
    with pytest.raises(ObjectNotFound):
        await world.do(get_object, PET)
    with pytest.raises(ObjectNotFound):
        await world.do(get_record, RecordKey(PET, record_id))
    assert PET not in [each.key for each in await world.do(list_objects, None)]
    assert (await examine(world.storage)).ok


async def test_records_go_in_slices_and_nothing_stays(world: World) -> None:
    before = await rows(world.storage)
    assert all(before[table] for table in TABLES[:5])
    number = (await world.object()).number
    await world.do(delete_object, PET)
    left = []
    while await world.do(purge_records, number):
        left.append((await rows(world.storage))["records"])
        assert (await examine(world.storage)).ok
    assert left == [RECORDS - SLICE, RECORDS - 2 * SLICE]
    assert await rows(world.storage) == dict.fromkeys(TABLES, 0)
    assert await jobs(world) == []
    assert not await world.do(purge_records, number)


async def test_relations_go_too_and_are_not_seen_meanwhile(world: World) -> None:
    _, keeper = await relate(world)
    await world.do(delete_object, PET)
    assert await jobs(world) == [Kind.PURGE_RECORDS, Kind.PURGE_RELATIONS]
    assert (await world.do(list_relations, RelationQuery(keeper)))[1] == 0
    assert (await world.do(get_record, RecordKey("business", keeper))).relations == ()
    assert (await examine(world.storage)).ok
    await carry_out(world.storage)
    left = await rows(world.storage)
    assert (left["records"], left["relations"], left["relation_counts"]) == (1, 0, 0)
    assert (await examine(world.storage)).ok


async def test_relations_of_a_deleted_association_go_in_slices(world: World) -> None:
    association, keeper = await relate(world)
    await world.do(delete_association, association)
    assert (await rows(world.storage))["relations"] == RECORDS - SLICE
    assert await jobs(world) == [Kind.PURGE_RELATIONS]
    assert (await world.do(list_relations, RelationQuery(keeper)))[1] == 0
    await world.delete((await world.found())[0])
    await carry_out(world.storage)
    left = await rows(world.storage)
    assert (left["records"], left["relations"], left["relation_counts"]) == (RECORDS, 0, 0)
    assert (await examine(world.storage)).ok


async def test_a_new_object_of_the_same_key_works_meanwhile(world: World) -> None:
    number = (await world.object()).number
    await world.do(delete_object, PET)
    await world.do(purge_records, number)
    await world.pet()
    await world.field("chip", unique=True)
    made = await world.create({"name": "Rex", "chip": "9"})
    assert await world.found("rex") == [made]
    await carry_out(world.storage)
    assert await world.found("rex") == [made]
    assert (await rows(world.storage))["records"] == 1
    assert (await examine(world.storage)).ok


async def test_what_is_left_goes_with_its_location(world: World) -> None:
    await relate(world)
    await world.do(delete_object, PET)
    await delete_location(world.storage, world.location)
    assert await jobs(world) == []
    assert await rows(world.storage) == dict.fromkeys(TABLES, 0)
    assert (await examine(world.storage)).ok


async def test_a_restart_carries_on(opening: Opening) -> None:
    first, _ = await filled(await opening())
    number = (await first.object()).number
    await first.do(delete_object, PET)
    await first.do(purge_records, number)
    second = await opening()
    await carry_out(second)
    assert await rows(second) == dict.fromkeys(TABLES, 0)


async def test_every_record_and_relation_is_told_of_once(pair: tuple[Storage, Storage]) -> None:
    world, ids = await filled(pair[0])
    await relate(world)
    await listen(world)
    await world.do(delete_object, PET)
    # Two processes remove at the same time.
    await asyncio.gather(*(carry_out(storage) for storage in pair))
    told = await heard(world)
    deleted = [payload for kind, payload in told if kind == "RecordDelete"]
    assert sorted(payload["id"] for payload in deleted) == sorted(ids)
    assert {payload["objectKey"] for payload in deleted} == {PET}
    unrelated = [payload["id"] for kind, payload in told if kind == "RelationDelete"]
    assert (len(unrelated), len(set(unrelated))) == (RECORDS, RECORDS)
    assert (await examine(pair[0])).ok


async def test_the_upkeep_wakes_up_for_what_a_request_leaves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "LOOK_SECONDS", 600)
    world.storage.background.start("upkeep", partial(keep_up, world.storage))

    async def at_rest() -> bool:
        return not world.storage.long_work.is_set() and await jobs(world) == []

    await eventually(at_rest)
    await world.do(delete_object, PET)
    world.storage.long_work.set()
    await eventually(at_rest)
    assert (await rows(world.storage))["records"] == 0


async def test_the_upkeep_finds_what_another_process_leaves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "LOOK_SECONDS", 0.01)
    world.storage.background.start("upkeep", partial(keep_up, world.storage))
    await world.do(delete_object, PET)

    async def done() -> bool:
        return await jobs(world) == []

    await eventually(done)
    assert (await rows(world.storage))["records"] == 0


async def test_work_that_fails_holds_up_no_other_work(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await relate(world)
    await world.do(delete_object, PET)

    @writing
    async def broken(tx: Transaction, call: Call, number: int) -> bool:
        raise StorageUnavailable("in a slice")

    with monkeypatch.context() as failing:
        failing.setitem(upkeep._SLICES, Kind.PURGE_RECORDS, broken)
        with pytest.raises(StorageUnavailable):
            await carry_out(world.storage)
    assert await jobs(world) == [Kind.PURGE_RECORDS]
    await carry_out(world.storage)
    assert await jobs(world) == []
    assert (await examine(world.storage)).ok
