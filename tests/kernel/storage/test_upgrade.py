"""A location made by the first version has, once migrated, what a new one has."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import Struct

from groundlevel.access import store as access_store
from groundlevel.access.rules import list_locations
from groundlevel.associations import relation_store
from groundlevel.associations import store as associations_store
from groundlevel.associations.rules import AssociationQuery, list_associations
from groundlevel.crm.opportunities.rules import OPPORTUNITIES
from groundlevel.crm.opportunities.schemas import opportunity_body
from groundlevel.crm.pipelines.rules import list_pipelines
from groundlevel.doctor.rules import examine
from groundlevel.kernel.ids import to_short_id
from groundlevel.kernel.model import DataType, Event, Field, Folder, Object, Relation
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage import migrate
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.storage.transaction import Transaction, Work
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.records.rules import new_row
from groundlevel.records.unique_values import unique_claims
from groundlevel.records.upkeep import carry_out
from groundlevel.schema import store as schema_store
from groundlevel.schema.object_rules import list_objects
from groundlevel.standard.objects import OPPORTUNITIES_CONTACTS
from groundlevel.webhooks import delivery_store
from tests.needs import not_applicable
from tests.world import ORIGIN, world_in

SAME: dict[str, Any] = {"number": 0, "first_object": 0, "second_object": 0, "created_at": 0, "updated_at": 0}
"""What differs between the system associations of any two locations."""


class FirstObject(Struct, frozen=True):
    """A standard object as the first version made it; each field is `key = name : type`, of type TEXT if none is."""

    key: str
    singular: str
    plural: str
    required: tuple[str, ...]
    searchable: tuple[str, ...]
    fields: str

    def definition(self) -> Object:
        """The object with ids that nothing else has."""
        return Object(
            number=0,
            id=f"{self.key.encode().hex():0>24}"[:24],
            key=self.key,
            singular=self.singular,
            plural=self.plural,
            description=None,
            primary=self.required[0],
            searchable=self.searchable,
            standard=True,
            created_at=1,
            updated_at=1,
            version=0,
            fields=tuple(self._field(row, position) for position, row in enumerate(self.fields.strip().split("\n"))),
            folders=(Folder(f"{self.key:0<20}", f"{self.singular} Details", True, 1, 1),),
        )

    def _field(self, row: str, position: int) -> Field:
        key, _, rest = row.strip().partition(" = ")
        name, _, data_type = rest.partition(" : ")
        return Field(
            id=f"{self.key[0]}{key.replace('_', ''):0<19}",
            number=0,
            key=key,
            stored_key=key,
            name=name,
            data_type=DataType(data_type or "TEXT"),
            folder_id=f"{self.key:0<20}",
            created_at=1,
            updated_at=1,
            required=key in self.required,
            standard=True,
            position=position,
        )


FIRST_OBJECTS = (
    FirstObject(
        "contact",
        "Contact",
        "Contacts",
        required=("email",),
        searchable=("name", "email", "businessName", "tags", "phone"),
        fields="""
            first_name = First Name
            last_name = Last Name
            email = Email : EMAIL
            phone = Phone : PHONE
            company_name = Company Name
            address1 = Street Address
            city = City
            state = State
            postal_code = Postal Code
            country = Country
            website = Website
            timezone = Time Zone
            source = Contact Source
            date_of_birth = Date Of Birth : DATE
            type = Contact Type
            tags = Tags : MULTIPLE_OPTIONS
        """,
    ),
    FirstObject(
        "opportunity",
        "Opportunity",
        "Opportunities",
        required=("name", "pipeline_id", "pipeline_stage_id", "contact_id"),
        searchable=("name", "contactName", "contactPhone", "contactEmail", "businessName", "tags"),
        fields="""
            name = Opportunity Name
            pipeline_id = Pipeline
            pipeline_stage_id = Stage
            contact_id = Primary Contact
            status = Status
            monetary_value = Opportunity Value : MONETORY
            source = Opportunity Source
            assigned_to = Owner
            lost_reason = Lost Reason
        """,
    ),
    FirstObject(
        "business",
        "Company",
        "Companies",
        required=("name",),
        searchable=("name", "email"),
        fields="""
            name = Company Name
            phone = Phone : PHONE
            email = Email : EMAIL
            website = Website
            address = Address
            city = City
            state = State
            postalcode = Postal Code
            country = Country
            description = Description : LARGE_TEXT
        """,
    ),
)


async def make_first_location(tx: Transaction) -> None:
    """Writes what the first version wrote for a new location."""
    run = tx.connection.script
    await run("INSERT INTO companies (id, name, created_at) VALUES ('company0000000000000', 'Old', 1)")
    await run(
        "INSERT INTO locations (id, company_id, name, details, created_at) "
        "VALUES ('location000000000000', 'company0000000000000', 'Old', '{}', 1)"
    )
    location = await access_store.find_location(tx, "location000000000000")
    assert location is not None
    tx.bind_location(location)
    for each in FIRST_OBJECTS:
        await schema_store.insert_object(tx, each.definition())


def comparable(definition: Object) -> dict[str, Any]:
    """The object without what differs between any two locations."""
    plain = msgspec.to_builtins(definition)
    for part in (plain, *plain["fields"], *plain["folders"]):
        for name in ("number", "id", "folder_id", "created_at", "updated_at", "version"):
            part.pop(name, None)
    return plain  # type: ignore[no-any-return]


async def made_by_version(version: int, url: str, work: Work[None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes to a database that has only the first migrations."""
    every_step = migrate.migrations

    def first_steps(engine: str) -> list[migrate.Migration]:
        return [step for step in every_step(engine) if step.version <= version]

    with monkeypatch.context() as past:
        past.setattr(migrate, "migrations", first_steps)
        storage = await open_storage(Settings(database=url))
        storage.audited = False
        if storage.engine == "sqlite":
            # What today's statements read besides the tables of then; it goes with the connection.
            temporary = "CREATE TEMP TABLE highest_rids (obj INTEGER PRIMARY KEY, rid INTEGER NOT NULL)"
            await storage.write(None, lambda tx: tx.connection.script(temporary))
        await storage.write(None, work)
        await storage.close()


async def test_an_old_location_has_what_a_new_one_has(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if ":memory:" in database_url:
        not_applicable("a database in memory is gone when it is closed")
    await made_by_version(1, database_url, make_first_location, monkeypatch)
    storage = await open_storage(Settings(database=database_url))
    try:
        [old] = await list_locations(storage)
        new = await create_location(storage, NewLocation("New"))
        worlds = [await world_in(storage, each) for each in (old, new)]
        objects = [[comparable(each) for each in await world.do(list_objects, None)] for world in worlds]
        associations = [
            [msgspec.structs.replace(each, **SAME) for each in (await w.do(list_associations, AssociationQuery()))[0]]
            for w in worlds
        ]
        pipelines = [[(p.name, [s.name for s in p.stages]) for p in await w.do(list_pipelines, None)] for w in worlds]
    finally:
        await storage.close()
    by_key = [{each["key"]: each for each in found} for found in objects]
    assert by_key[0] == by_key[1]
    assert associations[0] == associations[1]
    assert len(associations[0]) == 2
    assert pipelines[0] == pipelines[1]


def old_sales(ids: dict[str, str]) -> Work[None]:
    """Writes what versions before the eleventh wrote for two contacts and an opportunity, and keeps the ids."""

    async def insert(tx: Transaction) -> None:
        location = await access_store.find_location(tx, "location000000000000")
        assert location is not None
        tx.bind_location(location)
        contacts, deals = await tx.schema("contact"), await tx.schema("opportunity")
        for name, properties in (
            ("bob", {"name": "Bob"}),
            ("ann", {"name": "Ann", "email": "Ann@Lee.example", "company_name": "Acme", "tags": ["vip"]}),
        ):
            ids[name] = await tx.records.new_id(contacts)
            values = contacts.unique_values(properties)
            assert await tx.records.claim_values(contacts, unique_claims(values, ids[name])) == []
            await tx.records.insert(contacts, [new_row(contacts, ids[name], properties, origin=ORIGIN)])
        ids["deal"] = await tx.records.new_id(deals)
        deal = {
            "name": "Deal",
            "pipeline_id": "p",
            "pipeline_stage_id": "s",
            "status": "open",
            "contact_id": to_short_id(ids["ann"]),
            "last_status_change_at": "2024-03-01T10:20:30.456Z",
            "last_stage_change_at": "2024-03-02T10:20:30.007Z",
        }
        await tx.records.insert(deals, [new_row(deals, ids["deal"], deal, origin=ORIGIN)])
        [association] = [
            each for each in await associations_store.list_associations(tx) if each.id == OPPORTUNITIES_CONTACTS
        ]
        for name in ("bob", "ann"):
            relation = Relation(tx.ids.record_id(), association.number, ids["deal"], ids[name])
            await relation_store.insert_relation(tx, relation)

    return insert


async def test_old_opportunities_are_found_by_their_contact(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if ":memory:" in database_url:
        not_applicable("a database in memory is gone when it is closed")
    ids: dict[str, str] = {}
    await made_by_version(1, database_url, make_first_location, monkeypatch)
    await made_by_version(10, database_url, old_sales(ids), monkeypatch)
    storage = await open_storage(Settings(database=database_url))
    try:
        [old] = await list_locations(storage)
        world = await world_in(storage, old)

        async def found(**members: Any) -> list[str]:
            page = await world.do(OPPORTUNITIES.search, SearchRequest(**members))
            return [each.record.record.id for each in page.views]

        def where(field: str, operator: str, value: Any) -> list[Any]:
            return [{"field": field, "operator": operator, "value": value}]

        body = opportunity_body(await world.do(OPPORTUNITIES.get, to_short_id(ids["deal"])))
        assert (body.last_status_change_at, body.last_stage_change_at) == (
            "2024-03-01T10:20:30.456Z",
            "2024-03-02T10:20:30.007Z",
        )
        here = [ids["deal"]]
        assert await found(filters=where("contact_name", "eq", "Ann")) == here
        assert await found(filters=where("email", "eq", "ann@lee.example")) == here
        assert await found(filters=where("company_name", "contains", "cm")) == here
        assert await found(filters=where("tags", "eq", "vip")) == here
        assert await found(filters=where("phone", "exists", None)) == []
        assert await found(filters=where("last_stage_change_date", "range", {"gte": "2024-03-02"})) == here
        assert await found(filters=where("last_status_change_date", "range", {"gte": "2024-03-02"})) == []
        assert await found(text="ann@lee") == here
        await carry_out(storage)
        assert await found(text="ann@lee") == here
        assert (await examine(storage)).ok
    finally:
        await storage.close()


async def test_events_that_wait_are_kept_and_new_ones_come_behind(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if ":memory:" in database_url:
        not_applicable("a database in memory is gone when it is closed")

    async def told_before(tx: Transaction) -> None:
        for number in range(3):
            await tx.connection.script(
                "INSERT INTO outbox (loc, app_id, webhook_id, type, subject, payload, created_at) "
                f"VALUES (0, NULL, NULL, 'RecordCreate', 'old {number}', '{{}}', 7)"
            )
        # Those that were taken have used up numbers that must not come again.
        await tx.connection.script("DELETE FROM outbox WHERE subject = 'old 2'")

    async def tell(tx: Transaction) -> None:
        tx.emit(Event("RecordCreate", "new", "{}", 8))

    await made_by_version(2, database_url, told_before, monkeypatch)
    storage = await open_storage(Settings(database=database_url))
    try:
        await storage.write(None, tell)
        stored = await storage.write(None, lambda tx: delivery_store.take_events(tx, 10))
    finally:
        await storage.close()
    assert [(each.event.subject, each.event.at) for each in stored] == [("old 0", 7), ("old 1", 7), ("new", 8)]
    assert stored[-1].seq > stored[0].seq + 2
