"""Creates and changes opportunities: the records of the standard object `opportunity`.

See docs/contract.md#sales-operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from groundlevel.associations import relation_store
from groundlevel.associations import store as associations_store
from groundlevel.associations.relation_rules import relate, unrelate
from groundlevel.crm.custom_values import CustomValue, custom_properties
from groundlevel.crm.members import written_properties
from groundlevel.crm.opportunities.members import MEMBERS, NAMES
from groundlevel.crm.pipelines.rules import find_stage
from groundlevel.crm.standard_object import StandardObject, records_by_id
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.ids import from_short_id, to_short_id
from groundlevel.kernel.model import MAX_SAFE_INTEGER, Association, Json
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.timestamps import iso
from groundlevel.kernel.usecase import Call, writing
from groundlevel.records.rules import (
    NewValues,
    RecordView,
    fetch_referenced_record,
    insert_record,
    remove_record,
    replace_values,
)
from groundlevel.standard.objects import CONTACT, OPPORTUNITIES_CONTACTS, OPPORTUNITY

_MOMENTS = {"status": "last_status_change_at", "pipeline_stage_id": "last_stage_change_at"}
"""What is noted when a property changes."""


class Status(StrEnum):
    """The status of an opportunity."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    ABANDONED = "abandoned"


class OpportunityView(Struct, frozen=True, gc=False):
    """An opportunity with its primary contact."""

    record: RecordView
    contact: RecordView | None


async def with_contacts(tx: Transaction, views: Sequence[RecordView]) -> list[OpportunityView]:
    """Opportunities, each with its primary contact."""
    schema = await tx.schema(CONTACT)
    named = [from_short_id(decode_object(view.record.properties)["contact_id"]) for view in views]
    records = await records_by_id(tx, schema, {each for each in named if each is not None})
    contacts = {record.id: RecordView(record, schema, views[0].location) for record in records.values()}
    return [
        OpportunityView(view, contacts.get(contact_id or "")) for view, contact_id in zip(views, named, strict=True)
    ]


OPPORTUNITIES = StandardObject(OPPORTUNITY, show=with_contacts, names=NAMES)


class NewOpportunity(Struct, frozen=True):
    """The opportunity to be created: values by field key as sent, and those of added fields.

    Pipeline, status and primary contact are there; the stage is the pipeline's first unless it is named.
    """

    properties: dict[str, Json]
    custom: Sequence[CustomValue] = ()


class OpportunityChange(Struct, frozen=True):
    """A change of an opportunity: absent properties stay, null and the empty text clear.

    In another pipeline it begins at the first stage, unless one is named.
    """

    id: str
    properties: dict[str, Json]
    custom: Sequence[CustomValue] = ()


@writing
async def create_opportunity(tx: Transaction, call: Call, request: NewOpportunity) -> OpportunityView:
    """A new opportunity, related to its primary contact. Raises UnknownReference, UnknownProperty, InvalidValue,
    RequiredPropertyMissing, UniqueConflict."""
    schema = await tx.schema(OPPORTUNITY)
    sent = _stored_values(schema, request)
    stage = await find_stage(tx, str(sent["pipeline_id"]), sent.get("pipeline_stage_id"))
    contact = await _contact(tx, call, str(sent["contact_id"]))
    now = iso(call.ids.now())
    timestamps = dict.fromkeys(_MOMENTS.values(), now)
    stored = schema.validate_new({**sent, **timestamps, "pipeline_stage_id": stage.id}, strict=False)
    view = await insert_record(tx, call, schema, NewValues(stored))
    await _relate(tx, call, view.record.id, contact.record.id)
    return OpportunityView(view, contact)


@writing
async def update_opportunity(tx: Transaction, call: Call, request: OpportunityChange) -> OpportunityView:
    """A change. Raises what create_opportunity raises, and OpportunityNotFound."""
    view = await OPPORTUNITIES.lock(tx, call, request.id)
    schema, before = view.schema, decode_object(view.record.properties)
    sent = _stored_values(schema, request)
    if "pipeline_id" in sent or "pipeline_stage_id" in sent:
        pipeline_id = str(sent.get("pipeline_id", before["pipeline_id"]))
        stage_id = sent.get("pipeline_stage_id")
        if pipeline_id == before["pipeline_id"]:
            stage_id = stage_id or before["pipeline_stage_id"]
        sent["pipeline_stage_id"] = (await find_stage(tx, pipeline_id, stage_id)).id
    contact = await _contact(tx, call, str(sent["contact_id"])) if "contact_id" in sent else None
    for key, timestamp in _MOMENTS.items():
        if sent.get(key, before[key]) != before[key]:
            sent[timestamp] = iso(call.ids.now())
    after = schema.validate_change(before, sent, strict=False)
    changed = await replace_values(tx, call, view, NewValues(after, before=before))
    if contact is not None and after["contact_id"] != before["contact_id"]:
        await _unrelate(tx, view.record.id, from_short_id(before["contact_id"]) or "")
        await _relate(tx, call, view.record.id, contact.record.id)
    return await OPPORTUNITIES.complete(tx, changed)


# --- what use cases share ----------------------------------------------------------------------------------------


def _stored_values(schema: CompiledObject, request: NewOpportunity | OpportunityChange) -> dict[str, Json]:
    """The properties of a request in the form that the fields take."""
    return {**written_properties(request.properties, MEMBERS), **custom_properties(schema, request.custom)}


async def _contact(tx: Transaction, call: Call, shown: str) -> RecordView:
    """The contact that a body names. Raises UnknownReference."""
    schema = await tx.schema(CONTACT)
    return RecordView(await fetch_referenced_record(tx, schema, shown, member="contactId"), schema, call.location)


async def _association(tx: Transaction) -> Association:
    association = await associations_store.find_association(tx, OPPORTUNITIES_CONTACTS)
    assert association is not None, "every location has the system associations"
    return association


async def _relate(tx: Transaction, call: Call, opportunity_id: str, contact_id: str) -> None:
    """Relates an opportunity to its primary contact, unless it is already. Raises CardinalityExceeded."""
    association, ids = await _association(tx), (opportunity_id, contact_id)
    if (await relation_store.find_pair(tx, association, *ids)).relation is None:
        await relate(tx, association, ids, limited=call.limited)


async def _unrelate(tx: Transaction, opportunity_id: str, contact_id: str) -> None:
    """Takes an opportunity from the contact that was its primary one."""
    association = await _association(tx)
    relation = (await relation_store.find_pair(tx, association, opportunity_id, contact_id)).relation
    if relation is not None:
        await unrelate(tx, association, relation)


async def remove_opportunities_of(tx: Transaction, contact_id: str) -> None:
    """Deletes the opportunities whose primary contact it is: they are related to it."""
    association = await _association(tx)
    relations, _ = await relation_store.list_relations(tx, contact_id, (association.number,), limit=MAX_SAFE_INTEGER)
    schema = await tx.schema(OPPORTUNITY)
    for relation in relations:
        record = await tx.records.lock(schema, relation.first_id)
        if record is not None and decode_object(record.properties)["contact_id"] == to_short_id(contact_id):
            await remove_record(tx, schema, record)
