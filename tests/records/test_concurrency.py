"""Limits hold, and nothing is lost, when many write at once, in one process and in two."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest

from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import DuplicateKey, LimitExceeded, RecordNotFound, Refusal, UniqueConflict
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.records.rules import RecordKey, get_record
from groundlevel.schema.field_rules import MAX_UNIQUE
from groundlevel.schema.object_rules import ObjectChange, delete_object, update_object
from tests.postgres import database_of, fresh_database
from tests.world import PET, World, world_in

WRITERS = 50


@pytest.fixture
def shared_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path}/shared.db"
        return
    migrated = database_of(request.getfixturevalue("migrated_postgres"))
    with fresh_database(request.getfixturevalue("postgres_server"), template=migrated) as url:
        yield url


@pytest.fixture(params=[1, 2], ids=["one process", "two processes"])
async def worlds(shared_url: str, request: pytest.FixtureRequest) -> AsyncIterator[list[World]]:
    """The same location, with the object `pet`, seen by one storage or by two."""
    storages = [await open_storage(Settings(database=shared_url)) for _ in range(request.param)]
    first = await world_in(storages[0])
    await first.pet()
    await first.field("chip", unique=True)
    await first.field("count", "NUMERICAL")
    yield [first, *[await world_in(storage, first.location) for storage in storages[1:]]]
    for storage in storages:
        await storage.close()


def outcomes(results: list[object]) -> Counter[str]:
    """How many succeeded, and how many were refused for which reason."""
    return Counter(result.code if isinstance(result, Refusal) else "done" for result in results)


async def healthy(world: World) -> None:
    report = await examine(world.storage)
    assert report.ok, report


async def test_of_many_creations_with_one_unique_value_one_succeeds(worlds: list[World]) -> None:
    attempts = (worlds[n % len(worlds)].create({"name": f"Rex {n}", "chip": "same"}) for n in range(WRITERS))
    results: list[object] = await asyncio.gather(*attempts, return_exceptions=True)
    assert outcomes(results) == {"done": 1, UniqueConflict.code: WRITERS - 1}
    assert (await worlds[0].search()).total == 1
    await healthy(worlds[0])


async def test_of_many_changes_to_one_unique_value_one_succeeds(worlds: list[World]) -> None:
    ids = [await worlds[0].create({"name": "Rex", "chip": str(n)}) for n in range(20)]
    attempts = (worlds[n % len(worlds)].update(each, {"chip": "same"}) for n, each in enumerate(ids))
    results: list[object] = await asyncio.gather(*attempts, return_exceptions=True)
    assert outcomes(results) == {"done": 1, UniqueConflict.code: 19}
    await healthy(worlds[0])


async def test_a_unique_value_is_passed_on(worlds: list[World]) -> None:
    """Everybody wants the values of everybody else, at once; whoever gets one, all values stay unique."""
    ids = [await worlds[0].create({"name": "Rex", "chip": str(n)}) for n in range(8)]
    attempts = [
        worlds[n % len(worlds)].update(each, {"chip": str((n + step) % 8)})
        for step in range(1, 5)
        for n, each in enumerate(ids)
    ]
    attempts += [worlds[0].update(each, {"chip": None}) for each in ids[:4]]
    results: list[object] = await asyncio.gather(*attempts, return_exceptions=True)
    assert outcomes(results).keys() <= {"done", UniqueConflict.code, "schema_busy"}
    assert outcomes(results)["done"] >= 4
    await healthy(worlds[0])


async def test_different_values_do_not_hinder_each_other(worlds: list[World]) -> None:
    made = await asyncio.gather(
        *(worlds[n % len(worlds)].create({"name": f"Rex {n}", "chip": str(n)}) for n in range(WRITERS))
    )
    assert len(set(made)) == WRITERS
    assert (await worlds[-1].search("rex")).total == WRITERS
    await healthy(worlds[0])


async def test_no_update_of_one_record_is_lost(worlds: list[World]) -> None:
    fields = [(await worlds[0].field(f"field_{n}", "NUMERICAL")).key for n in range(20)]
    record_id = await worlds[0].create({"name": "Rex"})
    await worlds[-1].knows_fields(*fields)
    followers = [f"user{n:016d}" for n in range(10)]
    attempts = [worlds[n % len(worlds)].update(record_id, {key: n}) for n, key in enumerate(fields)]
    attempts += [
        worlds[n % len(worlds)].update(record_id, {}, followers={"add": [who]}) for n, who in enumerate(followers)
    ]
    await asyncio.gather(*attempts)
    record = (await worlds[-1].do(get_record, RecordKey(PET, record_id))).record
    stored = msgspec.json.decode(record.properties)
    assert {key: stored[key] for key in fields} == {key: n for n, key in enumerate(fields)}
    assert set(record.followers) == set(followers)
    assert record.version == 31
    await healthy(worlds[0])


async def test_followers_stay_ten(worlds: list[World]) -> None:
    record_id = await worlds[0].create({"name": "Rex"})
    attempts = (worlds[n % len(worlds)].update(record_id, {}, followers={"add": [f"user{n:016d}"]}) for n in range(30))
    results: list[object] = await asyncio.gather(*attempts, return_exceptions=True)
    assert outcomes(results) == {"done": 10, LimitExceeded.code: 20}
    assert len((await worlds[0].do(get_record, RecordKey(PET, record_id))).record.followers) == 10


async def test_a_record_is_deleted_by_one(worlds: list[World]) -> None:
    record_id = await worlds[0].create({"name": "Rex", "chip": "a"})
    results: list[object] = await asyncio.gather(
        *(worlds[n % len(worlds)].delete(record_id) for n in range(20)), return_exceptions=True
    )
    assert outcomes(results) == {"done": 1, RecordNotFound.code: 19}
    await healthy(worlds[0])


async def test_updates_and_a_deletion_of_one_record(worlds: list[World]) -> None:
    record_id = await worlds[0].create({"name": "Rex", "chip": "a"})
    attempts = [worlds[n % len(worlds)].update(record_id, {"name": f"Max {n}", "chip": str(n)}) for n in range(20)]
    attempts.insert(10, worlds[-1].delete(record_id))
    results: list[object] = await asyncio.gather(*attempts, return_exceptions=True)
    assert outcomes(results).keys() <= {"done", RecordNotFound.code}
    assert (await worlds[0].search()).total == 0
    await healthy(worlds[0])


async def test_an_object_and_a_field_are_made_once(worlds: list[World]) -> None:
    results: list[object] = await asyncio.gather(
        *(worlds[n % len(worlds)].pet() for n in range(10)),
        *(worlds[n % len(worlds)].field("age") for n in range(10)),
        return_exceptions=True,
    )
    assert outcomes(results[:10]) == {DuplicateKey.code: 10}
    assert outcomes(results[10:]) == {"done": 1, DuplicateKey.code: 9}
    await healthy(worlds[0])


async def test_unique_fields_stay_ten(worlds: list[World]) -> None:
    results: list[object] = await asyncio.gather(
        *(worlds[n % len(worlds)].field(f"unique_{n}", unique=True) for n in range(15)), return_exceptions=True
    )
    assert outcomes(results) == {"done": MAX_UNIQUE - 1, LimitExceeded.code: 16 - MAX_UNIQUE}


async def test_writers_go_on_while_what_is_searchable_changes(worlds: list[World]) -> None:
    first, last = worlds[0], worlds[-1]
    await first.field("note")
    for number in range(30):
        await first.create({"name": f"Rex {number}", "note": f"note {number}"})
    await last.knows_fields("note")

    async def write() -> None:
        ids = [await last.create({"name": f"Max {n}", "note": f"note {n}"}) for n in range(20)]
        for each in ids[:10]:
            await last.update(each, {"name": "Bo"})
        for each in ids[15:]:
            await last.delete(each)

    async def switch() -> None:
        for keys in (["note"], ["name", "note"], ["name"], ["note", "name"]):
            await update_object(first.storage, first.call, ObjectChange(PET, keys))

    await asyncio.gather(write(), switch(), write(), switch())
    assert (await first.search("note")).total == 60
    await healthy(first)


async def test_an_object_deleted_under_its_writers_leaves_nothing(worlds: list[World]) -> None:
    attempts = [worlds[n % len(worlds)].create({"name": f"Rex {n}", "chip": str(n)}) for n in range(WRITERS)]
    attempts.insert(WRITERS // 2, worlds[-1].do(delete_object, PET))  # type: ignore[arg-type]
    results: list[object] = await asyncio.gather(*attempts, return_exceptions=True)
    assert outcomes(results).keys() <= {"done", "object_not_found", "unknown_property"}
    await healthy(worlds[0])
