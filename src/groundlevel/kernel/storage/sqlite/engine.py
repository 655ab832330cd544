"""The embedded SQLite engine.

One process holds the file. Use cases run on the event loop, each inside its own SAVEPOINT, and whatever has gathered
while the last commit was being synced shares the next one (design section 1 point 5). The commit itself waits for the
disk in a helper thread. Searches begin on the loop, and on a thread again if they take long (decision 0008).
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import apsw

from groundlevel.kernel.errors import SchemaBusy, StorageUnavailable
from groundlevel.kernel.ids import Ids
from groundlevel.kernel.model import Location
from groundlevel.kernel.storage import migrate
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.cache import Cache, CacheView
from groundlevel.kernel.storage.connection import StaleSchemaError, run_sync
from groundlevel.kernel.storage.pending_write import PendingWrite
from groundlevel.kernel.storage.sqlite.connection import LOCK_SECONDS, SqliteConnection, number_of, prepare
from groundlevel.kernel.storage.sqlite.transaction import BatchEnd, ExclusiveState, SqliteTransaction
from groundlevel.kernel.storage.statements import statements
from groundlevel.kernel.storage.transaction import Work, run_work

T = TypeVar("T")
BATCH_SECONDS = 0.01
"""How long use cases may run before the batch commits, even if more are waiting."""
WATCH_SECONDS = 0.2
"""How often changes made by other processes are looked for; a revoked token stops within this."""
MERGE_PAGES = 400
"""Pages of the full-text table merged at a time."""
TICK_STEPS = 5_000
QUICK_TICKS = 4
"""A scan leaves the event loop after so many times so many steps of SQLite's machine: about a millisecond."""
ENDLESS, ATTEMPTS = 1 << 60, 5


class SqliteStorage(Storage):
    """A file, or `:memory:` for tests."""

    engine = "sqlite"

    def __init__(self, path: str, *, ids: Ids | None = None, synchronous: str = "FULL") -> None:
        super().__init__()
        self.path = path
        self.cache = Cache()
        self.ids = ids or Ids()
        self._memory = path == ":memory:"
        self._synchronous = synchronous
        self._queue: deque[PendingWrite] = deque()
        self._draining: asyncio.Task[None] | None = None
        self._committer = ThreadPoolExecutor(1, "commit")
        self._scanners = ThreadPoolExecutor(2, "scan")
        self._scan_connections: list[apsw.Connection] = []
        self._thread = threading.local()
        self._reading = False
        self._ticks = ENDLESS
        self._catalog_version = 0
        self._data_version = 0
        self._sole = ExclusiveState()
        self._commits = 0
        self._merged_at = -1
        self._writing = asyncio.Lock()

    # --- opening and closing

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            if not self._memory:
                Path(self.path).absolute().parent.mkdir(parents=True, exist_ok=True)
            self._writer = SqliteConnection(self._connect())
            self._reader = self._writer if self._memory else SqliteConnection(self._connect())
            await self._migrate()
            if not self._memory:
                self._quick = SqliteConnection(self._connect())
                self._quick.raw.set_progress_handler(self._tick, TICK_STEPS)
                self._scan_connections.append(self._quick.raw)
        except (apsw.Error, OSError) as error:
            raise self._unavailable(error) from error
        self._catalog_version = self._catalog_in(self._reader.raw)
        if not self._memory:
            self.background.start("database watcher", self._watch)

    def _connect(self) -> apsw.Connection:
        raw = apsw.Connection(self.path, statementcachesize=300)
        # Else a statement is prepared anew at each use whenever its plan might depend on an argument, as of a LIMIT.
        raw.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        prepare(raw, synchronous=self._synchronous)
        return raw

    async def _migrate(self) -> None:
        raw = self._writer.raw
        raw.execute("BEGIN IMMEDIATE")
        try:
            await migrate.apply(self._writer, self.engine, now=self.ids.now())
        except BaseException:
            raw.execute("ROLLBACK")
            raise
        raw.execute("COMMIT")

    async def close(self) -> None:
        await self.background.stop()
        while self._draining is not None and not self._draining.done():
            await asyncio.wait([self._draining])
        self._committer.shutdown()
        self._scanners.shutdown()
        for raw in (*self._scan_connections, self._reader.raw, self._writer.raw):
            raw.close()

    # --- reading

    async def read(self, location: Location | None, work: Work[T]) -> T:
        try:
            if not self._reading and not self._memory:
                self._begin_reading()
            return run_sync(run_work(work, self._transaction(self._reader, location)))
        except StaleSchemaError:
            self._forget(location)
            self._end_reading()
            return run_sync(work(self._transaction(self._reader, location)))
        except apsw.Error as error:
            raise self._unavailable(error) from error

    def _begin_reading(self) -> None:
        """Lets all reads of one turn of the event loop share a snapshot, and so the locks that taking one costs.

        It ends before the next turn's reads: whoever has seen a write acknowledged asks in a later turn.
        """
        self._reader.raw.execute("BEGIN")
        self._reading = True
        self._loop.call_soon(self._end_reading)

    def _end_reading(self) -> None:
        if self._reading:
            self._reading = False
            self._reader.raw.execute("COMMIT")

    async def scan(self, location: Location | None, work: Work[T]) -> T:
        if self._memory:
            return await self.read(location, work)
        running: list[apsw.Connection] = []
        try:
            # Most scans are short: those run here, and only what turns out long is begun again on a thread.
            with contextlib.suppress(apsw.InterruptError):
                self._ticks = QUICK_TICKS
                return self._snapshot(self._quick, location, work)
            return await self._loop.run_in_executor(self._scanners, self._scan, location, work, running)
        except asyncio.CancelledError:
            for raw in running:
                raw.interrupt()
            raise
        except apsw.Error as error:
            raise self._unavailable(error) from error

    def _scan(self, location: Location | None, work: Work[T], running: list[apsw.Connection]) -> T:
        connection: SqliteConnection | None = getattr(self._thread, "connection", None)
        if connection is None:
            connection = self._thread.connection = SqliteConnection(self._connect())
            self._scan_connections.append(connection.raw)
        running.append(connection.raw)
        try:
            return self._snapshot(connection, location, work)
        finally:
            running.clear()

    def _snapshot(self, connection: SqliteConnection, location: Location | None, work: Work[T]) -> T:
        connection.raw.execute("BEGIN")
        try:
            return run_sync(run_work(work, self._transaction(connection, location)))
        except StaleSchemaError:
            self._forget(location)
            return run_sync(work(self._transaction(connection, location)))
        finally:
            if connection is self._quick:
                self._ticks = ENDLESS
            connection.raw.execute("ROLLBACK")

    def _tick(self) -> bool:
        """Whether the quick connection has had its share of the event loop.

        A statement used again goes on counting its steps, so the first tick may come at any time.
        """
        self._ticks -= 1
        return self._ticks < 0

    # --- writing

    async def write(self, location: Location | None, work: Work[T]) -> T:
        waiting = PendingWrite(location, work)
        self._queue.append(waiting)
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        result: T = await waiting.future
        return result

    async def change_schema(self, location: Location, work: Work[T]) -> T:
        # One writer at a time already; a batch ends behind work that changed a schema.
        return await self.write(location, work)

    async def _drain(self) -> None:
        async with self._writing:
            while self._queue:
                try:
                    await self._begin()
                except (apsw.Error, StorageUnavailable) as error:
                    self._fail(list(self._queue), error)
                    self._queue.clear()
                    return
                await self._run_batch()

    async def _begin(self) -> None:
        raw = self._writer.raw
        raw.set_busy_timeout(0)
        try:
            raw.execute("BEGIN IMMEDIATE")
        except apsw.BusyError:
            # Another process writes: wait for it where waiting holds nobody up.
            raw.set_busy_timeout(LOCK_SECONDS * 1000)
            await self._off_loop("BEGIN IMMEDIATE")
        version = number_of(raw, "data_version")
        if version != self._data_version:
            self._data_version = version
            self._sole.clear()
            self._notice_catalog(self._catalog_in(raw))

    async def _run_batch(self) -> None:
        outcomes: list[tuple[PendingWrite, Any, BaseException | None]] = []
        deferred = BatchEnd()
        changed: set[int | None] = set()
        until = time.monotonic() + BATCH_SECONDS
        while self._queue:
            pending = self._queue.popleft()
            if pending.future.cancelled():
                continue
            tx = self._transaction(self._writer, pending.location)
            tx.deferred, tx.sole = BatchEnd(), self._sole
            result, error = self._attempt(tx, pending)
            if not self._writer.raw.in_transaction:
                # SQLite itself has rolled back everything, as it does when the disk is full: nobody's work was kept.
                outcomes.append((pending, None, error))
                break
            if isinstance(error, StaleSchemaError):
                self._retry(pending)
                break
            outcomes.append((pending, result, error))
            if error is None:
                deferred.merge(tx)
                if tx.cache.access_changed:
                    changed.add(None)
                elif tx.cache.schema_changed:
                    changed.add(tx.loc)
            if changed or time.monotonic() > until:
                break
        try:
            await self._commit(deferred, changed, any(error is None for _, _, error in outcomes))
        except BaseException as failure:
            self._rollback()
            self._sole.clear()
            self._fail([waiting for waiting, _, _ in outcomes], failure)
            return
        for waiting, result, refusal in outcomes:
            waiting.settle(result, refusal)

    def _attempt(self, tx: SqliteTransaction, pending: PendingWrite) -> tuple[Any, BaseException | None]:
        raw = self._writer.raw
        raw.execute("SAVEPOINT one")
        try:
            result = run_sync(run_work(pending.work, tx))
            raw.execute("RELEASE one")
        except BaseException as error:
            # A full disk or a failing one has rolled back everything already: the commit will notice.
            if raw.in_transaction:
                raw.execute("ROLLBACK TO one")
                raw.execute("RELEASE one")
            return None, self._unavailable(error) if isinstance(error, apsw.Error) else error
        return result, None

    def _forget(self, location: Location | None) -> None:
        self.cache.forget(None if location is None else location.number)

    def _retry(self, pending: PendingWrite) -> None:
        self._forget(pending.location)
        pending.attempts += 1
        if pending.attempts < ATTEMPTS:
            self._queue.append(pending)
        else:
            pending.settle(None, SchemaBusy())

    async def _commit(self, deferred: BatchEnd, changed: set[int | None], wrote: bool) -> None:
        raw = self._writer.raw
        if not raw.in_transaction:
            raise StorageUnavailable("The database rolled the transaction back")
        if not wrote:
            self._rollback()
            return
        run_sync(deferred.flush(self._writer, self._sole))
        version = None
        if changed:
            version = int(raw.execute(statements(self.engine)["bump_cache_version"]).fetchall()[0][0])
        if self._memory or self._synchronous == "OFF":
            raw.execute("COMMIT")
        else:
            await self._off_loop("COMMIT")
        self._commits += 1
        if deferred.events:
            self.work_available.set()
        for location in changed:
            self.cache.forget(location)
        if version is not None:
            self._catalog_version = version

    async def _off_loop(self, sql: str) -> None:
        await self._loop.run_in_executor(self._committer, self._writer.raw.execute, sql)

    def _rollback(self) -> None:
        # A failed COMMIT may have rolled back already.
        if self._writer.raw.in_transaction:
            self._writer.raw.execute("ROLLBACK")

    def _fail(self, waiting: list[PendingWrite], error: BaseException) -> None:
        refusal = self._unavailable(error) if isinstance(error, apsw.Error) else error
        for each in waiting:
            each.settle(None, refusal)

    # --- other processes, and quiet timestamps

    async def _watch(self) -> None:
        seen, commits = number_of(self._reader.raw, "data_version"), 0
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                self._end_reading()
                version = number_of(self._reader.raw, "data_version")
                if version != seen:
                    seen = version
                    self._merged_at = -1
                    self._notice_catalog(self._catalog_in(self._reader.raw))
                elif self._commits == commits != self._merged_at:
                    await self._merge_texts()
            except apsw.Error:
                # What another process may have changed cannot be seen now, so nothing remembered is sure.
                self.cache.forget()
            commits = self._commits

    async def _merge_texts(self) -> None:
        """Merges segments of the full-text table while nobody writes: a match then reads one instead of a dozen.

        In slices of a few milliseconds, each a transaction of its own, until done or until someone wants to write.
        """
        pages = -MERGE_PAGES
        while not self._queue:
            async with self._writing:
                raw = self._writer.raw
                before = raw.total_changes()
                await self._off_loop(f"INSERT INTO record_fts (record_fts, rank) VALUES ('merge', {pages})")
                if raw.total_changes() - before < 2:
                    self._merged_at = self._commits
                    return
            pages = MERGE_PAGES

    def _notice_catalog(self, version: int) -> None:
        if version != self._catalog_version:
            self._catalog_version = version
            self.cache.forget()

    def _catalog_in(self, raw: Any) -> int:
        return int(raw.execute(statements(self.engine)["cache_version"]).fetchall()[0][0])

    # --- the rest

    def _transaction(self, connection: SqliteConnection, location: Location | None) -> SqliteTransaction:
        return SqliteTransaction(connection, location, CacheView(self.cache), ids=self.ids)

    def _unavailable(self, error: BaseException) -> StorageUnavailable:
        return StorageUnavailable(f"The database is not available: {error}")

    async def ready(self) -> None:
        try:
            self._catalog_in(self._reader.raw)
        except (apsw.Error, AttributeError) as error:
            raise self._unavailable(error) from error

    async def measures(self) -> dict[str, float]:
        size = 0 if self._memory else Path(self.path).stat().st_size
        return {"write_queue": len(self._queue), "commits_total": self._commits, "database_bytes": size}
