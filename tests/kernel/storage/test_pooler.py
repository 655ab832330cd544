"""Behind PgBouncer in transaction mode everything works, with the caches of several processes where they can listen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import StorageUnavailable
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage import fair_slots
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import make_storage, open_storage
from groundlevel.kernel.storage.postgres.connection import connect, leads_to_pooler
from groundlevel.schema.indexes import IndexKey, build_index
from groundlevel.seed.rules import DEMO, load_seed, seed_database
from tests.needs import require_postgres
from tests.pooler import pooler_before
from tests.postgres import database_of, fresh_database
from tests.world import PET, world_in


@pytest.fixture
def direct(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database."""
    require_postgres()
    migrated = database_of(request.getfixturevalue("migrated_postgres"))
    with fresh_database(request.getfixturevalue("postgres_server"), template=migrated) as url:
        yield url


@pytest.fixture
def pooled(direct: str) -> Iterator[str]:
    """The URL of the same database behind a pooler."""
    with pooler_before(direct) as url:
        yield url


async def opened(url: str, listen: str | None = None) -> Storage:
    return await open_storage(Settings(database=url, listen_database=listen))


async def test_a_pooler_is_noticed(direct: str, pooled: str) -> None:
    for url, is_pooler in ((pooled, True), (direct, False)):
        raw = await connect(url, pooled=True)
        assert await leads_to_pooler(raw) is is_pooler
        await raw.close()


@pytest.mark.parametrize("listening", [False, True])
async def test_everything_works_behind_a_pooler(
    direct: str, pooled: str, listening: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fair_slots, "TRIAL_SECONDS", 0.001)  # so that most searches are stopped, and begin again
    first = await opened(pooled, direct if listening else None)
    second = await opened(pooled, direct if listening else None)
    try:
        assert any("a pooler stands before" in notice for notice in first.notices) is not listening
        assert first.cache.trusted is listening
        await seed_database(first, load_seed(DEMO))
        one = await world_in(first)
        other = await world_in(second, one.location)
        await one.pet()
        await one.field("chip", unique=True)
        await one.field("note")
        await other.knows_fields("chip", "note")
        # More at once than the pooler has connections, from two processes, so that transactions change theirs.
        pets = [
            (one, other)[number % 2].create({"name": f"Rex {number}", "chip": f"{number}", "note": "x" * number})
            for number in range(80)
        ]
        created = await asyncio.gather(*pets, *(world.found("rex") for world in (one, other) for _ in range(10)))
        ids = [each for each in created if isinstance(each, str)]
        await build_index(first, one.call, IndexKey(PET, next(f.number for f in (await one.object()).fields)))
        await asyncio.gather(*((one, other)[n % 2].update(each, {"note": f"{n}"}) for n, each in enumerate(ids)))
        await asyncio.gather(*(one.delete(each) for each in ids[:10]))
        assert (await other.search("rex", page_limit=100)).total == 70
        assert len(await other.found("rex", page_limit=100)) == 70
        await other.field("late")
        await one.knows_fields("late")
        await one.update(ids[-1], {"late": "yes"})
        await first.ready()
        report = await examine(first)
        assert report.ok, report
    finally:
        await first.close()
        await second.close()


async def test_a_database_behind_a_pooler_is_examined_without_writing(pooled: str) -> None:
    storage = make_storage(Settings(database=pooled))
    await storage.open_to_examine()
    try:
        assert (await examine(storage)).ok
        with pytest.raises(StorageUnavailable, match="read-only"):
            await storage.read(None, lambda tx: tx.connection.run(tx.sql["raise_schema_version"], 1))
    finally:
        await storage.close()


async def test_what_is_done_once_is_done_once_behind_a_pooler(pooled: str) -> None:
    first, second = await opened(pooled), await opened(pooled)
    inside = 0

    async def alone(storage: Storage) -> None:
        nonlocal inside
        async with storage.exclusively():
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            inside -= 1

    try:
        # Each holds one of the two connections that there are: no more than two may want them.
        for _ in range(3):
            await asyncio.gather(alone(first), alone(second))
    finally:
        await first.close()
        await second.close()
