"""The PostgreSQL engine.

Many processes may share the database. Each listens for changes of schema and access, and drops everything it
remembers when the line to the database is cut. Writers of a location hold a shared advisory lock on it, a schema
change the exclusive one; together with the version condition in the write statements no stale schema ever writes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from importlib import resources
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import asyncpg

from groundlevel.kernel.errors import Refusal, SchemaBusy, StorageUnavailable
from groundlevel.kernel.ids import Ids
from groundlevel.kernel.model import Event, Location
from groundlevel.kernel.storage import migrate
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.cache import Cache, CacheView
from groundlevel.kernel.storage.connection import Connection, Row, StaleSchemaError
from groundlevel.kernel.storage.postgres.batching import LocationWriter
from groundlevel.kernel.storage.postgres.pipelining import LITERALS, PipeliningConnection
from groundlevel.kernel.storage.postgres.pool import Pool
from groundlevel.kernel.storage.postgres.transaction import CHANNEL, COUNT_SLOTS, PostgresTransaction
from groundlevel.kernel.storage.transaction import Work, run_work

T = TypeVar("T")
CONNECT_SECONDS = 10
MIGRATION_LOCK = 0x47724C76
LOCATION_LOCK = 0x47724C6F
"""First keys of our advisory locks, so that they do not meet another program's."""
ATTEMPTS = 5
LISTEN_SECONDS = 0.2
"""How often the listening connection is checked, and reconnected when it was cut."""
_CONNECTION_LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection whose end the driver has not yet noticed
    asyncio.TimeoutError,
)
_UNAVAILABLE = (
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)
_NO_EXTENSION = (asyncpg.FeatureNotSupportedError, asyncpg.UndefinedFileError, asyncpg.InsufficientPrivilegeError)
_RETRY = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)


class _DriverErrors:
    """Turns the driver's troubles into ours; the one place where that happens."""

    def __enter__(self) -> None:
        """Does nothing."""

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, (*_CONNECTION_LOST, *_UNAVAILABLE)):
            raise StorageUnavailable(f"The database is not available: {error or type(error).__name__}") from error


class _StaleSchema:
    """Makes of a division by zero what the one statement that divides means by it: see add_records."""

    def __enter__(self) -> None:
        """Does nothing."""

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, asyncpg.DivisionByZeroError):
            raise StaleSchemaError from error


_DRIVER_ERRORS = _DriverErrors()
_STALE_SCHEMA = _StaleSchema()


class PostgresConnection(Connection):
    """A connection of asyncpg; statements are prepared once for each connection."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    async def rows(self, sql: str, *args: object) -> list[Row]:
        rows: list[Row] = await self.raw.fetch(sql, *args)
        return rows

    async def row(self, sql: str, *args: object) -> Row | None:
        row: Row | None = await self.raw.fetchrow(sql, *args)
        return row

    async def run(self, sql: str, *args: object) -> None:
        # fetch runs a prepared statement like any other and asks for no rows that are not there.
        with _STALE_SCHEMA:
            await self.raw.fetch(sql, *args)

    async def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        await self.raw.executemany(sql, rows)

    async def script(self, sql: str) -> None:
        with _STALE_SCHEMA:
            await self.raw.execute(sql)


class PostgresStorage(Storage):
    """A database named by a URL postgresql://…"""

    engine = "postgres"

    def __init__(self, url: str, *, ids: Ids | None = None, pool_size: int = 10) -> None:
        super().__init__()
        self.url = url
        self.cache = Cache()
        self.cache.trusted = False
        self.ids = ids or Ids()
        # Generic plans suit statements that touch a row by its key; a search is planned for its own values.
        self._pool = Pool(lambda: self._connect(**LITERALS), pool_size)
        self._scans = Pool(lambda: self._connect(plan_cache_mode="force_custom_plan"), max(2, pool_size // 2))
        self._prepared: WeakKeyDictionary[Any, dict[str, bool]] = WeakKeyDictionary()
        """What each connection has prepared by name."""
        self._lanes: dict[int, LocationWriter] = {}
        self._listener: Any = None

    # --- opening and closing

    async def open(self) -> None:
        with _DRIVER_ERRORS:
            connection = await self._connect()
            try:
                await self._migrate(connection)
            finally:
                await connection.close()
            await self._listen()
        self.background.start("database listener", self._keep_listening)

    async def _connect(self, **settings: str) -> Any:
        return await asyncpg.connect(self.url, timeout=CONNECT_SECONDS, server_settings=settings)

    async def _migrate(self, raw: Any) -> None:
        connection = PostgresConnection(raw)
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
        with contextlib.suppress(*_CONNECTION_LOST):
            await self._listener.close(timeout=2)
        for lane in self._lanes.values():
            await lane.finish()
        for pool in (self._pool, self._scans):
            await pool.close(CONNECT_SECONDS)

    # --- work

    async def read(self, location: Location | None, work: Work[T]) -> T:
        with _DRIVER_ERRORS:
            async with self._pool.acquire() as raw:
                try:
                    return await run_work(work, self._transaction(raw, location))
                except StaleSchemaError:
                    self._forget(location)
                    return await work(self._transaction(raw, location))

    async def scan(self, location: Location | None, work: Work[T]) -> T:
        with _DRIVER_ERRORS:
            async with self._scans.acquire() as raw:
                try:
                    return await self._snapshot(raw, location, work)
                except StaleSchemaError:
                    self._forget(location)
                    return await self._snapshot(raw, location, work)

    async def _snapshot(self, raw: Any, location: Location | None, work: Work[T]) -> T:
        await raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            return await run_work(work, self._transaction(raw, location))
        finally:
            await self._rollback(raw)

    def _forget(self, location: Location | None) -> None:
        self.cache.forget(None if location is None else location.number)

    async def write(self, location: Location | None, work: Work[T]) -> T:
        if location is None:
            return await self._write(None, work, "BEGIN")
        lane = self._lanes.get(location.number)
        if lane is None:
            begin = f"BEGIN; SELECT pg_advisory_xact_lock_shared({LOCATION_LOCK}, {location.number})"
            lane = self._lanes[location.number] = LocationWriter(
                lambda work: self._write(location, work, begin), lambda works: self._write_all(location, works, begin)
            )
        return await lane.submit(work)

    async def change_schema(self, location: Location, work: Work[T]) -> T:
        begin = f"BEGIN; SELECT pg_advisory_xact_lock({LOCATION_LOCK}, {location.number})"
        return await self._write(location, work, begin)

    async def _write_all(
        self, location: Location, works: list[Work[Any]], begin: str
    ) -> list[tuple[Any, BaseException | None]] | None:
        """The outcomes of all works in one transaction, or None when each has to run alone: nothing was kept then."""
        with _DRIVER_ERRORS:
            async with self._pool.acquire() as raw:
                shared = self._pipelined(raw, begin)
                events: list[Event] = []
                try:
                    outcomes = [await self._one_of_many(raw, location, (shared, events), work) for work in works]
                    await self._complete(self._writing(raw, location, shared), events)
                except BaseException as error:
                    await self._undo(raw, shared)
                    if isinstance(error, Exception):
                        return None
                    raise
                try:
                    await shared.commit(None)
                except (StaleSchemaError, asyncpg.PostgresError) as error:
                    await self._undo(raw, shared)
                    # A commit whose answer is lost may have happened, and nothing may run again; a refused one has not.
                    if isinstance(error, (*_CONNECTION_LOST, *_UNAVAILABLE)):
                        raise
                    return None
                if events:
                    self.work_available.set()
                return outcomes

    async def _one_of_many(
        self, raw: Any, location: Location, shared: tuple[PipeliningConnection, list[Event]], work: Work[Any]
    ) -> tuple[Any, BaseException | None]:
        pipelined, events = shared
        tx = self._writing(raw, location, pipelined)
        pipelined.changed = False
        try:
            result = await run_work(work, tx)
        except Refusal as refusal:
            if pipelined.changed:
                raise
            return None, refusal
        if tx.notice is not None:
            raise RuntimeError("a change that other processes must hear of has to run alone")
        events.extend(tx.events)
        return result, None

    async def _write(self, location: Location | None, work: Work[T], begin: str) -> T:
        for _ in range(ATTEMPTS):
            with _DRIVER_ERRORS:
                async with self._pool.acquire() as raw:
                    pipelined = self._pipelined(raw, begin)
                    tx = self._writing(raw, location, pipelined)
                    try:
                        result = await run_work(work, tx)
                        await self._complete(tx, tx.events)
                        await pipelined.commit(tx.notice)
                    except StaleSchemaError:
                        await self._undo(raw, pipelined)
                        self._forget(location)
                        continue
                    except _RETRY:
                        await self._undo(raw, pipelined)
                        continue
                    except BaseException:
                        await self._undo(raw, pipelined)
                        raise
                    if tx.cache.schema_changed or tx.cache.access_changed:
                        self.cache.forget(None if tx.cache.access_changed else tx.loc)
                    if tx.events:
                        self.work_available.set()
                    return result
        raise SchemaBusy

    async def _complete(self, tx: PostgresTransaction, events: list[Event]) -> None:
        """Gathers all that belongs to a transaction beside its COMMIT."""
        await tx.writing.settle()
        for sql, args in tx.event_statements(events):
            await tx.writing.run(sql, *args)

    def _pipelined(self, raw: Any, begin: str) -> PipeliningConnection:
        return PipeliningConnection(PostgresConnection(raw), begin, self._prepared.setdefault(raw, {}))

    def _writing(self, raw: Any, location: Location | None, pipelined: PipeliningConnection) -> PostgresTransaction:
        tx = self._transaction(raw, location, pipelined)
        tx.writing = pipelined
        return tx

    async def _undo(self, raw: Any, pipelined: PipeliningConnection) -> None:
        if pipelined.begun:
            await self._rollback(raw)

    async def _rollback(self, raw: Any) -> None:
        # On a lost connection there is nothing to undo: the server has done it.
        with contextlib.suppress(*_CONNECTION_LOST):
            await raw.execute("ROLLBACK")

    def _transaction(
        self, raw: Any, location: Location | None, connection: Connection | None = None
    ) -> PostgresTransaction:
        tx = PostgresTransaction(connection or PostgresConnection(raw), location, CacheView(self.cache), ids=self.ids)
        # Connections of one pool tend to have neighbouring process numbers, so they rarely share a slot.
        tx.slot = raw.get_server_pid() % COUNT_SLOTS
        return tx

    # --- other processes

    async def _listen(self) -> None:
        self._listener = await self._connect()
        await self._listener.add_listener(CHANNEL, self._hear)
        self.cache.trust()

    def _hear(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        text = str(payload)
        self.cache.forget(int(text) if text.isdigit() else None)

    async def _keep_listening(self) -> None:
        """Reconnects when the line is cut; in between nothing is remembered, so nothing can be stale."""
        while True:
            await asyncio.sleep(LISTEN_SECONDS)
            if self._listener.is_closed():
                self.cache.distrust()
                with contextlib.suppress(*_CONNECTION_LOST, *_UNAVAILABLE):
                    await self._listen()

    # --- the rest

    async def ready(self) -> None:
        with _DRIVER_ERRORS:
            async with self._pool.acquire() as raw:
                await raw.fetchval("SELECT 1")

    async def measures(self) -> dict[str, float]:
        return {
            "connections": self._pool.opened + self._scans.opened + 1,
            "connections_idle": self._pool.idle + self._scans.idle,
        }
