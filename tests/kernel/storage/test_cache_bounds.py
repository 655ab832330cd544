"""Nothing that a server remembers grows without a bound, however long it runs."""

from __future__ import annotations

import gc

import pytest

from groundlevel.kernel.fields.choice import OptionNames
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Actor, Location, Object
from groundlevel.kernel.storage import cache as caching
from groundlevel.kernel.storage import demand
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.cache import Cache, CacheView
from groundlevel.kernel.storage.sqlite import connection as sqlite
from groundlevel.kernel.storage.sqlite.engine import SqliteStorage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.records.upkeep import carry_out
from groundlevel.schema.folder_rules import FolderChange, NewFolder, create_folder, rename_folder
from groundlevel.schema.object_rules import ObjectChange, delete_object, update_object
from tests.needs import not_applicable
from tests.world import PET, World, options, world_in

MOST = 8


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setattr(caching, "MOST_KEPT", MOST)
    monkeypatch.setattr(demand, "MOST_KEPT", MOST)
    return Cache()


def test_every_table_of_the_cache_is_bounded(cache: Cache) -> None:
    definition = Object(1, "id", "key", "", "", None, "name", ("name",), False, 0, 0, 1)
    actor = Actor("t", "c", None, frozenset(), "", "", "", None)
    view = CacheView(cache)
    for number in range(5 * MOST):
        cache.keep_schema(number, CompiledObject(definition), epoch=cache.epoch)
        cache.keep_location(Location(number, str(number), "c", "", 0, {}), epoch=cache.epoch)
        cache.keep_actor(bytes([number]), actor, epoch=cache.epoch)
        cache.keep("things", (number,), number, topics=(f"thing/{number}",), epoch=cache.epoch)
        view.demand.charge([(str(number), PET, 1)], looked=demand.SMALLEST, records=demand.SMALLEST)
        view.demand.charge([(str(-number), PET, 1)], looked=10**9, records=demand.SMALLEST)
        view.demand.note_use([(str(number), PET, 1)])
        tables = (cache.schemas, cache.locations, cache.actors, cache.tables.get("things", {}))
        accounts = (cache.demand.wanted, cache.demand.accounts, cache.demand.used)
        assert all(len(account) <= MOST for account in accounts)
        assert all(len(table) <= MOST for table in tables)
        assert sum(len(keys) for keys in cache._dependent.values()) <= MOST * len(tables)


async def test_a_table_that_was_full_still_answers(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "MOST_KEPT", 2)
    world = await world_in(storage)
    await world.pet()
    ids = [await world.create({"name": f"Rex {number}"}) for number in range(3)]
    for key in (PET, "business", "contact", PET):
        assert (await world.object(key)).key == key
    assert await world.found("rex") == ids[::-1]


async def test_statements_made_for_one_search_are_bounded(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    if not isinstance(storage, SqliteStorage):
        not_applicable("only SQLite's placeholders are translated")
    monkeypatch.setattr(sqlite, "_MAX_TRANSLATED", 20)
    for number in range(100):
        await storage._reader.row(Statement.query(f"SELECT $1 + {number}"), number)
    assert len(storage._reader._translated) <= 21


async def operate(world: World, folder_id: str, field_names: list[str], times: int) -> None:
    """Changes of every kind that make the server compile, remember or start something."""
    for number in range(times):
        await world.do(rename_folder, FolderChange(folder_id, f"Folder {number}"))
        record_id = await world.create({"name": f"Rex {number}", "color": "red", "tags": ["red"]})
        await world.update(record_id, {"color": "blue"})
        await world.found(f"rex {number}", filters=[{"field": "properties.color", "operator": "eq", "value": "blue"}])
        await world.delete(record_id)
        key = field_names[number % len(field_names)]
        await update_object(world.storage, world.call, ObjectChange(PET, [key]))
        await carry_out(world.storage)


def alive(*kinds: type) -> dict[type, int]:
    """How many objects of each kind there are in the process."""
    gc.collect()
    counts = dict.fromkeys(kinds, 0)
    for each in gc.get_objects():
        if type(each) in counts:
            counts[type(each)] += 1
    return counts


async def alive_with_one(world: World) -> dict[type, int]:
    """What lives while a schema is in hand: whether the cache still holds one, a late notice decides."""

    async def count(tx: Transaction) -> dict[type, int]:
        schema = await tx.schema(PET)
        counts = alive(CompiledObject, OptionNames)
        assert schema.object.key == PET
        return counts

    return await world.storage.read(world.location, count)


async def soak(storage: Storage, times: int) -> None:
    """Fails when more compiled objects or option names live after many operations than after a few."""
    world = await world_in(storage)
    await world.pet()
    labels = options(*("Red", "Blue", *(f"Shade {number}" for number in range(200))))
    await world.field("color", "SINGLE_OPTIONS", options=labels)
    await world.field("tags", "MULTIPLE_OPTIONS", options=labels)
    folder = await world.do(create_folder, NewFolder(PET, "Folder"))
    assert folder.folder is not None
    await operate(world, folder.folder.id, ["name", "color"], 10)
    before = await alive_with_one(world)
    assert all(before.values())
    await operate(world, folder.folder.id, ["name", "color"], times)
    after = await alive_with_one(world)
    # Whether another thread still holds one is chance; a leak would hold one for each operation.
    assert all(after[kind] - before[kind] < times / 4 for kind in after), (before, after)
    await world.do(delete_object, PET)
    await carry_out(storage)
    assert len(storage.cache.demand.accounts) <= demand.MOST_KEPT


async def test_many_changes_leave_nothing_behind(storage: Storage) -> None:
    await soak(storage, 20)


@pytest.mark.long
async def test_ten_thousand_operations_leave_nothing_behind(storage: Storage) -> None:
    await soak(storage, 1_500)
