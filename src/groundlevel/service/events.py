"""The table of events that webhooks are told of, and the payload of each (contract 6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from groundlevel.fields.shape import Shape
from groundlevel.model import (
    MAX_SAFE_INTEGER,
    Association,
    Audience,
    Cardinality,
    Company,
    Event,
    Install,
    Json,
    Object,
    Origin,
    Record,
    Relation,
)
from groundlevel.moments import iso
from groundlevel.service.keys import WITHOUT_RECORDS, shown_id
from groundlevel.service.standard import BUSINESSES_CONTACTS
from groundlevel.storage import outbox as outbox_store
from groundlevel.storage.records import NewRow
from groundlevel.storage.transaction import Transaction

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Json]).decode
_MIRRORED = {
    Cardinality.ONE_TO_MANY: Cardinality.MANY_TO_ONE,
    Cardinality.MANY_TO_ONE: Cardinality.ONE_TO_MANY,
}


class EventType(StrEnum):
    """The types of events, by their wire names."""

    RECORD_CREATE = "RecordCreate"
    RECORD_UPDATE = "RecordUpdate"
    RECORD_DELETE = "RecordDelete"
    OBJECT_SCHEMA_CREATE = "ObjectSchemaCreate"
    OBJECT_SCHEMA_UPDATE = "ObjectSchemaUpdate"
    ASSOCIATION_CREATE = "AssociationCreate"
    ASSOCIATION_UPDATE = "AssociationUpdate"
    ASSOCIATION_DELETE = "AssociationDelete"
    RELATION_CREATE = "RelationCreate"
    RELATION_DELETE = "RelationDelete"
    INSTALL = "INSTALL"
    UNINSTALL = "UNINSTALL"


class EventKind(Struct, frozen=True):
    """A row of the table below."""

    type: EventType
    scope: str | None
    """What an app must hold to hear of it (contract 6.3); None for what concerns the app itself."""
    doc: str


EVENTS = (
    EventKind(EventType.RECORD_CREATE, "objects/record.readonly", "A record of a custom object or a business is new."),
    EventKind(EventType.RECORD_UPDATE, "objects/record.readonly", "A record has changed; it is sent whole."),
    EventKind(EventType.RECORD_DELETE, "objects/record.readonly", "A record was deleted."),
    EventKind(EventType.OBJECT_SCHEMA_CREATE, "objects/schema.readonly", "A custom object is new."),
    EventKind(EventType.OBJECT_SCHEMA_UPDATE, "objects/schema.readonly", "An object has changed."),
    EventKind(EventType.ASSOCIATION_CREATE, "associations.readonly", "An association is new."),
    EventKind(EventType.ASSOCIATION_UPDATE, "associations.readonly", "The labels of an association have changed."),
    EventKind(EventType.ASSOCIATION_DELETE, "associations.readonly", "An association was deleted."),
    EventKind(EventType.RELATION_CREATE, "associations/relation.readonly", "Two records are related."),
    EventKind(EventType.RELATION_DELETE, "associations/relation.readonly", "Two records are no longer related."),
    EventKind(EventType.INSTALL, None, "The app was installed."),
    EventKind(EventType.UNINSTALL, None, "The app was uninstalled."),
)
"""Every event, in the order of the documentation."""

_OF_RECORDS = frozenset((EventType.RECORD_CREATE, EventType.RECORD_UPDATE, EventType.RECORD_DELETE))
_SCOPES = {kind.type.value: kind.scope for kind in EVENTS}


def hears(audience: Audience, event_type: str) -> bool:
    """Whether a webhook is told of events of a type."""
    if audience.events and event_type not in audience.events:
        return False
    scope = _SCOPES[event_type]
    return audience.app_id is None or scope is None or scope in audience.scopes


async def wanted(tx: Transaction, event_type: EventType) -> bool:
    """Whether anybody in the transaction's location hears of events of this type; if not, none need be made."""
    audiences = await outbox_store.audiences(tx)
    return bool(audiences) and any(hears(audience, event_type) for audience in audiences)


# --- records -----------------------------------------------------------------------------------------------------


async def tell_created(tx: Transaction, shape: Shape, rows: Sequence[NewRow]) -> None:
    """Tells of new records."""
    if not _told(shape) or not await wanted(tx, EventType.RECORD_CREATE):
        return
    for row in rows:
        people = (row.owners, row.followers)
        # Of a new record everything is visible, so its stored text will mostly do as it is.
        properties = _visible(shape, _decode(row.properties)) if shape.renamed else msgspec.Raw(row.properties.encode())
        tx.emit(_record(tx, EventType.RECORD_CREATE, shape, (row.id, people, properties)))


async def tell_changed(tx: Transaction, shape: Shape, record: Record, properties: dict[str, Json]) -> None:
    """Tells of a changed record, given its stored properties after the change (contract 8 row 42)."""
    if _told(shape) and await wanted(tx, EventType.RECORD_UPDATE):
        people = (record.owners, record.followers)
        tx.emit(_record(tx, EventType.RECORD_UPDATE, shape, (record.id, people, _visible(shape, properties))))


async def tell_deleted(tx: Transaction, shape: Shape, record: Record) -> None:
    """Tells of a record that was deleted, as it was."""
    if _told(shape) and await wanted(tx, EventType.RECORD_DELETE):
        people = (record.owners, record.followers)
        properties = _visible(shape, _decode(record.properties))
        tx.emit(_record(tx, EventType.RECORD_DELETE, shape, (record.id, people, properties)))


def _told(shape: Shape) -> bool:
    """Whether there are events for records of the object: contacts and opportunities have others."""
    return shape.object.key not in WITHOUT_RECORDS


def _visible(shape: Shape, stored: dict[str, Json]) -> dict[str, Json]:
    """Stored properties under their wire keys, without those of deleted fields and options."""
    keys = shape.keys
    return {keys[stored_key]: value for stored_key, value in stored.items() if stored_key in keys}


_People = tuple[tuple[str, ...], tuple[str, ...]]
_Properties = dict[str, Json] | msgspec.Raw


def _record(tx: Transaction, event_type: EventType, shape: Shape, record: tuple[str, _People, _Properties]) -> Event:
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
    return _event(tx, event_type, record_id, payload)


def payload_of(event: Event) -> str:
    """The payload as webhooks are sent it. In the outbox, a record has its properties as an object."""
    if event.type not in _OF_RECORDS:
        return event.payload
    payload = _decode(event.payload)
    properties = payload["properties"]
    if not isinstance(properties, dict):
        return event.payload
    payload["properties"] = [
        {"key": key, "valueString": value_string(value)} for key, value in properties.items() if value is not None
    ]
    return _encode(payload).decode()


def value_string(value: Json) -> str:
    """A property as webhooks show it: text as it is, numbers as JavaScript writes them, all else as compact JSON
    (contract 8 row 41)."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    return _encode(_plain(value)).decode()


def number_text(value: float) -> str:
    """A number as JavaScript's String() and JSON.stringify() write it."""
    if abs(value) <= MAX_SAFE_INTEGER and value == int(value):
        return str(int(value))
    value = float(value)
    if 1e-4 <= abs(value) <= MAX_SAFE_INTEGER:
        # Between these, Python and JavaScript write the same.
        return repr(value)
    if 1 < abs(value) < 1e21:
        # Of a large number only as many digits are meant as tell it from its neighbours.
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    mantissa, _, exponent = repr(value).partition("e")
    power = int(exponent)
    if -7 < power < 0:
        sign, digits = ("-", mantissa[1:]) if mantissa.startswith("-") else ("", mantissa)
        return f"{sign}0.{'0' * (-power - 1)}{digits.replace('.', '')}"
    return f"{mantissa.removesuffix('.0')}e{power:+d}"


def _plain(value: Json) -> Any:
    """A value whose numbers are encoded as JavaScript would."""
    if isinstance(value, float):
        return msgspec.Raw(number_text(value).encode())
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


# --- objects -----------------------------------------------------------------------------------------------------


async def tell_object(tx: Transaction, event_type: EventType, definition: Object, origin: Origin) -> None:
    """Tells of a new or a changed object."""
    if not await wanted(tx, event_type):
        return
    prefix = definition.key + "."
    payload = {
        "id": definition.id,
        "labels": {"singular": definition.singular, "plural": definition.plural},
        "description": definition.description or "",
        "searchableProperties": [prefix + key for key in definition.searchable],
        "primaryDisplayProperty": prefix + definition.primary,
        "key": definition.key,
        "locationId": tx.location.id,
        "createdAt": iso(definition.created_at),
        "updatedAt": iso(definition.updated_at),
        "createdBy": origin,
        "updatedBy": origin,
        "objectType": "SYSTEM_DEFINED" if definition.standard else "USER_DEFINED",
    }
    tx.emit(_event(tx, event_type, definition.id, payload))


# --- associations and relations ----------------------------------------------------------------------------------


async def tell_association(tx: Transaction, event_type: EventType, association: Association) -> None:
    """Tells of an association."""
    if not await wanted(tx, event_type):
        return
    payload: dict[str, Json] = {
        "id": association.id,
        "associationType": "SYSTEM_DEFINED" if association.standard else "USER_DEFINED",
        "firstObjectKey": association.first_key,
        "firstObjectLabel": association.first_label,
        "secondObjectKey": association.second_key,
        "secondObjectLabel": association.second_label,
        "key": association.key,
        "locationId": tx.location.id,
    }
    if event_type is not EventType.ASSOCIATION_CREATE:
        cardinality = association.cardinality
        payload["firstObjectToSecondObjectCardinality"] = cardinality
        payload["secondObjectToFirstObjectCardinality"] = mirrored(cardinality)
    tx.emit(_event(tx, event_type, association.id, payload))


def mirrored(cardinality: Cardinality) -> Cardinality:
    """A cardinality seen from the second object."""
    return _MIRRORED.get(cardinality, cardinality)


async def relations_told(tx: Transaction, event_type: EventType, association: Association) -> bool:
    """Whether anybody is told of an association's relations. Of a contact's company nobody is, as on the live platform
    (contract 6.1)."""
    return association.id != BUSINESSES_CONTACTS and await wanted(tx, event_type)


async def tell_relations(
    tx: Transaction, event_type: EventType, association: Association, relations: Sequence[Relation]
) -> None:
    """Tells of relations of one association."""
    if not await relations_told(tx, event_type, association):
        return
    for relation in relations:
        payload = {
            "id": relation.id,
            "firstObjectKey": association.first_key,
            "firstRecordId": shown_id(association.first_key, relation.first_id),
            "secondObjectKey": association.second_key,
            "secondRecordId": shown_id(association.second_key, relation.second_id),
            "associationId": association.id,
            "locationId": tx.location.id,
        }
        tx.emit(_event(tx, event_type, relation.id, payload))


# --- apps --------------------------------------------------------------------------------------------------------


def tell_installed(tx: Transaction, install: Install, company: Company) -> None:
    """Tells an app that it was installed. There is one version of an app here, and nobody pays for one."""
    payload: dict[str, Json] = {
        "versionId": install.app_id,
        "installType": "Company" if install.location_id is None else "Location",
        **_place(install),
        "userId": install.user_id,
        "planId": "",
        "trial": {},
        "isWhitelabelCompany": False,
        "whitelabelDetails": {"domain": "", "logoUrl": ""},
        "companyName": company.name,
    }
    tx.emit(msgspec.structs.replace(_event(tx, EventType.INSTALL, install.id, payload), app_id=install.app_id))


def tell_uninstalled(tx: Transaction, install: Install) -> None:
    """Tells an app that it was uninstalled."""
    event = _event(tx, EventType.UNINSTALL, install.id, _place(install))
    tx.emit(msgspec.structs.replace(event, app_id=install.app_id))


def _place(install: Install) -> dict[str, Json]:
    located = {} if install.location_id is None else {"locationId": install.location_id}
    return {**located, "companyId": install.company_id}


# --- what they share ---------------------------------------------------------------------------------------------


def _event(tx: Transaction, event_type: EventType, subject: str, payload: dict[str, Any]) -> Event:
    return Event(event_type.value, subject, _encode(payload).decode(), tx.ids.now())
