"""The scans of one location never keep those of another from running, and none runs for longer than it may."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import weakref
from collections.abc import AsyncIterator

import pytest

from groundlevel.kernel.errors import SearchTimedOut
from groundlevel.kernel.model import Json, Location
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.storage import fair_slots
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.fair_slots import TRIAL_SECONDS, FairSlots, ScanLanes, declare_kind
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


class Scans:
    """Scans by what is sought: what each was given to run in, in seconds."""

    def __init__(self) -> None:
        self.lanes = ScanLanes(4)
        self.slow = {"sea", "land"}
        self.given: list[float] = []

    async def seek(self, what: str, kind: str = "") -> str:
        """Runs one of a kind, which is slow when that is sought."""

        async def scan(seconds: float) -> str:
            self.given.append(seconds)
            declare_kind(lambda: kind or what, None)
            if what in self.slow and seconds == TRIAL_SECONDS:
                raise SearchTimedOut("The search took longer")
            if what in self.slow:
                await asyncio.sleep(TRIAL_SECONDS)
            return what

        self.given = []
        return await self.lanes.run(1, scan, 60)


async def test_a_kind_of_search_that_was_slow_is_not_tried_again() -> None:
    scans = Scans()
    assert await scans.seek("sea", "water") == "sea"
    assert scans.given == [TRIAL_SECONDS, 60]
    assert await scans.seek("land") == "land"
    assert await scans.seek("sky") == "sky"
    assert scans.given == [TRIAL_SECONDS]
    scans.slow.clear()
    # It is not tried: what it would have declared ends it before it reads anything.
    assert await scans.seek("pond", "water") == "pond"
    assert scans.given == [TRIAL_SECONDS, 60]
    # That one was quick, so the next is tried.
    assert await scans.seek("sea", "water") == "sea"
    assert scans.given == [TRIAL_SECONDS]


async def test_a_kind_of_search_is_slow_for_some_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_slots, "SLOW_SECONDS", 0.0)
    scans = Scans()
    assert await scans.seek("sea") == "sea"
    scans.slow.clear()
    assert await scans.seek("sea") == "sea"
    assert scans.given == [TRIAL_SECONDS]


async def test_kinds_of_slow_searches_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_slots, "MOST_KINDS", 1)
    scans = Scans()
    await scans.seek("sea")
    await scans.seek("land")
    scans.slow.clear()
    await scans.seek("sea")
    assert scans.given == [TRIAL_SECONDS], "it was forgotten for the other"


class Sought:
    """What a search holds."""


@pytest.mark.parametrize("slow", [False, True])
async def test_what_is_opened_in_a_trial_keeps_nothing_of_the_search(slow: bool) -> None:
    opened: list[contextvars.Context] = []
    searches: list[weakref.ref[Sought]] = []

    async def scan(seconds: float) -> None:
        sought = Sought()
        searches.append(weakref.ref(sought))
        declare_kind(lambda: hash(sought), None)
        # As a connection does, whose callbacks run in it for as long as it lasts.
        opened.append(contextvars.copy_context())
        if slow and seconds == TRIAL_SECONDS:
            raise SearchTimedOut("The search took longer")

    await ScanLanes(2).run(1, scan, 60)
    gc.collect()
    assert len(opened) == len(searches) == 1 + slow
    assert [search() for search in searches] == [None] * len(searches)


CONTAINS: Json = {"field": "properties.name", "operator": "contains", "value": "Rex"}
OTHERS: list[dict[str, Json]] = [
    {"filters": [{**CONTAINS, "operator": "eq"}]},
    {"filters": [{**CONTAINS, "operator": "not_contains"}]},
    {"filters": [CONTAINS, {"field": "createdAt", "operator": "range", "value": {"gt": 1}}]},
    {"filters": [{"group": "OR", "filters": [CONTAINS, {**CONTAINS, "operator": "eq"}]}]},
    {"filters": [CONTAINS], "sort": [{"field": "properties.name", "direction": "asc"}]},
    {"filters": [CONTAINS], "page": 2},
    {"filters": [CONTAINS], "text": "rex"},
    {"text": "rex"},
]


async def test_searches_are_of_a_kind_when_they_differ_in_values_alone(storage: Storage) -> None:
    world = await world_in(storage)
    await world.pet()
    await world.create({"name": "Rex"})
    lanes = ScanLanes(2)
    tried: list[bool] = []

    async def seek(*, slow: bool = False, **members: Json) -> int:
        async def scan(seconds: float) -> int:
            found = await storage.read(
                world.location,
                lambda tx: search_records(tx, world.call, Search(PET, SearchRequest(**{"page_limit": 1, **members}))),
            )
            tried.append(seconds == TRIAL_SECONDS)
            if slow and seconds == TRIAL_SECONDS:
                raise SearchTimedOut("The search took longer")
            if slow:
                await asyncio.sleep(TRIAL_SECONDS)
            return found.total

        tried.clear()
        return await lanes.run(1, scan, 60)

    assert await seek(slow=True, filters=[CONTAINS]) == 1
    assert tried == [True, False]
    assert await seek(slow=True, filters=[{**CONTAINS, "value": "Tom"}], page_limit=5) == 0
    assert tried == [False]
    for members in OTHERS:
        assert await seek(**members) in (0, 1)
        assert tried == [True], members
