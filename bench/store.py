"""Measures use cases at the store, in this process and without HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec import Struct

from bench.corpus import OBJECT, Records, some_cities
from bench.databases import Database, Pair
from bench.report import Budget, Row, judged, median, median_ratio
from bench.scale import Scale
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.demand import PRICE
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.usecase import perform
from groundlevel.records.rules import NewRecord, RecordView, create_record
from groundlevel.records.search import Found, Search, search_records
from groundlevel.schema.indexes import keep_indexes

SECTION = "At the store"
PAGE = 20
_MILLION = 1_000_000
_POLL_SECONDS = 0.25

GROWTH = Budget("≤ 1.2 × at 10 k", most_ratio=1.2, records=_MILLION)
SEARCHES = Budget("p50 ≤ 2 ms", most=2.0, records=_MILLION)


class Opened(Struct, frozen=True):
    """A database open in this process."""

    database: Database
    storage: Storage

    async def search(self, request: SearchRequest) -> Found[RecordView]:
        """Searches the object."""
        return await perform(self.storage, self.database.call(self.storage), search_records, Search(OBJECT, request))

    async def create(self, properties: dict[str, Json]) -> None:
        """Creates a record of the object."""
        call = self.database.call(self.storage)
        await perform(self.storage, call, create_record, NewRecord(OBJECT, properties))


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[Opened]:
    """A database, open for as long as the block runs."""
    storage = await open_storage(Settings(database=database.url))
    try:
        yield Opened(database, storage)
    finally:
        await storage.close()


# --- searches

Requests = dict[str, list[SearchRequest]]


async def _requests(at: Opened) -> Requests:
    """What is searched for, by what it is called."""
    by_score: Json = [{"field": "properties.score", "direction": "desc"}]
    middle: Json = [{"field": "properties.score", "operator": "range", "value": {"lte": 500}}]
    deep = await at.search(SearchRequest(filters=middle, sort=by_score, page_limit=1))
    return {
        f"first page of {PAGE}": [SearchRequest(page_limit=PAGE)],
        "selective filter (0.05 % match)": [
            SearchRequest(filters=[{"field": "properties.city", "operator": "eq", "value": city}], page_limit=PAGE)
            for city in some_cities(200)
        ],
        "page sorted by a number": [SearchRequest(sort=by_score, page_limit=PAGE)],
        "page after a cursor in the middle, sorted by a number": [
            SearchRequest(sort=by_score, search_after=deep.cursors[0], page_limit=PAGE)
        ],
    }


async def measure_searches(database: Database, scale: Scale) -> list[Row]:
    """A row for every kind of search, compared with the first page that asks for nothing."""
    async with opened(database) as at:
        kinds = await _requests(at)
        await await_indexes(at, kinds, scale.patience_seconds)
        turns: dict[str, list[float]] = {name: [] for name in kinds}
        for _ in range(scale.rounds):
            for name, requests in kinds.items():
                asked = itertools.islice(itertools.cycle(requests), scale.searches)
                turns[name].append(median([await _timed(at, request) for request in asked]))
    plain, *_ = turns.values()
    rows = []
    for name, medians in turns.items():
        row = Row(
            section=SECTION,
            work=name,
            engine=database.engine,
            figure=median(medians) * 1e3,
            unit="ms",
            ceiling=median(plain) * 1e3,
            ratio=median_ratio(medians, plain),
        )
        rows.append(judged(row, SEARCHES, scale.records))
    return rows


async def _timed(at: Opened, request: SearchRequest) -> float:
    started = time.perf_counter()
    await at.search(request)
    return time.perf_counter() - started


async def await_indexes(at: Opened, kinds: Requests, patience: float) -> None:
    """Lets the indexes be built that the searches ask for by being made; without patience, goes on without them."""
    building = asyncio.create_task(keep_indexes(at.storage))
    until = time.monotonic() + patience
    for requests in kinds.values():
        for request in itertools.islice(itertools.cycle(requests), PRICE + 1):
            await at.search(request)
    while at.storage.cache.demand.wanted and time.monotonic() < until:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(_POLL_SECONDS)
    building.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await building


# --- growth


async def measure_growth(pair: Pair, scale: Scale) -> Row:
    """What a create costs in the large database and in the small one."""
    large_turns, small_turns = [], []
    async with AsyncExitStack() as stack:
        large = await stack.enter_async_context(opened(pair.large))
        small = await stack.enter_async_context(opened(pair.small))
        fresh = iter(Records(seed=3))
        for at in (large, small):
            await _create(at, fresh, scale)
        for _ in range(scale.rounds * 2):
            small_turns.append(await _create(small, fresh, scale))
            large_turns.append(await _create(large, fresh, scale))
    row = Row(
        section=SECTION,
        work=f"create at {scale.records:,} records beside {scale.few:,}, {scale.connections} at a time",
        engine=pair.large.engine,
        figure=median(large_turns) * 1e3,
        unit="ms",
        ceiling=median(small_turns) * 1e3,
        ratio=median_ratio(large_turns, small_turns),
    )
    return judged(row, GROWTH, scale.records)


async def _create(at: Opened, fresh: Iterator[dict[str, Json]], scale: Scale) -> float:
    """Seconds for one create, many of them being under way at any time."""
    batch = iter(list(itertools.islice(fresh, scale.creates)))

    async def client() -> None:
        for properties in batch:
            await at.create(properties)

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(scale.connections)))
    return (time.perf_counter() - started) / scale.creates
