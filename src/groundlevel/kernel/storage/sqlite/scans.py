"""Runs reading work that may take long: it begins on the event loop, and on a thread again if it does take long.

Why is decision 8.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import apsw

from groundlevel.kernel.errors import SchemaBusy, SearchTimedOut
from groundlevel.kernel.model import Location
from groundlevel.kernel.storage.connection import ATTEMPTS, StaleSchemaError, run_sync
from groundlevel.kernel.storage.fair_slots import FairSlots, SlowOnes, Trial, limit_scan, trying
from groundlevel.kernel.storage.sqlite.connection import SqliteConnection
from groundlevel.kernel.storage.transaction import Transaction, Work, run_work

T = TypeVar("T")
THREADS = 3
"""Scans that run at once besides the one on the event loop; those of one location leave one for others."""
TICK_STEPS = 5_000
"""Steps of SQLite's machine after which it is looked whether a scan has to stop: 0.03 to 0.3 ms."""
QUICK_SECONDS = 0.002
"""A scan leaves the event loop when it has held it for so long."""


class _QuickTrial(Trial):
    """A scan that is tried on the event loop.

    Its kind is the very question: others like it may be quick, and to ask a thread needlessly costs more than to try.
    """

    __slots__ = ()

    def declare(self, kind: Callable[[], Hashable], question: Hashable) -> None:
        self._note(question)


class Scans:
    """The connections on which work is scanned, each with a snapshot of its own, and the threads of the long ones."""

    def __init__(
        self,
        connect: Callable[[], SqliteConnection],
        begin: Callable[[SqliteConnection, Location | None], Transaction],
        forget: Callable[[Location | None], None],
    ) -> None:
        self._connect = connect
        self._begin = begin
        self._forget = forget
        self._threads = ThreadPoolExecutor(THREADS, "scan")
        self._slots = FairSlots(THREADS)
        self._of_thread = threading.local()
        self._connections: list[apsw.Connection] = []
        self._slow = SlowOnes()
        self._until = math.inf

    def open(self) -> None:
        """Opens the connection of the event loop; threads open their own. Raises what connecting raises."""
        self._quick = self._connect()
        self._quick.raw.set_progress_handler(self._tick, TICK_STEPS)
        self._connections.append(self._quick.raw)

    def close(self) -> None:
        """Waits for scans that are running, and closes the connections."""
        self._threads.shutdown()
        for raw in self._connections:
            raw.close()

    async def run(self, location: Location | None, work: Work[T], seconds: float) -> T:
        """The result of the work, on one snapshot. A scan that is cancelled, or takes too many seconds, stops.

        Raises apsw.Error, SearchTimedOut.
        """
        trial = _QuickTrial(self._slow)
        with contextlib.suppress(apsw.InterruptError, SearchTimedOut), trying(trial):
            self._until = time.perf_counter() + QUICK_SECONDS
            return self._snapshot(self._quick, location, work)
        self._slow.add(trial.kind)
        number = 0 if location is None else location.number
        await self._slots.take(number)
        cancelled = threading.Event()
        job = self._threads.submit(self._scan, location, work, cancelled)
        loop = asyncio.get_running_loop()
        # The slot is free when the thread is, also after a scan that nobody waits for any more.
        job.add_done_callback(lambda _: loop.call_soon_threadsafe(self._slots.give, number))
        try:
            async with limit_scan(seconds):
                result, took = await asyncio.wrap_future(job)
        finally:
            # Looked at while statements run, and not sent to them: there may be none at this moment.
            cancelled.set()
        if took < QUICK_SECONDS / 2:
            # An index has been built, or there is less than there was: it is tried again.
            self._slow.discard(trial.kind)
        return result

    def _scan(self, location: Location | None, work: Work[T], cancelled: threading.Event) -> tuple[T, float]:
        """The result, and the seconds that it took."""
        connection: SqliteConnection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = self._of_thread.connection = self._connect()
            self._connections.append(connection.raw)
        connection.raw.set_progress_handler(cancelled.is_set, TICK_STEPS)
        began = time.perf_counter()
        return self._snapshot(connection, location, work), time.perf_counter() - began

    def _snapshot(self, connection: SqliteConnection, location: Location | None, work: Work[T]) -> T:
        connection.raw.execute("BEGIN")
        try:
            for _ in range(ATTEMPTS):
                with contextlib.suppress(StaleSchemaError):
                    return run_sync(run_work(work, self._begin(connection, location)))
                self._forget(location)
            raise SchemaBusy
        finally:
            if connection is self._quick:
                self._until = math.inf
            else:
                connection.raw.set_progress_handler(None)
            connection.raw.execute("ROLLBACK")

    def _tick(self) -> bool:
        """Whether the connection of the event loop has had its share of it."""
        return time.perf_counter() > self._until
