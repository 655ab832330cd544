"""Measures how fast webhooks are delivered, and what a create costs when many are to be told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise

import msgspec

from bench.corpus import Records
from bench.databases import Database
from bench.processes import Process, client_cpus
from bench.report import Budget, Row, judged, median, median_ratio
from bench.scale import Scale
from bench.store import Opened, opened
from groundlevel.kernel.model import Event, Json
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.records.events import RECORD_CREATE
from groundlevel.webhooks.egress import UNRESTRICTED
from groundlevel.webhooks.rules import NewWebhook, create_webhook, delete_webhook
from groundlevel.webhooks.transport import Transport
from groundlevel.webhooks.worker import deliver

SECTION = "Webhooks"
SUBSCRIBERS = 10
AT_ONCE = 16
"""Requests of the bare client that are under way at any time."""
EVENTS = 4
"""Events of one turn, for each create of one."""
_TOGETHER = 100
_LOOK_SECONDS = 0.02
DELIVERIES = Budget("≥ 500/s", least={"sqlite": 500, "postgres": 500}, records=10_000)


async def measure_webhooks(database: Database, scale: Scale) -> list[Row]:
    """A row for deliveries beside what a bare client sends, and one for creates beside those that nobody hears of."""
    with _receiving() as url:
        async with opened(database) as at:
            return [await _creates(at, url, scale), await _deliveries(at, url, scale)]


@contextmanager
def _receiving() -> Iterator[str]:
    """The URL of a receiver."""
    receiver = Process("bench.receiver", cpus=client_cpus())
    try:
        yield str(receiver.announced()["url"])
    finally:
        receiver.stop()


# --- deliveries


async def _deliveries(at: Opened, url: str, scale: Scale) -> Row:
    rates, bare = [], []
    count = scale.creates * EVENTS
    webhook = await create_webhook(at.storage, UNRESTRICTED, NewWebhook(url, (), at.database.location))
    working = asyncio.create_task(deliver(at.storage, Settings(webhook_networks=("any",))))
    try:
        # Keys are made and connections opened before anything is measured.
        await _delivered(at, scale.connections)
        for _ in range(scale.rounds):
            bare.append(await _sent(url, count))
            rates.append(await _delivered(at, count))
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        await delete_webhook(at.storage, None, webhook.id)
    row = Row(
        section=SECTION,
        work="webhooks delivered to one receiver, signed and logged",
        engine=at.database.engine,
        figure=median(rates),
        unit="events/s",
        ceiling=median(bare),
        ratio=median_ratio(rates, bare),
        note="beside it: the HTTP client alone",
    )
    return judged(row, DELIVERIES, scale.records)


async def _sent(url: str, count: int) -> float:
    """How many bodies a second the client sends that the worker uses."""
    body = msgspec.json.encode(RECORD_CREATE.sample)
    transport = Transport(UNRESTRICTED)
    left = iter(range(count))

    async def client() -> None:
        for _ in left:
            await transport.send(url, {"content-type": "application/json"}, body)

    await transport.send(url, {}, body)
    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    seconds = time.perf_counter() - started
    await transport.close()
    return count / seconds


async def _delivered(at: Opened, count: int) -> float:
    """How many events a second are told and become delivered."""
    payload = msgspec.json.encode(RECORD_CREATE.sample).decode()
    started = time.perf_counter()
    for start in range(0, count, _TOGETHER):
        some = range(start, min(start + _TOGETHER, count))

        async def emit(tx: Transaction, some: range = some) -> None:
            for _ in some:
                tx.emit(Event("RecordCreate", tx.ids.record_id(), payload, tx.ids.now()))

        await at.storage.write(at.database.location, emit)
    while not await at.storage.read(None, _is_finished):  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(_LOOK_SECONDS)
    return count / (time.perf_counter() - started)


async def _is_finished(tx: Transaction) -> bool:
    told = await tx.connection.row(Statement.query("SELECT 1 FROM outbox LIMIT 1"))
    unfinished = Statement.query("SELECT 1 FROM deliveries WHERE finished_at IS NULL LIMIT 1")
    return told is None and await tx.connection.row(unfinished) is None


# --- creates


async def _creates(at: Opened, url: str, scale: Scale) -> Row:
    """Every round has creates that nobody hears of before and behind it: how those differ is the noise."""
    fresh = iter(Records(seed=5))
    count = scale.creates // 4
    untold, told = [await _create(at, fresh, count)], []
    for _ in range(scale.rounds):
        webhooks = [
            await create_webhook(at.storage, UNRESTRICTED, NewWebhook(f"{url}{number}", (), at.database.location))
            for number in range(SUBSCRIBERS)
        ]
        told.append(await _create(at, fresh, count))
        for webhook in webhooks:
            await delete_webhook(at.storage, None, webhook.id)
        untold.append(await _create(at, fresh, count))
    beside = [(before + after) / 2 for before, after in pairwise(untold)]
    noise = max(max(each) / min(each) for each in pairwise(untold))
    return Row(
        section=SECTION,
        work=f"create that {SUBSCRIBERS} webhooks are to be told of",
        engine=at.database.engine,
        figure=median(told) * 1e3,
        unit="ms",
        ceiling=median(beside) * 1e3,
        ratio=median_ratio(told, beside),
        note=f"beside it: a create that nobody hears of, which itself varies by up to {noise:.2f}",
    )


async def _create(at: Opened, fresh: Iterator[dict[str, Json]], count: int) -> float:
    """The median of the seconds that a create takes, one after the other."""
    times = []
    for _ in range(count):
        properties = next(fresh)
        started = time.perf_counter()
        await at.create(properties)
        times.append(time.perf_counter() - started)
    return median(times)
