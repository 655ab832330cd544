"""Deleted records come back as they were: with their id, their date, their relations, and under all rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from groundlevel.associations.relation_rules import NewRelation, create_relation
from groundlevel.associations.rules import NewAssociation, create_association
from groundlevel.audit.bin_rules import BinKey, BinPage, BinQuery, list_deleted, restore_deleted
from groundlevel.audit.errors import AuditOff, NotInBin, RecordInTheWay
from groundlevel.audit.rules import ChangesQuery, changes_since
from groundlevel.crm.contacts.rules import CONTACTS, NewContact, create_contact
from groundlevel.crm.opportunities.rules import OPPORTUNITIES, NewOpportunity, create_opportunity
from groundlevel.crm.pipelines.rules import list_pipelines
from groundlevel.doctor.rules import examine
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import ObjectNotFound, RequiredPropertyMissing, ScopeMissing
from groundlevel.kernel.ids import to_short_id
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.errors import UnknownReference
from groundlevel.records.rules import RecordKey, RecordView, get_record
from groundlevel.schema.field_rules import FieldChange, apply_field_change, delete_field
from groundlevel.schema.object_rules import delete_object
from tests.audit.replay import Replica, read_all
from tests.world import PET, World, options, world_in

ALL = frozenset(("contacts.write", "opportunities.write"))


@pytest.fixture
async def world(storage: Storage) -> World:
    made = await world_in(storage)
    await made.pet()
    await made.field("chip", unique=True)
    await made.field("traits", "MULTIPLE_OPTIONS", options=options("calm", "loud"))
    return made


async def bring_back(world: World, record_id: str, *, scopes: frozenset[str] = ALL, since: int = 0) -> RecordView:
    return await world.do(restore_deleted, BinKey(record_id, since, scopes))


async def in_bin(world: World, **query: Any) -> list[str]:
    page: BinPage = await world.do(list_deleted, BinQuery(**{"since": 0, **query}))
    return [each.row.subject for each in page.deletions]


async def friends(world: World) -> str:
    made = await world.do(create_association, NewAssociation("friends", PET, "A", PET, "B"))
    return made.id


def shown(view: RecordView) -> tuple[Any, ...]:
    """What there is of a record besides its version and the time and author of its last change."""
    record = view.record
    return (
        record.id,
        record.created_at,
        record.owners,
        record.followers,
        record.created_by,
        decode_object(view.schema.to_wire(record.properties)),
        [msgspec.to_builtins(each) for each in view.relations],
    )


async def test_a_record_comes_back_as_it_was(world: World) -> None:
    association = await friends(world)
    other = await world.create({"name": "Max"})
    record_id = await world.create({"name": "Rex", "chip": "1", "traits": ["calm"]}, followers=["sx6wyHhbFdRXh302LLNR"])
    await world.do(create_relation, NewRelation(association, record_id, other))
    await world.do(create_relation, NewRelation(association, other, record_id))
    before = await world.do(get_record, RecordKey(PET, record_id))
    last = await world.create({"name": "Last"})
    await world.delete(record_id)
    assert await in_bin(world) == [record_id]
    view = await bring_back(world, record_id)
    after = await world.do(get_record, RecordKey(PET, record_id))
    assert shown(after) == shown(view) == shown(before)
    assert after.record.version == before.record.version + 1
    assert after.record.updated_at > before.record.updated_at
    assert await in_bin(world) == []
    assert await world.found("rex") == [record_id]
    assert await world.found(sort=[{"field": "createdAt", "direction": "asc"}]) == [other, record_id, last]
    await world.update(record_id, {"chip": "2"})
    assert (await examine(world.storage)).ok


async def test_many_come_back_in_any_order(world: World) -> None:
    """Whatever was created meanwhile, records stand in the order of their creation."""
    ids = [await world.create({"name": f"Pet {n}"}) for n in range(6)]
    for record_id in (ids[5], ids[4], ids[2], ids[1], ids[0]):
        await world.delete(record_id)
    later = [await world.create({"name": f"Later {n}"}) for n in range(2)]
    await world.delete(later[1])
    for record_id in (ids[1], ids[5], ids[0], ids[4], ids[2], later[1]):
        await bring_back(world, record_id)
    expected = [*ids, *later]
    assert await world.found(sort=[{"field": "createdAt", "direction": "asc"}]) == expected
    assert await world.found("pet", sort=[{"field": "createdAt", "direction": "asc"}]) == ids
    assert (await world.search()).total == len(expected)
    replica = Replica()
    await read_all(world, replica)
    assert replica.records.keys() == {(PET, record_id) for record_id in expected}
    assert (await examine(world.storage)).ok


async def test_relations_come_back_where_the_other_record_is(world: World) -> None:
    association = await friends(world)
    kept, gone, record_id = [await world.create({"name": name}) for name in ("Kept", "Gone", "Rex")]
    for other in (kept, gone):
        await world.do(create_relation, NewRelation(association, record_id, other))
    await world.delete(record_id)
    await world.delete(gone)
    view = await bring_back(world, record_id)
    assert [each.record_id for each in view.relations] == [kept]


async def test_a_unique_value_that_another_record_has_is_in_the_way(world: World) -> None:
    record_id = await world.create({"name": "Rex", "chip": "1"})
    await world.delete(record_id)
    holder = await world.create({"name": "Max", "chip": "1"})
    with pytest.raises(RecordInTheWay) as refused:
        await bring_back(world, record_id)
    assert refused.value.meta == {"recordId": holder}
    assert refused.value.field_key == "custom_objects.pet.chip"
    await world.update(holder, {"chip": None})
    assert (await bring_back(world, record_id)).record.id == record_id


async def test_what_is_not_in_the_bin_does_not_come_back(world: World) -> None:
    record_id = await world.create({"name": "Rex"})
    for wanted in (record_id, "0" * 24, "nothing"):
        with pytest.raises(NotInBin):
            await bring_back(world, wanted)
    await world.delete(record_id)
    later = world.storage.ids.now() + 1
    assert await in_bin(world, since=later) == []
    with pytest.raises(NotInBin):
        await bring_back(world, record_id, since=later)
    world.storage.audited = False
    with pytest.raises(AuditOff):
        await bring_back(world, record_id)
    with pytest.raises(AuditOff):
        await in_bin(world)


async def test_it_comes_back_under_the_rules_that_hold_now(world: World) -> None:
    record_id = await world.create({"name": "Rex", "traits": ["loud"]})
    await world.delete(record_id)
    (traits,) = (each for each in (await world.object()).fields if each.key == "traits")
    await world.do(delete_field, traits.id)
    breed = await world.field("breed")
    await world.do(apply_field_change, FieldChange(breed.id, visible_in_forms=True, required=True))
    with pytest.raises(RequiredPropertyMissing):
        await bring_back(world, record_id)
    await world.do(apply_field_change, FieldChange(breed.id, visible_in_forms=True, required=False))
    view = await bring_back(world, record_id)
    assert decode_object(view.schema.to_wire(view.record.properties)) == {"name": "Rex"}


async def test_what_a_deleted_object_had_is_not_in_the_bin(world: World) -> None:
    record_id = await world.create({"name": "Rex"})
    await world.delete(record_id)
    await world.do(delete_object, PET)
    assert await in_bin(world) == []
    with pytest.raises(ObjectNotFound):
        await bring_back(world, record_id)


async def test_the_bin_comes_in_pages_and_by_object(world: World) -> None:
    ids = [await world.create({"name": str(n)}) for n in range(5)]
    for record_id in ids:
        await world.delete(record_id)
    contact = await world.do(create_contact, NewContact({"name": "Ann"}))
    await world.do(CONTACTS.delete, contact.id)
    page = await world.do(list_deleted, BinQuery(0, PET, limit=3))
    assert [each.row.subject for each in page.deletions] == ids[:1:-1]
    assert page.next is not None
    page = await world.do(list_deleted, BinQuery(0, PET, before=page.next, limit=3))
    assert ([each.row.subject for each in page.deletions], page.next) == (ids[1::-1], None)
    assert len(await in_bin(world)) == 6
    assert await in_bin(world, object_key="contact") == [contact.record.record.id]


async def test_a_contact_comes_back_with_its_opportunity(world: World) -> None:
    contact = await world.do(create_contact, NewContact({"name": "Ann Lee", "email": "ann@example.com", "tags": ["x"]}))
    (pipeline,) = await world.do(list_pipelines, None)
    wanted = {"name": "Deal", "pipeline_id": pipeline.id, "status": "open", "contact_id": contact.id}
    deal = await world.do(create_opportunity, NewOpportunity(wanted))
    deal_id = deal.record.record.id
    await world.do(CONTACTS.delete, contact.id)
    shown_ids = [each.row for each in (await world.do(list_deleted, BinQuery(0))).deletions]
    assert {row.object_key for row in shown_ids} == {"contact", "opportunity"}
    with pytest.raises(UnknownReference):
        await bring_back(world, to_short_id(deal_id))
    with pytest.raises(ScopeMissing):
        await bring_back(world, contact.id, scopes=frozenset())
    await bring_back(world, contact.id)
    await bring_back(world, to_short_id(deal_id))
    again = await world.do(CONTACTS.get, contact.id)
    assert decode_object(again.record.record.properties) == decode_object(contact.record.record.properties)
    returned = await world.do(OPPORTUNITIES.get, to_short_id(deal_id))
    assert returned.contact is not None
    assert returned.contact.record.id == contact.record.record.id
    assert (await examine(world.storage)).ok


async def test_a_return_is_a_change_with_all_that_came_back(world: World) -> None:
    record_id = await world.create({"name": "Rex"})
    await world.update(record_id, {"name": "Max"})
    await world.delete(record_id)
    await bring_back(world, record_id)
    await world.update(record_id, {"name": "Moritz"})
    changes: Sequence[Any] = (await world.do(changes_since, ChangesQuery(kinds=frozenset(("record",))))).changes
    assert [(each.row.operation, each.row.version) for each in changes] == [
        ("create", 1),
        ("update", 2),
        ("delete", 2),
        ("restore", 3),
        ("update", 4),
    ]
    assert changes[0].after["properties"] == {"name": "Rex"}
    assert changes[3].after["properties"] == {"name": "Max"}
