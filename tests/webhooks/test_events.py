"""Every event is told when its operation succeeds, with the members that the documents show.

See docs/contract.md#webhook-events.
"""

# Long: every event of every noun has its test here, beside the table of them.

from __future__ import annotations

import json

import pytest

from groundlevel.associations.relation_rules import NewRelation, create_relation, delete_relation
from groundlevel.associations.rules import (
    NewAssociation,
    Relabelling,
    create_association,
    delete_association,
    update_association,
)
from groundlevel.crm.contacts.rules import (
    CONTACTS,
    ContactChange,
    NewContact,
    change_followers,
    create_contact,
    update_contact,
    upsert_contact,
)
from groundlevel.crm.contacts.tag_rules import TagChange, change_tags
from groundlevel.crm.custom_values import CustomValue
from groundlevel.crm.followers import FollowerChange
from groundlevel.crm.notes.record_note_rules import (
    NamedRecord,
    NewRecordNote,
    RecordNoteChange,
    RelationChange,
    change_note_relations,
    create_record_note,
    delete_record_note,
    update_record_note,
)
from groundlevel.crm.notes.rules import NewNote, NoteChange, NoteKey, create_note, delete_note, update_note
from groundlevel.crm.tasks.rules import NewTask, TaskChange, TaskKey, create_task, delete_task, update_task
from groundlevel.kernel.events import event_kind, event_kinds, receives
from groundlevel.kernel.model import Event, Json, Subscriber
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.timestamps import iso
from groundlevel.locations.rules import LocationChange, NewLocation, create_location, update_location
from groundlevel.oauth.app_rules import NewApp, TargetQuery, create_app, install_app, uninstall_app
from groundlevel.schema.field_rules import NewField, delete_field, insert_field
from groundlevel.schema.object_rules import ObjectChange, update_object
from groundlevel.webhooks import delivery_store
from groundlevel.webhooks import store as webhooks_store
from groundlevel.webhooks.model import Webhook
from groundlevel.webhooks.payloads import payload_of, value_string
from tests.world import ORIGIN, PET, World, options, world_in

SHOWN: tuple[tuple[Json, str], ...] = (
    ("buddy", "buddy"),
    ("", ""),
    ("é \U0001f436 \u2028", "é \U0001f436 \u2028"),
    (True, "true"),
    (False, "false"),
    (0, "0"),
    (-0.0, "0"),
    (3, "3"),
    (3.0, "3"),
    (-2.5, "-2.5"),
    (0.1, "0.1"),
    (1e20, "100000000000000000000"),
    (1e21, "1e+21"),
    (-1.25e22, "-1.25e+22"),
    (0.000001, "0.000001"),
    (0.0000001, "1e-7"),
    (-1.5e-7, "-1.5e-7"),
    (2**53 - 1, "9007199254740991"),
    (46453597862993528.0, "46453597862993530"),
    (["a", "b"], '["a","b"]'),
    ([], "[]"),
    ({"currency": "USD", "value": 12.0}, '{"currency":"USD","value":12}'),
    ([{"url": "https://x/y", "meta": {"size": 1.5e21}}], '[{"url":"https://x/y","meta":{"size":1.5e+21}}]'),
    ([None, True], "[null,true]"),
)
"""A stored value, and the valueString that shows it (docs/contract.md#decision-41)."""


@pytest.mark.parametrize(("value", "shown"), SHOWN)
def test_how_a_value_is_shown(value: Json, shown: str) -> None:
    assert value_string(value) == shown


TYPES = (
    "RecordCreate", "RecordUpdate", "RecordDelete", "ObjectSchemaCreate", "ObjectSchemaUpdate", "AssociationCreate",
    "AssociationUpdate", "AssociationDelete", "RelationCreate", "RelationDelete", "INSTALL", "UNINSTALL",
    "LocationCreate", "LocationUpdate", "ContactCreate", "ContactUpdate", "ContactDelete", "ContactTagUpdate",
    "ContactDndUpdate", "OpportunityCreate", "OpportunityUpdate", "OpportunityDelete", "OpportunityStatusUpdate",
    "OpportunityStageUpdate", "OpportunityMonetaryValueUpdate", "OpportunityAssignedToUpdate",
    "NoteCreate", "NoteUpdate", "NoteDelete", "TaskCreate", "TaskComplete", "TaskDelete",
)  # fmt: skip


def test_every_type_has_a_row_and_a_sample() -> None:
    assert {kind.type for kind in event_kinds()} == set(TYPES)
    assert all(kind.doc.endswith(".") for kind in event_kinds())


HEARD: tuple[tuple[Subscriber, str, bool], ...] = (
    (Subscriber("w", frozenset(), None, frozenset()), "RecordCreate", True),
    (Subscriber("w", frozenset(("RecordDelete",)), None, frozenset()), "RecordCreate", False),
    (Subscriber("w", frozenset(("RecordCreate",)), None, frozenset()), "RecordCreate", True),
    (Subscriber("w", frozenset(), "app", frozenset(("objects/record.readonly",))), "RecordUpdate", True),
    (Subscriber("w", frozenset(), "app", frozenset(("objects/record.write",))), "RecordUpdate", False),
    (Subscriber("w", frozenset(("RecordUpdate",)), "app", frozenset()), "RecordUpdate", False),
    (Subscriber("w", frozenset(), "app", frozenset()), "INSTALL", True),
)
"""A webhook, a type, and whether it hears of it (docs/contract.md#webhook-delivery)."""


@pytest.mark.parametrize(("audience", "event_type", "heard"), HEARD)
def test_who_receives(audience: Subscriber, event_type: str, heard: bool) -> None:
    assert receives(audience, event_type) is heard


# --- what operations tell ------------------------------------------------------------------------------------------


async def listening(storage: Storage) -> World:
    """A location in which somebody hears of everything, and nobody delivers."""
    world = await world_in(storage)
    location = world.location
    webhook = Webhook("w", None, location.company_id, location.id, "https://example.com/", (), None, 1)
    await storage.write(None, lambda tx: webhooks_store.insert_webhook(tx, webhook))
    return world


@pytest.fixture
async def world(storage: Storage) -> World:
    """Where somebody listens."""
    return await listening(storage)


async def told(world: World) -> list[tuple[str, dict[str, Json]]]:
    """Types and payloads of what was told since one last asked."""
    stored = await world.storage.write(None, lambda tx: delivery_store.take_events(tx, 1_000))
    return [(each.event.type, json.loads(payload_of(each.event))) for each in stored]


def like(sample: str, payload: dict[str, Json]) -> None:
    """A real payload has the members of the sample, in its order."""
    assert list(payload) == list(event_kind(sample, member="type").sample)


async def test_objects(world: World) -> None:
    pet = await world.pet()
    ((created, payload),) = await told(world)
    assert created == "ObjectSchemaCreate"
    like("ObjectSchemaCreate", payload)
    origin = {"channel": "OAUTH", "source": "INTEGRATION", "sourceId": ORIGIN.source_id}
    assert payload == {
        "id": pet.id,
        "labels": {"singular": "Pet", "plural": "Pets"},
        "description": "",
        "searchableProperties": [f"{PET}.name"],
        "primaryDisplayProperty": f"{PET}.name",
        "key": PET,
        "locationId": world.location.id,
        "createdAt": payload["createdAt"],
        "updatedAt": payload["createdAt"],
        "createdBy": origin,
        "updatedBy": origin,
        "objectType": "USER_DEFINED",
    }
    await update_object(world.storage, world.call, ObjectChange(PET, [f"{PET}.name"], singular="Puppy"))
    ((updated, payload),) = await told(world)
    assert (updated, payload["labels"]["singular"]) == ("ObjectSchemaUpdate", "Puppy")


async def test_records(world: World) -> None:
    await world.pet()
    await world.field("age", "NUMERICAL")
    await world.field("tags", "MULTIPLE_OPTIONS", options=options("Good", "Old"))
    await told(world)
    user = "sx6wyHhbFdRXh302LLNR"
    properties: dict[str, Json] = {"name": "buddy", "age": 3, "tags": ["good", "old"]}
    record_id = await world.create(properties, owners=[user], followers=[user])
    await world.update(record_id, {"age": None})
    await world.delete(record_id)
    events = await told(world)
    assert [event_type for event_type, _ in events] == ["RecordCreate", "RecordUpdate", "RecordDelete"]
    name, age, tags = (
        {"key": "name", "valueString": "buddy"},
        {"key": "age", "valueString": "3"},
        {"key": "tags", "valueString": '["good","old"]'},
    )
    for (event_type, payload), shown in zip(events, ([name, age, tags], [name, tags], [name, tags]), strict=True):
        like(event_type, payload)
        assert payload == {
            "id": record_id,
            "locationId": world.location.id,
            "objectKey": PET,
            "owners": [user],
            "followers": [user],
            "properties": shown,
        }


async def test_a_record_is_told_under_the_keys_of_its_fields_alone(world: World) -> None:
    """Where a field has another stored key, because one before it had its own; and where a field is gone."""
    await world.pet()
    kept = await world.create({"name": "rex"})
    await world.do(delete_field, (await world.field("age", "NUMERICAL")).id)
    age = await world.field("age", "NUMERICAL")
    await told(world)
    record_id = await world.create({"name": "buddy", "age": 4})
    await world.update(record_id, {"name": "bo"})
    await world.do(delete_field, age.id)
    await world.update(kept, {"name": "max"})
    await world.delete(record_id)
    name = "name"
    shown = [
        [(each["key"], each["valueString"]) for each in payload["properties"]]
        for event_type, payload in await told(world)
        if event_type.startswith("Record")
    ]
    assert shown == [[(name, "buddy"), ("age", "4")], [(name, "bo"), ("age", "4")], [(name, "max")], [(name, "bo")]]


def test_a_payload_that_is_complete_is_sent_as_it_is() -> None:
    """As the outbox may still hold it after an upgrade, and as a test of a webhook stores it."""
    for kind in event_kinds():
        payload = json.dumps(kind.sample)
        assert payload_of(Event(kind.type, "subject", payload, 1)) == payload


async def test_associations_and_relations(world: World) -> None:
    await world.pet()
    first, second = [await world.create({"name": name}) for name in ("a", "b")]
    await told(world)
    made = await world.do(create_association, NewAssociation("parent_child", PET, "parent", PET, "child"))
    relation = (await world.do(create_relation, NewRelation(made.id, first, second))).relation
    await world.do(delete_relation, relation.id)
    await world.do(update_association, Relabelling(made.id, "mother", "kid"))
    await world.do(delete_association, made.id)
    events = await told(world)
    assert [event_type for event_type, _ in events] == [
        "AssociationCreate", "RelationCreate", "RelationDelete", "AssociationUpdate", "AssociationDelete"
    ]  # fmt: skip
    for event_type, payload in events:
        like(event_type, payload)
    assert events[1][1] == {
        "id": relation.id,
        "firstObjectKey": PET,
        "firstRecordId": first,
        "secondObjectKey": PET,
        "secondRecordId": second,
        "associationId": made.id,
        "locationId": world.location.id,
    }
    assert events[3][1]["firstObjectLabel"] == "mother"
    assert events[3][1]["firstObjectToSecondObjectCardinality"] == "MANY_TO_MANY"


async def test_installs_concern_the_app_alone(world: World) -> None:
    app, _ = await create_app(world.storage, NewApp("An app", ("https://example.com/callback",)))
    where = TargetQuery(location_id=world.location.id)
    await install_app(world.storage, app.id, where)
    await uninstall_app(world.storage, app.id, where)
    stored = await world.storage.write(None, lambda tx: delivery_store.take_events(tx, 9))
    assert [(each.event.type, each.event.app_id) for each in stored] == [("INSTALL", app.id), ("UNINSTALL", app.id)]
    for each in stored:
        payload = json.loads(payload_of(each.event))
        like(each.event.type, payload)
        assert (payload["locationId"], payload["companyId"]) == (world.location.id, world.location.company_id)


async def test_locations(world: World) -> None:
    company = Webhook("c", None, world.location.company_id, None, "https://example.com/", (), None, 1)
    await world.storage.write(None, lambda tx: webhooks_store.insert_webhook(tx, company))

    new = await create_location(
        world.storage, NewLocation("Shoes", world.location.company_id, {"email": "mark@shoes.example"})
    )
    created = await told(world)
    await update_location(world.storage, new, LocationChange("Boots", {}))
    updated = await told(world)

    ((kind, payload),) = created
    assert kind == "LocationCreate"
    like(kind, payload)
    assert payload["id"] == new.id
    assert (payload["name"], payload["email"]) == ("Shoes", "mark@shoes.example")
    ((kind, payload),) = updated
    assert kind == "LocationUpdate"
    like(kind, payload)
    assert payload["name"] == "Boots"


async def test_a_record_that_stays_as_it_is_is_not_told_of(world: World) -> None:
    user = "sx6wyHhbFdRXh302LLNR"
    await world.pet()
    record = await world.create({"name": "buddy"}, followers=[user])
    await told(world)
    for properties, people in (({}, {}), ({"name": "buddy"}, {}), ({}, {"followers": {"add": [user]}})):
        await world.update(record, properties, **people)
    assert await told(world) == []
    await world.update(record, {}, followers={"remove": [user]})
    assert [kind for kind, _ in await told(world)] == ["RecordUpdate"]


async def test_contacts(world: World) -> None:
    folder = (await world.object("contact")).folders[0].id
    view = await world.do(insert_field, NewField("contact", "employer", "TEXT", folder))
    assert view.field is not None
    await told(world)
    # A contact with every member that the documents show.
    values: dict[str, Json] = {
        "address1": "1 Way",
        "city": "Delhi",
        "state": "DL",
        "company_name": "Acme",
        "country": "IN",
        "source": "public api",
        "date_of_birth": "1990-09-25",
        "email": "ann@example.com",
        "name": "Ann Lee",
        "phone": "+14155552671",
        "postal_code": "110001",
        "tags": ["vip"],
        "website": "https://ann.example",
        "assigned_to": "sx6wyHhbFdRXh302LLNR",
        "dnd_settings": {"SMS": {"status": "active"}},
    }
    contact = await world.do(create_contact, NewContact(values, [CustomValue(None, "employer", "XYZ Corp")]))
    ((created, payload),) = await told(world)
    assert created == "ContactCreate"
    like("ContactCreate", payload)
    assert payload == {
        "locationId": world.location.id,
        "id": contact.id,
        "address1": "1 Way",
        "city": "Delhi",
        "state": "DL",
        "companyName": "Acme",
        "country": "IN",
        "source": "public api",
        "dateAdded": payload["dateAdded"],
        "dateOfBirth": "1990-09-25T00:00:00.000Z",
        "dnd": False,
        "email": "ann@example.com",
        "name": "Ann Lee",
        "firstName": "Ann",
        "lastName": "Lee",
        "phone": "+14155552671",
        "postalCode": "110001",
        "tags": ["vip"],
        "website": "https://ann.example",
        "attachments": [],
        "assignedTo": "sx6wyHhbFdRXh302LLNR",
        "customFields": [{"id": view.field.id, "value": "XYZ Corp"}],
    }

    async def change(properties: dict[str, Json]) -> list[str]:
        await world.do(update_contact, ContactChange(contact.id, properties))
        events = await told(world)
        for event_type, changed in events:
            like(event_type, changed)
        return [event_type for event_type, _ in events]

    assert await change({"city": "Agra"}) == ["ContactUpdate"]
    assert await change({"city": "Agra"}) == []
    assert await change({"tags": ["vip", "new"]}) == ["ContactTagUpdate"]
    assert await change({"dnd": True}) == ["ContactDndUpdate"]
    assert await change({"dnd_settings": {"SMS": {"status": "inactive"}}}) == ["ContactDndUpdate"]
    everything = {"city": "Delhi", "tags": [], "dnd": False}
    assert await change(everything) == ["ContactUpdate", "ContactTagUpdate", "ContactDndUpdate"]

    await world.do(change_followers, FollowerChange(contact.id, add=["ann"]))
    await world.do(change_followers, FollowerChange(contact.id, add=["ann"]))
    await world.do(change_tags, TagChange(contact.id, add=["again"]))
    await world.do(change_tags, TagChange(contact.id, remove=["nothing"]))
    await world.do(upsert_contact, NewContact({"email": "ann@example.com", "city": "Goa"}))
    await world.do(CONTACTS.delete, contact.id)
    events = await told(world)
    assert [event_type for event_type, _ in events] == [
        "ContactUpdate", "ContactTagUpdate", "ContactUpdate", "ContactDelete"
    ]  # fmt: skip
    like(*events[-1])
    assert events[-1][1]["city"] == "Goa"


async def test_what_a_contact_does_not_have_is_not_told(world: World) -> None:
    await world.do(create_contact, NewContact({"email": "bob@example.com"}))
    ((_, payload),) = await told(world)
    assert list(payload) == ["locationId", "id", "dateAdded", "dnd", "email", "tags", "attachments", "customFields"]


async def new_contact(world: World) -> str:
    """The id of a new contact, as the world knows it."""
    return (await world.do(create_contact, NewContact({"name": "Ann"}))).id


async def test_notes(world: World) -> None:
    contact_id = await new_contact(world)
    await told(world)
    note = await world.do(create_note, NewNote(contact_id, "Likes tea", title="Taste", user_id="somebody"))
    key = NoteKey(contact_id, note.shown_id)
    await world.do(update_note, NoteChange(key, body="Likes milk"))
    await world.do(delete_note, key)
    events = await told(world)
    assert [event_type for event_type, _ in events] == ["NoteCreate", "NoteUpdate", "NoteDelete"]
    for (event_type, payload), body in zip(events, ("Likes tea", "Likes milk", "Likes milk"), strict=True):
        like(event_type, payload)
        assert payload == {
            "locationId": world.location.id,
            "id": note.shown_id,
            "body": body,
            "contactId": contact_id,
            "dateAdded": iso(note.created_at),
        }


async def test_a_note_is_told_of_each_of_its_contacts_alone(world: World) -> None:
    contacts = sorted([await new_contact(world), await new_contact(world)])
    people = [NamedRecord("contact", each) for each in contacts]
    await world.pet()
    pet = NamedRecord(PET, await world.create({"name": "Rex"}))
    await told(world)
    note = (await world.do(create_record_note, NewRecordNote("x", [pet]))).note.shown_id
    await world.do(change_note_relations, RelationChange(note, [pet, *people], added=True))
    await world.do(change_note_relations, RelationChange(note, people, added=True))
    await world.do(update_record_note, RecordNoteChange(note, body="y"))
    await world.do(change_note_relations, RelationChange(note, people[:1], added=False))
    await world.do(delete_record_note, note)
    events = await told(world)
    for event_type, payload in events:
        like(event_type, payload)
        assert payload["id"] == note
    happened = [(event_type, payload["contactId"], payload["body"]) for event_type, payload in events]
    assert sorted(happened[:2]) == [("NoteCreate", each, "x") for each in contacts]
    assert sorted(happened[2:4]) == [("NoteUpdate", each, "y") for each in contacts]
    assert happened[4:] == [("NoteDelete", each, "y") for each in contacts]


async def test_tasks(world: World) -> None:
    contact_id = await new_contact(world)
    await told(world)
    new = NewTask(contact_id, "Call back", 1_792_926_000_000, body="About the saddle", assigned_to="somebody")
    task = await world.do(create_task, new)
    key = TaskKey(contact_id, task.shown_id)
    await world.do(update_task, TaskChange(key, title="Write"))
    for completed in (True, True, False, True):
        await world.do(update_task, TaskChange(key, completed=completed))
    await world.do(delete_task, key)
    events = await told(world)
    # There is no event of another change, and none of a task that is completed already or opened again.
    assert [event_type for event_type, _ in events] == ["TaskCreate", "TaskComplete", "TaskComplete", "TaskDelete"]
    for (event_type, payload), title in zip(events, ("Call back", "Write", "Write", "Write"), strict=True):
        like(event_type, payload)
        assert payload == {
            "locationId": world.location.id,
            "id": task.shown_id,
            "assignedTo": "somebody",
            "body": "About the saddle",
            "contactId": contact_id,
            "title": title,
            "dateAdded": iso(task.created_at),
            "dueDate": "2026-10-25T11:00:00.000Z",
        }


async def test_what_a_task_does_not_have_is_not_told(world: World) -> None:
    contact_id = await new_contact(world)
    await told(world)
    await world.do(create_task, NewTask(contact_id, "Call back", 0, completed=True))
    ((event_type, payload),) = await told(world)
    assert event_type == "TaskCreate"
    assert list(payload) == ["locationId", "id", "contactId", "title", "dateAdded", "dueDate"]


async def test_notes_and_tasks_are_told_with_their_contact(world: World) -> None:
    contact_id, other = await new_contact(world), await new_contact(world)
    notes = [await world.do(create_note, NewNote(each, "x")) for each in (contact_id, contact_id, other)]
    tasks = [await world.do(create_task, NewTask(each, "x", 0)) for each in (contact_id, other)]
    await told(world)
    await world.do(CONTACTS.delete, contact_id)
    expected = [
        ("NoteDelete", notes[1].shown_id),
        ("NoteDelete", notes[0].shown_id),
        ("TaskDelete", tasks[0].shown_id),
        ("ContactDelete", contact_id),
    ]
    assert [(event_type, payload["id"]) for event_type, payload in await told(world)] == expected


async def test_nothing_is_told_where_nobody_listens(storage: Storage) -> None:
    world = await world_in(storage)
    await world.pet()
    await world.delete(await world.create({"name": "buddy"}))
    assert await told(world) == []
