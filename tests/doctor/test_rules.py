"""The doctor finds nothing in a healthy database, and every kind of damage done to one by hand."""

from __future__ import annotations

import pytest
from msgspec import Struct

from groundlevel.associations.relation_rules import NewRelation, create_relation
from groundlevel.associations.rules import NewAssociation, create_association
from groundlevel.crm.contacts.rules import ContactChange, NewContact, create_contact, update_contact
from groundlevel.crm.opportunities.rules import NewOpportunity, create_opportunity
from groundlevel.crm.pipelines.rules import list_pipelines
from groundlevel.doctor.rules import CHECKS, CHUNK, Report, examine
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.schema.field_rules import delete_field
from groundlevel.schema.indexes import IndexKey, build_index
from groundlevel.schema.object_rules import ObjectChange, delete_object, update_object
from tests.needs import not_applicable
from tests.world import PET, World, world_in

PETS = ("Rex", "Zoë", "Bo", "Buddy")


@pytest.fixture
async def world(storage: Storage) -> World:
    """A location with some pets, mates among them; one was changed, one deleted, and a field with values is gone."""
    await create_location(storage, NewLocation("Another place"))
    world = await world_in(storage)
    await world.pet()
    await world.field("chip", unique=True)
    gone = await world.field("gone")
    ids = [await world.create({"name": name, "chip": f"c{n}", "gone": "x"}) for n, name in enumerate(PETS)]
    for each in (gone, *(await world.object()).fields[:2]):
        await build_index(storage, world.call, IndexKey(PET, each.number))
    await world.do(delete_field, gone.id)
    mates = await world.do(create_association, NewAssociation("mates", PET, "One", PET, "Other"))
    for other in ids[:3]:
        await world.do(create_relation, NewRelation(mates.id, ids[0], other))
    await world.update(ids[0], {"name": "Rexona", "chip": "new"})
    await world.delete(ids[1])
    return world


async def damage(storage: Storage, *statements: str) -> None:
    """Changes rows behind the back of the rules."""

    async def work(tx: Transaction) -> None:
        for statement in statements:
            await tx.connection.run(Statement.command(statement))

    await storage.write(None, work)


def failing(report: Report) -> set[str]:
    return {check.name for check in report.checks if not check.ok}


async def test_a_healthy_database_passes(world: World) -> None:
    report = await examine(world.storage)
    assert report.ok, report
    assert [check.name for check in report.checks] == list(CHECKS)
    details = {check.name: check.detail for check in report.checks}
    assert details["counters"] == "3 examined"
    assert details["unique values"] == "3 examined"
    assert details["relations"] == "2 examined"


async def test_an_empty_database_passes(storage: Storage) -> None:
    assert (await examine(storage)).ok


async def test_what_use_cases_leave_behind_passes(world: World) -> None:
    await world.field("note", "LARGE_TEXT")
    await update_object(world.storage, world.call, ObjectChange(PET, ["note", "name"]))
    for number in range(CHUNK + 5):
        await world.create({"name": f"pet {number}", "note": "n" * (number % 4)})
    assert (await examine(world.storage)).ok
    await world.do(delete_object, PET)
    report = await examine(world.storage)
    assert report.ok, report


class Damage(Struct, frozen=True):
    """A way to spoil a database, for one engine or for both, and the checks that must notice."""

    name: str
    checks: set[str]
    sqlite: tuple[str, ...] = ()
    postgres: tuple[str, ...] = ()
    sqlite_checks: frozenset[str] = frozenset()
    """Which more must notice on SQLite."""

    def expected(self, engine: str) -> set[str]:
        return self.checks | (self.sqlite_checks if engine == "sqlite" else set())


def alike(name: str, checks: set[str], statement: str) -> Damage:
    """A damage done in the same words on both engines."""
    return Damage(name, checks, (statement,), (statement,))


FIRST_RID = "(SELECT min(rid) FROM records)"
FIRST_ID = "(SELECT id FROM records ORDER BY id LIMIT 1)"
NO_ID = "(SELECT substr(id, 1, 0) FROM records LIMIT 1)"
CHIP = "(SELECT field FROM fields WHERE key = 'chip')"
OBJECT = f"(SELECT obj FROM objects WHERE key = '{PET}')"
LOCATION = f"(SELECT loc FROM objects WHERE key = '{PET}')"
NOTE_OF_NO_RECORD = (
    f"INSERT INTO notes (loc, contact_id, id, body, pinned) VALUES ({LOCATION}, {NO_ID}, {FIRST_ID}, 'x', 0)",
    f"INSERT INTO note_relations VALUES ({LOCATION}, {FIRST_ID}, {FIRST_ID}, 'business')",
)

DAMAGES = [
    Damage(
        "a counter that is off by one",
        {"counters"},
        (f"INSERT INTO object_counts (obj, slot, n) VALUES ({OBJECT}, 9, 1)",),
        (f"INSERT INTO object_counts (loc, obj, slot, n) VALUES ({LOCATION}, {OBJECT}, 99, 1)",),
    ),
    Damage(
        "a search text of another record",
        {"search texts"},
        (f"UPDATE record_search SET search_text = 'other' WHERE rid = {FIRST_RID}",),
        (f"UPDATE record_search SET search_text = 'other' WHERE id = {FIRST_ID}",),
        frozenset(("full text",)),
    ),
    Damage(
        "a record without its search text",
        {"search texts"},
        (f"DELETE FROM record_search WHERE rid = {FIRST_RID}",),
        (f"DELETE FROM record_search WHERE id = {FIRST_ID}",),
        frozenset(("full text",)),
    ),
    Damage(
        "a search text without a record",
        {"orphans", "search texts"},
        (
            "INSERT INTO record_search (rid, search_text) SELECT max(rid) + 5, 'none' FROM records",
            "INSERT INTO record_fts (rowid, search_text) SELECT max(rid) + 5, 'none' FROM records",
        ),
        (
            (
                "INSERT INTO record_search (loc, obj, id, search_text) "
                "SELECT loc, obj, decode(repeat('f', 24), 'hex'), 'none' FROM records LIMIT 1"
            ),
        ),
    ),
    Damage("a text missing in the index", {"full text"}, (f"DELETE FROM record_fts WHERE rowid = {FIRST_RID}",)),
    Damage(
        "a text in the index alone",
        {"full text", "orphans"},
        ("INSERT INTO record_fts (rowid, search_text) SELECT max(rid) + 5, 'none' FROM records",),
    ),
    Damage(
        "an index made of another text",
        {"full text"},
        (
            f"DELETE FROM record_fts WHERE rowid = {FIRST_RID}",
            f"INSERT INTO record_fts (rowid, search_text) VALUES ({FIRST_RID}, 'rexxon')",
        ),
    ),
    alike("a unique value nobody holds", {"unique values"}, "DELETE FROM record_unique WHERE v = 'new'"),
    alike(
        "a unique value held by another record",
        {"unique values"},
        f"UPDATE record_unique SET id = {FIRST_ID} WHERE v = 'c3'",
    ),
    Damage(
        "a unique value that no record has",
        {"unique values"},
        (f"INSERT INTO record_unique (field, v, id) VALUES ({CHIP}, 'odd', {FIRST_ID})",),
        (f"INSERT INTO record_unique (loc, field, v, id) VALUES ({LOCATION}, {CHIP}, 'odd', {FIRST_ID})",),
    ),
    Damage(
        "a value missing in an index",
        {"indexes"},
        (f"DELETE FROM record_values WHERE rid = {FIRST_RID} AND v = 'new'",),
        (f"DELETE FROM record_values WHERE id = {FIRST_ID} AND t = 'new'",),
    ),
    Damage(
        "another value in an index",
        {"indexes"},
        ("UPDATE record_values SET v = 'other' WHERE v = 'new'",),
        ("UPDATE record_values SET t = 'other' WHERE t = 'new'",),
    ),
    Damage(
        "a value too many in an index",
        {"indexes"},
        (f"INSERT INTO record_missing (field, rid) VALUES ({CHIP}, {FIRST_RID})",),
        (f"INSERT INTO record_values (loc, field, id, cut) VALUES ({LOCATION}, {CHIP}, {FIRST_ID}, false)",),
    ),
    Damage(
        "an index of a field that is gone",
        {"orphans"},
        (f"INSERT INTO record_missing (field, rid) VALUES (9999, {FIRST_RID})",),
        (f"INSERT INTO record_values (loc, field, id, cut) VALUES ({LOCATION}, 9999, {FIRST_ID}, false)",),
    ),
    Damage(
        "two records with one unique value",
        {"unique values", "indexes"},
        ("UPDATE records SET properties = jsonb(replace(json(properties), '\"c3\"', '\"c2\"'))",),
        ("UPDATE records SET properties = replace(properties::text, '\"c3\"', '\"c2\"')::jsonb",),
    ),
    Damage(
        "a unique value of a field that is gone",
        {"orphans"},
        (f"INSERT INTO record_unique (field, v, id) VALUES (9999, 'odd', {FIRST_ID})",),
        (f"INSERT INTO record_unique (loc, field, v, id) VALUES ({LOCATION}, 9999, 'odd', {FIRST_ID})",),
    ),
    Damage(
        "records out of order",
        {"order", "search texts", "orphans", "indexes"},
        (f"UPDATE records SET rid = rid + 1000 WHERE rid = {FIRST_RID}",),
    ),
    alike(
        "a record of another timestamp",
        {"order"},
        f"UPDATE records SET created_at = created_at + 1 WHERE id = {FIRST_ID}",
    ),
    Damage(
        "a property of no field",
        {"properties"},
        (f"UPDATE records SET properties = jsonb_set(properties, '$.odd', 1) WHERE id = {FIRST_ID}",),
        (f"UPDATE records SET properties = properties || '{{\"odd\": 1}}' WHERE id = {FIRST_ID}",),
    ),
    Damage(
        "records of no object",
        {"orphans"},
        (
            (
                "INSERT INTO records (rid, obj, id, created_at, updated_at, version, created_by, properties) "
                "SELECT 9999 << 36, 9999, id, created_at, 0, 1, created_by, properties FROM records LIMIT 1"
            ),
        ),
        (
            (
                "INSERT INTO records (loc, obj, id, created_at, updated_at, version, created_by, properties) "
                "SELECT loc, 9999, id, created_at, updated_at, version, created_by, properties FROM records LIMIT 1"
            ),
        ),
    ),
    alike(
        "a folder of no object",
        {"orphans", "definitions"},
        f"UPDATE folders SET obj = 9999 WHERE obj <> {OBJECT}",
    ),
    alike(
        "an object without a primary field",
        {"definitions", "properties", "search texts", "orphans"},
        f"DELETE FROM fields WHERE key = 'name' AND obj = {OBJECT}",
    ),
    alike(
        "a relation without a record",
        {"relations", "relation counts"},
        "UPDATE relations SET second_id = id WHERE first_id <> second_id",
    ),
    alike("a count of relations that is off by one", {"relation counts"}, "UPDATE relation_counts SET n = n + 1"),
    alike(
        "relations of no association",
        {"orphans", "relation counts"},
        "UPDATE relations SET assoc = 9999",
    ),
    alike(
        "a note of what is no contact",
        {"orphans"},
        f"INSERT INTO notes (loc, contact_id, id, body, pinned) VALUES ({LOCATION}, {FIRST_ID}, {FIRST_ID}, 'x', 0)",
    ),
    alike(
        "a note of nothing",
        {"orphans"},
        f"INSERT INTO notes (loc, contact_id, id, body, pinned) VALUES ({LOCATION}, {NO_ID}, {FIRST_ID}, 'x', 0)",
    ),
    Damage("a note of a record that is gone", {"orphans"}, NOTE_OF_NO_RECORD, NOTE_OF_NO_RECORD),
    alike(
        "a relation of no note",
        {"orphans"},
        "INSERT INTO note_relations (loc, note_id, record_id, object_key) "
        f"VALUES ({LOCATION}, {FIRST_ID}, {FIRST_ID}, '{PET}')",
    ),
    alike(
        "a task of what is no contact",
        {"orphans"},
        "INSERT INTO tasks (loc, contact_id, id, updated_at, title, due_at, completed, search_text) "
        f"VALUES ({LOCATION}, {FIRST_ID}, {FIRST_ID}, 0, 'x', 0, 0, 'x')",
    ),
    alike("an association of no object", {"orphans"}, "UPDATE associations SET first_obj = 9999 WHERE standard = 1"),
    alike("an object without a default folder", {"definitions"}, "UPDATE folders SET standard = 0"),
    alike("a field without a folder", {"definitions"}, f"DELETE FROM folders WHERE obj = {OBJECT}"),
    alike(
        "a field where a deleted one lay",
        {"definitions"},
        f"UPDATE objects SET retired_keys = '[\"name\"]' WHERE key <> '{PET}'",
    ),
    Damage(
        "a reindexing that was interrupted",
        {"reindexing"},
        (f"UPDATE objects SET refill_after = x'' WHERE key = '{PET}'",),
        (f"UPDATE objects SET refill_after = '' WHERE key = '{PET}'",),
    ),
    alike(
        "a newer schema",
        {"migrations"},
        "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (9999, 'next', 'x', 0)",
    ),
    alike("an edited migration", {"migrations"}, "UPDATE schema_migrations SET checksum = 'x'"),
    alike("a migration not applied", {"migrations"}, "DELETE FROM schema_migrations"),
    Damage(
        "a broken index",
        set(CHECKS),
        ("UPDATE record_fts_data SET block = x'00' WHERE id > 10",),
        ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'records_pkey'::regclass",),
    ),
]


@pytest.mark.parametrize("done", DAMAGES, ids=lambda done: done.name)
async def test_damage_is_found(done: Damage, world: World) -> None:
    statements = done.sqlite if world.storage.engine == "sqlite" else done.postgres
    if not statements:
        not_applicable("cannot happen on this engine")
    await damage(world.storage, *statements)
    report = await examine(world.storage)
    assert failing(report) == done.expected(world.storage.engine), report
    assert all(check.detail for check in report.checks)


def test_every_check_has_a_damage() -> None:
    for engine in ("sqlite", "postgres"):
        found = [done.expected(engine) for done in DAMAGES if getattr(done, engine) and done.checks != set(CHECKS)]
        missed = set(CHECKS) - {"engine"} - set[str]().union(*found)
        assert missed - {"contact values"} == ({"full text"} if engine == "postgres" else set())


async def test_many_faults_are_counted(world: World) -> None:
    await damage(world.storage, "UPDATE records SET created_at = created_at + 1")
    for number in range(5):
        await world.create({"name": f"more {number}"})
    await damage(world.storage, "UPDATE records SET created_at = created_at + 1")
    order = next(check for check in (await examine(world.storage)).checks if check.name == "order")
    assert not order.ok
    assert order.detail.endswith("and 5 more")


LATEST_DEAL = "(SELECT id FROM records ORDER BY id DESC LIMIT 1)"


@pytest.mark.parametrize(
    "damages",
    [
        {
            "sqlite": "UPDATE records SET properties = jsonb_set(properties, '$.contactEmail', 'x@example.com') ",
            "postgres": 'UPDATE records SET properties = properties || \'{"contactEmail": "x@example.com"}\' ',
        },
        {
            "sqlite": "UPDATE records SET properties = jsonb_remove(properties, '$.tags') ",
            "postgres": "UPDATE records SET properties = properties - 'tags' ",
        },
        {
            "sqlite": "UPDATE records SET properties = jsonb_set(properties, '$.businessName', 'Acme') ",
            "postgres": 'UPDATE records SET properties = properties || \'{"businessName": "Acme"}\' ',
        },
        {
            "sqlite": "UPDATE records SET properties = jsonb_set(properties, '$.contact_id', 'nobody') ",
            "postgres": 'UPDATE records SET properties = properties || \'{"contact_id": "nobody"}\' ',
        },
    ],
    ids=["another value", "no value", "a value too many", "nobody's"],
)
async def test_what_opportunities_keep_of_their_contacts_is_compared(damages: dict[str, str], storage: Storage) -> None:
    world = await world_in(storage)
    [pipeline] = await world.do(list_pipelines, None)
    new = NewContact({"name": "Ann Lee", "email": "Ann@Example.com", "tags": ["vip"]})
    contact = (await world.do(create_contact, new)).id
    for name in ("First", "Second"):
        deal = {"pipeline_id": pipeline.id, "contact_id": contact, "name": name, "status": "open"}
        await world.do(create_opportunity, NewOpportunity(deal))
    await world.do(update_contact, ContactChange(contact, {"name": "Ann Ray"}))
    report = await examine(storage)
    assert report.ok, report
    assert "2 examined" in [check.detail for check in report.checks if check.name == "contact values"]
    await damage(storage, f"{damages[storage.engine]} WHERE id = {LATEST_DEAL}")
    assert "contact values" in failing(await examine(storage))
