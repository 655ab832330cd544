"""What happens when PostgreSQL cannot be reached, cuts a line, or lacks an extension."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import OutcomeUnknown, StorageUnavailable
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import open_storage
from tests.kernel.storage.test_cache import knows
from tests.needs import postgres_binaries, require_trigrams
from tests.postgres import Cluster, fresh_database
from tests.world import PET, World, eventually, world_in


async def terminate(url: str, condition: str) -> int:
    """Cuts the lines of all sessions of the database for which the condition holds, and counts them."""
    connection = await asyncpg.connect(url)
    try:
        cut = await connection.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = current_database() AND pid <> pg_backend_pid() AND {condition}"
        )
        return len(cut)
    finally:
        await connection.close()


async def remembers(world: World) -> bool:
    """Whether the schema is kept after it was read."""
    await world.object()
    return (world.location.number, PET) in world.storage.cache.schemas


@pytest.fixture
async def worlds(postgres_server: str) -> object:
    with fresh_database(postgres_server) as url:
        storages = [await open_storage(Settings(database=url)) for _ in range(2)]
        one = await world_in(storages[0])
        await one.pet()
        yield url, one, await world_in(storages[1], one.location)
        for storage in storages:
            await storage.close()


async def test_a_cut_listener_is_noticed_and_comes_back(worlds: tuple[str, World, World]) -> None:
    url, one, two = worlds
    await eventually(lambda: remembers(one))
    before = one.storage.cache.epoch
    assert await terminate(url, "query LIKE 'LISTEN%'") == 2

    async def forgot() -> bool:
        return one.storage.cache.epoch > before and two.storage.cache.trusted

    await eventually(forgot)
    await eventually(lambda: remembers(one))
    await one.create({"name": "Rex"})
    await two.field("age", "NUMERICAL")
    await eventually(lambda: knows(one, "age"))
    await one.create({"name": "Max", "age": 3})


async def test_work_goes_on_after_every_line_was_cut(worlds: tuple[str, World, World]) -> None:
    url, one, two = worlds
    await one.create({"name": "Rex"})
    await two.search("rex")
    # A listener and a writer of the one, a listener and a searcher of the other.
    assert await terminate(url, "true") >= 4

    async def written() -> bool:
        try:
            await one.create({"name": "Max"})
        except StorageUnavailable:
            return False
        return True

    await eventually(written)
    assert (await two.search("max")).total == 1
    assert (await examine(one.storage)).ok


async def test_a_server_that_is_gone_is_unavailable() -> None:
    cluster = Cluster(postgres_binaries())
    try:
        storage = await open_storage(Settings(database=cluster.url))
        world = await world_in(storage)
        await world.pet()
        await world.create({"name": "Rex"})
        await eventually(lambda: remembers(world))
        await storage.ready()
    finally:
        cluster.stop()
    # A write that goes in one message with its COMMIT may have been stored by the time the connection is lost.
    with pytest.raises((StorageUnavailable, OutcomeUnknown)):
        await world.create({"name": "Rex"})
    for attempt in (world.found(), world.pet(), storage.ready()):
        with pytest.raises(StorageUnavailable):
            await attempt

    async def distrusted() -> bool:
        return not storage.cache.trusted and not storage.cache.schemas

    await eventually(distrusted)
    with pytest.raises(StorageUnavailable):
        await world.object()
    await storage.close()


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////proc/none/test.db"])
async def test_a_database_that_cannot_be_opened_is_unavailable(url: str) -> None:
    with pytest.raises((StorageUnavailable, OSError)):
        await open_storage(Settings(database=url))


async def test_a_database_that_does_not_exist_is_unavailable(postgres_server: str) -> None:
    with pytest.raises(StorageUnavailable, match="does not exist"):
        await open_storage(Settings(database=f"{postgres_server.rpartition('/')[0]}/none"))


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: object) -> None:
    path = f"{tmp_path}/text.db"
    with open(path, "w") as file:  # noqa: ASYNC230, PTH123
        file.write("no database " * 100)
    with pytest.raises(StorageUnavailable, match="not a database"):
        await open_storage(Settings(database=f"sqlite:///{path}"))


async def test_without_trigrams_it_says_so_and_answers(postgres_without_trigrams: str) -> None:
    storage = await open_storage(Settings(database=postgres_without_trigrams))
    try:
        assert len(storage.notices) == 1
        assert "text search runs without an index" in storage.notices[0]
        world = await world_in(storage)
        await world.pet()
        ids = [await world.create({"name": name}) for name in ("Rex", "Zoë", "50% Rexona")]
        assert await world.found("REX") == [ids[2], ids[0]]
        assert await world.found("zoe") == [ids[1]]
        assert await world.found("0%") == [ids[2]]
        assert (await examine(storage)).ok
    finally:
        await storage.close()


async def test_with_trigrams_there_is_nothing_to_say(storage: Storage) -> None:
    if storage.engine == "postgres":
        require_trigrams()
    assert storage.notices == []


async def test_measures_are_numbers(storage: Storage) -> None:
    await asyncio.gather(*(storage.ready() for _ in range(5)))
    measures = await storage.measures()
    assert measures
    assert all(value >= 0 for value in measures.values())
