"""Creates and changes opportunities: the records of the standard object `opportunity`.

See docs/contract.md#sales-operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from groundlevel.associations import relation_store
from groundlevel.associations.relation_rules import relate, unrelate
from groundlevel.crm.custom_values import CustomValue, custom_properties
from groundlevel.crm.followers import FollowerChange, follower_change, followers_after
from groundlevel.crm.lost_reasons.rules import check_lost_reason
from groundlevel.crm.members import written_properties
from groundlevel.crm.opportunities.contact_values import contact_association, lock_opportunities_of, with_contact_values
from groundlevel.crm.opportunities.events import (
    emit_opportunity_changes,
    emit_opportunity_created,
    emit_opportunity_deleted,
)
from groundlevel.crm.opportunities.members import MEMBERS, NAMES
from groundlevel.crm.pipelines.model import Stage
from groundlevel.crm.pipelines.rules import find_stage
from groundlevel.crm.standard_object import StandardObject, records_by_id
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.ids import from_short_id
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, writing
from groundlevel.records.rules import (
    NewValues,
    RecordView,
    check_version,
    insert_record,
    lock_referenced_record,
    remove_record,
    replace_values,
)
from groundlevel.standard.objects import CONTACT, OPPORTUNITY

_MOMENTS = {"status": "last_status_change_at", "pipeline_stage_id": "last_stage_change_at"}
"""What is noted when a property changes."""
_UNNAMED = "Opportunity"
"""What a new opportunity is called when neither it nor its contact has a name."""


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


OPPORTUNITIES = StandardObject(OPPORTUNITY, show=with_contacts, names=NAMES, before_delete=(emit_opportunity_deleted,))
change_followers = follower_change(OPPORTUNITIES, emit_opportunity_changes)
"""Adds followers to an opportunity and takes them away."""


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
    versions: frozenset[int] | None = None
    """The versions in which it may be; None for any."""


class WantedOpportunity(Struct, frozen=True):
    """What an opportunity is to be, whether there is one or not.

    It is recognised by its id, or else by its primary contact and its pipeline: of several the newest is meant. A new
    one is named like its contact and open, unless something else is said.
    """

    id: str | None
    properties: dict[str, Json]
    custom: Sequence[CustomValue] = ()
    followers: FollowerChange | None = None


class Upserted(Struct, frozen=True):
    """An opportunity that was created, or recognised and changed."""

    opportunity: OpportunityView
    new: bool


class _Values(Struct, frozen=True):
    """What is to be stored of an opportunity: properties as its fields take them, and followers unless they stay."""

    sent: dict[str, Json]
    followers: tuple[str, ...] | None = None


@writing
async def create_opportunity(tx: Transaction, call: Call, request: NewOpportunity) -> OpportunityView:
    """A new opportunity, related to its primary contact. Raises UnknownReference, UnknownProperty, InvalidValue,
    RequiredPropertyMissing, UniqueConflict."""
    sent = _stored_values(await tx.schema(OPPORTUNITY), request)
    return await _insert(tx, call, await _lock_contact(tx, call, str(sent["contact_id"])), _Values(sent))


@writing
async def update_opportunity(tx: Transaction, call: Call, request: OpportunityChange) -> OpportunityView:
    """A change. Raises what create_opportunity raises, and OpportunityNotFound."""
    view = await OPPORTUNITIES.lock(tx, call, request.id)
    check_version(view.record, request.versions)
    return await _change(tx, call, view, _Values(_stored_values(view.schema, request)))


@writing
async def upsert_opportunity(tx: Transaction, call: Call, request: WantedOpportunity) -> Upserted:
    """Changes the opportunity that is recognised, or creates one. Raises what create_opportunity raises, InvalidShape
    and LimitExceeded."""
    sent = _stored_values(await tx.schema(OPPORTUNITY), request)
    if request.id is not None:
        known = await _lock_opportunity(tx, call, request.id)
        return Upserted(await _change(tx, call, known, _wanted_values(request, sent, known)), new=False)
    contact = await _lock_contact(tx, call, str(sent["contact_id"]))
    found = await _find_recognised(tx, call, contact, str(sent["pipeline_id"]))
    if found is not None:
        return Upserted(await _change(tx, call, found, _wanted_values(request, sent, found)), new=False)
    name = decode_object(contact.record.properties).get("name", _UNNAMED)
    new = {"name": name, "status": Status.OPEN.value, **sent}
    return Upserted(await _insert(tx, call, contact, _wanted_values(request, new, None)), new=True)


# --- what use cases share ----------------------------------------------------------------------------------------


def _stored_values(
    schema: CompiledObject, request: NewOpportunity | OpportunityChange | WantedOpportunity
) -> dict[str, Json]:
    """The properties of a request in the form that the fields take."""
    return {**written_properties(request.properties, MEMBERS), **custom_properties(schema, request.custom)}


def _wanted_values(request: WantedOpportunity, sent: dict[str, Json], known: RecordView | None) -> _Values:
    """What an upsert is to store. Raises InvalidShape, LimitExceeded."""
    if request.followers is None:
        return _Values(sent)
    return _Values(sent, followers_after(known.record.followers if known else (), request.followers))


async def _insert(tx: Transaction, call: Call, contact: RecordView, new: _Values) -> OpportunityView:
    """Stores a new opportunity of a locked contact, and emits the event."""
    schema, sent = await tx.schema(OPPORTUNITY), new.sent
    stage = await find_stage(tx, str(sent["pipeline_id"]), sent.get("pipeline_stage_id"))
    if sent.get("lost_reason"):
        await check_lost_reason(tx, str(sent["lost_reason"]))
    timestamps = dict.fromkeys(_MOMENTS.values(), call.ids.now())
    stored = schema.validate_new({**sent, **timestamps, "pipeline_stage_id": stage.id}, strict=False)
    stored = with_contact_values(stored, decode_object(contact.record.properties))
    view = await insert_record(tx, call, schema, NewValues(stored, followers=new.followers))
    await _relate(tx, call, view.record.id, contact.record.id)
    await emit_opportunity_created(tx, view)
    return OpportunityView(view, contact)


async def _change(tx: Transaction, call: Call, view: RecordView, new: _Values) -> OpportunityView:
    """Stores a change of a locked opportunity, and emits its events; a change of nothing does neither."""
    schema, before, sent = view.schema, decode_object(view.record.properties), dict(new.sent)
    if "pipeline_id" in sent or "pipeline_stage_id" in sent:
        sent["pipeline_stage_id"] = (await _stage_after(tx, before, sent)).id
    if sent.get("lost_reason") and sent["lost_reason"] != before.get("lost_reason"):
        await check_lost_reason(tx, str(sent["lost_reason"]))
    for key, timestamp in _MOMENTS.items():
        if sent.get(key, before[key]) != before[key]:
            sent[timestamp] = call.ids.now()
    after = schema.validate_change(before, sent, strict=False)
    contact = None
    if after["contact_id"] != before["contact_id"]:
        contact = await _lock_contact(tx, call, str(after["contact_id"]))
        after = with_contact_values(after, decode_object(contact.record.properties))
    changed = await replace_values(tx, call, view, NewValues(after, followers=new.followers, before=before))
    if contact is not None:
        await _unrelate(tx, view.record.id, from_short_id(before["contact_id"]) or "")
        await _relate(tx, call, view.record.id, contact.record.id)
    if changed is not view:
        await emit_opportunity_changes(tx, view, changed)
    return await OPPORTUNITIES.complete(tx, changed)


async def _stage_after(tx: Transaction, before: dict[str, Json], sent: dict[str, Json]) -> Stage:
    """The stage after a change of pipeline or stage. Raises UnknownReference."""
    pipeline_id, stage_id = str(sent.get("pipeline_id", before["pipeline_id"])), sent.get("pipeline_stage_id")
    if pipeline_id == before["pipeline_id"]:
        stage_id = stage_id or before["pipeline_stage_id"]
    return await find_stage(tx, pipeline_id, stage_id)


async def _lock_contact(tx: Transaction, call: Call, shown: str) -> RecordView:
    """The contact that a body names, locked so that the copies of its values stay true. Raises UnknownReference."""
    schema = await tx.schema(CONTACT)
    return RecordView(await lock_referenced_record(tx, schema, shown, member="contactId"), schema, call.location)


async def _lock_opportunity(tx: Transaction, call: Call, shown: str) -> RecordView:
    """The opportunity that a body names. Raises UnknownReference."""
    schema = await tx.schema(OPPORTUNITY)
    return RecordView(await lock_referenced_record(tx, schema, shown, member="id"), schema, call.location)


async def _find_recognised(tx: Transaction, call: Call, contact: RecordView, pipeline_id: str) -> RecordView | None:
    """The newest opportunity of a contact in a pipeline. The contact is locked, so no other upsert makes one."""
    schema = await tx.schema(OPPORTUNITY)
    for record in reversed(await lock_opportunities_of(tx, contact.record.id)):
        if decode_object(record.properties)["pipeline_id"] == pipeline_id:
            return RecordView(record, schema, call.location)
    return None


async def _relate(tx: Transaction, call: Call, opportunity_id: str, contact_id: str) -> None:
    """Relates an opportunity to its primary contact, unless it is already. Raises CardinalityExceeded."""
    association, ids = await contact_association(tx), (opportunity_id, contact_id)
    if (await relation_store.find_pair(tx, association, *ids)).relation is None:
        await relate(tx, association, ids, limited=call.limited)


async def _unrelate(tx: Transaction, opportunity_id: str, contact_id: str) -> None:
    """Takes an opportunity from the contact that was its primary one."""
    association = await contact_association(tx)
    relation = (await relation_store.find_pair(tx, association, opportunity_id, contact_id)).relation
    if relation is not None:
        await unrelate(tx, association, relation)


async def remove_opportunities_of(tx: Transaction, contact_id: str) -> None:
    """Deletes the opportunities whose primary contact it is, and emits their events."""
    schema = await tx.schema(OPPORTUNITY)
    for record in await lock_opportunities_of(tx, contact_id):
        await emit_opportunity_deleted(tx, RecordView(record, schema, tx.location))
        await remove_record(tx, schema, record)


async def renew_contact_values(tx: Transaction, call: Call, stored: dict[str, Json]) -> dict[str, Json]:
    """The stored properties of a deleted opportunity with what it is found by of its contact, which is locked.

    Raises UnknownReference when the contact is gone.
    """
    contact = await _lock_contact(tx, call, str(stored["contact_id"]))
    return with_contact_values(stored, decode_object(contact.record.properties))


async def follow_returned_opportunity(tx: Transaction, view: RecordView) -> None:
    """Emits the event of a new opportunity when a deleted one is back."""
    await emit_opportunity_created(tx, view)
