"""What requests read by ids at the same time is read from PostgreSQL together, and each gets its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import msgspec
import pytest

from groundlevel.kernel.errors import StorageUnavailable
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.storage.postgres.connection import PostgresConnection
from groundlevel.kernel.storage.postgres.gathering import MOST_ASKERS, MOST_FLIGHTS, GatheredReads
from groundlevel.kernel.storage.postgres.pool import Pool
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.records.rules import NewRecord, RecordKey, create_record, get_record
from tests.postgres import database_of, fresh_database
from tests.world import PATIENCE_SECONDS, PET, eventually, world_in

ROWS = Statement.query(
    "SELECT t.id, n * $2::int FROM unnest($1::bytea[]) AS t (id) CROSS JOIN generate_series(1, get_byte(t.id, 0)) AS n"
    " ORDER BY n"
)
"""As many rows of a thing as the first byte of its id says."""


class CountingConnection(PostgresConnection):
    """A connection that notes how many ids each statement asked for."""

    asked: list[int]

    async def rows_by_id(self, statement: Statement, ids: Sequence[bytes], *args: object) -> list[Row]:
        self.asked.append(len(ids))
        return await super().rows_by_id(statement, ids, *args)


class Reads:
    """Reads that are gathered on one server, and the sizes of the statements that they made."""

    def __init__(self, url: str, size: int) -> None:
        self.asked: list[int] = []
        self.pool = Pool(lambda: asyncpg.connect(url), size)
        self.gathered = GatheredReads(self.pool, self._wrap)

    def _wrap(self, raw: Any) -> PostgresConnection:
        connection = CountingConnection(raw)
        connection.asked = self.asked
        return connection

    async def ask(self, *ids: bytes, times: int = 1) -> list[tuple[bytes, int]]:
        """The rows of things."""
        return [(row[0], row[1]) for row in await self.gathered.rows(ROWS, ids, times)]


@pytest.fixture
async def reads(postgres_server: str) -> AsyncIterator[Reads]:
    made = Reads(postgres_server, MOST_FLIGHTS + 1)
    yield made
    await made.pool.close(1)


async def test_what_is_asked_for_in_one_turn_is_one_statement(reads: Reads) -> None:
    answers = await asyncio.gather(
        reads.ask(b"\x02"), reads.ask(b"\x00"), reads.ask(b"\x01", b"\x02"), reads.ask(b"\x02"), reads.ask()
    )
    two = [(b"\x02", 1), (b"\x02", 2)]
    assert list(answers) == [two, [], [(b"\x01", 1), *two], two, []]
    assert reads.asked == [3]


async def test_other_arguments_are_another_statement(reads: Reads) -> None:
    once, five_times = await asyncio.gather(reads.ask(b"\x01"), reads.ask(b"\x01", times=5))
    assert (once, five_times) == ([(b"\x01", 1)], [(b"\x01", 5)])
    assert reads.asked == [1, 1]


async def test_there_are_no_more_askers_in_a_statement_and_no_more_statements_than_allowed(reads: Reads) -> None:
    ids = [b"\x01" + number.to_bytes(2, "big") for number in range(MOST_ASKERS * (MOST_FLIGHTS + 2))]
    answers = await asyncio.gather(*(reads.ask(each) for each in ids))
    assert answers == [[(each, 1)] for each in ids]
    assert reads.asked == [MOST_ASKERS] * (MOST_FLIGHTS + 2)
    assert reads.pool.opened <= MOST_FLIGHTS


async def test_who_gives_up_takes_nothing_from_the_others(reads: Reads) -> None:
    first, gone = asyncio.create_task(reads.ask(b"\x01")), asyncio.create_task(reads.ask(b"\x02"))
    await asyncio.sleep(0)
    gone.cancel()
    assert await first == [(b"\x01", 1)]
    with pytest.raises(asyncio.CancelledError):
        await gone
    lone = asyncio.create_task(reads.ask(b"\x03"))
    await asyncio.sleep(0)
    lone.cancel()
    assert await reads.ask(b"\x01") == [(b"\x01", 1)]


async def test_what_fails_fails_for_those_who_asked_and_for_nobody_else(reads: Reads) -> None:
    # An id of no byte has no first one.
    outcomes = await asyncio.gather(reads.ask(b""), reads.ask(b"\x01"), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncpg.ArraySubscriptError] * 2
    assert await reads.ask(b"\x01") == [(b"\x01", 1)]


async def test_records_that_are_asked_for_together_are_each_their_own(
    postgres_server: str, migrated_postgres: str
) -> None:
    with fresh_database(postgres_server, template=database_of(migrated_postgres)) as url:
        storage = await open_storage(Settings(database=url, pool_size=4))
        world = await world_in(storage)
        await world.pet()
        made = [await world.do(create_record, NewRecord(PET, {"name": f"Pet {number}"})) for number in range(40)]
        keys = [RecordKey(PET, view.record.id) for view in made]
        views = await asyncio.gather(*(world.do(get_record, key) for key in keys))
        names = [msgspec.json.decode(view.record.properties)["name"] for view in views]
        assert names == [f"Pet {number}" for number in range(40)]
        await _cut_connections(url)
        outcomes = await asyncio.gather(*(world.do(get_record, key) for key in keys), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} <= {type(views[0]), StorageUnavailable}

        async def is_back() -> bool:
            with contextlib.suppress(StorageUnavailable):
                return (await world.do(get_record, keys[0])).record.id == keys[0].id
            return False

        await eventually(is_back)
        await storage.close()


async def test_who_has_a_connection_waits_for_no_other(postgres_server: str, migrated_postgres: str) -> None:
    """Else as many as there are connections could each hold one, and wait for another."""
    with fresh_database(postgres_server, template=database_of(migrated_postgres)) as url:
        storage = await open_storage(Settings(database=url, pool_size=2))

        async def work(tx: Transaction) -> list[Row]:
            await tx.connection.row(Statement.query("SELECT pg_sleep(0.01)"))
            return await tx.connection.rows_by_id(ROWS, [b"\x01"], 7)

        async with asyncio.timeout(PATIENCE_SECONDS):
            found = await asyncio.gather(*(storage.read(None, work) for _ in range(8)))
        assert [[tuple(row) for row in rows] for rows in found] == [[(b"\x01", 7)]] * 8
        await storage.close()


async def _cut_connections(url: str) -> None:
    raw = await asyncpg.connect(url)
    await raw.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await raw.close()
