"""Every statement declares whether it writes, and the engines agree with what it declares."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import apsw
import apsw.ext
import asyncpg
import pytest

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.storage.statements import parse_statements, statements
from tests.kernel.storage.test_plans import arguments_of
from tests.postgres import database_of, fresh_database

INSERTED = re.compile(r"\b(records|record_search|record_values|object_counts)\b")
"""The tables that a buffered insert of records writes."""


@pytest.fixture
async def postgres(postgres_server: str, migrated_postgres: str) -> AsyncIterator[Any]:
    """A connection to an empty database."""
    with fresh_database(postgres_server, template=database_of(migrated_postgres)) as url:
        connection = await asyncpg.connect(url)
        yield connection
        await connection.close()


async def test_sqlite_agrees_about_what_writes(tmp_path: Path) -> None:
    await (await open_storage(Settings(database=f"sqlite:///{tmp_path}/test.db"))).close()
    raw = apsw.Connection(f"{tmp_path}/test.db")
    declared = statements("sqlite")
    seen = {
        name: not apsw.ext.query_info(raw, re.sub(r"\$(\d+)", r"?\1", each.sql)).is_readonly
        for name, each in declared.items()
    }
    assert seen == {name: each.writes for name, each in declared.items()}
    assert {True, False} == set(seen.values())


async def test_postgres_agrees_about_what_writes(postgres: Any) -> None:
    declared = statements("postgres")
    seen = {}
    for name, each in declared.items():
        plan = await postgres.fetchval(f"EXPLAIN (FORMAT JSON) {each.sql}", *await arguments_of(postgres, each.sql))
        seen[name] = '"ModifyTable"' in plan
        assert json.loads(plan)
    assert seen == {name: each.writes for name, each in declared.items()}
    assert {True, False} == set(seen.values())


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_what_overtakes_an_insert_touches_nothing_that_it_inserts(engine: str) -> None:
    for name, each in statements(engine).items():
        assert not (each.overtakes and INSERTED.search(re.sub("--.*", "", each.sql))), name


def test_the_claim_of_unique_values_overtakes_inserts() -> None:
    """Else the records of use cases that share a transaction would be inserted one by one."""
    assert [name for name, each in statements("postgres").items() if each.overtakes] == ["claim_unique"]


async def test_a_statement_for_another_schema_fails_with_a_state_of_its_own(postgres: Any) -> None:
    sql = statements("postgres")["insert_records"].sql
    with pytest.raises(asyncpg.PostgresError) as failed:
        await postgres.fetch(sql, *await arguments_of(postgres, sql))
    assert failed.value.sqlstate == "GL001"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-- name: a  reads\nSELECT 1;\n", [("a", "SELECT 1", False, False)]),
        ("-- Of things.\n\n-- name: a  writes\n-- why\nDELETE FROM t;", [("a", "-- why\nDELETE FROM t", True, False)]),
        (
            "-- name: a  writes overtakes\nX;\n\n-- name: b  reads\nY;",
            [("a", "X", True, True), ("b", "Y", False, False)],
        ),
    ],
)
def test_a_heading_names_a_statement_and_what_it_does(text: str, expected: list[tuple[object, ...]]) -> None:
    assert [(each.name, each.sql, each.writes, each.overtakes) for each in parse_statements(text)] == expected


@pytest.mark.parametrize("heading", ["a", "a reads", "a  changes", "  reads", "a  reads writes", "a  reads;"])
def test_a_statement_that_declares_nothing_is_refused(heading: str) -> None:
    with pytest.raises(ValueError, match="declares itself"):
        list(parse_statements(f"-- name: {heading}\nSELECT 1;\n"))
