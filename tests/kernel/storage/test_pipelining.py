"""PostgreSQL gets statements without a result in one message, with arguments that mean what the driver would send."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import asyncpg
import pytest

from groundlevel.kernel.errors import InvalidValue
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.storage.postgres.connection import PostgresConnection
from groundlevel.kernel.storage.postgres.pipelining import MAX_ARRAY, MAX_BYTES, encode_literals
from groundlevel.kernel.storage.statements import Statement, statements
from groundlevel.kernel.storage.transaction import Transaction
from tests.conftest import Opening
from tests.kernel.storage.notices import hear_changes
from tests.kernel.storage.rows import add
from tests.needs import not_applicable
from tests.webhooks.event_capture import heard, listen
from tests.world import PET, World, world_in

TEXTS = [
    *("", " ", "'", "''", "\\", "\\'", '"', '\\"', "NULL", "null", "{}", "a,b", "$1 $$", "%s", "; --", "\n"),
    "'; DROP TABLE records; --",
    "Zoë\U0001f436",
]


@pytest.fixture
async def world(opening: Opening) -> World:
    """A location in a database that is written to as a server's is."""
    return await world_in(await opening())


@pytest.fixture
async def schema(world: World) -> CompiledObject:
    await world.pet()
    return await world.storage.read(world.location, lambda tx: tx.schema(PET))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent to the server from now on, an entry for each round trip."""
    noted: list[str] = []

    def noting(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def send(self: PostgresConnection, sql: str | Statement, *args: Any) -> Any:
            noted.append(sql.sql if isinstance(sql, Statement) else sql)
            return await original(self, sql, *args)

        return send

    for name in ("rows", "row", "run", "run_many", "script"):
        monkeypatch.setattr(PostgresConnection, name, noting(getattr(PostgresConnection, name)))
    return noted


def of_postgres(world: World) -> None:
    if world.storage.engine != "postgres":
        not_applicable("SQLite has no round trips to save")


async def test_arguments_mean_what_the_driver_would_have_sent(world: World) -> None:
    of_postgres(world)
    values: list[list[object]] = [
        [*TEXTS, None],
        [text.encode() for text in TEXTS] + [bytes(range(256)), None],
        [0, -1, 2**63 - 1, -(2**63), None],
        [0.1, -1e300, 5e-324, float("inf"), 3.0, None],
        [True, False, None],
        [],
    ]
    types = ("text", "bytea", "bigint", "double precision", "boolean", "text")

    async def work(tx: Transaction) -> None:
        connection = tx.connection
        for number, (type_, array) in enumerate(zip(types, values, strict=True)):
            many, one = f"many_{number}", f"one_{number}"
            await connection.script(f"CREATE TEMPORARY TABLE {many} (v {type_}[])")
            await connection.script(f"CREATE TEMPORARY TABLE {one} (n integer, v {type_})")
            await connection.script(f"PREPARE said ({type_}[]) AS INSERT INTO {many} VALUES ($1)")
            await connection.script(f"PREPARE said_one (integer, {type_}) AS INSERT INTO {one} VALUES ($1, $2)")
            await connection.script(f"EXECUTE said{encode_literals([array])}")
            for n, value in enumerate(array):
                await connection.script(f"EXECUTE said_one{encode_literals([n, value])}")
            row = await connection.row(Statement.query(f"SELECT v FROM {many}"))
            ones = await connection.rows(Statement.query(f"SELECT v FROM {one} ORDER BY n"))
            assert row is not None
            assert row[0] == array
            assert [each[0] for each in ones] == array
            await connection.script(f"DROP TABLE {many}; DROP TABLE {one}; DEALLOCATE said; DEALLOCATE said_one")

    await world.storage.write(world.location, work)


@pytest.mark.parametrize(
    "args", [["a\0b"], [["a\0b"]], [[1] * (MAX_ARRAY + 1)], ["x" * (MAX_BYTES + 1)], [object()], [[object()]]]
)
def test_what_is_long_or_odd_is_left_to_the_driver(args: list[object]) -> None:
    assert encode_literals(args) is None


def test_no_arguments_need_no_brackets() -> None:
    assert encode_literals([]) == ""


async def test_a_write_that_asks_nothing_is_one_message(world: World, schema: CompiledObject, sent: list[str]) -> None:
    of_postgres(world)
    await listen(world)
    await hear_changes(world.storage)
    # The first one reads the schema and prepares the statements.
    await world.create({"name": "rex"})
    del sent[:]
    await world.create({"name": "max"})
    (message,) = sent
    kinds = [statement.split(" (")[0] for statement in message.split("; ")]
    assert kinds[0] == "BEGIN"
    logged = ["EXECUTE lock_changes", "EXECUTE insert_changes"]
    assert kinds[2:] == ["EXECUTE insert_records", "EXECUTE insert_event", *logged, "COMMIT"]
    assert {kind for kind, _ in await heard(world)} == {"RecordCreate"}


async def test_one_that_does_nothing_is_none(world: World, schema: CompiledObject, sent: list[str]) -> None:
    of_postgres(world)

    async def idle(tx: Transaction) -> None:
        pass

    async def refused(tx: Transaction) -> None:
        await add(tx, schema, ["max"])
        raise InvalidValue("no")

    del sent[:]
    await world.storage.write(world.location, idle)
    with pytest.raises(InvalidValue):
        await world.storage.write(world.location, refused)
    assert sent == []


async def test_a_question_hears_of_what_was_gathered(world: World, schema: CompiledObject) -> None:
    async def work(tx: Transaction) -> None:
        (record_id,) = await add(tx, schema, ["rex"])
        record = await tx.records.find(schema, record_id)
        assert record is not None
        await tx.records.delete(schema, record_id, entries=frozenset())
        assert await tx.records.find(schema, record_id) is None
        ids = await add(tx, schema, ["max"])
        assert [each.id for each in (await tx.records.list_after(schema, "", 10)).records] == ids

    await world.storage.write(world.location, work)


async def test_more_than_a_message_holds_is_kept_in_its_order(world: World, schema: CompiledObject) -> None:
    async def work(tx: Transaction) -> None:
        for number in range(3 * MAX_ARRAY):
            (record_id,) = await add(tx, schema, [f"rex {number}"])
            if number % 2:
                await tx.records.delete(schema, record_id, entries=frozenset())

    await world.storage.write(world.location, work)
    assert await world.storage.read(world.location, lambda tx: tx.records.count(schema)) == 3 * MAX_ARRAY // 2


async def test_what_fails_late_leaves_nothing(world: World, schema: CompiledObject) -> None:
    """A statement fails when it is sent, perhaps with COMMIT; the connection is of use afterwards."""
    of_postgres(world)
    sql = statements("postgres")["insert_values"]

    async def work(tx: Transaction) -> None:
        await add(tx, schema, ["rex"])
        await tx.connection.run(sql, tx.loc, ["no number"], [b""], [None], [None], [False])

    with pytest.raises(asyncpg.DataError):
        await world.storage.write(world.location, work)
    assert await world.storage.read(world.location, lambda tx: tx.records.count(schema)) == 0
    await world.storage.write(world.location, lambda tx: add(tx, schema, ["max"]))
    assert await world.storage.read(world.location, lambda tx: tx.records.count(schema)) == 1


async def test_a_refusal_keeps_nothing_of_its_own_and_all_of_its_neighbours(
    world: World, schema: CompiledObject
) -> None:
    """Also where what it added had been sent already, to answer a question, when it was refused."""

    async def refused(tx: Transaction) -> None:
        (record_id,) = await add(tx, schema, ["rex"])
        assert await tx.records.find(schema, record_id) is not None
        raise InvalidValue("no")

    works = [refused if number % 3 == 1 else partial(add, schema=schema, texts=["max"]) for number in range(12)]
    outcomes = await asyncio.gather(
        *(world.storage.write(world.location, work) for work in works), return_exceptions=True
    )
    assert [isinstance(each, InvalidValue) for each in outcomes] == [number % 3 == 1 for number in range(12)]
    assert await world.storage.read(world.location, lambda tx: tx.records.count(schema)) == 8
