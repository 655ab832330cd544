"""On tables partitioned by location every hot statement touches one partition."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from random import Random
from typing import Any

import asyncpg
import msgspec
import pytest

from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import IndexState, Object
from groundlevel.kernel.query.ast import Every, PropertyOperand
from groundlevel.kernel.query.bind import bind
from groundlevel.kernel.query.parse import parse_query
from groundlevel.kernel.storage.compile import BoundQuery, Compiler
from groundlevel.kernel.storage.conditions import find_listed
from groundlevel.kernel.storage.dialect import Scope, Walk
from groundlevel.kernel.storage.postgres.dialect import PostgresDialect
from groundlevel.kernel.storage.postgres.partitions import split_tables
from groundlevel.kernel.storage.statements import statements
from tests.differential.generator import make_body, make_object, make_rows
from tests.differential.relations import OTHER_KEY, linked, make_associations, make_relations
from tests.kernel.query.pets import request_of
from tests.postgres import database_of, fresh_database, run_apart

PARTITIONED = (
    "records", "record_search", "record_unique", "record_values", "object_counts", "objects", "fields", "folders",
    "associations", "relations", "relation_counts", "pipelines", "outbox", "deliveries", "idempotency_keys",
    "notes", "note_relations", "tasks", "lost_reasons", "custom_values", "tags", "memberships", "deleted_objects",
    "deleted_associations", "import_jobs", "import_parts", "audit", "import_positions",
)  # fmt: skip
PARTS = 4
ELSEWHERE = frozenset(
    (
        "insert_company", "find_company", "insert_location", "find_location", "list_locations", "insert_user",
        "list_users", "list_users_of_company", "find_user", "update_location", "search_locations",
        "search_newest_locations", "delete_location", "delete_webhooks_of_location", "delete_grants_of_location",
        "delete_installs_of_location", "delete_tokens_of_location", "delete_users_of_location",
        "insert_token", "find_token", "list_tokens", "revoke_token",
        "schema_version", "raise_schema_version", "lock_changes", "lock_returning",
        "list_subscribers", "list_installed_apps", "list_signing_keys",
        "list_all_signing_keys", "update_private_key", "insert_signing_key", "retire_signing_key",
        "insert_webhook", "find_webhook", "list_webhooks", "list_webhooks_of_company", "list_webhooks_of_app",
        "update_webhook", "renew_listener", "list_expired_listeners", "delete_webhook", "app_exists",
        "lock_deliveries", "lock_signing_keys", "list_attempts", "delete_attempts", "find_egress_policy",
        "store_egress_policy",
        "insert_app", "find_app", "list_apps", "update_secret", "delete_app", "list_companies",
        "list_locations_of_company", "list_session_digests", "store_last_use",
        "insert_install", "lock_install", "lock_install_by_id", "list_installs", "update_install", "end_install",
        "insert_grant", "update_answer", "delete_answers", "insert_ticket", "find_ticket", "use_ticket",
        "delete_expired_tickets",
        "find_grant", "use_grant", "insert_access_token", "find_access_token", "delete_expired_grants",
        "delete_expired_tokens", "revoke_family_grants", "revoke_family_tokens", "revoke_install_grants",
        "revoke_install_tokens",
        "delete_archive_mark", "archive_location", "list_archived_locations",
        "update_operator", "find_console_link",
        "insert_operator", "find_operator", "list_operators", "update_operator_password", "delete_operator",
        "insert_session", "find_session", "list_sessions", "touch_session", "delete_session", "list_session_ids",
        "delete_ended_sessions", "insert_console_link", "use_console_link", "delete_expired_links",
        "insert_session_token", "delete_expired_session_tokens", "delete_session_tokens",
        "list_choices", "store_choice", "delete_choice", "delete_choices_of_operator", "delete_choices_of_location",
        "list_counters", "set_counter",
    )
)  # fmt: skip
"""Statements about tables that are not a tenant's."""
EVERYWHERE = frozenset(
    (
        "list_unfinished_reindexing", "list_deleted_objects", "list_deleted_associations",
        "locations_with_association", "locations_with_field", "locations_with_object",
        "count_orphans",        "find_corruption", "list_ready_indexes",   "list_unfinished_indexes",
        "has_due_work", "delete_expired_keys", "find_next_audited",
        "take_events", "list_due_webhooks", "lease_deliveries", "delete_unfinished",
        "list_due_import_jobs",
        "find_delivery", "list_deliveries", "list_finished_deliveries",
        "list_all_objects", "count_all_records", "count_deletions",
    )
)  # fmt: skip
"""Statements that look at all locations on purpose: at start, for a company token that names none, for the doctor."""

ARGUMENTS = {"int4": 1, "int8": 1, "text": "x", "bool": True, "jsonb": "{}", "float8": 1.0}


@pytest.fixture(scope="module")
def partitioned(postgres_server: str, migrated_postgres: str) -> Iterator[str]:
    """The URL of a database whose tables `migrate --partitions` has split; no test stores anything there."""
    with fresh_database(postgres_server, template=database_of(migrated_postgres)) as url:
        run_apart(partition(url))
        yield url


async def partition(url: str) -> None:
    assert sorted(await split_tables(url, PARTS)) == sorted(PARTITIONED)


@pytest.fixture
async def connection(partitioned: str) -> AsyncIterator[Any]:
    opened = await asyncpg.connect(partitioned)
    yield opened
    await opened.close()


async def parts_of(connection: Any, sql: str, args: list[object]) -> set[str]:
    """The numbers of the partitions that the plan of a statement names."""
    lines = await connection.fetch(f"EXPLAIN (VERBOSE) {sql}", *args)
    return set(re.findall(r"_part(\d)\b", "\n".join(line[0] for line in lines)))


async def arguments_of(connection: Any, sql: str) -> list[object]:
    """Any arguments of the right types; where two bound a range, there is something in it."""
    prepared = await connection.prepare(sql)
    values: list[object] = []
    for position, parameter in enumerate(prepared.get_parameters()):
        name = parameter.name.removesuffix("[]").removeprefix("_")
        value = bytes(11) + bytes([position]) if name == "bytea" else ARGUMENTS[name]
        if name == "int8" and f" < ${position + 1} " in sql:
            value = 9
        values.append([value] if parameter.kind == "array" else value)
    return values


async def expected(connection: Any) -> set[str]:
    """The one partition of location 1."""
    return await parts_of(connection, "SELECT 1 FROM records WHERE loc = $1", [1])


@pytest.mark.parametrize("name", sorted(statements("postgres").keys() - ELSEWHERE - EVERYWHERE))
async def test_a_statement_touches_one_partition(name: str, connection: Any) -> None:
    sql = statements("postgres")[name].sql
    touched = await parts_of(connection, sql, await arguments_of(connection, sql))
    inserts = re.findall(r"INSERT INTO \w+ \(([\w,\s]+)\)", sql)
    if inserts and not touched:
        # A plan says no more of an insert than its table; the row itself goes to one partition.
        assert all("loc" in re.split(r",\s*", columns) for columns in inserts)
        return
    assert touched == await expected(connection)


def indexed(definition: Object) -> Object:
    """The object with an index over every field that may have one."""
    fields = (
        msgspec.structs.replace(field, index=IndexState.READY) if type_of(field.data_type).may_be_indexed else field
        for field in definition.fields
    )
    return msgspec.structs.replace(definition, fields=tuple(fields))


def statements_of(compiler: Compiler) -> Iterator[BoundQuery]:
    """Every statement by which the plan could be carried out."""
    plan, ids = compiler.plan, [bytes(12)]
    yield compiler.page()
    yield compiler.page(list(ids))
    tests = plan.where.tests if isinstance(plan.where, Every) else (plan.where,) if plan.where else ()
    chosen = [compiler.total(), compiler.total(list(ids)), compiler.text_ids(9)]
    chosen += [way for test in tests for way in (compiler.index_ids(test, 9), compiler.index_count(test))]
    yield from (query for query in chosen if query is not None)
    if sought := find_listed(plan, compiler.dialect, cut=False):
        yield compiler.listed_page(sought, 9)
    if not plan.order:
        return
    key = plan.order[0]
    if isinstance(key.operand, PropertyOperand) and key.operand.indexed:
        value = 1.0 if key.operand.comparison is Comparison.NUMBER else "x"
        for missing, mark in ((False, None), (False, "0" * 24), (True, None), (True, "0" * 24)):
            walk = Walk(key.operand, key.descending, missing, value, mark)
            yield compiler.walk(walk, offset=0, limit=9)
            yield compiler.walk_count(walk)
        if long := compiler.long_entries(key.operand):
            yield long


async def test_there_are_other_partitions(connection: Any) -> None:
    assert len(await expected(connection)) == 1
    assert len(await parts_of(connection, "SELECT 1 FROM records WHERE obj = $1", [1])) == PARTS


def test_no_statement_is_left_out_without_reason() -> None:
    assert statements("postgres").keys() >= ELSEWHERE | (EVERYWHERE)
    for name in ELSEWHERE:
        assert not re.search(rf"\b({'|'.join(PARTITIONED)})\b", statements("postgres")[name].sql), name


@pytest.mark.parametrize("seed", range(6))
async def test_a_search_touches_one_partition(seed: int, connection: Any) -> None:
    random = Random(seed)
    schema = CompiledObject(indexed(make_object(random)))
    associations = make_associations((7, schema.object.key), (8, OTHER_KEY))
    rows = make_rows(random, schema, 30)
    rows = linked(rows, make_relations(random, rows, ["0" * 24]), associations)
    only = await expected(connection)
    for _ in range(15):
        asked = parse_query(request_of(make_body(random, schema, rows)), strict=False)
        plan = bind(asked, schema, strict=False, associations=associations)
        scope = Scope(1, 7, prevails=random.random() < 0.5)
        for query in statements_of(Compiler(PostgresDialect(), scope, plan)):
            # None when the planner sees that conditions contradict each other.
            assert await parts_of(connection, query.statement.sql, query.args) <= only, query.statement.sql
