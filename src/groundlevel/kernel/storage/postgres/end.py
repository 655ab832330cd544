"""A PostgreSQL database as one end of a copy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from groundlevel.kernel.model import Location
from groundlevel.kernel.storage.cache import EVERYTHING
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.ends import ROWS, DatabaseEnd
from groundlevel.kernel.storage.postgres.connection import PostgresConnection, connect
from groundlevel.kernel.storage.postgres.failures import DRIVER_ERRORS
from groundlevel.kernel.storage.postgres.pipelining import quote
from groundlevel.kernel.storage.postgres.transaction import CHANNEL, PostgresTransaction
from groundlevel.kernel.storage.statements import Statement

# Of a table that is split, the whole is one table, and its parts are none.
_TABLES = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY c.relname, a.attnum
"""


class PostgresEnd(DatabaseEnd):
    """A connection of asyncpg inside a transaction."""

    engine = "postgres"
    connection: PostgresConnection

    async def columns(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for table, column, kind in await self.connection.raw.fetch(_TABLES):
            found.setdefault(table, {})[column] = kind
        return found

    async def stream(self, statement: Statement, *args: object) -> AsyncIterator[list[Row]]:
        cursor = await self.connection.raw.cursor(statement.sql, *args)
        while rows := await cursor.fetch(ROWS):
            yield rows

    async def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        await self.connection.raw.copy_records_to_table(table, columns=columns, records=rows)

    def transaction(self, location: Location | None) -> PostgresTransaction:
        return PostgresTransaction(self.connection, location, self.view(), ids=self._ids)

    async def settle(self) -> None:
        await self.connection.script(f"ANALYZE; NOTIFY {CHANNEL}, {quote(EVERYTHING)}")


@asynccontextmanager
async def open_postgres_end(url: str, *, writing: bool) -> AsyncIterator[PostgresEnd]:
    """The database with this URL. What was written is committed when the block ends, unless it raises."""
    with DRIVER_ERRORS:
        raw = await connect(url)
        try:
            async with raw.transaction(isolation="repeatable_read", readonly=not writing):
                # What is written here is not in the statistics yet: a planner that goes by them takes tables for empty.
                await raw.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
                yield PostgresEnd(PostgresConnection(raw))
        finally:
            await raw.close()
