"""The events about associations and relations (docs/contract.md#webhook-events)."""

from __future__ import annotations

from collections.abc import Sequence

from groundlevel.kernel.events import EventKind, declare_event, is_subscribed, make_event
from groundlevel.kernel.model import Association, Cardinality, Json, Relation
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.standard.ids import public_id
from groundlevel.standard.objects import BUSINESSES_CONTACTS

_LOCATION = "ve9EPM428h8vShlRW1KT"
_ASSOCIATION = {
    "id": "668fa6400802420000000003",
    "associationType": "USER_DEFINED",
    "firstObjectKey": "contact",
    "firstObjectLabel": "owner",
    "secondObjectKey": "custom_objects.pet",
    "secondObjectLabel": "pet",
    "key": "owner_pet",
    "locationId": _LOCATION,
}
_CARDINALITIES = {
    "firstObjectToSecondObjectCardinality": "MANY_TO_MANY",
    "secondObjectToFirstObjectCardinality": "MANY_TO_MANY",
}
_RELATION = {
    "id": "668fa6520802420000000004",
    "firstObjectKey": "contact",
    "firstRecordId": "7d3kfGcMWEzTkCbaNBGk",
    "secondObjectKey": "custom_objects.pet",
    "secondRecordId": "668fa61b0802420000000001",
    "associationId": "668fa6400802420000000003",
    "locationId": _LOCATION,
}
_SCOPE = "associations.readonly"
_RELATION_SCOPE = "associations/relation.readonly"
ASSOCIATION_CREATE = declare_event("AssociationCreate", scope=_SCOPE, doc="An association is new.", sample=_ASSOCIATION)
ASSOCIATION_UPDATE = declare_event(
    "AssociationUpdate",
    scope=_SCOPE,
    doc="The labels of an association have changed.",
    sample=_ASSOCIATION | _CARDINALITIES,
)
ASSOCIATION_DELETE = declare_event(
    "AssociationDelete", scope=_SCOPE, doc="An association was deleted.", sample=_ASSOCIATION | _CARDINALITIES
)
RELATION_CREATE = declare_event(
    "RelationCreate", scope=_RELATION_SCOPE, doc="Two records are related.", sample=_RELATION
)
RELATION_DELETE = declare_event(
    "RelationDelete", scope=_RELATION_SCOPE, doc="Two records are no longer related.", sample=_RELATION
)


_MIRRORED = {
    Cardinality.ONE_TO_MANY: Cardinality.MANY_TO_ONE,
    Cardinality.MANY_TO_ONE: Cardinality.ONE_TO_MANY,
}


# --- associations and relations ----------------------------------------------------------------------------------


async def emit_association_event(tx: Transaction, kind: EventKind, association: Association) -> None:
    """Emits an event about an association."""
    if not await is_subscribed(tx, kind):
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
    if kind is not ASSOCIATION_CREATE:
        cardinality = association.cardinality
        payload["firstObjectToSecondObjectCardinality"] = cardinality
        payload["secondObjectToFirstObjectCardinality"] = mirror_cardinality(cardinality)
    tx.emit(make_event(tx, kind, association.id, payload))


def mirror_cardinality(cardinality: Cardinality) -> Cardinality:
    """A cardinality seen from the second object."""
    return _MIRRORED.get(cardinality, cardinality)


async def are_relations_announced(tx: Transaction, kind: EventKind, association: Association) -> bool:
    """Whether relations of an association have events. Those of a contact with its company have none, as on the live
    platform (docs/contract.md#webhook-events)."""
    return association.id != BUSINESSES_CONTACTS and await is_subscribed(tx, kind)


async def emit_relation_events(
    tx: Transaction, kind: EventKind, association: Association, relations: Sequence[Relation]
) -> None:
    """Emits an event about each of these relations of one association."""
    if not await are_relations_announced(tx, kind, association):
        return
    for relation in relations:
        payload = {
            "id": relation.id,
            "firstObjectKey": association.first_key,
            "firstRecordId": public_id(association.first_key, relation.first_id),
            "secondObjectKey": association.second_key,
            "secondRecordId": public_id(association.second_key, relation.second_id),
            "associationId": association.id,
            "locationId": tx.location.id,
        }
        tx.emit(make_event(tx, kind, relation.id, payload))
