"""Work that meets a change of its schema is run again, and a scan that is cancelled stops."""

from __future__ import annotations

import asyncio

import pytest

from groundlevel.kernel.errors import Refusal
from groundlevel.kernel.storage.connection import ATTEMPTS, StaleSchemaError
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from tests.conftest import Opening
from tests.world import PET, World, world_in


@pytest.fixture
async def world(opening: Opening) -> World:
    """A location with the object `pet`, in a file or on a server: a database in memory is never scanned on a thread."""
    world = await world_in(await opening())
    await world.pet()
    return world


@pytest.mark.parametrize("way", ["read", "scan", "write", "change_schema"])
async def test_work_on_a_stale_schema_is_run_again_and_given_up_if_it_stays_stale(world: World, way: str) -> None:
    tries: list[int] = []
    run = getattr(world.storage, way)

    async def never(tx: Transaction) -> None:
        tries.append(1)
        raise StaleSchemaError

    async def in_the_end(tx: Transaction) -> str:
        tries.append(1)
        if len(tries) < 3:
            raise StaleSchemaError
        return (await tx.schema(PET)).object.key

    assert await run(world.location, in_the_end) == PET
    assert len(tries) == 3
    tries.clear()
    with pytest.raises(Refusal) as refused:
        await run(world.location, never)
    assert refused.value.code == "schema_busy"
    assert len(tries) == ATTEMPTS


async def test_a_scan_that_is_cancelled_stops(world: World) -> None:
    """It runs on a thread, or in the database server; what reads afterwards is not disturbed."""
    endless = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "postgres": "SELECT pg_sleep(600)",
    }[world.storage.engine]
    began = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def work(tx: Transaction) -> None:
        loop.call_soon_threadsafe(began.set)
        await tx.connection.rows(Statement.query(endless))

    scan = asyncio.create_task(world.storage.scan(world.location, work))
    await began.wait()
    scan.cancel()
    with pytest.raises(asyncio.CancelledError):
        await scan
    assert (await world.search()).total == 0
