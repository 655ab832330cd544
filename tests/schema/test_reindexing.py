"""Search texts are made again to the end, whatever interrupts it, and an index is built online."""

from __future__ import annotations

import asyncio

import pytest

from groundlevel.doctor.rules import Report, examine
from groundlevel.kernel.errors import ObjectNotFound
from groundlevel.kernel.storage.base import Storage
from groundlevel.schema import store as schema_store
from groundlevel.schema.indexes import IndexKey, build_index
from groundlevel.schema.object_rules import ObjectChange, apply_object_change, delete_object
from groundlevel.schema.reindexing import CHUNK, reindex, reindex_chunk, resume_reindexing
from tests.world import PET, World, world_in

RECORDS = CHUNK + 30


@pytest.fixture
async def world(storage: Storage) -> World:
    """More pets than one chunk holds, each with a note that is not searchable."""
    world = await world_in(storage)
    await world.pet()
    await world.field("note")
    await asyncio.gather(*(world.create({"name": "Rex", "note": f"note {n}"}) for n in range(RECORDS)))
    return world


async def pending(world: World) -> list[tuple[str, str]]:
    return [(each[0], each[1]) for each in await world.storage.read(None, schema_store.list_unfinished_reindexing)]


def failing(report: Report) -> set[str]:
    return {check.name for check in report.checks if not check.ok}


async def begin(world: World, *searchable: str) -> None:
    """The first transaction of a change, after which a crash comes."""
    await world.do(apply_object_change, ObjectChange(PET, list(searchable)))


async def test_an_interrupted_refill_is_noted_and_finished(world: World) -> None:
    await begin(world, "note")
    assert await world.do(reindex_chunk, PET)
    assert await pending(world) == [(world.location.id, PET)]
    assert failing(await examine(world.storage)) == {"refills"}
    assert 0 < (await world.search("note")).total < RECORDS
    await resume_reindexing(world.storage)
    assert await pending(world) == []
    assert ((await world.search("note")).total, (await world.search("rex")).total) == (RECORDS, 0)
    assert (await examine(world.storage)).ok


async def test_what_is_written_meanwhile_is_right_at_the_end(world: World) -> None:
    oldest, newest = (await world.found(sort=[{"field": "id"}]))[0], (await world.found())[0]
    await begin(world, "note")
    await world.update(newest, {"name": "Bo"})
    assert await world.do(reindex_chunk, PET)
    await world.update(oldest, {"note": "odd"})
    await world.delete(newest)
    made = await world.create({"name": "Max", "note": "even"})
    await reindex(world.storage, world.call, PET)
    assert (await world.found("odd"), await world.found("even")) == ([oldest], [made])
    assert (await world.search("note")).total == RECORDS - 2
    assert (await examine(world.storage)).ok


async def test_a_change_in_the_middle_begins_again(world: World) -> None:
    await begin(world, "note")
    assert await world.do(reindex_chunk, PET)
    await begin(world, "name")
    await reindex(world.storage, world.call, PET)
    assert ((await world.search("note")).total, (await world.search("rex")).total) == (0, RECORDS)
    assert (await examine(world.storage)).ok


async def test_a_change_that_does_not_touch_texts_needs_no_refill(world: World) -> None:
    await world.do(apply_object_change, ObjectChange(PET, ["name"], singular="Animal"))
    assert await pending(world) == []
    assert not await world.do(reindex_chunk, PET)


async def test_an_object_deleted_in_the_middle_is_gone(world: World) -> None:
    await begin(world, "note")
    await world.do(reindex_chunk, PET)
    await world.do(delete_object, PET)
    with pytest.raises(ObjectNotFound):
        await reindex(world.storage, world.call, PET)
    await resume_reindexing(world.storage)
    assert (await examine(world.storage)).ok


async def test_an_index_is_built_while_others_write(world: World) -> None:
    number = next(field.number for field in (await world.object()).fields if field.key == "note")

    async def write() -> None:
        for step in range(40):
            record_id = await world.create({"name": "Max", "note": f"later {step % 7}"})
            if step % 3 == 0:
                await world.update(record_id, {"note": None})
            elif step % 3 == 1:
                await world.delete(record_id)

    await asyncio.gather(build_index(world.storage, world.call, IndexKey(PET, number)), write(), write())
    report = await examine(world.storage)
    assert report.ok, report
    found = await world.search(filters=[{"field": "properties.note", "operator": "not_exists"}])
    assert found.total == 28
