"""A database is brought to this program's schema once, and one that does not fit is refused."""

from __future__ import annotations

import asyncio

import pytest

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.storage.migrate import MigrationError, migrations
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from tests.conftest import Opening
from tests.needs import not_applicable

RECORDED = Statement.query("SELECT version, name, checksum, applied_at FROM schema_migrations ORDER BY version")


async def recorded(storage: Storage) -> list[Row]:
    return [tuple(row) for row in await storage.read(None, lambda tx: tx.connection.rows(RECORDED))]


async def execute(storage: Storage, statement: str) -> None:
    async def work(tx: Transaction) -> None:
        await tx.connection.run(Statement.command(statement))

    await storage.write(None, work)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_steps_are_numbered_from_one(engine: str) -> None:
    steps = migrations(engine)
    assert [step.version for step in steps] == list(range(1, len(steps) + 1))
    assert all(len(step.checksum) == 64 and step.sql.strip() for step in steps)


async def test_both_engines_have_the_same_steps() -> None:
    assert [step.version for step in migrations("sqlite")] == [step.version for step in migrations("postgres")]


async def test_steps_are_recorded_once(opening: Opening, engine_name: str) -> None:
    storage = await opening()
    before = await recorded(storage)
    assert [tuple(row[:3]) for row in before] == [
        (step.version, step.name, step.checksum) for step in migrations(engine_name)
    ]
    assert all(row[3] > 1_700_000_000_000 for row in before)
    assert await recorded(await opening()) == before


async def test_a_newer_database_is_refused(opening: Opening) -> None:
    storage = await opening()
    await execute(
        storage, "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (999, 'a', 'b', 0)"
    )
    with pytest.raises(MigrationError, match=r"schema version 999 .* use a newer groundlevel"):
        await opening()


async def test_a_database_made_by_another_step_is_refused(opening: Opening) -> None:
    storage = await opening()
    await execute(storage, "UPDATE schema_migrations SET checksum = 'other' WHERE version = 1")
    with pytest.raises(MigrationError, match=r"migration 1 \(initial\) differs"):
        await opening()


async def test_a_refused_database_is_left_as_it_was(opening: Opening) -> None:
    storage = await opening()
    await execute(storage, "UPDATE schema_migrations SET checksum = 'other' WHERE version = 1")
    before = await recorded(storage)
    with pytest.raises(MigrationError):
        await opening()
    assert await recorded(storage) == before


async def test_several_may_open_an_empty_database_at_once(database_url: str, engine_name: str) -> None:
    if ":memory:" in database_url:
        not_applicable("a database in memory belongs to one")

    async def visit() -> list[Row]:
        storage = await open_storage(Settings(database=database_url))
        try:
            return await recorded(storage)
        finally:
            await storage.close()

    seen = await asyncio.gather(*(asyncio.to_thread(asyncio.run, visit()) for _ in range(4)))
    assert all(each == seen[0] for each in seen)
    assert len(seen[0]) == len(migrations(engine_name))
