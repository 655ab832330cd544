"""The embedded engine: one file, one writer, many use cases to a commit.

One process holds the file. Use cases run on the event loop, each inside its own SAVEPOINT, and whatever has gathered
while the last commit was being synced shares the next one (decision 0002). The commit itself waits for the
disk in a helper thread. Searches begin on the loop, and on a thread again if they take long (decision 0008).
"""

# Long: the queue, the one writer and what watches its file share their state.
from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import apsw

from groundlevel.kernel.errors import SchemaBusy, StorageUnavailable
from groundlevel.kernel.ids import Ids
from groundlevel.kernel.model import Location
from groundlevel.kernel.storage import migrate
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.cache import Cache, CacheView, schema_topic
from groundlevel.kernel.storage.connection import ATTEMPTS, RunAgainError, StaleSchemaError, run_sync
from groundlevel.kernel.storage.fault_log import FaultLog
from groundlevel.kernel.storage.images import Images
from groundlevel.kernel.storage.pending_write import PendingWrite
from groundlevel.kernel.storage.sqlite.connection import LOCK_SECONDS, SqliteConnection, number_of, prepare
from groundlevel.kernel.storage.sqlite.copying import copy_database, has_room_for_copy
from groundlevel.kernel.storage.sqlite.files import DatabaseFiles
from groundlevel.kernel.storage.sqlite.images import SqliteImages
from groundlevel.kernel.storage.sqlite.scans import Scans
from groundlevel.kernel.storage.sqlite.transaction import BatchEnd, ExclusiveState, SqliteTransaction
from groundlevel.kernel.storage.statements import statements
from groundlevel.kernel.storage.transaction import Transaction, Work, run_work

T = TypeVar("T")
BATCH_SECONDS = 0.01
"""How long use cases may run before the batch commits, even if more are waiting."""
WATCH_SECONDS = 0.2
"""How often changes made by other processes are looked for; a revoked token stops within this."""
MERGE_PAGES = 400
"""Pages of the full-text table merged at a time."""
_OF_THE_FILE = (
    apsw.FullError,
    apsw.ReadOnlyError,
    apsw.IOError,
    apsw.CantOpenError,
    apsw.CorruptError,
    apsw.NotADBError,
    apsw.PermissionsError,
)
"""Errors that say that no other write will do better."""


async def _probe(tx: Transaction) -> None:
    """Writes what is there already, to find out whether that can be done."""
    await tx.connection.run(tx.sql["probe_writing"])


class SqliteStorage(Storage):
    """A file, or `:memory:` for tests."""

    engine = "sqlite"

    def __init__(  # Parameters: each is a setting of its own.
        self,
        path: str,
        *,
        ids: Ids | None = None,
        synchronous: str = "FULL",
        scan_seconds: float = math.inf,
        copy_before_migration: bool = False,
    ) -> None:
        super().__init__()
        self.path = path
        self.cache = Cache()
        self.ids = ids or Ids()
        self._memory = path == ":memory:"
        self._files = DatabaseFiles(path)
        self._faults = FaultLog()
        self._synchronous = synchronous
        self._copy_before_migration = copy_before_migration
        self._queue: deque[PendingWrite] = deque()
        self._draining: asyncio.Task[None] | None = None
        self._committer = ThreadPoolExecutor(1, "commit")
        self._scans = Scans(lambda: SqliteConnection(self._connect()), self._transaction, self._forget)
        self._flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        self._reading = False
        self._catalog_version = 0
        self._data_version = 0
        self._sole = ExclusiveState()
        self._commits = 0
        self._merged_at = -1
        self._writing = asyncio.Lock()
        self._interruptions = 0
        """How many wait to have the database alone, before whom no further batch begins."""
        self._images = SqliteImages(
            self._alone, lambda raw: self._transaction(SqliteConnection(raw), None), self._replace
        )

    # --- opening and closing

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            if self._memory:
                self._writer = self._reader = SqliteConnection(self._connect())
                await self._migrate()
            else:
                self._files.create()
                self.notices.extend(self._files.restrict())
                # Processes that start together would be in each other's way when they change the journal's mode.
                async with self._files.lock():
                    self._writer = SqliteConnection(self._connect())
                    await self._migrate()
                self._open_readers()
                self._files.remember()
        except (apsw.Error, OSError) as error:
            raise self._unavailable(error) from error
        self._catalog_version = self._catalog_in(self._reader.raw)
        if not self._memory:
            self.background.start("database watcher", self._watch)

    async def open_to_examine(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._flags = apsw.SQLITE_OPEN_READONLY
        try:
            self._writer = SqliteConnection(self._connect())
            await migrate.check(self._writer, self.engine)
            self._open_readers()
            self._files.remember()
        except apsw.CantOpenError as error:
            raise StorageUnavailable(f"There is no database at {self.path}, or it cannot be read: {error}") from error
        except apsw.SQLError as error:
            raise migrate.MigrationError(f"{self.path} holds no database of this program: {error}") from error
        except (apsw.Error, OSError) as error:
            raise self._unavailable(error) from error

    def _open_readers(self) -> None:
        self._reader = SqliteConnection(self._connect())
        self._scans.open()

    @contextlib.asynccontextmanager
    async def exclusively(self) -> AsyncIterator[None]:
        if self._memory:
            yield
            return
        async with self._files.lock():
            yield

    def _connect(self) -> apsw.Connection:
        raw = apsw.Connection(self.path, flags=self._flags, statementcachesize=300)
        # Else a statement is prepared anew at each use whenever its plan might depend on an argument, as of a LIMIT.
        raw.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        prepare(raw, synchronous=self._synchronous, examine=self._flags == apsw.SQLITE_OPEN_READONLY)
        return raw

    async def _migrate(self) -> None:
        raw = self._writer.raw
        raw.execute("BEGIN IMMEDIATE")
        try:
            if self._copy_before_migration and not self._memory:
                await self._keep_copy()
            await migrate.apply(self._writer, self.engine, now=self.ids.now())
        except BaseException:
            raw.execute("ROLLBACK")
            raise
        raw.execute("COMMIT")

    async def _keep_copy(self) -> None:
        """Copies a database that is about to be migrated, on another connection: no other process writes now."""
        version = await migrate.find_outdated_version(self._writer, self.engine)
        if version is None:
            return
        path = Path(self.path).absolute()
        if not has_room_for_copy(path):
            self.notices.append("it was migrated without a copy of it, for which the disk has no room")
            return
        copy, unfinished = Path(f"{path}.schema-{version}"), Path(f"{path}.copying")
        # What a crash left unfinished is of no use.
        unfinished.unlink(missing_ok=True)
        await asyncio.to_thread(copy_database, path, unfinished)
        unfinished.replace(copy)
        self.notices.append(f"it was migrated from schema version {version}; {copy} is what it was before")

    async def close(self) -> None:
        await self.background.stop()
        while self._draining is not None and not self._draining.done():
            await asyncio.wait([self._draining])
        self._committer.shutdown()
        self._scans.close()
        self._end_reading()
        for raw in (self._reader.raw, self._writer.raw):
            raw.close()

    # --- reading

    async def read(self, location: Location | None, work: Work[T]) -> T:
        for _ in range(ATTEMPTS):
            try:
                if not self._reading and not self._memory:
                    self._begin_reading()
                return run_sync(run_work(work, self._transaction(self._reader, location)))
            except StaleSchemaError:
                self._forget(location)
                self._end_reading()
            except apsw.Error as error:
                raise self._unavailable(error) from error
        raise SchemaBusy

    def _begin_reading(self) -> None:
        """Lets all reads of one turn of the event loop share a snapshot, and so the locks that taking one costs.

        It ends before the next turn's reads: a client that has seen a write acknowledged asks in a later turn.
        """
        self._reader.raw.execute("BEGIN")
        self._reading = True
        self._loop.call_soon(self._end_reading)

    def _end_reading(self) -> None:
        if self._reading:
            self._reading = False
            self._reader.raw.execute("COMMIT")

    async def scan(self, location: Location | None, work: Work[T], *, seconds: float = math.inf) -> T:
        if self._memory:
            return await self.read(location, work)
        try:
            return await self._scans.run(location, work, seconds)
        except apsw.Error as error:
            raise self._unavailable(error) from error

    # --- writing

    async def write(self, location: Location | None, work: Work[T]) -> T:
        waiting = PendingWrite(location, work)
        self._queue.append(waiting)
        self._ensure_draining()
        result: T = await waiting.future
        return result

    def _ensure_draining(self) -> None:
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[apsw.Connection]:
        """The writing connection while no work runs. What has come meanwhile runs afterwards."""
        self._interruptions += 1
        try:
            async with self._writing:
                self._end_reading()
                yield self._writer.raw
        finally:
            self._interruptions -= 1
            if self._queue:
                self._ensure_draining()

    def images(self) -> Images:
        return self._images

    def _replace(self) -> None:
        """Takes note that every row was replaced."""
        self._sole.clear()
        self._catalog_version = self._catalog_in(self._writer.raw)
        self._commits += 1
        self.begin_generation()

    async def change_schema(self, location: Location, work: Work[T]) -> T:
        # One writer at a time already; a batch ends behind work that changed a schema.
        return await self.write(location, work)

    async def _drain(self) -> None:
        async with self._writing:
            while self._queue and not self._interruptions:
                try:
                    await self._begin()
                except Exception as error:
                    self._fail(list(self._queue), error)
                    self._queue.clear()
                    return
                await self._run_batch()

    async def _begin(self) -> None:
        self._check_files()
        raw = self._writer.raw
        raw.set_busy_timeout(0)
        try:
            raw.execute("BEGIN IMMEDIATE")
        except apsw.BusyError:
            # Another process writes: wait for it where waiting blocks no request.
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
        changed: set[str] = set()
        until = time.monotonic() + BATCH_SECONDS
        while self._queue:
            pending = self._queue.popleft()
            if pending.future.cancelled():
                continue
            tx = self._transaction(self._writer, pending.location)
            tx.deferred, tx.sole = BatchEnd(), self._sole
            result, error = self._attempt(tx, pending)
            if not self._writer.raw.in_transaction:
                # SQLite itself has rolled back everything, as it does when the disk is full: no work was kept.
                outcomes.append((pending, None, error))
                break
            if isinstance(error, RunAgainError):
                self._retry(pending, error)
                break
            outcomes.append((pending, result, error))
            if error is None:
                deferred.merge(tx)
                if tx.cache.changed:
                    changed |= tx.cache.changed_topics(tx.location_number)
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
            waiting.resolve(result, refusal)

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
            if isinstance(error, apsw.Error):
                if isinstance(error, _OF_THE_FILE):
                    self._faults.begin(str(error))
                return None, self._unavailable(error)
            return None, error
        return result, None

    def _forget(self, location: Location | None) -> None:
        if location is None:
            self.cache.forget()
        else:
            self.cache.forget((schema_topic(location.number),))

    def _retry(self, pending: PendingWrite, error: RunAgainError) -> None:
        if isinstance(error, StaleSchemaError):
            self._forget(pending.location)
        pending.attempts += 1
        if pending.attempts < ATTEMPTS:
            self._queue.append(pending)
        else:
            pending.resolve(None, error.refusal or SchemaBusy())

    async def _commit(self, deferred: BatchEnd, changed: set[str], wrote: bool) -> None:
        raw = self._writer.raw
        if not raw.in_transaction:
            raise StorageUnavailable("The database rolled the transaction back")
        if not wrote:
            self._rollback()
            return
        run_sync(deferred.flush(self._writer, self._sole, now=self.ids.now()))
        version = None
        if changed:
            version = int(raw.execute(statements(self.engine)["bump_cache_version"].sql).fetchall()[0][0])
        if self._memory or self._synchronous == "OFF":
            raw.execute("COMMIT")
        else:
            await self._off_loop("COMMIT")
        self._check_files()
        self._faults.end()
        self._commits += 1
        if deferred.events:
            self.work_available.set()
        if deferred.changes:
            self.change_signal.send(loc for loc, _, _ in deferred.changes)
        if changed:
            self.cache.forget(changed)
        if version is not None:
            self._catalog_version = version

    def _check_files(self) -> None:
        """Raises StorageUnavailable when what is written now would be written into a file that is gone."""
        problem = "" if self._memory else self._files.problem()
        if problem:
            raise StorageUnavailable(f"The database is not available: {problem}")

    async def _off_loop(self, sql: str) -> None:
        await self._loop.run_in_executor(self._committer, self._writer.raw.execute, sql)

    def _rollback(self) -> None:
        # A failed COMMIT may have rolled back already.
        if self._writer.raw.in_transaction:
            self._writer.raw.execute("ROLLBACK")

    def _fail(self, waiting: list[PendingWrite], error: BaseException) -> None:
        refusal = self._unavailable(error) if isinstance(error, apsw.Error) else error
        if isinstance(refusal, StorageUnavailable):
            self._faults.begin(str(error) if isinstance(error, apsw.Error) else refusal.message)
        for each in waiting:
            each.resolve(None, refusal)

    # --- other processes, and quiet timestamps

    async def _watch(self) -> None:
        seen, commits = number_of(self._reader.raw, "data_version"), 0
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            await self._watch_files()
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
                # What another process may have changed cannot be seen now, so nothing cached is sure.
                self.cache.forget()
            commits = self._commits

    async def _watch_files(self) -> None:
        """Notices files that are gone, and that a database that took no writes takes them again."""
        problem = self._files.problem()
        if problem:
            self._faults.begin(problem)
        elif self._faults.problem:
            with contextlib.suppress(StorageUnavailable):
                await self.write(None, _probe)

    async def _merge_texts(self) -> None:
        """Merges segments of the full-text table while nothing else writes: a match then reads one instead of a dozen.

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
        return int(raw.execute(statements(self.engine)["cache_version"].sql).fetchall()[0][0])

    # --- the rest

    def _transaction(self, connection: SqliteConnection, location: Location | None) -> SqliteTransaction:
        tx = SqliteTransaction(connection, location, CacheView(self.cache), ids=self.ids)
        tx.log.is_on, tx.log.author = self.audited, self.author
        return tx

    def _unavailable(self, error: BaseException) -> StorageUnavailable:
        return StorageUnavailable(f"The database is not available: {error}")

    async def ready(self) -> None:
        if self._faults.problem:
            raise StorageUnavailable(f"The database takes no writes: {self._faults.problem}")
        try:
            self._catalog_in(self._reader.raw)
        except (apsw.Error, AttributeError) as error:
            raise self._unavailable(error) from error

    async def measures(self) -> dict[str, float]:
        size = 0 if self._memory else self._files.size()
        return {"write_queue": len(self._queue), "commits_total": self._commits, "database_bytes": size}
