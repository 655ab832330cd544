"""Events are stored with what they tell of, as they were told, in an order that never turns back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from groundlevel.kernel.errors import StorageUnavailable
from groundlevel.kernel.model import Event, Location
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.postgres.pipelining import MAX_ARRAY
from groundlevel.kernel.storage.postgres.transaction import FEW_EVENTS
from groundlevel.kernel.storage.sqlite.transaction import EVENTS_RESERVED
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.webhooks import delivery_store
from groundlevel.webhooks.delivery_store import StoredEvent
from tests.conftest import Opening
from tests.kernel.storage.test_transactions import hook_commits
from tests.needs import not_applicable
from tests.world import World, world_in

TEXTS = (
    '{"a":"b"}',
    '{"it\'s":"\'; DROP TABLE outbox; --"}',
    '{"a":"\\\\\' \\\\","b":"$1 $$ %s"}',
    '{"a":"\\u0000 \\ud83d \x7f \u2028 \U0001f436 Zoë"}',
    "{}",
    f'{{"long":"{"x" * 7_000}"}}',
)


@pytest.fixture
async def world(opening: Opening) -> World:
    """A location in a database that is written to as a server's is."""
    return await world_in(await opening())


def events(count: int, first: int = 0) -> list[Event]:
    """Events of all kinds of receivers and texts."""
    receivers: tuple[tuple[str | None, str | None], ...] = ((None, None), ("app", None), (None, "web'hook"))
    return [
        Event("RecordCreate", f"subject {number}", TEXTS[number % len(TEXTS)], number, *receivers[number % 3])
        for number in range(first, first + count)
    ]


async def tell(storage: Storage, location: Location | None, told: Sequence[Event]) -> None:
    async def work(tx: Transaction) -> None:
        for each in told:
            tx.emit(each)

    await storage.write(location, work)


async def taken(storage: Storage, limit: int = 10_000) -> list[StoredEvent]:
    return await storage.write(None, lambda tx: delivery_store.take_events(tx, limit))


@pytest.mark.parametrize("count", [1, FEW_EVENTS, FEW_EVENTS + 1, MAX_ARRAY, MAX_ARRAY + 1, 3 * MAX_ARRAY])
async def test_events_are_stored_as_they_were_told(world: World, count: int) -> None:
    told = events(count)
    await tell(world.storage, world.location, told)
    await tell(world.storage, None, told)
    stored = await taken(world.storage)
    assert [each.event for each in stored] == told * 2
    assert [each.location for each in stored] == [world.location.number] * count + [0] * count
    assert await taken(world.storage) == []


async def test_so_are_those_of_use_cases_that_share_a_transaction(world: World) -> None:
    told = events(150)
    await asyncio.gather(*(tell(world.storage, world.location, [each]) for each in told))
    stored = await taken(world.storage)
    assert [each.event for each in stored] == told
    assert len({each.seq for each in stored}) == len(told)


async def test_their_order_is_that_of_all_processes(opening: Opening) -> None:
    """Also where everything was taken in between, and in a process that starts later."""
    first, second = await opening(), await opening()
    location = await create_location(first, NewLocation("L"))
    numbers = []
    for turn, storage in enumerate((first, second, first, first, second, await opening(), first)):
        await tell(storage, location, events(2, turn))
        if turn != 3:
            numbers += [each.seq for each in await taken((second, first)[turn % 2])]
    assert len(numbers) == 14
    assert numbers == sorted(set(numbers))


async def test_it_goes_on_behind_the_numbers_that_were_reserved(world: World) -> None:
    numbers = []
    for first in range(0, 3 * EVENTS_RESERVED, EVENTS_RESERVED // 2 + 1):
        await tell(world.storage, world.location, events(EVENTS_RESERVED // 2 + 1, first))
        numbers += [each.seq for each in await taken(world.storage)]
    assert len(numbers) > 2 * EVENTS_RESERVED
    assert numbers == sorted(set(numbers))


async def test_numbers_that_a_failed_commit_reserved_are_not_given_twice(world: World) -> None:
    """SQLite alone can be told to fail a commit from outside; PostgreSQL numbers events by a sequence."""
    if world.storage.engine != "sqlite":
        not_applicable("on PostgreSQL a sequence gives the numbers, whatever becomes of the transaction")
    await hook_commits(world.storage, fail=True)
    with pytest.raises(StorageUnavailable):
        await tell(world.storage, world.location, events(2))
    await hook_commits(world.storage, fail=False)
    told = events(EVENTS_RESERVED + 2, 2)
    await tell(world.storage, world.location, told)
    assert [each.event for each in await taken(world.storage)] == told
