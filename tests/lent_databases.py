"""Migrated PostgreSQL databases that tests have one after the other: to empty one takes a fifth of making another."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import asyncpg
from msgspec import Struct

from tests.kept_connections import KeptConnections

T = TypeVar("T")
MOST_USES = 100
"""Tests that have the same database at most: what they have deleted still takes room in it."""

_OWN = 16_384
"""From which number on the things in a catalog are not PostgreSQL's own."""
_SHAPE = f"""
SELECT concat_ws('/',
    (SELECT concat_ws(',', count(*), max(oid::bigint), sum(reltuples), count(relacl), count(reloptions))
     FROM pg_class WHERE oid >= {_OWN} AND relnamespace = 'public'::regnamespace),
    (SELECT concat_ws(',', count(*), sum(atttypid::bigint), count(*) FILTER (WHERE attisdropped OR attnotnull))
     FROM pg_attribute WHERE attrelid >= {_OWN}),
    (SELECT concat_ws(',', count(*), max(oid::bigint)) FROM pg_constraint WHERE oid >= {_OWN}),
    (SELECT count(*) FROM pg_index WHERE indexrelid >= {_OWN} AND indisvalid AND indisready),
    (SELECT concat_ws(',', count(*), max(oid::bigint)) FROM pg_trigger WHERE oid >= {_OWN}),
    (SELECT concat_ws(',', count(*), max(oid::bigint)) FROM pg_proc WHERE oid >= {_OWN}),
    (SELECT concat_ws(',', count(*), max(oid::bigint)) FROM pg_extension WHERE oid >= {_OWN}),
    (SELECT concat_ws(',', count(*), max(oid::bigint)) FROM pg_namespace WHERE oid >= {_OWN} AND nspname !~ '^pg_'),
    (SELECT concat_ws(',', count(*), max(oid::bigint)) FROM pg_statistic_ext WHERE oid >= {_OWN}),
    (SELECT count(*) FROM pg_db_role_setting),
    (SELECT md5(string_agg(m::text, ',' ORDER BY m::text)) FROM schema_migrations m))
"""
"""What a test may have made of a database besides rows: its tables, what the planner knows of them, its settings."""
_TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1"
)
_LEAVE = """
SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL($1)
"""
_RESTART = "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"
"""Begins every sequence again."""


class _Lent(Struct):
    """A database between two tests, and the connection by which it is emptied."""

    name: str
    url: str
    connection: Any
    shape: str
    emptying: str
    uses: int = 0


class LentDatabases:
    """The databases of one process: as many as its tests had at once."""

    def __init__(self, server: str, template: str, connections: KeptConnections) -> None:
        self._server, self._template = server, template
        self._free: list[_Lent] = []
        self._connections = connections
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._admin = self._do(asyncpg.connect(server))

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        """Does it beside the tests, which may have an event loop of their own."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The URL of a migrated database without a row, which nobody else has meanwhile."""
        lent = self._free.pop() if self._free else self._do(self._make())
        try:
            yield lent.url
        finally:
            if self._do(self._empty(lent)):
                self._free.append(lent)
            else:
                self._do(self._drop(lent))

    def close(self) -> None:
        """Drops them all."""
        for lent in self._free:
            self._do(self._drop(lent))
        self._do(self._admin.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _make(self) -> _Lent:
        name = f"test_{uuid.uuid4().hex}"
        await self._admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self._template}"')
        url = f"{self._server.rpartition('/')[0]}/{name}"
        connection = await asyncpg.connect(url)
        # Rows go in the order of the tables, whatever refers to them.
        await connection.execute("SET session_replication_role = replica")
        tables = [row[0] for row in await connection.fetch(_TABLES) if row[0] != "schema_migrations"]
        if filled := [each for each in tables if await connection.fetchval(f'SELECT EXISTS (SELECT FROM "{each}")')]:
            raise AssertionError(f"migrations fill {', '.join(filled)}, which would have to be filled again")
        # As one statement it is planned once for all tests.
        parts = [f'gone_{number} AS (DELETE FROM "{table}")' for number, table in enumerate(tables)]
        emptying = f"WITH {', '.join(parts)} {_RESTART}"
        self._connections.add(url)
        return _Lent(name, url, connection, await connection.fetchval(_SHAPE), emptying)

    async def _empty(self, lent: _Lent) -> bool:
        """Takes everybody and everything out; False when it is no longer as migrations make one."""
        lent.uses += 1
        await lent.connection.fetch(_LEAVE, self._connections.pids(lent.url))
        if lent.uses == MOST_USES or await lent.connection.fetchval(_SHAPE) != lent.shape:
            return False
        await lent.connection.fetch(lent.emptying)
        return True

    async def _drop(self, lent: _Lent) -> None:
        self._connections.drop(lent.url)
        await lent.connection.close()
        await self._admin.execute(f'DROP DATABASE "{lent.name}" WITH (FORCE)')
