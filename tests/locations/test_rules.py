"""A location is deleted with everything of it, and with nothing of its neighbours."""

from __future__ import annotations

import pytest

from groundlevel.access.rules import NewToken, NewUser, authenticate, create_token, create_user
from groundlevel.associations.relation_rules import NewRelation, create_relation
from groundlevel.associations.rules import NewAssociation, create_association
from groundlevel.crm.contacts.rules import NewContact, create_contact
from groundlevel.crm.notes.record_note_rules import NamedRecord, NewRecordNote, create_record_note
from groundlevel.crm.notes.rules import NewNote, create_note
from groundlevel.crm.tasks.rules import NewTask, create_task
from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import InvalidValue, LocationNotFound, TokenInvalid
from groundlevel.kernel.model import Json, Location
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.locations.rules import (
    LocationChange,
    NewLocation,
    create_location,
    delete_location,
    list_timezones,
    update_location,
)
from groundlevel.oauth.app_rules import NewApp, TargetQuery, create_app, install_app
from groundlevel.schema.indexes import IndexKey, build_index
from groundlevel.webhooks import store as webhooks_store
from groundlevel.webhooks.model import Webhook
from tests.world import PET, World, world_in

LASTING = frozenset(("state", "event_numbers", "schema_migrations", "sqlite_sequence", "companies"))
"""Tables that belong to no location."""
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'record_fts%'",
    "postgres": "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
}


async def rows_by_table(storage: Storage) -> dict[str, int]:
    """How many rows each table has that holds what belongs to locations."""

    async def count(tx: Transaction) -> dict[str, int]:
        tables = [row[0] for row in await tx.connection.rows(Statement.query(_TABLES[storage.engine]))]
        counts = {}
        for table in tables:
            if table not in LASTING:
                row = await tx.connection.row(Statement.query(f"SELECT count(*) FROM {table}"))
                assert row is not None
                counts[table] = row[0]
        return counts

    return await storage.read(None, count)


async def fill(world: World) -> str:
    """Puts something of every kind into a location; returns the secret of a token of it."""
    storage, here = world.storage, world.location
    await world.pet()
    await world.field("chip", unique=True)
    webhook = Webhook("w", None, here.company_id, here.id, "https://example.com/", (), None, 1)
    await storage.write(None, lambda tx: webhooks_store.insert_webhook(tx, webhook))
    ids = [await world.create({"name": name, "chip": name}) for name in ("Rex", "Zoë", "Bo")]
    await build_index(storage, world.call, IndexKey(PET, (await world.object()).fields[0].number))
    mates = await world.do(create_association, NewAssociation("mates", PET, "One", PET, "Other"))
    await world.do(create_relation, NewRelation(mates.id, ids[0], ids[1]))
    contact = await world.do(create_contact, NewContact({"name": "Ann"}))
    await world.do(create_note, NewNote(contact.id, "Likes tea"))
    await world.do(create_record_note, NewRecordNote("Was at the vet", [NamedRecord(PET, ids[0])]))
    await world.do(create_task, NewTask(contact.id, "Call back", 0))
    await create_user(storage, NewUser(here.company_id, here.id, "Ada", "Lovelace", "ada@mine.example"))
    secret, _ = await create_token(storage, NewToken("own", location_id=here.id))
    return secret


async def test_nothing_is_left_of_a_deleted_location(storage: Storage) -> None:
    neighbour = await world_in(storage)
    await neighbour.pet()
    kept = await neighbour.create({"name": "Kept"})
    app, _ = await create_app(storage, NewApp("An app", ()))
    before = await rows_by_table(storage)

    world = await world_in(storage)
    secret = await fill(world)
    await install_app(storage, app.id, TargetQuery(location_id=world.location.id))
    between = await rows_by_table(storage)
    await delete_location(storage, world.location)

    assert sum(between.values()) > sum(before.values())
    # The app, which is of no location, still hears of its install, and the log still says who deleted the location.
    more = {"outbox": before["outbox"] + 1, "audit": before["audit"] + 1}
    assert await rows_by_table(storage) == {**before, **more}
    assert await neighbour.found() == [kept]
    with pytest.raises(TokenInvalid):
        await authenticate(storage, secret)
    assert (await examine(storage)).ok


async def test_what_is_written_in_a_deleted_location_is_refused(storage: Storage) -> None:
    world = await world_in(storage)
    await delete_location(storage, world.location)

    with pytest.raises(LocationNotFound):
        await delete_location(storage, world.location)
    with pytest.raises(LocationNotFound):
        await update_location(storage, world.location, LocationChange("Other", {}))
    left = await rows_by_table(storage)
    assert left.pop("audit") == 1
    assert all(count == 0 for name, count in left.items() if name not in LASTING)


@pytest.mark.parametrize("details", [{"timezone": "Mars/Olympus"}, {"timezone": 5}])
async def test_a_time_zone_is_one_that_the_system_knows(details: dict[str, Json], storage: Storage) -> None:
    with pytest.raises(InvalidValue):
        await create_location(storage, NewLocation("Shoes", details=details))
    assert (await rows_by_table(storage))["locations"] == 0


async def test_a_change_reads_what_another_has_stored(storage: Storage) -> None:
    stale: Location = await create_location(storage, NewLocation("Shoes"))
    await update_location(storage, stale, LocationChange("Boots", {"city": "Delhi"}))

    after = await update_location(storage, stale, LocationChange(None, {"state": "Bihar"}))

    assert (after.name, after.details) == ("Boots", {"city": "Delhi", "state": "Bihar"})


def test_time_zones_are_names_for_locations() -> None:
    names = list_timezones()

    assert {"America/Chicago", "US/Central", "UTC"} <= set(names)
    assert list(names) == sorted(set(names))
