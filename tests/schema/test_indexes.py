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
from groundlevel.kernel.storage.base import Storage
from groundlevel.schema import indexes
from groundlevel.schema.field_rules import delete_field
from groundlevel.schema.indexes import keep_indexes
from tests.world import PET, World, eventually, world_in

FILTER = [{"field": "properties.age", "operator": "eq", "value": 4}]


@pytest.fixture
async def world(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> World:
    """Twelve pets with an age; an object with ten records is large enough for an index."""
    monkeypatch.setattr(indexes, "THRESHOLD", 10)
    monkeypatch.setattr(indexes, "CHUNK", 5)
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
        return not world.storage.cache.wanted

    await eventually(nothing_missed)


async def test_a_small_object_gets_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "THRESHOLD", 13)
    await world.found(filters=FILTER)
    assert world.storage.cache.wanted == {}
    assert await state(world) is IndexState.NONE


async def test_an_index_of_an_object_that_is_gone_is_given_up(world: World) -> None:
    world.storage.cache.wanted[world.location.id, "custom_objects.gone", 1] = None
    with capture_logs() as lines:
        world.storage.background.start("index keeper", partial(keep_indexes, world.storage))

        async def given_up() -> bool:
            return not world.storage.cache.wanted

        await eventually(given_up)
    assert [line["object"] for line in lines if line["event"] == "index not built"] == ["custom_objects.gone"]
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
