"""Splits the tables of locations: into hash partitions of one server, or over the nodes of a Citus cluster."""

from __future__ import annotations

from typing import Any

import asyncpg
from msgspec import Struct

from groundlevel.kernel.errors import InputError
from groundlevel.kernel.storage.postgres.connection import connect
from groundlevel.kernel.storage.postgres.failures import DRIVER_ERRORS

NUMBERS = "locations"
"""The table that gives locations their numbers. It is looked up by ids, and so is whole, or on every node."""
KEY = "loc"
_TABLES = f"""
SELECT c.oid, c.relname, c.relkind = 'p' AS split, c.reloptions,
       (SELECT count(*) FROM pg_inherits i WHERE i.inhparent = c.oid) AS parts,
       EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = '{KEY}' AND NOT a.attisdropped)
           AND c.relname <> '{NUMBERS}' AS located
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY c.relname
"""
_COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
ORDER BY attnum
"""
_KEYS = """
SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', $2::text, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = $1 AND contype IN ('p', 'u')
"""
_INDEXES = """
SELECT pg_get_indexdef(indexrelid) FROM pg_index i
WHERE indrelid = $1 AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


class PartitionError(InputError):
    """The tables cannot be split so. Nothing was changed."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


class _Table(Struct, frozen=True):
    """A table as it lies in the database."""

    oid: int
    name: str
    split: bool
    options: list[str] | None
    """How its pages are filled, as `name=value`."""
    parts: int
    located: bool
    """Whether each row belongs to a location."""


async def split_tables(url: str, parts: int) -> list[str]:
    """Splits every table of locations that is whole into so many hash partitions; returns their names.

    All of them in one transaction, with what they hold. Raises PartitionError where there are other partitions already.
    """
    with DRIVER_ERRORS:
        raw = await connect(url)
        try:
            async with raw.transaction():
                tables = [table for table in await _list_tables(raw) if table.located]
                for table in tables:
                    if table.split and table.parts != parts:
                        raise PartitionError(
                            f"{table.name} has {table.parts} partitions already",
                            f"Say --partitions {table.parts}, or use `groundlevel migrate-database`.",
                        )
                whole = [table for table in tables if not table.split]
                for table in whole:
                    await _split(raw, table, parts)
                await raw.execute("ANALYZE")
                return [table.name for table in whole]
        finally:
            await raw.close()


async def _list_tables(raw: Any) -> list[_Table]:
    return [
        _Table(row["oid"], row["relname"], row["split"], row["reloptions"], row["parts"], row["located"])
        for row in await raw.fetch(_TABLES)
    ]


async def _split(raw: Any, table: _Table, parts: int) -> None:
    """Makes a table anew from its own description, moves its rows, and gives keys and indexes their names again."""
    name, whole = table.name, f"{table.name}_whole"
    columns = ", ".join(row[0] for row in await raw.fetch(_COLUMNS, table.oid))
    keys = [row[0] for row in await raw.fetch(_KEYS, table.oid, name)]
    indexes = [row[0] for row in await raw.fetch(_INDEXES, table.oid)]
    options = f" WITH ({', '.join(table.options)})" if table.options else ""
    await raw.execute(f"ALTER TABLE {name} RENAME TO {whole}")
    await raw.execute(f"CREATE TABLE {name} (LIKE {whole} INCLUDING ALL EXCLUDING INDEXES) PARTITION BY HASH ({KEY})")
    for part in range(parts):
        await raw.execute(
            f"CREATE TABLE {name}_part{part} PARTITION OF {name} "
            f"FOR VALUES WITH (MODULUS {parts}, REMAINDER {part}){options}"
        )
    await raw.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {whole}")
    await raw.execute(f"DROP TABLE {whole}")
    # Only now: names of indexes are free again, and an index is built faster than it is kept.
    for statement in (*keys, *indexes):
        await raw.execute(statement)


async def distribute_tables(url: str) -> tuple[list[str], list[str]]:
    """Makes tables of locations distributed ones of Citus, and all others reference tables; returns both lists.

    Raises PartitionError where Citus cannot be had, or where tables have partitions.
    """
    with DRIVER_ERRORS:
        raw = await connect(url)
        try:
            async with raw.transaction():
                tables = await _list_tables(raw)
                if split := [table.name for table in tables if table.split]:
                    raise PartitionError(f"{split[0]} has partitions already", "Distribute a new database.")
                await _require_citus(raw)
                located = [table.name for table in tables if table.located]
                common = [table.name for table in tables if not table.located]
                for name in common:
                    await raw.execute(f"SELECT create_reference_table('{name}')")
                for name in located:
                    # All by the number of the location: rows of one location then lie on one node.
                    await raw.execute(f"SELECT create_distributed_table('{name}', '{KEY}')")
                return located, common
        finally:
            await raw.close()


async def _require_citus(raw: Any) -> None:
    if await raw.fetchval("SELECT count(*) FROM pg_proc WHERE proname = 'create_distributed_table'"):
        return
    try:
        async with raw.transaction():
            await raw.execute("CREATE EXTENSION citus")
    except (
        asyncpg.UndefinedFileError,
        asyncpg.FeatureNotSupportedError,
        asyncpg.InsufficientPrivilegeError,
        asyncpg.ObjectNotInPrerequisiteStateError,
        asyncpg.ConfigFileError,
    ) as error:
        raise PartitionError(
            f"Citus cannot be had in this database: {error}",
            "Install it on the server, with `citus` in shared_preload_libraries, or split the tables by --partitions.",
        ) from error
