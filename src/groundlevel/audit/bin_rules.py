"""The bin: deleted records, and their return."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from groundlevel.associations import store as associations_store
from groundlevel.associations.relation_rules import relate_again
from groundlevel.audit import store
from groundlevel.audit.describing import describe_changes
from groundlevel.audit.errors import NotInBin, PlaceTaken, RecordInTheWay
from groundlevel.audit.model import AuditRow, ChangeView
from groundlevel.audit.record_states import wire_properties
from groundlevel.audit.rules import check_audited
from groundlevel.crm.contacts.rules import follow_returned_contact
from groundlevel.crm.opportunities.rules import follow_returned_opportunity, renew_contact_values
from groundlevel.kernel.changes import DELETE
from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.errors import ScopeMissing
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.ids import from_short_id, is_record_id
from groundlevel.kernel.model import Json, Record, Relation
from groundlevel.kernel.storage.records import NewRow, Return
from groundlevel.kernel.storage.transaction import Transaction, list_objects
from groundlevel.kernel.usecase import Call, scanning, writing
from groundlevel.records.changes import RECORD, DeletedRecord, LostRelation, decode_deleted, log_record_returned
from groundlevel.records.events import emit_records_created
from groundlevel.records.rules import RecordView, origin_text, view_record
from groundlevel.records.unique_values import unique_claims
from groundlevel.standard.ids import WITHOUT_RECORDS, public_id
from groundlevel.standard.objects import CONTACT, OPPORTUNITY

_SCOPES = {CONTACT: "contacts.write", OPPORTUNITY: "opportunities.write"}
"""What has to be held besides, where records belong to an API of their own."""


class BinQuery(Struct, frozen=True):
    """Which deleted records to show."""

    since: int
    """Those deleted at this time or later."""
    object_key: str = ""
    """Those of this object; of every object if empty."""
    before: int = store.NEWEST
    """Those whose deletion has a smaller number."""
    limit: int = 50


class BinPage(Struct, frozen=True):
    """Deleted records, the last deleted first."""

    deletions: list[ChangeView]
    next: int | None
    """The `before` of the next page; None at the end."""


class BinKey(Struct, frozen=True):
    """The deleted record that is to come back."""

    id: str
    since: int
    """The time before which it must not have been deleted."""
    scopes: frozenset[str]
    """What the caller may do."""


@scanning
async def list_deleted(tx: Transaction, call: Call, query: BinQuery) -> BinPage:
    """The records that can come back. Those of an object that is gone itself cannot. Raises AuditOff."""
    check_audited(tx)
    rows = await store.list_deleted_records(tx, query.object_key, query.since, (query.before, query.limit))
    keys = {definition.key for definition in await list_objects(tx)}
    shown = await describe_changes(tx, [row for row in rows if row.object_key in keys])
    return BinPage(shown, rows[-1].number if len(rows) == query.limit else None)


@writing
async def restore_deleted(tx: Transaction, call: Call, wanted: BinKey) -> RecordView:
    """Brings a deleted record back: under its id, with its date of creation, and with those of its relations whose
    other record is there. Its values are checked as those of a new record.

    Raises AuditOff, NotInBin, ObjectNotFound, ScopeMissing, RecordInTheWay, PlaceTaken, UnknownReference for an
    opportunity whose contact is gone, and what a creation raises.
    """
    check_audited(tx)
    await store.lock_returning(tx)
    row = await find_deletion(tx, wanted)
    schema = await tx.schema(row.object_key)
    if (scope := _SCOPES.get(schema.object.key)) and scope not in wanted.scopes:
        raise ScopeMissing
    was = decode_deleted(row.detail)
    properties = await _checked_properties(tx, call, schema, was)
    await _claim_values(tx, schema, row.subject, properties)
    record = Record(
        row.subject,
        was.created_at,
        max(call.ids.now(), was.updated_at + 1),
        row.version + 1,
        was.owners,
        was.followers,
        was.created_by,
        origin_text(call.origin),
        encode_text(properties),
    )
    await _insert_again(tx, schema, record, (was.place, properties))
    log_record_returned(tx, schema, record)
    await _relate_again(tx, was.relations)
    view = await view_record(tx, call, schema, record)
    if schema.object.key == CONTACT:
        await follow_returned_contact(tx, view)
    elif schema.object.key == OPPORTUNITY:
        await follow_returned_opportunity(tx, view)
    return view


async def find_deletion(tx: Transaction, wanted: BinKey) -> AuditRow:
    """The deletion of a record, if nothing came after it. Raises NotInBin."""
    record_id = wanted.id if is_record_id(wanted.id) else from_short_id(wanted.id)
    rows = [] if record_id is None else await store.list_history(tx, record_id, before=store.NEWEST, most=1)
    if not rows or (rows[0].kind, rows[0].operation) != (RECORD, DELETE) or rows[0].at < wanted.since:
        raise NotInBin(wanted.id)
    if public_id(rows[0].object_key, rows[0].subject) != wanted.id:
        raise NotInBin(wanted.id)
    return rows[0]


async def _checked_properties(
    tx: Transaction, call: Call, schema: CompiledObject, was: DeletedRecord
) -> dict[str, Json]:
    """The properties that a record is to hold again, by stored key: without those of fields that are gone since."""
    held = {key: value for key, value in schema.visible(was.properties).items() if key in schema.keys}
    if schema.object.key == OPPORTUNITY:
        return await renew_contact_values(tx, call, held)
    if schema.object.key in WITHOUT_RECORDS:
        return held
    properties = schema.validate_new(wire_properties(schema, held), strict=False, complete=False)
    # What is sensitive was not kept, and to be without it is better than not to come back.
    schema.check_required(properties, sensitive=False)
    return properties


async def _claim_values(tx: Transaction, schema: CompiledObject, record_id: str, properties: dict[str, Json]) -> None:
    """Takes the unique values of a record again. Raises RecordInTheWay."""
    claims = unique_claims(schema.unique_values(properties), record_id)
    refused = await tx.records.claim_values(schema, claims) if claims else []
    if not refused:
        return
    claim = refused[0]
    field = next(field for field in schema.unique if field.number == claim.field_number)
    holder = await tx.records.find_holder(schema, claim.field_number, claim.value)
    shown = public_id(schema.object.key, holder or "")
    raise RecordInTheWay(field.name, shown, field_key=field.full_key)


async def _insert_again(
    tx: Transaction, schema: CompiledObject, record: Record, held: tuple[int, dict[str, Json]]
) -> None:
    """Stores a record again, given its place and its properties, and emits the event. Raises PlaceTaken."""
    place, properties = held
    row = NewRow(
        record.id,
        record.created_at,
        record.owners,
        record.followers,
        record.created_by,
        record.properties,
        schema.search_text(properties),
        schema.index_entries(properties),
    )
    again = Return(place, record.version, record.updated_at, record.updated_by)
    if not await tx.records.insert_again(schema, row, again):
        raise PlaceTaken(public_id(schema.object.key, record.id))
    await emit_records_created(tx, schema, [row])


async def _relate_again(tx: Transaction, relations: Sequence[LostRelation]) -> None:
    """Brings back those relations whose association and whose records are there."""
    for lost in relations:
        association = await associations_store.find_association(tx, lost.association_id)
        if association is not None:
            relation = Relation(lost.id, association.number, lost.first_id, lost.second_id)
            await relate_again(tx, association, relation)
