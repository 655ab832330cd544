"""Lists, creates, changes and deletes associations (operations A1 to A7; docs/contract.md#associations, #relations)."""

from __future__ import annotations

import re

import msgspec
from msgspec import Struct

from groundlevel.access.rules import find_locations
from groundlevel.associations import store
from groundlevel.associations.changes import log_association
from groundlevel.associations.errors import AssociationNotFound, SameLabels
from groundlevel.associations.events import (
    ASSOCIATION_CREATE,
    ASSOCIATION_DELETE,
    ASSOCIATION_UPDATE,
    emit_association_event,
    mirror_cardinality,
)
from groundlevel.associations.relation_rules import MAX_PAGE, delete_some_relations, resolve_association
from groundlevel.kernel.errors import (
    SHOWN,
    DuplicateKey,
    InvalidKey,
    InvalidValue,
    LimitExceeded,
    NotSupported,
    ObjectNotFound,
)
from groundlevel.kernel.model import Actor, Association, Cardinality, Location
from groundlevel.kernel.names import canonical_key
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction, find_object
from groundlevel.kernel.usecase import Call, changing_schema, reading

MAX_PER_PAIR = 10
"""Published limit: associations of the same two objects (docs/contract.md#relations)."""
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}\Z")


class NewAssociation(Struct, frozen=True):
    """The association to be created. Cardinalities are seen from the first object, and from the second one."""

    key: str
    first_object: str
    first_label: str
    second_object: str
    second_label: str
    cardinality: Cardinality | None = None
    mirrored: Cardinality | None = None


class AssociationQuery(Struct, frozen=True):
    """A page of the associations of a location."""

    skip: int = 0
    limit: int = MAX_PAGE


class Relabelling(Struct, frozen=True):
    """The new labels of an association."""

    id: str
    first_label: str
    second_label: str


@reading
async def list_associations(tx: Transaction, call: Call, request: AssociationQuery) -> tuple[list[Association], int]:
    """A page, system associations first, and how many there are."""
    found = await store.cached_associations(tx)
    return list(found[request.skip : request.skip + request.limit]), len(found)


@reading
async def list_associations_of(tx: Transaction, call: Call, object_key: str) -> list[Association]:
    """Those that an object takes part in, on either side. Raises ObjectNotFound."""
    number = (await tx.schema(canonical_key(object_key))).object.number
    return [each for each in await store.cached_associations(tx) if number in (each.first_object, each.second_object)]


@reading
async def get_association(tx: Transaction, call: Call, name: str) -> Association:
    """By id or key. Raises AssociationNotFound."""
    return await resolve_association(tx, name)


@changing_schema
async def create_association(tx: Transaction, call: Call, request: NewAssociation) -> Association:
    """Creates an association.

    Raises InvalidKey, SameLabels, InvalidValue, ObjectNotFound, DuplicateKey, LimitExceeded.
    """
    if not _KEY.match(request.key):
        raise InvalidKey(f"{request.key[:SHOWN]!r} is not a valid association key")
    if request.first_label == request.second_label:
        raise SameLabels
    first, second = await _object(tx, request.first_object), await _object(tx, request.second_object)
    present = await store.list_associations(tx)
    if any(request.key == each.key for each in present):
        raise DuplicateKey(f"Duplicate Association key: {request.key}")
    of_pair = [each for each in present if {each.first_key, each.second_key} == {first[1], second[1]}]
    if call.limited and sum(not each.standard for each in of_pair) >= MAX_PER_PAIR:
        raise LimitExceeded(f"{first[1]} and {second[1]} can have at most {MAX_PER_PAIR} associations")
    now = call.ids.now()
    created = await store.insert_association(
        tx,
        Association(
            number=0,
            id=call.ids.object_id(),
            key=request.key,
            first_object=first[0],
            first_key=first[1],
            first_label=request.first_label,
            second_object=second[0],
            second_key=second[1],
            second_label=request.second_label,
            cardinality=_cardinality(request),
            first_limit=None,
            second_limit=None,
            standard=False,
            created_at=now,
            updated_at=now,
        ),
    )
    await emit_association_event(tx, ASSOCIATION_CREATE, created)
    log_association(tx, None, created)
    return created


@changing_schema
async def update_association(tx: Transaction, call: Call, request: Relabelling) -> Association:
    """The labels, which is all that can change. Raises AssociationNotFound, NotSupported, SameLabels."""
    current = await _get_custom_association(tx, request.id, "changed")
    if request.first_label == request.second_label:
        raise SameLabels
    changed = msgspec.structs.replace(
        current,
        first_label=request.first_label,
        second_label=request.second_label,
        updated_at=max(call.ids.now(), current.updated_at + 1),
    )
    await store.update_association(tx, changed)
    await emit_association_event(tx, ASSOCIATION_UPDATE, changed)
    log_association(tx, current, changed)
    return changed


@changing_schema
async def delete_association(tx: Transaction, call: Call, name: str) -> Association:
    """Deletes the association with its relations. Raises AssociationNotFound, NotSupported."""
    current = await _get_custom_association(tx, name, "deleted")
    await remove_association(tx, current)
    return current


# --- what use cases share ----------------------------------------------------------------------------------------


async def remove_association(tx: Transaction, association: Association) -> None:
    """Deletes an association with its relations and emits their events.

    What is more than one transaction should do is left to the background; no request sees it any more.
    """
    if await delete_some_relations(tx, association):
        await store.insert_deleted_association(tx, association)
    await store.delete_association(tx, association)
    await emit_association_event(tx, ASSOCIATION_DELETE, association)
    log_association(tx, association, None)


async def _get_custom_association(tx: Transaction, name: str, done: str) -> Association:
    """The user-defined association, which is to be changed or deleted. Raises AssociationNotFound, NotSupported."""
    association = await store.read_association(tx, name)
    if association is None:
        raise AssociationNotFound(name)
    if association.standard:
        raise NotSupported(
            f"The system association {association.key} cannot be {done}", hint="Only associations of your own can be."
        )
    return association


async def _object(tx: Transaction, key: str) -> tuple[int, str]:
    """Number and key of an object. Raises ObjectNotFound."""
    found = await find_object(tx, canonical_key(key))
    if found is None:
        raise ObjectNotFound(key)
    return found.number, found.key


def _cardinality(request: NewAssociation) -> Cardinality:
    """The cardinality seen from the first object. Raises InvalidValue when the two do not mirror each other."""
    if request.mirrored is None:
        return request.cardinality or Cardinality.MANY_TO_MANY
    seen = mirror_cardinality(request.mirrored)
    if request.cardinality not in (None, seen):
        raise InvalidValue(
            "firstObjectToSecondObjectCardinality and secondObjectToFirstObjectCardinality contradict each other",
            hint=f"{request.mirrored} from the second object is {seen} from the first. Leave one of the two out.",
        )
    return seen


async def locations_with_association(storage: Storage, actor: Actor, association_id: str) -> list[Location]:
    """The locations in a company token's reach that have an association with this id."""
    return await find_locations(
        storage, actor, lambda tx: store.locations_with_association(tx, actor.company_id, association_id)
    )
