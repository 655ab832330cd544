"""Images of everything that is stored: what is put back is what was taken, to the last row."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.demand import SMALLEST
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.seed.rules import load_seed, seed_database
from tests.needs import not_applicable
from tests.world import PET, World, world_in

TABLES = {
    "sqlite": """SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
                 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name""",
    "postgres": "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
}


async def rows_of(storage: Storage) -> dict[str, list[str]]:
    """Every row of every table, in an order that does not depend on where they lie."""

    async def read(tx: Transaction) -> dict[str, list[str]]:
        names = [row[0] for row in await tx.connection.rows(Statement.query(TABLES[storage.engine]))]
        found: dict[str, list[str]] = {}
        for name in names:
            rows = await tx.connection.rows(Statement.query(f'SELECT * FROM "{name}"'))
            found[name] = sorted(repr(tuple(row)) for row in rows)
        return found

    return await storage.read(None, read)


@pytest.fixture
async def world(storage: Storage) -> World:
    """A world beside the demo, on a database that is disposable."""
    await storage.images().mark_disposable()
    await seed_database(storage, load_seed("demo"))
    world = await world_in(storage)
    await world.pet()
    await world.field("colour")
    return world


async def change_everything(world: World) -> None:
    """Creates, changes and deletes definitions, records, locations and tokens."""
    kept = await world.create({"name": "Kept", "colour": "red"})
    await world.update(kept, {"colour": "blue"})
    await world.delete(await world.create({"name": "Gone"}))
    await world.field("size", "NUMERICAL")
    other = await create_location(world.storage, NewLocation("Another"))
    await (await world_in(world.storage, other)).pet()


async def test_every_row_is_put_back(world: World) -> None:
    storage, images = world.storage, world.storage.images()
    before = await rows_of(storage)
    assert len(before) > 20
    assert sum(map(len, before.values())) > 200
    await images.take("one")
    for _ in range(2):
        await change_everything(world)
        assert await rows_of(storage) != before
        await images.put_back("one")
        assert await rows_of(storage) == before


async def test_each_image_is_put_back_whatever_was_put_back_before(world: World) -> None:
    storage, images = world.storage, world.storage.images()
    states: dict[str, dict[str, list[str]]] = {}
    for number in range(3):
        name = f"image {number}"
        await world.create({"name": name})
        await images.take(name)
        states[name] = await rows_of(storage)
    for name in ("image 0", "image 2", "image 1", "image 2", "image 0", "image 0", "image 1"):
        await images.put_back(name)
        assert await rows_of(storage) == states[name]
    await images.drop("image 0")
    assert images.names == ["image 1", "image 2"]
    with pytest.raises(KeyError):
        await images.put_back("image 0")
    with pytest.raises(KeyError):
        await images.drop("image 0")
    await images.put_back("image 2")
    assert await rows_of(storage) == states["image 2"]


async def test_images_taken_changed_and_dropped_in_any_order_stay_what_they_were(storage: Storage) -> None:
    """Also where tables are empty at first, or become so: images share what has not changed between them."""
    images, chance = storage.images(), random.Random(5)
    await images.mark_disposable()
    states: dict[str, dict[str, list[str]]] = {}
    for number in range(60):
        name = chance.choice("abcd")
        match chance.randrange(6):
            case 0 | 1:
                await images.take(name)
                states[name] = await rows_of(storage)
            case 2 if name in states:
                await images.drop(name)
                del states[name]
            case 3:
                await create_location(storage, NewLocation(f"Location {number}"))
            case 4:
                await (await world_in(storage, await create_location(storage, NewLocation("World")))).pet()
            case _ if name in states:
                await images.put_back(name)
                assert await rows_of(storage) == states[name]
    assert sorted(images.names) == sorted(states)
    for name in [*states, *reversed(states)]:
        await images.put_back(name)
        assert await rows_of(storage) == states[name]


async def test_an_image_that_could_not_be_taken_changes_nothing(storage: Storage) -> None:
    images = storage.images()
    await images.mark_disposable()

    async def stumble(_tx: Transaction) -> None:
        raise LookupError("the look failed")

    # At the first one an engine prepares itself for all others.
    with pytest.raises(LookupError):
        await images.take("one", stumble)
    assert images.names == []
    await create_location(storage, NewLocation("First"))
    await images.take("one")
    first = await rows_of(storage)
    await create_location(storage, NewLocation("Second"))
    with pytest.raises(LookupError):
        await images.take("one", stumble)
    await images.put_back("one")
    assert await rows_of(storage) == first


async def test_postgresql_copies_no_table_that_is_empty_or_copied_already(storage: Storage) -> None:
    if storage.engine != "postgres":
        not_applicable("SQLite copies its pages, all at once")
    images = storage.images()

    async def copies() -> list[str]:
        sql = "SELECT relname FROM pg_class WHERE relnamespace = 'groundlevel_images'::regnamespace AND relname ~ '/'"
        return sorted([row[0] for row in await storage.read(None, lambda tx: tx.connection.rows(Statement.query(sql)))])

    await images.mark_disposable()
    await images.take("empty")
    assert [each.partition("/")[2] for each in await copies()] == ["schema_migrations"]
    await create_location(storage, NewLocation("One"))
    await images.take("one")
    first = await copies()
    assert "2/locations" in first
    await images.take("the same")
    await images.take("the same")
    assert await copies() == first
    await create_location(storage, NewLocation("Two"))
    await images.put_back("one")
    await images.take("again")
    assert await copies() == first
    for name in ("empty", "one", "the same"):
        await images.drop(name)
    assert await copies() == first
    await images.drop("again")
    assert await copies() == []


async def test_an_image_is_taken_of_one_moment(world: World) -> None:
    storage, images = world.storage, world.storage.images()
    seen: list[int] = []

    async def look(tx: Transaction) -> None:
        row = await tx.connection.row(Statement.query("SELECT count(*) FROM records"))
        assert row is not None
        seen.append(row[0])

    writing = asyncio.gather(*(world.create({"name": f"Pet {number}"}) for number in range(20)))
    await images.take("one", look)
    await writing
    await images.put_back("one")
    assert seen == [len((await rows_of(storage))["records"])]


async def test_what_is_known_of_earlier_rows_is_forgotten(world: World) -> None:
    storage, images = world.storage, world.storage.images()
    await images.take("one")
    generation = storage.generation
    storage.cache.demand.charge([(world.location.id, PET, 1)], looked=10**9, records=SMALLEST)
    assert storage.cache.demand.wanted
    await world.field("size")
    storage.work_available.clear()
    storage.long_work.clear()
    await images.put_back("one")
    assert storage.generation == generation + 1
    assert not storage.cache.demand.wanted
    assert storage.work_available.is_set()
    assert storage.long_work.is_set()
    schema = await storage.read(world.location, lambda tx: tx.schema(PET))
    assert "size" not in schema.fields


async def test_readers_and_writers_go_on_while_images_are_put_back(world: World) -> None:
    images = world.storage.images()
    await images.take("one")
    done = asyncio.Event()
    counts: list[int] = []

    async def write() -> None:
        while not done.is_set():
            await world.create({"name": "Busy"})

    async def read() -> None:
        while not done.is_set():
            found: Any = await world.search("Busy")
            counts.append(found.total)
            # On SQLite a search may never let anybody else run.
            await asyncio.sleep(0)

    work = [asyncio.create_task(write()) for _ in range(3)] + [asyncio.create_task(read()) for _ in range(2)]
    for _ in range(10):
        await asyncio.sleep(0.005)
        await images.put_back("one")
    done.set()
    await asyncio.gather(*work)
    assert counts
    await images.put_back("one")
    assert (await world.search("Busy")).total == 0
