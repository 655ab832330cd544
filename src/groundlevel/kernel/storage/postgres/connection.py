"""Connects to PostgreSQL, and runs statements on one connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg

from groundlevel.kernel.errors import StorageUnavailable
from groundlevel.kernel.storage.connection import MAX_PAGE_TEXT, USUAL_PAGE, Connection, Row, weigh
from groundlevel.kernel.storage.postgres.failures import STALE_SCHEMAS
from groundlevel.kernel.storage.statements import Statement

CONNECT_SECONDS = 10


async def connect(url: str, *, pooled: bool = False, **settings: str) -> Any:
    """A connection of asyncpg that is set so for as long as it lasts; to a pooler, one on which nothing lasts.

    Raises StorageUnavailable, and the driver's errors.
    """
    options: dict[str, Any] = {"statement_cache_size": 0} if pooled else {"server_settings": settings}
    try:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS, **options)
    except asyncpg.PostgresError as error:
        # Whatever the server answers to a connection, such as that it accepts none: it is not available.
        raise StorageUnavailable(f"The database is not available: {error}") from error


async def leads_to_pooler(raw: Any) -> bool:
    """Whether something stands between that may give each transaction another connection, as PgBouncer does.

    PostgreSQL greets a client with the number of the process that serves it. A pooler greets for itself, with a number
    of its own. `raw` is a connection made as to one.
    """
    async with raw.transaction():
        return bool(await raw.fetchval("SELECT pg_backend_pid()") != raw.get_server_pid())


class PostgresConnection(Connection):
    """A connection of asyncpg; statements are prepared once for each connection."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    async def rows(self, statement: Statement, *args: object) -> list[Row]:
        rows: list[Row] = await self.raw.fetch(statement.sql, *args)
        return rows

    async def page(self, statement: Statement, *args: object, limit: int) -> list[Row]:
        if limit <= USUAL_PAGE:
            return weigh(await self.rows(statement, *args), limit)
        cursor = await self.raw.cursor(statement.sql, *args)
        page: list[Row] = weigh(await cursor.fetch(USUAL_PAGE), limit)
        read_all = len(page) < USUAL_PAGE
        while not read_all and len(page) < limit:
            # What is read next is as much as is allowed, judged by what came.
            size = sum(len(row[-1]) for row in page)
            step = min(limit - len(page), max(1, MAX_PAGE_TEXT * len(page) // max(size, 1) - len(page) + 1))
            some = await cursor.fetch(step)
            page = weigh([*page, *some], limit)
            read_all = len(some) < step
        return page

    async def row(self, statement: Statement, *args: object) -> Row | None:
        row: Row | None = await self.raw.fetchrow(statement.sql, *args)
        return row

    async def run(self, statement: Statement, *args: object) -> None:
        # fetch runs a prepared statement like any other and asks for no rows that are not there.
        with STALE_SCHEMAS:
            await self.raw.fetch(statement.sql, *args)

    async def run_many(self, statement: Statement, rows: Iterable[Sequence[object]]) -> None:
        await self.raw.executemany(statement.sql, rows)

    async def script(self, sql: str) -> None:
        with STALE_SCHEMAS:
            await self.raw.execute(sql)


class PooledConnection(PostgresConnection):
    """A connection to a pooler: what has a name in the server's process may be met by others, or not be found again."""

    async def page(self, statement: Statement, *args: object, limit: int) -> list[Row]:
        # The driver names what a cursor reads.
        return weigh(await self.rows(statement, *args), limit)
