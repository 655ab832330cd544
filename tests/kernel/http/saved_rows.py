"""All rows of a database, kept in memory, so that tests begin with what was made once.

To make two companies with three locations takes forty milliseconds on PostgreSQL, and thousands of tests want them.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction

_TABLES = {
    # Neither virtual tables nor what they keep their content in.
    "sqlite": "SELECT name FROM pragma_table_list"
    " WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'",
    "postgres": "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    " AND NOT relispartition",
}
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
_MIGRATIONS = "schema_migrations"


class SavedRows(Struct):
    """The rows by table: on SQLite as they are, on PostgreSQL as JSON."""

    rows: dict[str, Any]
    sequences: dict[str, int]


async def save_rows(storage: Storage) -> SavedRows:
    """All rows of a database that migrations have left empty."""

    async def work(tx: Transaction) -> SavedRows:
        rows: dict[str, Any] = {}
        sequences: dict[str, int] = {}
        for (table,) in await tx.connection.rows(Statement.query(_TABLES[storage.engine])):
            if table == _MIGRATIONS:
                continue
            if storage.engine == "sqlite":
                found: Any = await tx.connection.rows(Statement.query(f'SELECT * FROM "{table}"'))
            else:
                query = Statement.query(f'SELECT jsonb_agg(to_jsonb(t))::text FROM "{table}" AS t')
                found = (await tx.connection.rows(query))[0][0]
            if found:
                rows[table] = found
        if storage.engine == "postgres":
            sequences = {name: int(last) for name, last in await tx.connection.rows(Statement.query(_SEQUENCES))}
        return SavedRows(rows, sequences)

    return await storage.read(None, work)


async def restore_rows(storage: Storage, saved: SavedRows) -> None:
    """Fills an empty database with such rows; what a server has noted of itself when it opened the database stays."""

    async def work(tx: Transaction) -> None:
        if storage.engine == "postgres":
            # Rows go in the order of the tables, whatever refers to them; as one statement it is planned once.
            await tx.connection.script("SET LOCAL session_replication_role = replica")
            await tx.connection.rows(_make_insertion(saved), *saved.rows.values())
            return
        await tx.connection.script("PRAGMA defer_foreign_keys = ON")
        for table, rows in saved.rows.items():
            places = ", ".join(f"${number}" for number in range(1, len(rows[0]) + 1))
            await tx.connection.run_many(Statement.command(f'INSERT OR IGNORE INTO "{table}" VALUES ({places})'), rows)

    await storage.write(None, work)


def _make_insertion(saved: SavedRows) -> Statement:
    """What inserts all rows on PostgreSQL, each table's as JSON, and sets the sequences."""
    parts = [
        f'filled_{number} AS (INSERT INTO "{table}" OVERRIDING SYSTEM VALUE'
        f' SELECT * FROM jsonb_populate_recordset(NULL::"{table}", ${number}::jsonb) ON CONFLICT DO NOTHING)'
        for number, table in enumerate(saved.rows, 1)
    ]
    sequences = [f"setval('{name}', {last})" for name, last in saved.sequences.items()] or ["NULL"]
    return Statement.query(f"WITH {', '.join(parts)} SELECT {', '.join(sequences)}")
