"""Images of a PostgreSQL database: copies of its tables in a schema of their own, written back by the server itself.

A trigger on each table notes that it was changed, so that only those tables are copied again, or compared with their
copies, and only the rows that differ are replaced (decision 0075). Its connection has the database alone in this
process; work of other processes that is running is waited for where it has locked the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

from msgspec import Struct

from groundlevel.kernel.storage.images import Images
from groundlevel.kernel.storage.postgres.failures import DRIVER_ERRORS
from groundlevel.kernel.storage.postgres.transaction import CHANNEL
from groundlevel.kernel.storage.transaction import Transaction, Work

SCHEMA = "groundlevel_images"
"""Where the copies are. That it is there is the mark of a database that is disposable."""

_IS_MARKED = f"SELECT 1 FROM pg_namespace WHERE nspname = '{SCHEMA}'"
_TABLES = """
SELECT c.relname, array_agg(quote_ident(a.attname) ORDER BY a.attnum) FILTER (WHERE a.attgenerated = ''),
       array_agg(quote_ident(a.attname) ORDER BY a.attnum) FILTER (WHERE a.attnum = ANY (i.indkey))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace GROUP BY c.relname ORDER BY c.relname
"""
_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() ORDER BY sequencename"
_SETUP = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.changed (name text PRIMARY KEY);
CREATE OR REPLACE FUNCTION {SCHEMA}.note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {SCHEMA}.changed VALUES (TG_TABLE_NAME) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{table}"
FOR EACH STATEMENT EXECUTE FUNCTION {schema}.note_change()
"""
_FILLED = 'EXISTS (SELECT FROM "{}")'
_TAKE_CHANGED = f"DELETE FROM {SCHEMA}.changed RETURNING name"

Alone = Callable[[], AbstractAsyncContextManager[Any]]
"""Gives a connection while none of this process's other ones is in use for anything but scans."""


class _Table(Struct, frozen=True):
    """What a table has."""

    columns: list[str]
    """Those that are stored."""
    key: list[str]
    """Those of the primary key; empty where there is none."""


class _Image(Struct):
    """One image."""

    copies: dict[str, str | None]
    """By the name of each table, that of its copy, which images of the same rows share; None where it was empty."""
    sequences: str
    """The statement that sets every sequence as it was."""
    changed: set[str]
    """The tables that have other rows now, or may have."""


class PostgresImages(Images):
    """The images that one process has taken. `replaced` is called when everything was replaced, still alone."""

    def __init__(self, alone: Alone, begin: Callable[[Any], Transaction], replaced: Callable[[], None]) -> None:
        self._alone = alone
        self._begin = begin
        self._replaced = replaced
        self._taken: dict[str, _Image] = {}
        self._count = 0
        self._tables: dict[str, _Table] = {}
        """Every table; empty until the triggers were made, with the first image."""

    @property
    def names(self) -> list[str]:
        return list(self._taken)

    async def is_disposable(self) -> bool:
        with DRIVER_ERRORS:
            async with self._alone() as raw:
                return await raw.fetchval(_IS_MARKED) is not None

    async def mark_disposable(self, *, disposable: bool = True) -> None:
        with DRIVER_ERRORS:
            async with self._alone() as raw:
                await raw.execute(_SETUP if disposable else f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        self._taken.clear()
        self._tables.clear()

    async def take(self, name: str, look: Work[None] | None = None) -> None:
        with DRIVER_ERRORS:
            async with self._alone() as raw, raw.transaction():
                tables = self._tables or await _prepare(raw)
                await self._note_changes(raw)
                self._count += 1
                image = _Image(await self._copy(raw, tables), await _sequences(raw), set())
                if look is not None:
                    await look(self._begin(raw))
                if name in self._taken:
                    await _execute(raw, _dropping(self._taken[name], [*self._others(name), image]))
        self._tables = tables
        self._taken.pop(name, None)
        self._taken[name] = image

    async def put_back(self, name: str) -> None:
        image = self._taken[name]
        with DRIVER_ERRORS:
            async with self._alone() as raw:
                async with raw.transaction():
                    await self._note_changes(raw)
                    changed = sorted(image.changed)
                    steps = [step for table in changed for step in self._steps(image, table)]
                    await _execute(raw, [*steps, image.sequences, _TAKE_CHANGED, f"NOTIFY {CHANNEL}, '*'"])
                for each in self._taken.values():
                    same = {table for table in changed if each.copies[table] == image.copies[table]}
                    each.changed = (each.changed | set(changed)) - same
                self._replaced()

    async def drop(self, name: str) -> None:
        image = self._taken[name]
        with DRIVER_ERRORS:
            async with self._alone() as raw:
                await _execute(raw, _dropping(image, self._others(name)))
        del self._taken[name]

    def _others(self, name: str) -> list[_Image]:
        return [image for known, image in self._taken.items() if known != name]

    async def _copy(self, raw: Any, tables: dict[str, _Table]) -> dict[str, str | None]:
        """Copies every table that has rows, unless an image has a copy of just these already."""
        copies: dict[str, str | None] = {}
        for image in self._taken.values():
            copies |= {name: copy for name, copy in image.copies.items() if name not in image.changed}
        if others := [name for name in tables if name not in copies]:
            filled = await raw.fetchrow(f"SELECT {', '.join(map(_FILLED.format, others))}")
            made = [name for name, has_rows in zip(others, filled, strict=True) if has_rows]
            copies |= dict.fromkeys(others) | {name: f'{SCHEMA}."{self._count}/{name}"' for name in made}
            await _execute(raw, [_copying(name, tables[name], copies[name]) for name in made])
        return copies

    def _steps(self, image: _Image, name: str) -> Iterator[str]:
        """Deletes the rows that are not in the copy, and inserts what is missing; all, where rows have no key."""
        table, copy = self._tables[name], image.copies[name]
        if copy is None:
            yield f'DELETE FROM "{name}"'
            return
        columns = ", ".join(table.columns)
        insert = f'INSERT INTO "{name}" ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {copy} c'
        if not table.key:
            yield f'DELETE FROM "{name}"'
            yield insert
            return
        same = " AND ".join(f"c.{column} = t.{column}" for column in table.key)
        sides = (", ".join(f"{side}.{column}" for column in table.columns) for side in "ct")
        equal = " IS NOT DISTINCT FROM ".join(f"ROW({side})" for side in sides)
        yield f'DELETE FROM "{name}" t WHERE NOT EXISTS (SELECT FROM {copy} c WHERE {same} AND {equal})'
        yield f'{insert} WHERE NOT EXISTS (SELECT FROM "{name}" t WHERE {same})'

    async def _note_changes(self, raw: Any) -> None:
        """Moves what the triggers have noted to the images."""
        changed = {row[0] for row in await raw.fetch(_TAKE_CHANGED)}
        for image in self._taken.values():
            image.changed |= changed


async def _prepare(raw: Any) -> dict[str, _Table]:
    """Makes the triggers, and removes the copies that an earlier process has left. Returns every table."""
    await raw.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; {_SETUP}")
    tables = {name: _table_of(columns, key or []) for name, columns, key in await raw.fetch(_TABLES)}
    await _execute(raw, [_TRIGGER.format(table=table, schema=SCHEMA) for table in tables])
    return tables


def _table_of(columns: list[str], key: list[str]) -> _Table:
    # A key of which a part is computed cannot be looked up in the copy, which has what is stored alone.
    return _Table(columns, key if set(key) <= set(columns) else [])


def _copying(name: str, table: _Table, copy: str | None) -> str:
    # Without statistics the planner takes every copy for a thousand pages.
    return f'CREATE UNLOGGED TABLE {copy} AS SELECT {", ".join(table.columns)} FROM "{name}"; ANALYZE {copy}'


def _dropping(image: _Image, others: list[_Image]) -> list[str]:
    """Drops the copies of an image that none of the others has."""
    shared = {copy for each in others for copy in each.copies.values()}
    return [f"DROP TABLE {copy}" for copy in image.copies.values() if copy is not None and copy not in shared]


async def _execute(raw: Any, steps: list[str]) -> None:
    if steps:  # the driver knows no answer to nothing
        await raw.execute("; ".join(steps))


async def _sequences(raw: Any) -> str:
    """The statement that sets every sequence to where it is now."""
    calls = []
    for (name,) in await raw.fetch(_SEQUENCES):
        value, called = await raw.fetchrow(f'SELECT last_value, is_called FROM "{name}"')
        calls.append(f"setval('\"{name}\"', {value}, {str(called).lower()})")
    return f"SELECT {', '.join(calls)}"
