"""The events about records (docs/contract.md#webhook-events)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.events import EventKind, declare_event, is_subscribed, make_event
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Event, Json, Record
from groundlevel.kernel.storage.records import NewRow
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.standard.ids import WITHOUT_RECORDS

_LOCATION = "ve9EPM428h8vShlRW1KT"
_SAMPLE = {
    "id": "668fa61b0802420000000001",
    "locationId": _LOCATION,
    "objectKey": "custom_objects.pet",
    "owners": ["sx6wyHhbFdRXh302LLNR"],
    "followers": [],
    "properties": [{"key": "name", "valueString": "buddy"}, {"key": "weight_kg", "valueString": "8.5"}],
}
_SCOPE = "objects/record.readonly"
RECORD_CREATE = declare_event(
    "RecordCreate", scope=_SCOPE, doc="A record of a custom object or a business is new.", sample=_SAMPLE
)
RECORD_UPDATE = declare_event(
    "RecordUpdate", scope=_SCOPE, doc="A record has changed; it is sent whole.", sample=_SAMPLE
)
RECORD_DELETE = declare_event("RecordDelete", scope=_SCOPE, doc="A record was deleted.", sample=_SAMPLE)


# --- records -----------------------------------------------------------------------------------------------------


async def emit_records_created(tx: Transaction, schema: CompiledObject, rows: Sequence[NewRow]) -> None:
    """Emits an event for each new record."""
    if not _has_events(schema) or not await is_subscribed(tx, RECORD_CREATE):
        return
    for row in rows:
        people = (row.owners, row.followers)
        # Of a new record everything is visible, so its stored text will mostly do as it is.
        properties = (
            _visible_properties(schema, decode_object(row.properties))
            if schema.renamed
            else msgspec.Raw(row.properties.encode())
        )
        tx.emit(_record_event(tx, RECORD_CREATE, schema, (row.id, people, properties)))


async def emit_record_updated(
    tx: Transaction, schema: CompiledObject, record: Record, properties: dict[str, Json]
) -> None:
    """Emits the event of a changed record, given its stored properties (docs/contract.md#decision-42)."""
    if _has_events(schema) and await is_subscribed(tx, RECORD_UPDATE):
        people = (record.owners, record.followers)
        tx.emit(_record_event(tx, RECORD_UPDATE, schema, (record.id, people, _visible_properties(schema, properties))))


async def emit_record_deleted(tx: Transaction, schema: CompiledObject, record: Record) -> None:
    """Emits the event of a deleted record, with what it held."""
    if _has_events(schema) and await is_subscribed(tx, RECORD_DELETE):
        people = (record.owners, record.followers)
        properties = _visible_properties(schema, decode_object(record.properties))
        tx.emit(_record_event(tx, RECORD_DELETE, schema, (record.id, people, properties)))


def _has_events(schema: CompiledObject) -> bool:
    """Whether there are events for records of the object: contacts and opportunities have others."""
    return schema.object.key not in WITHOUT_RECORDS


def _visible_properties(schema: CompiledObject, stored: dict[str, Json]) -> dict[str, Json]:
    """Stored properties under their wire keys, without those of deleted fields and options."""
    keys = schema.keys
    return {keys[stored_key]: value for stored_key, value in stored.items() if stored_key in keys}


_People = tuple[tuple[str, ...], tuple[str, ...]]


_Properties = dict[str, Json] | msgspec.Raw


def _record_event(
    tx: Transaction, kind: EventKind, schema: CompiledObject, record: tuple[str, _People, _Properties]
) -> Event:
    """Leaves the properties an object, so that a write need not wait for more: see `payload_of`."""
    record_id, (owners, followers), properties = record
    payload = {
        "id": record_id,
        "locationId": tx.location.id,
        "objectKey": schema.object.key,
        "owners": owners,
        "followers": followers,
        "properties": properties,
    }
    return make_event(tx, kind, record_id, payload)
