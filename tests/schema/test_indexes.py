"""Indexes that searches miss are built in the background, whatever happens on the way."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
from structlog.testing import capture_logs

from groundlevel.doctor.rules import examine
from groundlevel.kernel.background import Background
from groundlevel.kernel.errors import ObjectNotFound, StorageUnavailable
from groundlevel.kernel.model import IndexState
from groundlevel.kernel.storage import demand
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, perform
from groundlevel.schema import indexes
from groundlevel.schema.field_rules import delete_field
from groundlevel.schema.indexes import keep_indexes
from groundlevel.schema.object_rules import delete_object
from tests.world import PET, World, eventually, world_in

FILTER = [{"field": "properties.age", "operator": "eq", "value": 4}]


@pytest.fixture
async def world(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> World:
    """Twelve pets with an age, for which one search that looks at all of them has paid for an index."""
    monkeypatch.setattr(demand, "SMALLEST", 10)
    monkeypatch.setattr(demand, "PRICE", 1)
    monkeypatch.setattr(indexes, "CHUNK", 5)
    monkeypatch.setattr(indexes, "SHRINK", 5)
    monkeypatch.setattr(indexes, "FEWEST_WRITES", 0)
    monkeypatch.setattr(indexes, "LOOK_SECONDS", 0.005)
    world = await world_in(storage)
    await world.pet()
    await world.field("age", "NUMERICAL")
    for number in range(12):
        await world.create({"name": f"Rex {number}", "age": number})
    return world


async def state(world: World) -> IndexState:
    fields = {field.key: field for field in (await world.object()).fields}
    return fields["age"].index


async def ready(world: World) -> bool:
    return await state(world) is IndexState.READY


async def test_a_missed_index_is_built(world: World) -> None:
    world.storage.background.start("index keeper", partial(keep_indexes, world.storage))
    before = await world.found(filters=FILTER)
    await eventually(partial(ready, world))
    assert await world.found(filters=FILTER) == before
    assert len(before) == 1

    async def nothing_missed() -> bool:
        return not world.storage.cache.demand.wanted

    await eventually(nothing_missed)


async def test_a_build_says_how_far_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[int | None] = []

    async def percent(tx: Transaction) -> int | None:
        definition = (await tx.read_schema(PET)).object
        age = next(each for each in definition.fields if each.key == "age")
        return await indexes.built_percent(tx, definition, age)

    async def look(storage: Storage, call: Call, use_case: Any, asked: Any) -> Any:
        done = await perform(storage, call, use_case, asked)
        said.append(await storage.read(call.location, percent))
        return done

    assert await world.storage.read(world.location, percent) is None
    monkeypatch.setattr(indexes, "perform", look)
    definition = await world.object()
    number = next(each.number for each in definition.fields if each.key == "age")
    await indexes.build_index(world.storage, world.call, indexes.IndexKey(PET, number))
    # Twelve records by five; what is said while a chunk is filled counts those before it.
    assert said == [None, 0, 41, None]
    assert await state(world) is IndexState.READY
    assert world.storage.cache.demand.filled == {}


async def test_a_build_that_fails_says_nothing_any_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    definition = await world.object()
    number = next(each.number for each in definition.fields if each.key == "age")

    async def fail(storage: Storage, call: Call, use_case: Any, asked: Any) -> Any:
        if use_case is indexes.fill_index:
            raise StorageUnavailable
        return await perform(storage, call, use_case, asked)

    monkeypatch.setattr(indexes, "perform", fail)
    with pytest.raises(StorageUnavailable):
        await indexes.build_index(world.storage, world.call, indexes.IndexKey(PET, number))
    assert await state(world) is IndexState.BUILDING
    assert world.storage.cache.demand.filled == {}


async def test_a_small_object_gets_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demand, "SMALLEST", 13)
    await world.found(filters=FILTER)
    assert world.storage.cache.demand.wanted == {}
    assert await state(world) is IndexState.NONE


async def test_an_index_is_wanted_once_the_searches_that_missed_it_have_cost_as_much_as_building_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demand, "PRICE", 3)
    for asked in range(3):
        assert not world.storage.cache.demand.wanted, asked
        # Another filter each time: the total of the same one is known, and its page cheap.
        await world.found(filters=[{"field": "properties.age", "operator": "eq", "value": asked}])
    assert len(world.storage.cache.demand.wanted) == 1


async def test_a_search_that_looks_at_few_records_pays_little(world: World) -> None:
    most = [{"field": "properties.age", "operator": "range", "value": {"gte": 1}}]
    await world.found(filters=most, page_limit=1)
    world.storage.cache.demand.wanted.clear()
    for _ in range(3):
        await world.found(filters=most, page_limit=1)
    assert not world.storage.cache.demand.wanted
    assert list(world.storage.cache.demand.accounts.values()) == [3]


async def test_a_sort_by_a_field_without_an_index_pays_for_it(world: World) -> None:
    await world.found(sort=[{"field": "properties.age", "direction": "asc"}])
    assert [name[1] for name in world.storage.cache.demand.wanted] == [PET]


async def build(world: World) -> indexes.IndexKey:
    """The index of the pets' age, ready."""
    number = next(field.number for field in (await world.object()).fields if field.key == "age")
    key = indexes.IndexKey(PET, number)
    await indexes.build_index(world.storage, world.call, key)
    assert await state(world) is IndexState.READY
    return key


async def write(world: World, times: int) -> None:
    record_id = await world.create({"name": "Tom"})
    for number in range(times - 1):
        await world.update(record_id, {"name": f"Tom {number}"})


async def test_an_index_that_costs_more_than_it_saves_is_dropped(world: World) -> None:
    key = await build(world)
    await write(world, 26)
    await indexes.review_indexes(world.storage)
    assert await state(world) is IndexState.READY, "two writes for each of thirteen records are what it may cost"
    await write(world, 3)
    await indexes.review_indexes(world.storage)
    assert await state(world) is IndexState.NONE
    report = await examine(world.storage)
    assert report.ok, report
    assert len(await world.found(filters=FILTER)) == 1

    async def entries(tx: Transaction) -> bool:
        return await tx.records.shrink_index(key.field_number, 1)

    assert not await world.storage.write(world.location, entries), "nothing of it is left"


async def test_an_index_that_searches_use_stays(world: World) -> None:
    await build(world)
    for _ in range(4):
        await write(world, 20)
        await world.found(filters=FILTER)
        await indexes.review_indexes(world.storage)
    assert await state(world) is IndexState.READY


async def test_a_review_writes_only_where_it_makes_a_difference(world: World) -> None:
    key = await build(world)

    async def noted() -> int:
        return next(f.index_used_at for f in (await world.object()).fields if f.number == key.field_number)

    before = await noted()
    await world.found(filters=FILTER)
    await write(world, 2)
    await indexes.review_indexes(world.storage)
    assert await noted() == before
    await write(world, 20)
    await world.found(filters=FILTER)
    await indexes.review_indexes(world.storage)
    assert await noted() > before


async def test_dropping_goes_on_where_it_was_cut_off(world: World) -> None:
    key = await build(world)
    assert await world.do(indexes.begin_drop, key)
    assert await world.do(indexes.shrink_index, key)
    assert await state(world) is IndexState.DROPPING
    record_id = (await world.found(filters=FILTER))[0]
    await world.update(record_id, {"age": 5})
    world.storage.background.start("index keeper", partial(keep_indexes, world.storage))

    async def dropped() -> bool:
        return await state(world) is IndexState.NONE

    await eventually(dropped)
    await build(world)
    assert len(await world.found(filters=[{"field": "properties.age", "operator": "eq", "value": 5}])) == 2
    report = await examine(world.storage)
    assert report.ok, report


async def test_an_index_of_which_the_object_is_gone_is_not_reviewed(world: World) -> None:
    await build(world)
    await world.found(filters=FILTER)
    await world.do(delete_object, PET)
    await indexes.review_indexes(world.storage)
    assert world.storage.cache.demand.used == set()


async def test_an_index_of_an_object_that_is_gone_is_given_up(world: World) -> None:
    world.storage.cache.demand.wanted[world.location.id, "custom_objects.gone", 1] = None
    with capture_logs() as lines:
        world.storage.background.start("index keeper", partial(keep_indexes, world.storage))

        async def given_up() -> bool:
            return [line["object"] for line in lines if line["event"] == "index left alone"] == ["custom_objects.gone"]

        await eventually(given_up)
    assert not world.storage.cache.demand.wanted
    assert world.storage.background.failing() == []


class Once:
    """A function that raises at its first call."""

    def __init__(self, function: Any, error: Exception) -> None:
        self.function, self.error, self.calls = function, error, 0
        self.called = asyncio.Event()

    async def __call__(self, *args: Any, **named: Any) -> Any:
        self.calls += 1
        self.called.set()
        if self.calls == 1:
            raise self.error
        return await self.function(*args, **named)


@pytest.mark.parametrize("error", [LookupError("nobody expected it"), StorageUnavailable("gone")], ids=repr)
@pytest.mark.parametrize("where", ["the first read", "a chunk"])
async def test_the_keeper_survives_an_error(
    where: str, error: Exception, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "the first read":
        failing = Once(world.storage.read, error)
        monkeypatch.setattr(world.storage, "read", failing)
    else:
        failing = Once(indexes.build_index, error)
        monkeypatch.setattr(indexes, "build_index", failing)
    background = Background(pauses=(0.0,), stable_seconds=600)
    with capture_logs() as lines:
        keeper = background.start("index keeper", partial(keep_indexes, world.storage))
        if where == "a chunk":
            await world.found(filters=FILTER)
        async with asyncio.timeout(60):
            await failing.called.wait()
        await world.found(filters=FILTER)
        await eventually(partial(ready, world))
    await background.stop()
    assert keeper.restarts == 1
    assert [line["task"] for line in lines if line["event"] == "background task failed"] == ["index keeper"]


async def test_the_object_is_named_when_it_is_not_there(world: World) -> None:
    with pytest.raises(ObjectNotFound):
        await indexes.build_index(world.storage, world.call, indexes.IndexKey("custom_objects.gone", 1))
    assert (await world.object()).key == PET


async def test_an_index_that_is_ready_is_not_built_again(world: World) -> None:
    key = indexes.IndexKey(PET, next(field.number for field in (await world.object()).fields if field.key == "age"))
    await indexes.build_index(world.storage, world.call, key)
    built = await world.object()

    await indexes.build_index(world.storage, world.call, key)

    assert await world.object() == built
    assert await ready(world)


async def test_what_can_have_no_index_gets_none(world: World) -> None:
    files = await world.field("files", "FILE_UPLOAD")
    before = await world.object()

    for number in (files.number, 9_999):
        await indexes.build_index(world.storage, world.call, indexes.IndexKey(PET, number))

    assert await world.object() == before


async def test_a_field_that_is_deleted_while_its_index_is_built(world: World) -> None:
    age = next(field for field in (await world.object()).fields if field.key == "age")
    key = indexes.IndexKey(PET, age.number)
    assert await world.do(indexes.begin_index, key)
    progress = await world.do(indexes.fill_index, indexes.IndexProgress(key, ""))
    assert progress is not None

    await world.do(delete_field, age.id)

    assert await world.do(indexes.fill_index, progress) is None
    assert not await world.do(indexes.begin_index, key)
    assert (await examine(world.storage)).ok
