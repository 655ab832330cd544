"""The PostgreSQL engine.

Many processes may share the database. Each listens for changes of schema and access, and drops everything
it has cached when its connection to the database is lost. Writers of a location hold a shared advisory lock on it, a
schema change the exclusive one; with the version condition in the write statements, no stale schema ever writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from importlib import resources
from typing import Any, TypeVar

import asyncpg

from groundlevel.kernel.errors import Refusal, SchemaBusy, StorageUnavailable
from groundlevel.kernel.ids import Ids
from groundlevel.kernel.model import Location
from groundlevel.kernel.storage import migrate
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.cache import EVERYTHING, Cache, CacheView, schema_topic
from groundlevel.kernel.storage.connection import ATTEMPTS, Connection, RunAgainError, StaleSchemaError
from groundlevel.kernel.storage.fair_slots import ScanLanes, limit_scan
from groundlevel.kernel.storage.images import Images
from groundlevel.kernel.storage.postgres.batching import LocationWriter
from groundlevel.kernel.storage.postgres.connection import (
    CONNECT_SECONDS,
    PooledConnection,
    PostgresConnection,
    connect,
    leads_to_pooler,
)
from groundlevel.kernel.storage.postgres.failures import (
    COMMIT_ERRORS,
    CONNECTION_LOST,
    DRIVER_ERRORS,
    RETRY,
    is_unavailable,
)
from groundlevel.kernel.storage.postgres.gathering import BorrowedConnection, GatheredReads
from groundlevel.kernel.storage.postgres.images import PostgresImages
from groundlevel.kernel.storage.postgres.pipelining import LITERALS, PREPARED, PipeliningConnection
from groundlevel.kernel.storage.postgres.pool import Pool
from groundlevel.kernel.storage.postgres.transaction import CHANNEL, COUNT_SLOTS, PostgresTransaction
from groundlevel.kernel.storage.transaction import Work, run_work

T = TypeVar("T")
MIGRATION_LOCK = 0x47724C76
SETUP_LOCK = 0x47724C73
LOCATION_LOCK = 0x47724C6F
"""Keys of our advisory locks, or first keys, so that they do not meet another program's."""
LISTEN_SECONDS = 0.2
"""How often the listening connection is checked, and reconnected when it was cut."""
SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresStorage(Storage):
    """A database named by a URL postgresql://…, which may be that of a pooler.

    A pooler gives each transaction another connection (decision 80). What PostgreSQL would keep for a connection is
    then not relied on, and processes hear of each other's changes only by `listen_url`, which leads past it.
    """

    engine = "postgres"

    def __init__(self, url: str, *, ids: Ids | None = None, pool_size: int = 10, listen_url: str | None = None) -> None:
        super().__init__()
        self.url = url
        self._listen_url = listen_url
        self._pooled = False
        self.cache = Cache()
        self.cache.trusted = False
        self.ids = ids or Ids()
        # Generic plans suit statements that touch a row by its key; a search is planned for its own values.
        self._pool = Pool(lambda: self._connect(**LITERALS), pool_size)
        self._lanes = ScanLanes(max(2, pool_size // 2))
        self._scans = Pool(lambda: self._connect(plan_cache_mode="force_custom_plan"), self._lanes.count)
        self._gathered = GatheredReads(self._pool, self._wrap)
        self._writers: dict[int, LocationWriter] = {}
        self._images = PostgresImages(
            self._pool.alone, lambda raw: self._transaction(self._wrap(raw), None), self.begin_generation
        )
        self._listener: Any = None
        self._settings: dict[str, str] = {}
        """What every connection is set to."""

    # --- opening and closing

    async def open(self) -> None:
        with DRIVER_ERRORS:
            first = await connect(self.url, pooled=True)
            try:
                self._pooled = await leads_to_pooler(first)
                await self._migrate(first)
                if not self._pooled and self._listen_url is None:
                    await self._listen(first)
            finally:
                if self._listener is not first:
                    await first.close()
            if self._pooled and self._listen_url is None:
                self.notices.append(
                    "a pooler stands before the database, so nothing is cached: `listen_database` names a way past it"
                )
                return
            if self._listener is None:
                await self._listen(await connect(self._listen_url or self.url))
        self.background.start("database listener", self._keep_listening)

    async def open_to_examine(self) -> None:
        self._settings = {"default_transaction_read_only": "on"}
        with DRIVER_ERRORS:
            connection = await connect(self.url, pooled=True)
            try:
                self._pooled = await leads_to_pooler(connection)
                async with connection.transaction(readonly=True):
                    await migrate.check(self._wrap(connection), self.engine)
            except asyncpg.UndefinedTableError as error:
                raise migrate.MigrationError("the database is empty") from error
            finally:
                await connection.close()

    @contextlib.asynccontextmanager
    async def exclusively(self) -> AsyncIterator[None]:
        with DRIVER_ERRORS:
            raw = await self._connect()
            try:
                # Held by a transaction, so that it ends with this process at the latest, also behind a pooler.
                await raw.execute(f"BEGIN; SELECT pg_advisory_xact_lock({SETUP_LOCK})")
                yield
            finally:
                await raw.close()

    async def _connect(self, **settings: str) -> Any:
        return await connect(self.url, pooled=self._pooled, **self._settings, **settings)

    def _wrap(self, raw: Any) -> PostgresConnection:
        return PooledConnection(raw) if self._pooled else PostgresConnection(raw)

    async def _migrate(self, raw: Any) -> None:
        connection = self._wrap(raw)
        async with raw.transaction():
            # Two servers that start together must not both migrate.
            await raw.execute(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            await migrate.apply(connection, self.engine, now=self.ids.now())
        try:
            async with raw.transaction():
                await raw.execute(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
                folder = resources.files("groundlevel") / "migrations" / self.engine
                await connection.script((folder / "trigrams.sql").read_text("utf-8"))
        except (
            asyncpg.FeatureNotSupportedError,
            asyncpg.UndefinedFileError,
            asyncpg.InsufficientPrivilegeError,
        ) as error:
            self.notices.append(
                f"text search runs without an index: the extensions pg_trgm and btree_gin cannot be had ({error})"
            )

    async def close(self) -> None:
        await self.background.stop()
        if self._listener is not None:
            with contextlib.suppress(*CONNECTION_LOST):
                await self._listener.close(timeout=2)
        for writer in self._writers.values():
            await writer.finish()
        for pool in (self._pool, self._scans):
            await pool.close(CONNECT_SECONDS)

    # --- work

    async def read(self, location: Location | None, work: Work[T]) -> T:
        if self._pooled:
            return await self._read_through_pooler(location, work)
        with DRIVER_ERRORS:
            for _ in range(ATTEMPTS):
                connection = BorrowedConnection(self._pool, self._wrap, self._gathered)
                try:
                    return await run_work(work, self._transaction(connection, location))
                except StaleSchemaError:
                    self._forget(location)
                finally:
                    connection.give_back()
            raise SchemaBusy

    async def _read_through_pooler(self, location: Location | None, work: Work[T]) -> T:
        with DRIVER_ERRORS:
            async with self._pool.acquire() as raw:
                for _ in range(ATTEMPTS):
                    with contextlib.suppress(StaleSchemaError):
                        return await self._within("BEGIN READ ONLY", raw, location, work)
                    self._forget(location)
                raise SchemaBusy

    async def scan(self, location: Location | None, work: Work[T], *, seconds: float = math.inf) -> T:
        async def attempt(limit: float) -> T:
            async with self._scans.acquire() as raw:
                for _ in range(ATTEMPTS):
                    with contextlib.suppress(StaleSchemaError):
                        return await self._within(SNAPSHOT, raw, location, work, limit)
                    self._forget(location)
                raise SchemaBusy

        with DRIVER_ERRORS:
            return await self._lanes.run(0 if location is None else location.number, attempt, seconds)

    async def _within(  # Parameters: the work and where it runs, how that begins, and how long it may take
        self, begin: str, raw: Any, location: Location | None, work: Work[T], seconds: float = math.inf
    ) -> T:
        """The result of reading work in a transaction of its own. Raises SearchTimedOut."""
        # A pooler may have it wait for one of its connections: that is not the work's time.
        await raw.execute(begin)
        try:
            async with limit_scan(seconds):
                return await run_work(work, self._transaction(self._wrap(raw), location))
        finally:
            await self._rollback(raw)

    def _forget(self, location: Location | None) -> None:
        if location is None:
            self.cache.forget()
        else:
            self.cache.forget((schema_topic(location.number),))

    async def write(self, location: Location | None, work: Work[T]) -> T:
        if location is None:
            return await self._write(None, work, "BEGIN")
        writer = self._writers.get(location.number)
        if writer is None:
            begin = f"BEGIN; SELECT pg_advisory_xact_lock_shared({LOCATION_LOCK}, {location.number})"
            writer = self._writers[location.number] = LocationWriter(
                lambda work: self._write(location, work, begin), lambda works: self._write_all(location, works, begin)
            )
        return await writer.submit(work)

    async def change_schema(self, location: Location, work: Work[T]) -> T:
        begin = f"BEGIN; SELECT pg_advisory_xact_lock({LOCATION_LOCK}, {location.number})"
        return await self._write(location, work, begin)

    def images(self) -> Images:
        return self._images

    async def _write_all(
        self, location: Location, works: list[Work[Any]], begin: str
    ) -> list[tuple[Any, BaseException | None]] | None:
        """The outcomes of all works in one transaction, or None when each has to run alone: nothing was kept then."""
        with DRIVER_ERRORS:
            async with self._pool.acquire() as raw:
                shared = self._start_pipelining(raw, begin)
                owed = self._writing(raw, location, shared)
                try:
                    outcomes = [await self._one_of_many(raw, location, owed, work) for work in works]
                    await self._complete(owed)
                except BaseException as error:
                    await self._undo(raw, shared)
                    if isinstance(error, Exception):
                        return None
                    raise
                try:
                    with COMMIT_ERRORS:
                        await shared.commit(())
                except (RunAgainError, asyncpg.PostgresError) as error:
                    await self._undo(raw, shared)
                    if is_unavailable(error):
                        raise
                    # A commit that the server refused has not happened, so each may run again.
                    return None
                self._tell(owed)
                return outcomes

    async def _one_of_many(
        self, raw: Any, location: Location, owed: PostgresTransaction, work: Work[Any]
    ) -> tuple[Any, BaseException | None]:
        """The outcome of a piece of work; `owed` takes over what it wants stored at the end."""
        pipelined = owed.writing
        tx = self._writing(raw, location, pipelined)
        pipelined.changed = False
        try:
            result = await run_work(work, tx)
        except Refusal as refusal:
            if pipelined.changed:
                raise
            return None, refusal
        if tx.changed_topics:
            raise RuntimeError("a change of what processes cache has to run alone")
        owed.events.extend(tx.events)
        owed.log.extend(tx.log.changes_of(location.number))
        return result, None

    async def _write(self, location: Location | None, work: Work[T], begin: str) -> T:
        refusal: Refusal = SchemaBusy()
        for _ in range(ATTEMPTS):
            with DRIVER_ERRORS:
                async with self._pool.acquire() as raw:
                    pipelined = self._start_pipelining(raw, begin)
                    tx = self._writing(raw, location, pipelined)
                    try:
                        result = await run_work(work, tx)
                        await self._complete(tx)
                        with COMMIT_ERRORS:
                            await pipelined.commit(tx.notices)
                    except RunAgainError as error:
                        await self._undo(raw, pipelined)
                        if isinstance(error, StaleSchemaError):
                            self._forget(location)
                        refusal = error.refusal or SchemaBusy()
                        continue
                    except RETRY:
                        await self._undo(raw, pipelined)
                        refusal = StorageUnavailable("Other writers were in the way each time")
                        continue
                    except BaseException:
                        await self._undo(raw, pipelined)
                        raise
                    if tx.changed_topics:
                        self.cache.forget(tx.changed_topics)
                    self._tell(tx)
                    return result
        raise refusal

    def _tell(self, tx: PostgresTransaction) -> None:
        """Tells those who wait in this process what a transaction has committed."""
        if tx.events:
            self.work_available.set()
        if changes := tx.log.changes_of(tx.location_number):
            self.change_signal.send(loc for loc, _, _ in changes)

    async def _complete(self, tx: PostgresTransaction) -> None:
        """Pipelines everything that a transaction still owes before its COMMIT."""
        await tx.writing.flush_inserts()
        if tx.writing.changed_objects:
            await tx.writing.run(tx.sql["note_changes"], tx.loc, sorted(tx.writing.changed_objects), tx.slot)
        for statement, args in tx.owed_statements():
            await tx.writing.run(statement, *args)

    def _start_pipelining(self, raw: Any, begin: str) -> PipeliningConnection:
        prepared = None if self._pooled else PREPARED.setdefault(raw, {})
        return PipeliningConnection(self._wrap(raw), begin, prepared)

    def _writing(self, raw: Any, location: Location | None, pipelined: PipeliningConnection) -> PostgresTransaction:
        tx = self._transaction(pipelined, location)
        tx.writing = pipelined
        # Connections of one pool tend to have neighbouring process numbers, so they rarely share a slot.
        tx.slot = raw.get_server_pid() % COUNT_SLOTS
        return tx

    async def _undo(self, raw: Any, pipelined: PipeliningConnection) -> None:
        if pipelined.begun:
            await self._rollback(raw)

    async def _rollback(self, raw: Any) -> None:
        # On a lost connection there is nothing to undo: the server has done it.
        with contextlib.suppress(*CONNECTION_LOST):
            await raw.execute("ROLLBACK")

    def _transaction(self, connection: Connection, location: Location | None) -> PostgresTransaction:
        tx = PostgresTransaction(connection, location, CacheView(self.cache), ids=self.ids)
        tx.log.is_on, tx.log.author = self.audited, self.author
        return tx

    # --- other processes

    async def _listen(self, connection: Any) -> None:
        await connection.add_listener(CHANNEL, self._receive_notice)
        self._listener = connection
        self.cache.trust()

    def _receive_notice(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        # A process of an earlier version sends a number, or nothing.
        topic = str(payload)
        self.cache.forget((topic if "/" in topic else EVERYTHING,))

    async def _keep_listening(self) -> None:
        """Reconnects when the connection is lost; until then nothing is cached, so nothing can be stale."""
        while True:
            await asyncio.sleep(LISTEN_SECONDS)
            if self._listener.is_closed():
                self.cache.distrust()
                with contextlib.suppress(*CONNECTION_LOST, StorageUnavailable):
                    await self._listen(await connect(self._listen_url or self.url))

    # --- the rest

    async def ready(self) -> None:
        with DRIVER_ERRORS:
            async with self._pool.acquire() as raw, raw.transaction():
                if await raw.fetchval("SELECT current_setting('transaction_read_only') = 'on'"):
                    raise StorageUnavailable("The database takes no writes: it is read-only or a standby")

    async def measures(self) -> dict[str, float]:
        return {
            "connections": self._pool.opened + self._scans.opened + 1,
            "connections_idle": self._pool.idle + self._scans.idle,
        }
