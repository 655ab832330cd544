"""What `pg_dump` writes of a database, `pg_restore` makes the same database of again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from groundlevel.doctor.rules import examine
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from tests.needs import missing_postgres, postgres_binaries
from tests.postgres import database_of, fresh_database
from tests.world import world_in

TABLES = Statement.query("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")


async def rows_by_table(tx: Transaction) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    rows = {}
    for (table,) in await tx.connection.rows(TABLES):
        statement = Statement.query(f"SELECT t::text FROM {table} t ORDER BY 1")
        rows[table] = [row[0] for row in await tx.connection.rows(statement)]
    return rows


async def run(program: Path, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(program, *arguments)
    assert await process.wait() == 0


async def test_a_dump_is_restored(migrated_postgres: str, postgres_server: str, tmp_path: Path) -> None:
    binaries = postgres_binaries()
    if not (binaries / "pg_dump").is_file() or not (binaries / "pg_restore").is_file():
        missing_postgres("it comes without pg_dump and pg_restore")
    dump = tmp_path / "groundlevel.dump"
    with (
        fresh_database(postgres_server, template=database_of(migrated_postgres)) as source,
        fresh_database(postgres_server) as target,
    ):
        storage = await open_storage(Settings(database=source))
        world = await world_in(storage)
        await world.pet()
        await world.create({"name": "Rex"})
        await run(binaries / "pg_dump", "--format=custom", f"--file={dump}", source)
        expected = await storage.read(None, rows_by_table)
        await storage.close()
        options = ("--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={target}")
        await run(binaries / "pg_restore", *options, str(dump))
        again = await open_storage(Settings(database=target))
        try:
            assert len(expected["records"]) == 1
            assert await again.read(None, rows_by_table) == expected
            report = await examine(again)
            assert report.ok, report
        finally:
            await again.close()
