"""Search texts are made again to the end, whatever interrupts it, and searches stay right meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from groundlevel.doctor.rules import Report, examine
from groundlevel.kernel.errors import ObjectNotFound
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.upkeep import carry_out
from groundlevel.schema import reindexing
from groundlevel.schema import store as schema_store
from groundlevel.schema.field_rules import FieldChange, NewOption, update_field
from groundlevel.schema.indexes import IndexKey, build_index
from groundlevel.schema.object_rules import ObjectChange, delete_object, update_object
from groundlevel.schema.reindexing import reindex_chunk, reindexed_percent
from tests.conftest import Opening
from tests.world import PET, World, options, world_in

CHUNK = 20
RECORDS = 2 * CHUNK + 10


@pytest.fixture
async def world(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> World:
    """More pets than two chunks hold, each with a note that is not searchable."""
    monkeypatch.setattr(reindexing, "CHUNK", CHUNK)
    return await filled(storage)


async def filled(storage: Storage) -> World:
    world = await world_in(storage)
    await world.pet()
    await world.field("note")
    await asyncio.gather(*(world.create({"name": "Rex", "note": f"note {n}"}) for n in range(RECORDS)))
    return world


async def pending(world: World) -> list[tuple[str, str]]:
    return await world.storage.read(None, schema_store.list_unfinished_reindexing)


def failing(report: Report) -> set[str]:
    return {check.name for check in report.checks if not check.ok}


async def make_searchable(world: World, *keys: str) -> bool:
    """Changes what is searchable; whether texts are left to be made again."""
    return (await update_object(world.storage, world.call, ObjectChange(PET, list(keys)))).reindexing


async def totals(world: World, *texts: str, **members: Json) -> list[int]:
    return [(await world.search(text, **members)).total for text in texts]


async def test_the_change_of_a_large_object_is_answered_with_work_left(world: World) -> None:
    assert await make_searchable(world, "note")
    assert world.storage.long_work.is_set()
    assert (await world.object()).reindexing
    assert await pending(world) == [(world.location.id, PET)]
    assert failing(await examine(world.storage)) == {"reindexing"}
    await carry_out(world.storage)
    assert not (await world.object()).reindexing
    assert await pending(world) == []
    assert (await examine(world.storage)).ok


async def test_the_change_of_a_small_object_leaves_no_work(world: World) -> None:
    for record_id in (await world.found(page_limit=100))[CHUNK - 1 :]:
        await world.delete(record_id)
    assert not await make_searchable(world, "note")
    assert not world.storage.long_work.is_set()
    assert await totals(world, "note", "rex") == [CHUNK - 1, 0]
    assert (await examine(world.storage)).ok


async def test_searches_are_right_at_every_moment(world: World) -> None:
    newest = (await world.found())[0]
    oldest = (await world.found(sort=[{"field": "id", "direction": "asc"}]))[0]
    await world.field("age", "NUMERICAL")
    await world.update(oldest, {"age": 4})
    await world.update(newest, {"age": 4})
    assert await make_searchable(world, "note", "age")
    four = [{"field": "properties.age", "operator": "eq", "value": 4}]
    while True:
        assert await totals(world, "note", "rex", "note:note 7", "age:note", "4") == [RECORDS, 0, 1, 0, 15]
        assert await world.found("note", filters=four) == [newest, oldest]
        assert await world.found("note", sort=[{"field": "id", "direction": "asc"}], page_limit=1) == [oldest]
        assert len(await world.found("note", page_limit=20, page=3)) == RECORDS - 40
        if not (await world.object()).reindexing:
            break
        await world.do(reindex_chunk, PET)


async def test_progress_is_shown_until_the_end(world: World) -> None:
    assert await world.do(reindexed_percent, PET) is None
    await make_searchable(world, "note")
    seen = []
    while (percent := await world.do(reindexed_percent, PET)) is not None:
        seen.append(percent)
        await world.do(reindex_chunk, PET)
    assert seen == [40, 80]


async def test_a_restart_carries_on(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reindexing, "CHUNK", CHUNK)
    first = await filled(await opening())
    await make_searchable(first, "note")
    await first.do(reindex_chunk, PET)
    second = await world_in(await opening(), first.location)
    assert (await second.do(reindexed_percent, PET), await totals(second, "note", "rex")) == (80, [RECORDS, 0])
    await carry_out(second.storage)
    assert await totals(second, "note", "rex") == [RECORDS, 0]
    assert (await examine(second.storage)).ok


async def test_a_change_that_is_refused_leaves_nothing_half_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_arguments: object) -> None:
        raise RuntimeError("in the middle of the change")

    with monkeypatch.context() as broken:
        broken.setattr(schema_store, "set_reindex_progress", fail)
        with pytest.raises(RuntimeError):
            await make_searchable(world, "note")
    assert (await world.object()).searchable == ("name",)
    assert await pending(world) == []
    assert await totals(world, "note", "rex") == [0, RECORDS]
    assert (await examine(world.storage)).ok


async def test_labels_of_options_are_found_at_every_moment(world: World) -> None:
    field = await world.field("color", "SINGLE_OPTIONS", options=options("Red"))
    for record_id in await world.found(page_limit=100):
        await world.update(record_id, {"color": "red"})
    await make_searchable(world, "color")
    await carry_out(world.storage)
    renamed = FieldChange(field.id, visible_in_forms=True, options=[NewOption("Crimson", "red")])
    view = await update_field(world.storage, world.call, renamed)
    assert view.object.reindexing
    assert await totals(world, "crimson") == [RECORDS]
    await carry_out(world.storage)
    assert await totals(world, "crimson") == [RECORDS]
    assert (await examine(world.storage)).ok


async def test_what_is_written_meanwhile_is_right_at_the_end(world: World) -> None:
    oldest, newest = (await world.found(sort=[{"field": "id"}]))[0], (await world.found())[0]
    await make_searchable(world, "note")
    await world.update(newest, {"name": "Bo"})
    assert await world.do(reindex_chunk, PET)
    await world.update(oldest, {"note": "odd"})
    await world.delete(newest)
    made = await world.create({"name": "Max", "note": "even"})
    await carry_out(world.storage)
    assert (await world.found("odd"), await world.found("even")) == ([oldest], [made])
    assert (await world.search("note")).total == RECORDS - 2
    assert (await examine(world.storage)).ok


async def test_a_change_in_the_middle_begins_again(world: World) -> None:
    await make_searchable(world, "note")
    assert await world.do(reindex_chunk, PET)
    await make_searchable(world, "name")
    assert await totals(world, "note", "rex") == [0, RECORDS]
    await carry_out(world.storage)
    assert await totals(world, "note", "rex") == [0, RECORDS]
    assert (await examine(world.storage)).ok


async def test_a_change_that_does_not_touch_texts_leaves_no_work(world: World) -> None:
    changed = await update_object(world.storage, world.call, ObjectChange(PET, ["name"], singular="Animal"))
    assert not changed.reindexing
    assert await pending(world) == []
    assert not await world.do(reindex_chunk, PET)


async def test_an_object_deleted_in_the_middle_is_gone(world: World) -> None:
    await make_searchable(world, "note")
    await world.do(delete_object, PET)
    with pytest.raises(ObjectNotFound):
        await world.do(reindex_chunk, PET)
    await carry_out(world.storage)
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
