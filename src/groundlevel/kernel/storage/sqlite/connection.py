"""Runs statements on one SQLite connection, in the placeholder style common to all engines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from groundlevel.kernel.storage.connection import Connection, Row, weigh
from groundlevel.kernel.storage.sqlite.dialect import line_matches
from groundlevel.kernel.storage.statements import Statement

_PLACEHOLDER = re.compile(r"\$(\d+)")
_MAX_TRANSLATED = 2000
LOCK_SECONDS = 30
"""How long to wait for another process's write transaction."""


def prepare(raw: Any, *, synchronous: str, examine: bool = False) -> None:
    """Sets up a connection just opened: how it locks, syncs and caches, and our own SQL functions.

    With `examine` it leaves the file as it is.
    """
    raw.set_busy_timeout(LOCK_SECONDS * 1000)
    if not examine:
        raw.execute("PRAGMA journal_mode = WAL")
    raw.execute(f"PRAGMA synchronous = {synchronous}")
    raw.execute("PRAGMA wal_autocheckpoint = 4000")
    raw.execute("PRAGMA cache_size = -65536")
    raw.execute("PRAGMA temp_store = MEMORY")
    raw.create_scalar_function("line_matches", line_matches, -1, deterministic=True)


def number_of(raw: Any, pragma: str) -> int:
    """The value of a pragma that is a number."""
    value: Any = raw.pragma(pragma)
    return int(value)


class SqliteConnection(Connection):
    """A connection of apsw; every method runs to its end without waiting."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self._translated: dict[str, str] = {}

    def translate(self, sql: str) -> str:
        """The statement with placeholders as SQLite numbers them."""
        translated = self._translated.get(sql)
        if translated is None:
            if len(self._translated) > _MAX_TRANSLATED:
                self._translated.clear()
            translated = self._translated[sql] = _PLACEHOLDER.sub(r"?\1", sql)
        return translated

    async def rows(self, statement: Statement, *args: object) -> list[Row]:
        rows: list[Row] = self.raw.execute(self.translate(statement.sql), args).fetchall()
        return rows

    async def page(self, statement: Statement, *args: object, limit: int) -> list[Row]:
        cursor = self.raw.execute(self.translate(statement.sql), args)
        try:
            return weigh(cursor, limit)
        finally:
            cursor.close()

    async def row(self, statement: Statement, *args: object) -> Row | None:
        # fetchall, not fetchone: a cursor left open would keep the transaction from ending.
        rows = self.raw.execute(self.translate(statement.sql), args).fetchall()
        return rows[0] if rows else None

    async def run(self, statement: Statement, *args: object) -> None:
        self.raw.execute(self.translate(statement.sql), args)

    async def run_many(self, statement: Statement, rows: Iterable[Sequence[object]]) -> None:
        self.raw.executemany(self.translate(statement.sql), rows)

    async def script(self, sql: str) -> None:
        self.raw.execute(sql)
