"""A database whose tables are split by location holds what it held, and serves as before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from groundlevel.cli import run
from groundlevel.doctor.rules import examine
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.storage.postgres.partitions import PartitionError, distribute_tables, split_tables
from groundlevel.transfer.rules import transfer_database
from tests.postgres import database_of, fresh_database
from tests.transfer.contents import everything, fill
from tests.world import world_in

INDEXES = """
SELECT i.tablename, i.indexname, pg_get_indexdef(c.oid) FROM pg_indexes i JOIN pg_class c ON c.relname = i.indexname
WHERE i.schemaname = 'public' AND NOT c.relispartition ORDER BY 1, 2
"""
STAND_INS = """
CREATE TABLE handed_over (name text, key text);
CREATE FUNCTION create_reference_table(name regclass) RETURNS void LANGUAGE sql AS
    $$ INSERT INTO handed_over VALUES (name::text, NULL) $$;
CREATE FUNCTION create_distributed_table(name regclass, key text) RETURNS void LANGUAGE sql AS
    $$ INSERT INTO handed_over VALUES (name::text, key) $$;
"""
"""What Citus offers under these names, as far as it is asked: which tables are handed over, and by which column."""


@pytest.fixture
def url(postgres_server: str, migrated_postgres: str) -> Iterator[str]:
    with fresh_database(postgres_server, template=database_of(migrated_postgres)) as made:
        yield made


async def rows_of(url: str, sql: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def test_tables_are_split_with_what_they_hold(url: str) -> None:
    world = await fill(url)
    before, indexes = await everything(url), await rows_of(url, INDEXES)
    split = await split_tables(url, 4)
    assert {"records", "outbox", "fields", "relations"} <= set(split)
    assert "locations" not in split
    assert "tokens" not in split
    after = await everything(url)
    for name, rows in before.items():
        assert after[name] == rows, name
    # The same keys and indexes under the same names, so that later migrations find them.
    assert [row[:2] for row in await rows_of(url, INDEXES)] == [row[:2] for row in indexes]
    assert await split_tables(url, 4) == []
    with pytest.raises(PartitionError, match="has 4 partitions already"):
        await split_tables(url, 8)
    storage = await open_storage(Settings(database=url))
    try:
        again = await world_in(storage, world.location)
        for number in range(30):
            await again.create({"name": f"Rex {number}", "chip": f"chip {number}"})
        await again.delete((await again.found("Rex 7"))[0])
        assert (await again.search("rex")).total == 29
        other = await world_in(storage)
        await other.pet()
        await other.create({"name": "Elsewhere"})
        report = await examine(storage)
        assert [check.name for check in report.checks if not check.ok] == ["orphans"], report
    finally:
        await storage.close()


async def test_a_database_is_copied_into_a_split_one(url: str, tmp_path: Any) -> None:
    source = f"sqlite:///{tmp_path}/source.db"
    await fill(source)
    await split_tables(url, 2)
    await transfer_database(Settings(database=source), Settings(database=url))
    found, expected = await everything(url), await everything(source)
    for name in ("outbox", "objects", "tokens", *(name for name in expected if name.startswith("records"))):
        assert found[name] == expected[name], name


async def test_without_citus_nothing_is_distributed(url: str) -> None:
    before = await rows_of(url, INDEXES)
    with pytest.raises(PartitionError, match="Citus cannot be had in this database"):
        await distribute_tables(url)
    assert await rows_of(url, INDEXES) == before


async def test_tables_of_locations_are_distributed_by_them_and_all_others_are_on_every_node(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(STAND_INS)
    await connection.close()
    located, common = await distribute_tables(url)
    handed = dict(await rows_of(url, "SELECT * FROM handed_over"))
    assert {name for name, key in handed.items() if key == "loc"} == set(located)
    assert {name for name, key in handed.items() if key is None} == set(common)
    assert {"records", "deliveries"} <= set(located)
    assert {"locations", "tokens", "schema_migrations"} <= set(common)


async def test_what_is_split_is_not_distributed(url: str) -> None:
    await split_tables(url, 2)
    with pytest.raises(PartitionError, match="has partitions already"):
        await distribute_tables(url)


def test_the_command_splits_tables_of_postgresql_alone(
    url: str, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["migrate", "--database", url, "--partitions", "2"]) == 0
    assert "partitioned: associations, " in capsys.readouterr().out
    assert run(["migrate", "--database", f"sqlite:///{tmp_path}/x.db", "--partitions", "2"]) == 1
    assert "only tables of PostgreSQL" in capsys.readouterr().err
    assert run(["migrate", "--database", url, "--partitions", "2", "--distributed"]) == 1
    assert run(["migrate", "--database", url, "--distributed"]) == 1
