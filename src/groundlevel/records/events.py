"""The events about records (contract 6.1)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from groundlevel.kernel.events import EventKind, declare_event, is_subscribed, make_event
from groundlevel.kernel.fields.compiled import Shape
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


_decode = msgspec.json.Decoder(dict[str, Json]).decode


# --- records -----------------------------------------------------------------------------------------------------


async def tell_created(tx: Transaction, shape: Shape, rows: Sequence[NewRow]) -> None:
    """Tells of new records."""
    if not _told(shape) or not await is_subscribed(tx, RECORD_CREATE):
        return
    for row in rows:
        people = (row.owners, row.followers)
        # Of a new record everything is visible, so its stored text will mostly do as it is.
        properties = _visible(shape, _decode(row.properties)) if shape.renamed else msgspec.Raw(row.properties.encode())
        tx.emit(_record(tx, RECORD_CREATE, shape, (row.id, people, properties)))


async def tell_changed(tx: Transaction, shape: Shape, record: Record, properties: dict[str, Json]) -> None:
    """Tells of a changed record, given its stored properties after the change (contract 8 row 42)."""
    if _told(shape) and await is_subscribed(tx, RECORD_UPDATE):
        people = (record.owners, record.followers)
        tx.emit(_record(tx, RECORD_UPDATE, shape, (record.id, people, _visible(shape, properties))))


async def tell_deleted(tx: Transaction, shape: Shape, record: Record) -> None:
    """Tells of a record that was deleted, as it was."""
    if _told(shape) and await is_subscribed(tx, RECORD_DELETE):
        people = (record.owners, record.followers)
        properties = _visible(shape, _decode(record.properties))
        tx.emit(_record(tx, RECORD_DELETE, shape, (record.id, people, properties)))


def _told(shape: Shape) -> bool:
    """Whether there are events for records of the object: contacts and opportunities have others."""
    return shape.object.key not in WITHOUT_RECORDS


def _visible(shape: Shape, stored: dict[str, Json]) -> dict[str, Json]:
    """Stored properties under their wire keys, without those of deleted fields and options."""
    keys = shape.keys
    return {keys[stored_key]: value for stored_key, value in stored.items() if stored_key in keys}


_People = tuple[tuple[str, ...], tuple[str, ...]]


_Properties = dict[str, Json] | msgspec.Raw


def _record(tx: Transaction, kind: EventKind, shape: Shape, record: tuple[str, _People, _Properties]) -> Event:
    """Leaves the properties an object, so that whoever writes need not wait for more: see `payload_of`."""
    record_id, (owners, followers), properties = record
    payload = {
        "id": record_id,
        "locationId": tx.location.id,
        "objectKey": shape.object.key,
        "owners": owners,
        "followers": followers,
        "properties": properties,
    }
    return make_event(tx, kind, record_id, payload)
