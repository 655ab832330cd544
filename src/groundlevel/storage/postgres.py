"""The PostgreSQL engine; the only module that imports asyncpg.

Many processes may share the database. Each listens for changes of schema and access, and drops everything it
remembers when the line to the database is cut. Writers of a location hold a shared advisory lock on it, a schema
change the exclusive one; together with the version condition in the write statements no stale schema ever writes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from importlib import resources
from typing import Any, TypeVar

import asyncpg

from groundlevel.errors import Refusal, SchemaBusy, StorageUnavailable
from groundlevel.ids import Ids
from groundlevel.model import Location
from groundlevel.storage import migrate
from groundlevel.storage.base import Connection, Row, StaleSchemaError, Storage, Work
from groundlevel.storage.catalog import Catalog
from groundlevel.storage.postgres_lane import Lane, SharedConnection
from groundlevel.storage.postgres_transaction import COUNT_SLOTS, PostgresTransaction

T = TypeVar("T")
CHANNEL = "groundlevel_catalog"
MIGRATION_LOCK = 0x47724C76
LOCATION_LOCK = 0x47724C6F
"""First keys of our advisory locks, so that they do not meet another program's."""
ATTEMPTS = 5
LISTEN_SECONDS = 0.2
"""How often the listening connection is checked, and reconnected when it was cut."""
_LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection whose end the driver has not yet noticed
    asyncio.TimeoutError,
)
_UNABLE = (
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)
_NO_EXTENSION = (asyncpg.FeatureNotSupportedError, asyncpg.UndefinedFileError, asyncpg.InsufficientPrivilegeError)
_RETRY = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)


async def _leave(_connection: object) -> None:
    """Nothing to reset when a connection goes back: every transaction was ended and no session state is ever set.

    The driver's own reset would cost each request a round trip.
    """


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
        await self.raw.fetch(sql, *args)

    async def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        await self.raw.executemany(sql, rows)

    async def script(self, sql: str) -> None:
        await self.raw.execute(sql)


class PostgresStorage(Storage):
    """A database named by a URL postgresql://…"""

    engine = "postgres"

    def __init__(self, url: str, *, ids: Ids | None = None, pool_size: int = 10) -> None:
        super().__init__()
        self.url = url
        self.catalog = Catalog()
        self.catalog.trusted = False
        self.ids = ids or Ids()
        self._pool_size = pool_size
        self._lanes: dict[int, Lane] = {}
        self._listener: Any = None
        self._listening: asyncio.Task[None] | None = None

    # --- opening and closing

    async def open(self) -> None:
        async with self._refusals():
            connection = await asyncpg.connect(self.url, timeout=10)
            try:
                await self._migrate(connection)
            finally:
                await connection.close()
            # Generic plans suit statements that touch a row by its key; a search is planned for its own values.
            self._pool = await asyncpg.create_pool(
                self.url, min_size=1, max_size=self._pool_size, timeout=10, reset=_leave
            )
            self._scans = await asyncpg.create_pool(
                self.url,
                min_size=1,
                max_size=max(2, self._pool_size // 2),
                timeout=10,
                reset=_leave,
                server_settings={"plan_cache_mode": "force_custom_plan"},
            )
            await self._listen()
        self._listening = asyncio.create_task(self._keep_listening())

    async def _migrate(self, raw: Any) -> None:
        connection = PostgresConnection(raw)
        async with raw.transaction():
            # Two servers that start together must not both migrate.
            await raw.execute(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            await migrate.apply(connection, self.engine, now=self.ids.now())
        try:
            async with raw.transaction():
                await raw.execute(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
                folder = resources.files("groundlevel.storage") / "migrations" / self.engine
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
        await self.dismiss()
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
        with contextlib.suppress(*_LOST):
            await self._listener.close(timeout=2)
        for lane in self._lanes.values():
            await lane.finish()
        for pool in (self._pool, self._scans):
            await pool.close()

    # --- work

    async def read(self, location: Location | None, work: Work[T]) -> T:
        async with self._refusals(), self._pool.acquire() as raw:
            return await work(self._transaction(raw, location))

    async def scan(self, location: Location | None, work: Work[T]) -> T:
        async with (
            self._refusals(),
            self._scans.acquire() as raw,
            raw.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await work(self._transaction(raw, location))

    async def write(self, location: Location | None, work: Work[T]) -> T:
        if location is None:
            return await self._write(None, work, "BEGIN")
        lane = self._lanes.get(location.number)
        if lane is None:
            begin = f"BEGIN; SELECT pg_advisory_xact_lock_shared({LOCATION_LOCK}, {location.number})"
            lane = self._lanes[location.number] = Lane(
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
        async with self._refusals(), self._pool.acquire() as raw:
            shared = SharedConnection(PostgresConnection(raw))
            try:
                await raw.execute(begin)
                outcomes = [await self._one_of_many(raw, location, shared, work) for work in works]
                if shared.held:
                    await shared.add_held()
            except Exception:
                await self._rollback(raw)
                return None
            # Beyond this point nothing may run again: a commit whose answer is lost may have happened.
            await raw.execute("COMMIT")
            return outcomes

    async def _one_of_many(
        self, raw: Any, location: Location, shared: SharedConnection, work: Work[Any]
    ) -> tuple[Any, BaseException | None]:
        tx = self._transaction(raw, location)
        tx.connection = shared
        tx.held = shared.held
        shared.changed = False
        held = len(shared.held)
        try:
            return await work(tx), None
        except Refusal as refusal:
            if shared.changed or len(shared.held) != held:
                raise
            return None, refusal

    async def _write(self, location: Location | None, work: Work[T], begin: str) -> T:
        for _ in range(ATTEMPTS):
            async with self._refusals(), self._pool.acquire() as raw:
                tx = self._transaction(raw, location)
                try:
                    # One round trip for both statements; asyncpg's own transaction object would take one each.
                    await raw.execute(begin)
                    result = await work(tx)
                    if tx.schema_changed or tx.access_changed:
                        await raw.execute(f"NOTIFY {CHANNEL}, '{'' if tx.access_changed else tx.loc}'")
                    await raw.execute("COMMIT")
                except StaleSchemaError:
                    await self._rollback(raw)
                    self.catalog.forget(None if location is None else location.number)
                    continue
                except _RETRY:
                    await self._rollback(raw)
                    continue
                except BaseException:
                    await self._rollback(raw)
                    raise
                if tx.schema_changed or tx.access_changed:
                    self.catalog.forget(None if tx.access_changed else tx.loc)
                return result
        raise SchemaBusy

    async def _rollback(self, raw: Any) -> None:
        # On a lost connection there is nothing to undo: the server has done it.
        with contextlib.suppress(*_LOST):
            await raw.execute("ROLLBACK")

    def _transaction(self, raw: Any, location: Location | None) -> PostgresTransaction:
        tx = PostgresTransaction(PostgresConnection(raw), location, self.catalog, ids=self.ids)
        # Connections of one pool tend to have neighbouring process numbers, so they rarely share a slot.
        tx.slot = raw.get_server_pid() % COUNT_SLOTS
        return tx

    @contextlib.asynccontextmanager
    async def _refusals(self) -> AsyncIterator[None]:
        """Turns the driver's troubles into ours; the one place where that happens."""
        try:
            yield
        except (*_LOST, *_UNABLE) as error:
            raise StorageUnavailable(f"The database is not available: {error or type(error).__name__}") from error

    # --- other processes

    async def _listen(self) -> None:
        self._listener = await asyncpg.connect(self.url, timeout=10)
        await self._listener.add_listener(CHANNEL, self._hear)
        self.catalog.trust()

    def _hear(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        text = str(payload)
        self.catalog.forget(int(text) if text.isdigit() else None)

    async def _keep_listening(self) -> None:
        """Reconnects when the line is cut; in between nothing is remembered, so nothing can be stale."""
        while True:
            await asyncio.sleep(LISTEN_SECONDS)
            if self._listener.is_closed():
                self.catalog.distrust()
                with contextlib.suppress(*_LOST, *_UNABLE):
                    await self._listen()

    # --- the rest

    async def ready(self) -> None:
        async with self._refusals(), self._pool.acquire() as raw:
            await raw.fetchval("SELECT 1")

    async def measures(self) -> dict[str, float]:
        return {
            "connections": self._pool.get_size() + self._scans.get_size() + 1,
            "connections_idle": self._pool.get_idle_size() + self._scans.get_idle_size(),
        }
