"""A SQLite database as one end of a copy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice

import apsw

from groundlevel.kernel.errors import StorageUnavailable
from groundlevel.kernel.model import Location
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.ends import ROWS, DatabaseEnd
from groundlevel.kernel.storage.sqlite.connection import SqliteConnection, prepare
from groundlevel.kernel.storage.sqlite.transaction import SqliteTransaction
from groundlevel.kernel.storage.statements import Statement

_TABLES = """
SELECT t.name, c.name, c.type FROM pragma_table_list t JOIN pragma_table_xinfo(t.name) c
WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND c.hidden = 0
ORDER BY t.name, c.cid
"""


class SqliteEnd(DatabaseEnd):
    """A connection of apsw inside a transaction."""

    engine = "sqlite"
    connection: SqliteConnection

    async def columns(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for table, column, kind in self.connection.raw.execute(_TABLES).fetchall():
            found.setdefault(table, {})[column] = kind.lower()
        return found

    async def stream(self, statement: Statement, *args: object) -> AsyncIterator[list[Row]]:
        cursor = self.connection.raw.execute(self.connection.translate(statement.sql), args)
        try:
            while rows := list(islice(cursor, ROWS)):
                yield rows
        finally:
            cursor.close()

    async def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        marks = ", ".join("?" * len(columns))
        # The names are those of a table that is there; the values are arguments.
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        self.connection.raw.executemany(sql, rows)

    def transaction(self, location: Location | None) -> SqliteTransaction:
        return SqliteTransaction(self.connection, location, self.view(), ids=self._ids)

    async def settle(self) -> None:
        await self.connection.row(self.sql["bump_cache_version"])


@asynccontextmanager
async def open_sqlite_end(path: str, *, writing: bool) -> AsyncIterator[SqliteEnd]:
    """The database in a file. What was written is committed when the block ends, unless it raises."""
    try:
        raw = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            prepare(raw, synchronous="FULL")
            raw.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
            yield SqliteEnd(SqliteConnection(raw))
            raw.execute("COMMIT" if writing else "ROLLBACK")
        finally:
            # What is not committed is rolled back with it.
            raw.close()
    except apsw.Error as error:
        raise StorageUnavailable(f"{path}: {error}") from error
