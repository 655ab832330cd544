"""What one process changes is seen by the others: at once where they write, soon where they read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from groundlevel.access.rules import NewToken, authenticate, create_token, revoke_token
from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import ObjectNotFound, Refusal, RequiredPropertyMissing, TokenInvalid, UnknownProperty
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.ids import Clock, Ids
from groundlevel.kernel.model import Actor, Location
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.cache import Cache, schema_topic
from groundlevel.kernel.storage.postgres import engine as postgres
from groundlevel.kernel.storage.sqlite import engine as sqlite
from groundlevel.kernel.storage.sqlite.engine import SqliteStorage
from groundlevel.kernel.storage.transaction import find_object, list_objects
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.schema import store as schema_store
from groundlevel.schema.field_rules import FieldChange, delete_field, update_field
from groundlevel.schema.object_rules import ObjectChange, delete_object, update_object
from tests.kernel.query.pets import PET as PETS
from tests.kernel.storage.notices import hear_changes
from tests.world import PET, World, eventually, world_in


@pytest.fixture
async def worlds(pair: tuple[Storage, Storage]) -> tuple[World, World]:
    """One location with the object `pet`, seen by two processes that both remember its schema."""
    one = await world_in(pair[0])
    await one.pet()
    two = await world_in(pair[1], one.location)
    for world in (one, two):
        await world.create({"name": "Rex"})
    return one, two


async def stale(world: World, change: Awaitable[object]) -> None:
    """Makes the change elsewhere, and puts back what the world's process remembered before."""
    catalog = world.storage.cache
    schema = await world.storage.read(world.location, lambda tx: tx.schema(PET))
    await change
    await hear_changes(world.storage)
    catalog.keep_schema(world.location.number, schema, epoch=catalog.epoch)
    assert catalog.schemas[world.location.number, PET] is schema


async def test_a_field_that_became_required_is_required_at_once(worlds: tuple[World, World]) -> None:
    one, two = worlds
    await stale(two, one.field("chip", required=True))
    with pytest.raises(RequiredPropertyMissing):
        await two.create({"name": "Max"})
    assert (await one.search()).total == 2


async def test_a_deleted_field_takes_no_value(worlds: tuple[World, World]) -> None:
    one, two = worlds
    field = await one.field("age", "NUMERICAL")
    await eventually(lambda: knows(two, "age"))
    await stale(two, one.do(delete_field, field.id))
    with pytest.raises(UnknownProperty):
        await two.create({"name": "Max", "age": 3})


async def knows(world: World, key: str) -> bool:
    return key in {field.key for field in (await world.object()).fields}


async def test_a_deleted_object_takes_no_record(worlds: tuple[World, World]) -> None:
    one, two = worlds
    await stale(two, one.do(delete_object, PET))
    with pytest.raises(ObjectNotFound):
        await two.create({"name": "Max"})
    assert (await examine(one.storage)).ok


async def test_a_record_is_searchable_by_what_is_searchable_now(worlds: tuple[World, World]) -> None:
    one, two = worlds
    await one.field("note")
    await eventually(lambda: knows(two, "note"))
    await stale(two, update_object(one.storage, one.call, ObjectChange(PET, ["note"])))
    record_id = await two.create({"name": "Max", "note": "good dog"})
    assert await one.found("good dog") == await two.found("good dog") == [record_id]
    assert await one.found("max") == []
    assert (await examine(one.storage)).ok


async def test_an_update_and_a_delete_with_a_stale_schema_are_made_again(worlds: tuple[World, World]) -> None:
    one, two = worlds
    changed, deleted = await two.found()
    field = await one.field("chip", unique=True)
    await eventually(lambda: knows(two, "chip"))
    await one.update(deleted, {"chip": "a"})
    await one.update(changed, {"chip": "b"})
    change = FieldChange(field.id, visible_in_forms=True, unique=False)
    await stale(two, update_field(one.storage, one.call, change))
    await two.update(changed, {"chip": "a"})
    await two.delete(deleted)
    assert (await examine(one.storage)).ok


async def test_readers_follow(worlds: tuple[World, World]) -> None:
    one, two = worlds
    for key in ("age", "weight"):
        await one.field(key, "NUMERICAL")
        await eventually(lambda key=key: knows(two, key))  # type: ignore[misc]
    await two.field("born", "DATE")
    await eventually(lambda: knows(one, "born"))
    await two.do(delete_object, PET)

    async def gone() -> bool:
        try:
            await one.object()
        except ObjectNotFound:
            return True
        return False

    await eventually(gone)


async def test_a_new_field_can_be_written_and_searched_at_once(worlds: tuple[World, World]) -> None:
    one, two = worlds
    await stale(two, one.field("age", "NUMERICAL"))
    await two.create({"name": "Max", "age": 3})
    await stale(two, one.field("chip", "TEXT"))
    found = await two.search(filters=[{"field": "properties.chip", "operator": "exists"}])
    assert found.total == 0


async def test_a_new_token_works_at_once_and_a_revoked_one_stops_soon(worlds: tuple[World, World]) -> None:
    one, two = worlds
    secret, token = await create_token(one.storage, NewToken("key", location_id=one.location.id))
    with pytest.raises(TokenInvalid):
        await authenticate(two.storage, "pit-unknown")
    assert (await authenticate(two.storage, secret)).token_id == token.id
    assert (await authenticate(one.storage, secret)).token_id == token.id
    assert await revoke_token(one.storage, token.id)
    with pytest.raises(TokenInvalid):
        await authenticate(one.storage, secret)

    async def refused() -> bool:
        try:
            await authenticate(two.storage, secret)
        except TokenInvalid:
            return True
        return False

    await eventually(refused)
    assert not await revoke_token(two.storage, token.id)


def test_changes_are_looked_for_often_enough() -> None:
    """A revoked token has to stop within a second."""
    assert sqlite.WATCH_SECONDS < 1
    assert postgres.LISTEN_SECONDS < 1


async def test_two_processes_write_side_by_side(worlds: tuple[World, World]) -> None:
    one, two = worlds
    made = await asyncio.gather(*((one, two)[n % 2].create({"name": f"Rex {n}"}) for n in range(80)))
    assert len(set(made)) == 80
    for world in worlds:
        assert (await world.search()).total == 82
        found = await world.found(page_limit=100)
        assert found == sorted(found, reverse=True)
        assert set(found) >= set(made)
    await asyncio.gather(*((one, two)[n % 2].update(each, {"name": f"Max {n}"}) for n, each in enumerate(made)))
    await asyncio.gather(*((two, one)[n % 2].delete(each) for n, each in enumerate(made[:40])))
    assert (await one.search("max")).total == 40
    report = await examine(two.storage)
    assert report.ok, report


async def test_both_processes_change_the_schema(worlds: tuple[World, World]) -> None:
    one, two = worlds
    await asyncio.gather(*((one, two)[n % 2].field(f"field_{n}") for n in range(10)))
    definition = await one.storage.read(one.location, lambda tx: find_object(tx, PET))
    assert definition is not None
    assert {field.key for field in definition.fields} == {"name", *(f"field_{n}" for n in range(10))}
    assert len({field.number for field in definition.fields}) == 11


class Ahead(Clock):
    """A clock that is an hour fast."""

    def now(self) -> int:
        return super().now() + 3_600_000


async def test_ids_ascend_on_sqlite_even_when_clocks_differ(tmp_path: object) -> None:
    path = f"{tmp_path}/shared.db"
    fast, slow = SqliteStorage(path, ids=Ids(clock=Ahead())), SqliteStorage(path)
    for storage in (fast, slow):
        await storage.open()
    try:
        one = await world_in(fast)
        await one.pet()
        two = await world_in(slow, one.location)
        made = [await world.create({"name": "Rex"}) for world in (one, two, one, two, two, one)]
        assert made == sorted(made)
        assert await two.found() == made[::-1]
        await one.delete(made[-1])
        newest = await two.create({"name": "Max"})
        assert newest > made[-2]
        assert (await examine(slow)).ok
    finally:
        for storage in (fast, slow):
            await storage.close()


# --- the catalog alone ---------------------------------------------------------------------------------------------


LOCATION = Location(1, "l" * 20, "c" * 20, "Place", 0, {})
ACTOR = Actor("t", "c" * 20, None, frozenset(), "OAUTH", "INTEGRATION", "t", None)
SHAPE: CompiledObject = PETS


def fill(catalog: Cache, epoch: int) -> None:
    catalog.keep_schema(1, SHAPE, epoch=epoch)
    catalog.keep_schema(2, SHAPE, epoch=epoch)
    catalog.keep_location(LOCATION, epoch=epoch)
    catalog.keep_actor(b"x", ACTOR, epoch=epoch)


def sizes(catalog: Cache) -> tuple[int, int, int]:
    return len(catalog.schemas), len(catalog.locations), len(catalog.actors)


def test_what_was_read_is_kept() -> None:
    catalog = Cache()
    fill(catalog, catalog.epoch)
    assert sizes(catalog) == (4, 1, 1)
    assert catalog.schemas[1, SHAPE.object.id] is catalog.schemas[1, SHAPE.object.key] is SHAPE


def test_forgetting_one_location_leaves_the_others() -> None:
    catalog = Cache()
    fill(catalog, catalog.epoch)
    catalog.forget([schema_topic(1)])
    assert sizes(catalog) == (2, 1, 1)
    catalog.forget()
    assert sizes(catalog) == (0, 0, 0)


def test_what_was_read_before_a_change_is_not_kept_after_it() -> None:
    catalog = Cache()
    epoch = catalog.epoch
    catalog.forget([schema_topic(3)])
    fill(catalog, epoch)
    assert sizes(catalog) == (0, 0, 0)


def test_nothing_is_kept_while_no_news_arrives() -> None:
    catalog = Cache()
    fill(catalog, catalog.epoch)
    catalog.distrust()
    fill(catalog, catalog.epoch)
    assert sizes(catalog) == (0, 0, 0)
    epoch = catalog.epoch
    catalog.trust()
    fill(catalog, epoch)
    assert sizes(catalog) == (0, 0, 0)
    fill(catalog, catalog.epoch)
    assert sizes(catalog) == (4, 1, 1)


async def test_an_unknown_location_has_nothing(pair: tuple[Storage, Storage]) -> None:
    storage = pair[0]
    await create_location(storage, NewLocation("A place"))
    nowhere = await world_in(storage, Location(9999, "n" * 20, "c" * 20, "Nowhere", 0, {}))
    assert await storage.read(nowhere.location, list_objects) == []
    assert await storage.read(nowhere.location, lambda tx: tx.schema_version()) == 0
    assert await storage.read(nowhere.location, lambda tx: schema_store.find_field_owner(tx, "f" * 20)) is None
    for attempt in (nowhere.object("business"), nowhere.create({"name": "Rex"}), nowhere.found()):
        with pytest.raises(Refusal) as refused:
            await attempt
        assert isinstance(refused.value, ObjectNotFound)
