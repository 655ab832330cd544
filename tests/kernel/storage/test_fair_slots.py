"""The scans of one location never keep those of another from running, and none runs for longer than it may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from groundlevel.kernel.errors import SearchTimedOut
from groundlevel.kernel.model import Location
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.fair_slots import FairSlots
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import perform
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.records.search import Search, search_records
from tests.world import PET, World, world_in

ENDLESS = {
    "sqlite": "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgres": "SELECT pg_sleep(3600)",
}


async def scan_for_ever(tx: Transaction) -> None:
    await tx.connection.rows(Statement.query(ENDLESS[tx.dialect.engine]))


async def count(tx: Transaction) -> int:
    # Long enough to leave SQLite's event loop, and short enough to end.
    series = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT count(*) FROM n"
    row = await tx.connection.row(Statement.query(series))
    assert row is not None
    return int(row[0])


async def one(tx: Transaction) -> int:
    row = await tx.connection.row(Statement.query("SELECT 1"))
    assert row is not None
    return int(row[0])


@pytest.fixture
async def greedy(storage: Storage) -> AsyncIterator[Location]:
    """A location with more scans without end than there are slots."""
    location = await create_location(storage, NewLocation("Greedy"))
    scans = [asyncio.create_task(storage.scan(location, scan_for_ever)) for _ in range(12)]
    await asyncio.sleep(0)
    yield location
    for scan in scans:
        scan.cancel()
    ended = await asyncio.gather(*scans, return_exceptions=True)
    assert all(isinstance(each, asyncio.CancelledError) for each in ended)


async def test_another_location_is_answered(storage: Storage, greedy: Location) -> None:
    other = await create_location(storage, NewLocation("Other"))
    async with asyncio.timeout(60):
        assert [await storage.scan(other, count) for _ in range(3)] == [100_000] * 3


async def test_a_location_is_answered_beside_its_own_slow_searches(storage: Storage) -> None:
    location = await create_location(storage, NewLocation("Busy"))
    slow = [asyncio.create_task(storage.scan(location, scan_for_ever, seconds=3600)) for _ in range(12)]
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        assert [await storage.scan(location, one, seconds=3600) for _ in range(3)] == [1] * 3
    assert not any(each.done() for each in slow)
    for each in slow:
        each.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


async def test_the_rest_waits_and_runs_when_there_is_room(storage: Storage) -> None:
    location = await create_location(storage, NewLocation("Greedy"))
    scans = [asyncio.create_task(storage.scan(location, scan_for_ever)) for _ in range(12)]
    last = asyncio.create_task(storage.scan(location, count))
    await asyncio.sleep(0)
    for scan in scans:
        scan.cancel()
    async with asyncio.timeout(60):
        assert await last == 100_000


async def test_a_scan_is_stopped_in_the_engine_when_its_time_is_up(storage: Storage) -> None:
    location = await create_location(storage, NewLocation("Slow"))
    for _ in range(12):
        with pytest.raises(SearchTimedOut):
            await storage.scan(location, scan_for_ever, seconds=0.01)
    async with asyncio.timeout(60):
        assert await storage.scan(location, count) == 100_000


async def test_a_search_has_as_long_as_the_setting_says(storage: Storage) -> None:
    world: World = await world_in(storage)
    await world.pet()
    for number in range(200):
        await world.create({"name": f"Rex {number}"})
    storage.scan_seconds = 1e-6
    many = [
        {"field": "properties.name", "operator": "contains", "value": [f"x{n} {m}" for n in range(100)]}
        for m in range(20)
    ]
    request = SearchRequest(filters=[{"group": "OR", "filters": many}])
    with pytest.raises(SearchTimedOut, match="took longer"):
        await perform(storage, world.call, search_records, Search(PET, request))
    storage.scan_seconds = 60
    found = await perform(storage, world.call, search_records, Search(PET, request))
    assert found.total == 0


async def test_those_who_wait_have_their_turns_one_by_one() -> None:
    slots = FairSlots(3)
    order: list[str] = []

    async def work(location: int, name: str) -> None:
        async with slots.of(location):
            order.append(name)
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(work(1, f"a{n}")) for n in range(6)]
    tasks += [asyncio.create_task(work(2, f"b{n}")) for n in range(3)]
    await asyncio.gather(*tasks)
    assert order[:3] == ["a0", "a1", "b0"], "one location leaves a slot for another"
    assert sorted(order) == sorted([*(f"a{n}" for n in range(6)), *(f"b{n}" for n in range(3))])
    assert order.index("b2") < order.index("a5")


async def test_a_turn_that_nobody_takes_goes_to_the_next() -> None:
    slots = FairSlots(2)
    await slots.take(1)
    given_up = asyncio.create_task(slots.take(1))
    next_one = asyncio.create_task(slots.take(1))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    slots.give(1)
    await asyncio.wait_for(next_one, 60)
    # One whose turn has come while it was cancelled gives it on.
    late, later = asyncio.create_task(slots.take(1)), asyncio.create_task(slots.take(1))
    await asyncio.sleep(0)
    slots.give(1)
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    await asyncio.wait_for(later, 60)
    slots.give(1)
    await asyncio.wait_for(slots.take(2), 60)
