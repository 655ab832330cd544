"""The events about objects (docs/contract.md#webhook-events)."""

from __future__ import annotations

from groundlevel.kernel.events import EventKind, declare_event, is_subscribed, make_event
from groundlevel.kernel.model import Object, Origin
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.timestamps import iso

_LOCATION = "ve9EPM428h8vShlRW1KT"
_AT = "2024-07-11T09:35:39.032Z"
_ORIGIN = {"channel": "OAUTH", "source": "INTEGRATION", "sourceId": "9c1e7f52-6f0a-4a53-8a53-0c1f3c1d7a11"}
_SAMPLE = {
    "id": "668fa5f00802420000000002",
    "labels": {"singular": "Pet", "plural": "Pets"},
    "description": "Animals of our customers",
    "searchableProperties": ["custom_objects.pet.name"],
    "primaryDisplayProperty": "custom_objects.pet.name",
    "key": "custom_objects.pet",
    "locationId": _LOCATION,
    "createdAt": _AT,
    "updatedAt": _AT,
    "createdBy": _ORIGIN,
    "updatedBy": _ORIGIN,
    "objectType": "USER_DEFINED",
}
_SCOPE = "objects/schema.readonly"
OBJECT_SCHEMA_CREATE = declare_event("ObjectSchemaCreate", scope=_SCOPE, doc="A custom object is new.", sample=_SAMPLE)
OBJECT_SCHEMA_UPDATE = declare_event("ObjectSchemaUpdate", scope=_SCOPE, doc="An object has changed.", sample=_SAMPLE)


# --- objects -----------------------------------------------------------------------------------------------------


async def emit_object_event(tx: Transaction, kind: EventKind, definition: Object, origin: Origin) -> None:
    """Emits the event of a new or a changed object."""
    if not await is_subscribed(tx, kind):
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
    tx.emit(make_event(tx, kind, definition.id, payload))
