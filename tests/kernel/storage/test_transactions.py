"""Work handed to an engine becomes durable whole or leaves nothing, alone and together with the work of others."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import apsw
import asyncpg
import pytest

from groundlevel.access import store as access_store
from groundlevel.access.model import Company
from groundlevel.access.rules import find_location
from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import BadRequest, StorageUnavailable
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.connection import run_sync
from groundlevel.kernel.storage.postgres.transaction import PostgresTransaction
from groundlevel.kernel.storage.records import UniqueClaim
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction, find_object, list_objects, raise_schema_version
from groundlevel.schema import store as schema_store
from tests.conftest import Opening
from tests.kernel.storage.rows import SAME, add, find
from tests.needs import not_applicable
from tests.world import World, world_in


class Refused(BadRequest):
    """Not like this"""


@pytest.fixture
async def world(opening: Opening) -> World:
    """A location with the object `pet`, on a database that is durable."""
    world = await world_in(await opening())
    await world.pet()
    return world


async def shape_of(world: World) -> CompiledObject:
    return CompiledObject(await world.object())


async def everything(world: World) -> tuple[int, int, int]:
    """How many records are counted, found by a walk, and found by their text."""
    schema = await shape_of(world)

    async def work(tx: Transaction) -> tuple[int, int, int]:
        walked = len((await tx.records.list_after(schema, "", 1000)).records)
        return await tx.records.count(schema), walked, (await find(tx, schema, "rex"))[1]

    return await world.storage.scan(world.location, work)


@pytest.mark.parametrize("error", [Refused, ValueError, KeyError("x"), asyncio.CancelledError], ids=str)
async def test_work_that_fails_after_writing_leaves_nothing(world: World, error: Any) -> None:
    number = (await world.field("chip", unique=True)).number
    schema = await shape_of(world)

    async def work(tx: Transaction) -> None:
        one, two = await add(tx, schema, ["rex", "rex"])
        assert await tx.records.claim_values(schema, [UniqueClaim(number, "taken", one)]) == []
        await tx.records.delete(schema, two, entries=frozenset())
        raise error

    with pytest.raises(error if isinstance(error, type) else type(error)):
        await world.storage.write(world.location, work)
    assert await everything(world) == (0, 0, 0)
    assert await world.storage.read(world.location, lambda tx: tx.records.find_holder(schema, number, "taken")) is None
    assert (await examine(world.storage)).ok


async def test_a_failed_change_and_delete_leave_the_record_as_it_was(world: World) -> None:
    schema = await shape_of(world)
    (record_id,) = await world.storage.write(world.location, lambda tx: add(tx, schema, ["rex"]))
    before = await world.storage.read(world.location, lambda tx: tx.records.find(schema, record_id))

    async def change(tx: Transaction) -> None:
        record = await tx.records.lock(schema, record_id)
        assert record is not None
        await tx.records.update(schema, record, search_text="max", entries=SAME)
        raise Refused

    async def delete(tx: Transaction) -> None:
        assert await tx.records.lock(schema, record_id) is not None
        await tx.records.delete(schema, record_id, entries=frozenset())
        raise Refused

    for work in (change, delete):
        with pytest.raises(Refused):
            await world.storage.write(world.location, work)
    assert await world.storage.read(world.location, lambda tx: tx.records.find(schema, record_id)) == before
    assert await everything(world) == (1, 1, 1)
    assert (await examine(world.storage)).ok


async def test_a_failed_change_of_schema_leaves_the_schema_as_it_was(world: World) -> None:
    before = await world.object()

    async def work(tx: Transaction) -> None:
        await schema_store.delete_object(tx, before)
        assert await find_object(tx, before.key) is None
        raise Refused

    with pytest.raises(Refused):
        await world.storage.change_schema(world.location, work)
    assert await world.storage.read(world.location, lambda tx: find_object(tx, before.key)) == before


async def test_a_refused_use_case_does_not_harm_its_neighbours(world: World) -> None:
    """All are handed over at once, so they share transactions where an engine lets them."""
    schema = await shape_of(world)

    async def one(number: int, tx: Transaction) -> str:
        if number % 7 == 0:
            raise Refused
        (record_id,) = await add(tx, schema, ["rex"])
        if number % 3 == 0:
            raise Refused
        if number % 11 == 0:
            raise ValueError
        return record_id

    def submit(number: int) -> Any:
        return world.storage.write(world.location, lambda tx: one(number, tx))

    results = await asyncio.gather(*(submit(number) for number in range(300)), return_exceptions=True)
    kept = {number for number, result in enumerate(results) if isinstance(result, str)}
    assert kept == {n for n in range(300) if n % 7 and n % 3 and n % 11}
    assert all(isinstance(results[n], Refused) for n in range(300) if n % 7 == 0 or n % 3 == 0)
    assert len({result for result in results if isinstance(result, str)}) == len(kept)
    assert await everything(world) == (len(kept),) * 3
    assert (await examine(world.storage)).ok


async def test_writers_that_give_up_do_not_harm_the_others(world: World) -> None:
    schema = await shape_of(world)
    tasks = [
        asyncio.ensure_future(world.storage.write(world.location, lambda tx: add(tx, schema, ["rex"])))
        for _ in range(100)
    ]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, list) for result in results[1::2])
    kept = {record_id for result in results if isinstance(result, list) for record_id in result}
    counted, walked, found = await everything(world)
    assert counted == walked == found >= len(kept)
    assert (await examine(world.storage)).ok


async def test_a_commit_that_fails_fails_all_that_shared_it(world: World) -> None:
    schema = await shape_of(world)
    await spoil_commits(world.storage)
    writes = [world.storage.write(world.location, lambda tx: add(tx, schema, ["rex"])) for _ in range(20)]
    spoiled = world.storage.write(world.location, lambda tx: add_spoiled(tx, schema))
    results = await asyncio.gather(*writes, spoiled, *(
        world.storage.write(world.location, lambda tx: add(tx, schema, ["rex"])) for _ in range(20)
    ), return_exceptions=True)  # fmt: skip
    assert isinstance(results[20], StorageUnavailable | asyncpg.PostgresError)
    kept = [result for result in results if isinstance(result, list)]
    failed = [result for result in results if isinstance(result, BaseException)]
    assert len(kept) + len(failed) == 41
    assert all(isinstance(error, StorageUnavailable | asyncpg.PostgresError) for error in failed)
    assert await everything(world) == (len(kept),) * 3
    await heal_commits(world.storage)
    await world.storage.write(world.location, lambda tx: add(tx, schema, ["rex"]))
    assert await everything(world) == (len(kept) + 1,) * 3
    assert (await examine(world.storage)).ok


async def test_nothing_of_a_batch_is_acknowledged_that_sqlite_has_rolled_back(world: World) -> None:
    """SQLite rolls the whole transaction back when the disk is full, in the middle of a batch."""
    if world.storage.engine != "sqlite":
        not_applicable("on PostgreSQL a transaction that failed cannot be committed")
    schema = await shape_of(world)

    async def rolled_back(tx: Transaction) -> None:
        await tx.connection.run(Statement.command("ROLLBACK"))
        raise Refused

    before = [world.storage.write(world.location, lambda tx: add(tx, schema, ["rex"])) for _ in range(5)]
    after = [world.storage.write(world.location, lambda tx: add(tx, schema, ["rex"])) for _ in range(5)]
    results = await asyncio.gather(
        *before, world.storage.write(world.location, rolled_back), *after, return_exceptions=True
    )
    kept = [result for result in results if isinstance(result, list)]
    assert all(isinstance(result, StorageUnavailable) for result in results[:6])
    assert await everything(world) == (len(kept),) * 3
    assert (await examine(world.storage)).ok


async def spoil_commits(storage: Storage) -> None:
    """From now on a commit fails when the work `add_spoiled` is in it (on SQLite: every commit)."""

    async def work(tx: Transaction) -> None:
        if storage.engine == "postgres":
            await tx.connection.script("CREATE TABLE spoil (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            await tx.connection.run(Statement.command("INSERT INTO spoil VALUES (1)"))

    await storage.write(None, work)
    if storage.engine == "sqlite":
        await hook_commits(storage, fail=True)


async def heal_commits(storage: Storage) -> None:
    if storage.engine == "sqlite":
        await hook_commits(storage, fail=False)


async def hook_commits(storage: Storage, *, fail: bool) -> None:
    """SQLite has no constraint that fails as late as a commit, but a hook that can forbid it."""

    async def work(tx: Transaction) -> None:
        raw: Any = tx.connection.raw  # type: ignore[attr-defined]
        raw.set_commit_hook((lambda: True) if fail else None)
        raise Refused

    with pytest.raises(Refused):
        await storage.write(None, work)


async def add_spoiled(tx: Transaction, schema: CompiledObject) -> list[str]:
    ids = await add(tx, schema, ["rex"])
    if isinstance(tx, PostgresTransaction):
        await tx.connection.run(Statement.command("INSERT INTO spoil VALUES (1)"))
    return ids


async def test_readers_do_not_see_what_is_not_committed(world: World) -> None:
    schema = await shape_of(world)
    seen: list[int] = []

    async def look() -> None:
        for _ in range(50):
            counted, walked, found = await everything(world)
            assert counted == walked == found
            seen.append(counted)
            await asyncio.sleep(0)

    writes = [world.storage.write(world.location, lambda tx: add(tx, schema, ["rex"])) for _ in range(50)]
    await asyncio.gather(look(), *writes)
    assert seen == sorted(seen)


async def test_what_is_acknowledged_is_seen_at_once(world: World) -> None:
    for number in range(20):
        record_id = await world.create({"name": f"Rex {number}"})
        assert (await world.found("rex"))[0] == record_id


async def test_work_for_nowhere_has_no_location(world: World) -> None:
    async def work(tx: Transaction) -> None:
        with pytest.raises(RuntimeError, match="belongs to no location"):
            await list_objects(tx)
        raise Refused

    with pytest.raises(Refused):
        await world.storage.write(None, work)


async def test_a_transaction_is_bound_once(world: World) -> None:
    async def work(tx: Transaction) -> None:
        with pytest.raises(RuntimeError, match="belongs to a location already"):
            tx.bind_location(world.location)

    await world.storage.read(world.location, work)


async def test_a_location_that_could_not_be_made_is_not_there(world: World) -> None:
    made: list[str] = []

    async def work(tx: Transaction) -> None:
        await access_store.insert_company(tx, Company("c" * 20, "Company"), now=1)
        location = world.location
        stored = await access_store.insert_location(tx, type(location)(0, "l" * 20, "c" * 20, "New", 1, {}))
        made.append(stored.id)
        raise Refused

    with pytest.raises(Refused):
        await world.storage.write(None, work)
    assert await find_location(world.storage, made[0]) is None


@pytest.mark.parametrize("way", ["read", "scan", "write"])
async def test_sqlite_refuses_work_that_waits_for_anything_else(world: World, way: str) -> None:
    if world.storage.engine != "sqlite":
        not_applicable("on PostgreSQL the work runs over a connection of its own")
    schema = await shape_of(world)

    async def work(tx: Transaction) -> None:
        if way == "write":
            await add(tx, schema, ["rex"])
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="awaited something other than its transaction"):
        await getattr(world.storage, way)(world.location, work)
    assert await everything(world) == (0, 0, 0)
    await world.create({"name": "Rex"})
    assert await everything(world) == (1, 1, 1)


def test_driven_work_must_not_wait() -> None:
    async def waits() -> None:
        await asyncio.sleep(0)

    async def answers() -> int:
        return 5

    async def fails() -> None:
        raise Refused

    assert run_sync(answers()) == 5
    with pytest.raises(RuntimeError):
        run_sync(waits())
    with pytest.raises(Refused):
        run_sync(fails())


async def test_a_change_of_what_is_cached_does_not_harm_its_neighbours(world: World) -> None:
    """Writers of one location share transactions, and what processes cache is changed in one of its own."""
    before = (await world.object()).version

    async def change(tx: Transaction) -> None:
        await raise_schema_version(tx)

    writes = [world.create({"name": f"Rex {number}"}) for number in range(8)]
    await asyncio.gather(*writes[:4], world.storage.write(world.location, change), *writes[4:])

    assert (await world.object()).version == before + 1
    assert (await everything(world))[0] == 8
    assert (await examine(world.storage)).ok


async def test_sqlite_prepares_a_statement_once(world: World) -> None:
    """Whatever a plan might make of an argument: decision 12."""
    if world.storage.engine != "sqlite":
        not_applicable("on PostgreSQL statements are prepared by the driver")
    seen: list[int] = []

    async def work(tx: Transaction) -> None:
        raw: Any = tx.connection.raw  # type: ignore[attr-defined]
        seen.append(raw.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, -1))

    for run in (world.storage.read, world.storage.scan, world.storage.write):
        await run(world.location, work)
    assert seen == [1, 1, 1]


async def test_closing_finishes_what_was_accepted(opening: Opening, shared_url: str) -> None:
    storage = await opening()
    world = await world_in(storage)
    await world.pet()
    schema = await shape_of(world)
    writes = [
        asyncio.ensure_future(storage.write(world.location, lambda tx: add(tx, schema, ["rex"]))) for _ in range(50)
    ]
    await asyncio.sleep(0)
    await storage.close()
    results = await asyncio.gather(*writes)
    again = await world_in(await opening(), world.location)
    assert await everything(again) == (len(results),) * 3


async def test_reads_up_to_the_end_leave_nothing_to_be_done(opening: Opening) -> None:
    storage = await opening()
    problems: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))

    async def read_on() -> None:
        with contextlib.suppress(StorageUnavailable):
            for _ in range(200):
                await storage.read(None, lambda tx: access_store.find_location(tx, "nowhere"))
                await asyncio.sleep(0)

    reading = asyncio.create_task(read_on())
    await asyncio.sleep(0)
    await storage.close()
    await reading
    assert problems == []
