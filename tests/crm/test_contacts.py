"""Contacts are recognised, keep their added fields, and take with them what hangs on them.

See docs/contract.md#sales-operations.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from groundlevel.crm.contacts.rules import (
    CONTACTS,
    BusinessChange,
    ContactChange,
    ContactView,
    NewContact,
    change_business,
    create_contact,
    update_contact,
    upsert_contact,
)
from groundlevel.crm.contacts.schemas import contact_body
from groundlevel.crm.custom_values import CustomValue
from groundlevel.crm.errors import DuplicateContact
from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import InvalidFilter, InvalidValue, NotSupported, UniqueConflict, UnknownProperty
from groundlevel.kernel.model import Field, Json
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.errors import UnknownReference
from groundlevel.records.rules import NewRecord, create_record
from groundlevel.schema.field_rules import NewField, create_field, insert_field
from groundlevel.schema.indexes import IndexKey, build_index
from groundlevel.standard.errors import ContactNotFound
from tests.world import World, options, world_in

ANN = {"name": "Ann Lee", "email": "ann@example.com", "phone": "+14155552671"}


@pytest.fixture
async def world(storage: Storage) -> World:
    return await world_in(storage)


async def new(world: World, properties: dict[str, Json], **custom: Json) -> ContactView:
    values = tuple(CustomValue(None, key, value) for key, value in custom.items())
    return await world.do(create_contact, NewContact(properties, values))


async def added_field(world: World, key: str, data_type: str, **settings: Any) -> Field:
    folder = (await world.object("contact")).folders[0].id
    view = await world.do(insert_field, NewField("contact", key, data_type, folder, **settings))
    assert view.field is not None
    return view.field


async def found(world: World, field: str, value: Json, operator: str = "eq") -> list[str]:
    filters = [{"field": field, "operator": operator, "value": value}]
    page = await world.do(CONTACTS.search, SearchRequest(filters=filters))
    return [contact.id for contact in page.views]


async def test_added_fields_are_written_shown_and_searched(world: World) -> None:
    shoe = await added_field(world, "shoe", "NUMERICAL")
    budget = await added_field(world, "budget", "MONETORY")
    sizes = await added_field(world, "sizes", "TEXTBOX_LIST", options=options("Left", "Right"))
    pets = await added_field(world, "pets", "MULTIPLE_OPTIONS", options=options("Cat", "Dog"))
    values = {"shoe": 38, "contact.budget": 99.5, "sizes": {"left": "one"}, "pets": ["cat", "dog"]}
    contact = await new(world, ANN, **values)
    read = await world.do(CONTACTS.get, contact.id)
    assert [(each.id, each.value) for each in contact_body(read).custom_fields] == [
        (shoe.id, 38),
        (budget.id, 99.5),
        (sizes.id, {"left": "one"}),
        (pets.id, ["Cat", "Dog"]),
    ]
    assert await found(world, f"customFields.{shoe.id}", {"gt": 37}, "range") == [contact.id]
    assert await found(world, f"customFields.{pets.id}", "bird") == []
    changed = await world.do(update_contact, ContactChange(contact.id, {}, [CustomValue(shoe.id, None, None)]))
    assert shoe.id not in [each.id for each in contact_body(changed).custom_fields]


@pytest.mark.parametrize("named", [("nothing", None), (None, "nothing"), (None, "email"), (None, None)])
async def test_only_added_fields_are_custom_fields(world: World, named: tuple[str | None, str | None]) -> None:
    with pytest.raises(UnknownProperty, match="is not a custom field of contact"):
        await world.do(create_contact, NewContact(ANN, [CustomValue(*named, "x")]))


async def test_no_request_adds_a_field_to_contacts(world: World) -> None:
    folder = (await world.object("contact")).folders[0].id
    with pytest.raises(NotSupported, match="Api does not support objectKey of type contact or opportunity"):
        await world.do(create_field, NewField("contact", "shoe", "TEXT", folder))


async def test_another_unique_field_is_no_duplicate_contact(world: World) -> None:
    await added_field(world, "badge", "TEXT", unique=True)
    await new(world, {"name": "Ann"}, badge="7")
    with pytest.raises(UniqueConflict, match="badge must be unique"):
        await new(world, {"name": "Bob"}, badge="7")


async def test_of_many_creations_at_once_one_succeeds(world: World) -> None:
    outcomes = await asyncio.gather(*(new(world, dict(ANN)) for _ in range(8)), return_exceptions=True)
    [contact] = [each for each in outcomes if isinstance(each, ContactView)]
    refused = [each for each in outcomes if isinstance(each, DuplicateContact)]
    assert len(refused) == 7
    assert all((each.contact_id, each.matching) == (contact.id, "email") for each in refused)


async def test_an_upsert_changes_whom_the_email_recognises(world: World) -> None:
    ann = await new(world, ANN)
    bob = await new(world, {"name": "Bob", "email": "bob@example.com"})
    both = {"email": "BOB@example.com", "phone": ANN["phone"], "city": "Delhi"}
    done = await world.do(upsert_contact, NewContact(both))
    assert (done.new, done.contact.id) == (False, bob.id)
    assert await found(world, "phone", ANN["phone"]) == [ann.id]
    assert await found(world, "city", "Delhi") == [bob.id]


async def test_what_is_refused_stores_nothing(world: World) -> None:
    contact = await new(world, ANN)
    for change in ({"phone": "12"}, {"tags": "vip"}, {"date_of_birth": "yesterday"}):
        with pytest.raises(InvalidValue):
            await world.do(update_contact, ContactChange(contact.id, {"city": "Delhi", **change}))
    assert contact_body(await world.do(CONTACTS.get, contact.id)) == contact_body(contact)


async def test_all_or_none_change_their_business(world: World) -> None:
    business = (await world.do(create_record, NewRecord("business", {"name": "Acme"}))).record.id
    ann = await new(world, ANN)
    for ids, business_id in (((ann.id, "nobody"), business), ((ann.id,), "0" * 24)):
        with pytest.raises(UnknownReference):
            await world.do(change_business, BusinessChange(ids, business_id))
    assert (await world.do(CONTACTS.get, ann.id)).business_id is None
    for _ in range(2):
        await world.do(change_business, BusinessChange((ann.id, ann.id), business))
    assert (await world.do(CONTACTS.get, ann.id)).business_id == business
    with pytest.raises(InvalidFilter, match="only the operator eq applies to businessId"):
        await found(world, "businessId", business, "not_eq")


async def test_an_index_serves_contacts_too(world: World) -> None:
    ann = await new(world, ANN)
    number = next(field.number for field in (await world.object("contact")).fields if field.key == "email_lower_case")
    await build_index(world.storage, world.call, IndexKey("contact", number))
    bob = await new(world, {"email": "Bob@example.com"})
    assert await found(world, "email", ["ANN@example.com", "bob@EXAMPLE.com"]) == [bob.id, ann.id]
    await world.do(update_contact, ContactChange(bob.id, {"email": ""}))
    assert await found(world, "email", "bob@example.com") == []


async def test_a_deleted_contact_leaves_nothing_behind(world: World) -> None:
    business = (await world.do(create_record, NewRecord("business", {"name": "Acme"}))).record.id
    ann = await new(world, {**ANN, "tags": ["vip"], "dnd": True, "dnd_settings": {"SMS": {"status": "active"}}})
    await world.do(change_business, BusinessChange((ann.id,), business))
    await world.do(CONTACTS.delete, ann.id)
    with pytest.raises(ContactNotFound):
        await world.do(CONTACTS.get, ann.id)
    await new(world, ANN)
    assert (await examine(world.storage)).ok
