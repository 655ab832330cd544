"""Connections are shared by those who wait for them, in their order, and no place is lost when something fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from groundlevel.kernel.storage.postgres.pool import Pool
from tests.world import PATIENCE_SECONDS


class Door:
    """Connects to the database, as long as it is open."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_open = True
        self.opened = 0

    async def connect(self) -> Any:
        """A new connection. Raises ConnectionRefusedError."""
        if not self.is_open:
            # Whoever connects waits for the network before it knows.
            await asyncio.sleep(0)
            raise ConnectionRefusedError
        connection = await asyncpg.connect(self.url)
        self.opened += 1
        return connection


@pytest.fixture
def door(migrated_postgres: str) -> Door:
    return Door(migrated_postgres)


@pytest.fixture
async def pool(door: Door) -> AsyncIterator[Pool]:
    """A pool of one connection."""
    pool = Pool(door.connect, 1)
    yield pool
    await pool.close(PATIENCE_SECONDS)


async def turns() -> None:
    """Lets every task go as far as it can without the network."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_connection_is_used_again(pool: Pool, door: Door) -> None:
    for _ in range(3):
        async with pool.acquire() as connection:
            assert await connection.fetchval("SELECT 1") == 1
            assert (pool.opened, pool.idle) == (1, 0)
    assert (pool.opened, pool.idle, door.opened) == (1, 1, 1)


async def test_those_who_wait_get_it_in_their_order(pool: Pool, door: Door) -> None:
    served: list[int] = []

    async def use(number: int) -> None:
        async with pool.acquire() as connection:
            served.append(await connection.fetchval("SELECT $1::integer", number))

    taken = await pool.take()
    waiting = [asyncio.create_task(use(number)) for number in range(5)]
    await turns()
    assert served == []
    pool.give(taken)
    await asyncio.gather(*waiting)
    assert served == [0, 1, 2, 3, 4]
    assert door.opened == 1


async def test_who_comes_between_a_turn_and_its_taker_does_not_send_it_to_the_end(pool: Pool) -> None:
    served: list[str] = []

    async def use(name: str) -> None:
        async with pool.acquire():
            served.append(name)

    taken = await pool.take()
    waiting = [asyncio.create_task(use(name)) for name in ("first", "second")]
    await turns()
    pool.give(taken)
    # The turn is given, and nobody has run yet.
    between = await pool.take()
    await turns()
    assert served == []
    pool.give(between)
    await asyncio.gather(*waiting)
    assert served == ["first", "second"]


async def test_a_turn_whose_taker_is_cancelled_goes_to_the_next(pool: Pool) -> None:
    taken = await pool.take()
    cancelled, next_one = [asyncio.create_task(pool.take()) for _ in range(2)]
    await turns()
    pool.give(taken)
    cancelled.cancel()
    assert await asyncio.wait_for(next_one, PATIENCE_SECONDS) is taken
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    pool.give(taken)


async def test_who_is_cancelled_while_waiting_is_passed_over(pool: Pool) -> None:
    taken = await pool.take()
    cancelled, next_one = [asyncio.create_task(pool.take()) for _ in range(2)]
    await turns()
    cancelled.cancel()
    await turns()
    pool.give(taken)
    assert await asyncio.wait_for(next_one, PATIENCE_SECONDS) is taken
    pool.give(taken)


async def test_a_failure_to_connect_frees_the_place_for_those_who_wait(pool: Pool, door: Door) -> None:
    door.is_open = False
    failing, waiting = [asyncio.create_task(pool.take()) for _ in range(2)]
    for task in (failing, waiting):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.wait_for(task, PATIENCE_SECONDS)
    assert pool.opened == 0
    door.is_open = True
    async with pool.acquire() as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def test_a_connection_that_was_cut_makes_place_for_a_new_one(pool: Pool, door: Door) -> None:
    async with pool.acquire() as connection:
        connection.terminate()
    assert pool.opened == 0
    async with pool.acquire() as second:
        pass
    second.terminate()
    async with pool.acquire() as third:
        assert await third.fetchval("SELECT 1") == 1
    assert door.opened == 3


async def test_a_connection_left_in_a_transaction_is_not_used_again(pool: Pool, door: Door) -> None:
    async with pool.acquire() as connection:
        await connection.execute("BEGIN")
    assert connection.is_closed()
    async with pool.acquire() as another:
        assert not another.is_in_transaction()
    assert door.opened == 2


async def test_closing_waits_for_what_is_in_use(pool: Pool) -> None:
    taken = await pool.take()
    closing = asyncio.create_task(pool.close(PATIENCE_SECONDS))
    await turns()
    assert await taken.fetchval("SELECT 1") == 1
    pool.give(taken)
    await closing
    assert taken.is_closed()
    assert (pool.opened, pool.idle) == (0, 0)


async def test_closing_does_not_wait_for_ever(pool: Pool) -> None:
    taken = await pool.take()
    await pool.close(0.01)
    assert taken.is_closed()
    pool.give(taken)
    assert pool.opened == 0


async def test_whoever_is_alone_waits_for_the_others_and_they_for_it(door: Door) -> None:
    pool = Pool(door.connect, 3)
    events: list[str] = []
    first, second = await pool.take(), await pool.take()

    async def be_alone() -> None:
        async with pool.alone() as connection:
            events.append("alone")
            await connection.execute("SELECT pg_sleep(0)")
            await turns()
            events.append("done")

    async def take() -> None:
        async with pool.acquire():
            events.append("other")

    alone = asyncio.create_task(be_alone())
    await turns()
    others = [asyncio.create_task(take()) for _ in range(4)]
    pool.give(first)
    await turns()
    assert events == []
    pool.give(second)
    await asyncio.gather(alone, *others)
    assert events == ["alone", "done", "other", "other", "other", "other"]
    await pool.close(PATIENCE_SECONDS)


async def test_a_failure_alone_lets_the_others_in_again(pool: Pool, door: Door) -> None:
    door.is_open = False
    with pytest.raises(ConnectionRefusedError):
        async with pool.alone():
            pass
    door.is_open = True
    with pytest.raises(ZeroDivisionError):
        async with pool.alone():
            raise ZeroDivisionError
    async with pool.acquire() as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def test_a_connection_that_was_cut_is_not_the_one_alone(pool: Pool) -> None:
    async with pool.acquire() as connection:
        pass
    connection.terminate()
    async with pool.alone() as connection:
        assert await connection.fetchval("SELECT 1") == 1
