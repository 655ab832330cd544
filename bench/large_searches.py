"""Measures searches among a million records at the store, and what they leave of the speed of a small tenant."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time

from bench.corpus import OBJECT, common_words
from bench.databases import ORIGIN, Database, tidy
from bench.large_scale import LargeScale
from bench.questions import PAGE, QUESTIONS, variants
from bench.report import Budget, Row, judged, median
from bench.store import Opened, await_indexes, opened
from groundlevel.kernel.errors import SearchTimedOut
from groundlevel.kernel.model import Json, Location
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import Call, perform
from groundlevel.records.search import Search, search_records

SECTION = "Searches among a million records, at the store"
_MILLION = 1_000_000


def _budget(sqlite: float, postgres: float) -> dict[str, Budget]:
    limits = {"sqlite": sqlite, "postgres": postgres}
    return {engine: Budget(f"p50 ≤ {most:g} ms", most=most, records=_MILLION) for engine, most in limits.items()}


SELECTIVE = _budget(2, 5)
TOTAL = _budget(150, 400)
AGAIN = _budget(1, 1)
FAIR = Budget("≤ 2 × without them", most_ratio=2.0, records=_MILLION)
_DEEP = "page after a cursor in the middle, sorted by a number"
_BOTH = "two conditions, 0.05 % and 10 %"
_SELECTIVE = {
    "page of 20, with total", "equal, 0.05 % match", "equal, 0.05 %, sorted", "range, 0.1 %", "either of two",
    "range, 0.1 %, sorted by another", "sorted", "text, 0.1 %", _DEEP, _BOTH,
}  # fmt: skip
_PLACES = {1: "one processor", 2: "two processors"}
_SCANS = 4
"""Scans that run beside a small tenant's searches at any time."""


async def measure_questions(database: Database, scale: LargeScale) -> list[Row]:
    """A row for each kind of question: the p50 of questions not asked before, beside that of the same once more."""
    async with opened(database) as at:
        kinds = await _kinds(at, scale)
        await await_indexes(at, {name: asked[scale.asked :] for name, asked in kinds.items()}, scale.patience_seconds)
        await tidy(database)
        rows = []
        for name, asked in kinds.items():
            fresh = asked[: scale.asked]
            times = [await _ask(at, request) for request in fresh]
            first = median(times) * 1e3
            again = median([await _ask(at, request) for request in fresh]) * 1e3
            row = Row(section=SECTION, work=name, engine=database.engine, figure=first, unit="ms", ceiling=again)
            row.ratio, row.note = first / again, "beside it: the same asked again"
            if late := sum(seconds >= at.storage.scan_seconds for seconds in times):
                row.note += f"; {late} of {len(times)} were given up after {at.storage.scan_seconds:g} s"
            budget = (SELECTIVE if name in _SELECTIVE else TOTAL)[database.engine]
            rows.append(judged(row, budget, scale.records))
            if name not in _SELECTIVE:
                row = Row(section=SECTION, work=f"{name}, again", engine=database.engine, figure=again, unit="ms")
                rows.append(judged(row, AGAIN[database.engine], scale.records))
    return rows


async def _kinds(at: Opened, scale: LargeScale) -> dict[str, list[SearchRequest]]:
    """By name: questions to be measured, and behind them others that let the indexes be built."""
    kinds = {name: [_request(question.ours) for question in variants(name)] for name in QUESTIONS}
    by_score: Json = [{"field": "properties.score", "direction": "desc"}]
    dice = random.Random(_DEEP)
    deep, both = [], []
    for equal in kinds["equal, 0.05 % match"]:
        middle: Json = [{"field": "properties.score", "operator": "range", "value": {"lte": dice.randint(300, 700)}}]
        found = await at.search(SearchRequest(filters=middle, sort=by_score, page_limit=1))
        deep.append(SearchRequest(sort=by_score, search_after=found.cursors[0], page_limit=PAGE))
        assert isinstance(equal.filters, list)
        best: Json = {"field": "properties.score", "operator": "range", "value": {"gte": dice.randint(890, 910)}}
        both.append(SearchRequest(filters=[*equal.filters, best], page_limit=PAGE))
        if len(deep) == 2 * scale.asked:
            break
    return kinds | {_DEEP: deep, _BOTH: both}


def _request(ours: dict[str, Json]) -> SearchRequest:
    members = dict(ours)
    text = members.pop("query", None)
    return SearchRequest(text=text, page_limit=PAGE, **members)


async def _ask(at: Opened, request: SearchRequest) -> float:
    """Seconds to the answer, or until the search was given up."""
    started = time.perf_counter()
    with contextlib.suppress(SearchTimedOut):
        await at.search(request)
    return time.perf_counter() - started


async def measure_small_tenant(database: Database, tenant: Location, scale: LargeScale, processors: int) -> Row:
    """The p95 of a small tenant's searches while others scan the large object, beside that without them.

    On so many processors, for the store and the database together: which of them runs is the system's affair.
    """
    best: Json = [{"field": "properties.score", "operator": "range", "value": {"gte": 500}}]
    request = SearchRequest(filters=best, sort=[{"field": "properties.seats", "direction": "desc"}], page_limit=PAGE)
    async with opened(database) as at:
        call = Call(tenant, ORIGIN, at.storage.ids)

        async def p95() -> float:
            times = []
            for _ in range(scale.tenant_searches):
                started = time.perf_counter()
                await perform(at.storage, call, search_records, Search(OBJECT, request))
                times.append(time.perf_counter() - started)
            return sorted(times)[len(times) * 95 // 100] * 1e3

        await p95()
        quiet = await p95()
        scans = [asyncio.create_task(_scan(at.storage, database, number)) for number in range(_SCANS)]
        try:
            # As before the quiet ones: what it takes to get going, on either side, is no part of it.
            await p95()
            busy = await p95()
        finally:
            for scan in scans:
                scan.cancel()
            await asyncio.gather(*scans, return_exceptions=True)
    where = _PLACES.get(processors, f"{processors} processors")
    row = Row(
        section=SECTION,
        work=f"p95 of a small tenant's searches beside {_SCANS} scans of the large object, {where}",
        engine=database.engine,
        figure=busy,
        unit="ms",
        ceiling=quiet,
        ratio=busy / quiet,
        note="beside it: without the scans",
    )
    return judged(row, FAIR, scale.records)


async def _scan(storage: Storage, database: Database, number: int) -> None:
    """Asks again and again what no index answers."""
    for turn in itertools.count():
        word = common_words()[turn % len(common_words())]
        test: Json = {"field": "properties.note", "operator": "contains", "value": f"{word} {number} {turn}"}
        request = SearchRequest(filters=[test], page_limit=PAGE)
        await perform(storage, database.call(storage), search_records, Search(OBJECT, request))
