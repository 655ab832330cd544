"""Relates records, lists and deletes relations (operations R1 to R3 and their extensions).

See docs/contract.md#associations, #relations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from groundlevel.associations import relation_store, store
from groundlevel.associations.changes import log_relations_created, log_relations_deleted
from groundlevel.associations.errors import (
    AssociationNotFound,
    CardinalityExceeded,
    DuplicateRelation,
    InvalidRelation,
    PrimaryContactRelation,
    RelationNotFound,
)
from groundlevel.associations.events import (
    RELATION_CREATE,
    RELATION_DELETE,
    are_relations_announced,
    emit_relation_events,
)
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import SHOWN, Refusal
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.ids import from_short_id, is_record_id, to_short_id
from groundlevel.kernel.model import Association, Cardinality, Relation
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, reading, writing
from groundlevel.standard.ids import public_id, record_id_of
from groundlevel.standard.objects import OPPORTUNITIES_CONTACTS, OPPORTUNITY

MAX_PAGE: Final = 100
"""Most relations, or associations, of one page (docs/contract.md#decision-20)."""
SLICE: Final = 500
"""Relations of a deleted association that one transaction removes."""
MAX_RELATIONS: Final = 1000
"""Published limit: relations of one record by an association that has no limit of its own.

See docs/contract.md#relations.
"""


class RelationView(Struct, frozen=True, gc=False):
    """A relation with the rule that it follows."""

    relation: Relation
    association: Association


class NewRelation(Struct, frozen=True, gc=False):
    """The relation to be created; the records by their public ids."""

    association_id: str
    first_id: str
    second_id: str


class RelationQuery(Struct, frozen=True, gc=False):
    """Which relations of which record; None for those by every association."""

    record_id: str
    association_ids: frozenset[str] | None = None
    skip: int = 0
    limit: int = MAX_PAGE


class Batch(Struct, frozen=True, gc=False):
    """Relations to create, and to delete by their id or by their records. The latter go first."""

    add: Sequence[NewRelation] = ()
    remove: Sequence[str | NewRelation] = ()


class Refused(Struct, frozen=True, gc=False):
    """A part of a batch that was refused."""

    item: str | NewRelation
    refusal: Refusal


class BatchOutcome(Struct, frozen=True, gc=False):
    """The outcome of a batch."""

    created: list[RelationView]
    deleted: list[RelationView]
    refused: list[Refused]


@writing
async def create_relation(tx: Transaction, call: Call, request: NewRelation) -> RelationView:
    """Relates two records. Raises AssociationNotFound, InvalidRelation, DuplicateRelation, CardinalityExceeded."""
    view, new = await ensure(tx, call, request)
    if not new:
        raise DuplicateRelation
    return view


@writing
async def ensure_relation(tx: Transaction, call: Call, request: NewRelation) -> tuple[RelationView, bool]:
    """The relation, and whether it is new. Raises what create_relation raises, but DuplicateRelation."""
    return await ensure(tx, call, request)


@reading
async def list_relations(tx: Transaction, call: Call, request: RelationQuery) -> tuple[list[RelationView], int]:
    """A page of a record's relations, on either side, and their number. A record that nothing is known of has
    none, and an association that there is not has none either."""
    record_id = request.record_id if is_record_id(request.record_id) else from_short_id(request.record_id)
    if record_id is None:
        return [], 0
    among = None
    if request.association_ids is not None:
        among = {each.number for each in await store.cached_associations(tx) if each.id in request.association_ids}
    found, total = await relation_store.list_relations(tx, record_id, among, skip=request.skip, limit=request.limit)
    return [RelationView(each, await store.association_by_number(tx, each.association)) for each in found], total


@writing
async def delete_relation(tx: Transaction, call: Call, relation_id: str) -> RelationView:
    """Deletes the relation and returns it as it was. Raises RelationNotFound, PrimaryContactRelation."""
    return await delete_named(tx, relation_id)


@writing
async def change_relations(tx: Transaction, call: Call, request: Batch) -> BatchOutcome:
    """The bulk extension: each part succeeds or is refused for itself, and all that succeeds does so together."""
    outcome = BatchOutcome([], [], [])
    for gone in request.remove:
        try:
            outcome.deleted.append(await delete_named(tx, gone))
        except Refusal as refusal:
            outcome.refused.append(Refused(gone, refusal))
    for new in request.add:
        try:
            view, fresh = await ensure(tx, call, new)
            if not fresh:
                raise DuplicateRelation
            outcome.created.append(view)
        except Refusal as refusal:
            outcome.refused.append(Refused(new, refusal))
    if outcome.refused:
        await tx.verify()
    return outcome


def _record_ids(association: Association, request: NewRelation) -> tuple[str, str]:
    """The record ids meant by those of the request. Raises InvalidRelation."""
    sides = ((association.first_key, request.first_id), (association.second_key, request.second_id))
    first, second = (record_id_of(key, shown) for key, shown in sides)
    if first is None or second is None:
        raise _invalid_record(request.first_id if first is None else request.second_id)
    return first, second


async def _is_swapped(tx: Transaction, association: Association, request: NewRelation) -> bool:
    """Whether the records of the request would stand right the other way round."""
    other = NewRelation(association.id, request.second_id, request.first_id)
    try:
        ids = _record_ids(association, other)
    except InvalidRelation:
        return False
    return all(
        await relation_store.lock_records(tx, (association.first_object, ids[0]), (association.second_object, ids[1]))
    )


async def _is_to_primary_contact(tx: Transaction, relation: Relation) -> bool:
    """Whether a relation of an opportunity is the one with its primary contact. It locks the opportunity."""
    opportunity = await tx.records.lock(await tx.schema(OPPORTUNITY), relation.first_id)
    if opportunity is None:
        return False
    return bool(decode_object(opportunity.properties).get("contact_id") == to_short_id(relation.second_id))


async def _find_between(tx: Transaction, ends: NewRelation) -> Relation | None:
    """The relation of two records, if there is one. Raises AssociationNotFound."""
    association = await resolve_association(tx, ends.association_id)
    try:
        ids = _record_ids(association, ends)
    except InvalidRelation:
        return None
    return (await relation_store.find_pair(tx, association, *ids)).relation


# --- what use cases share ----------------------------------------------------------------------------------------


async def ensure(tx: Transaction, call: Call, request: NewRelation) -> tuple[RelationView, bool]:
    """The relation, and whether it is new.

    Raises AssociationNotFound, InvalidRelation, CardinalityExceeded.
    """
    association = await resolve_association(tx, request.association_id)
    try:
        ids = _record_ids(association, request)
        relation, new = await _relate_records(tx, association, ids, limited=call.limited)
    except InvalidRelation as wrong:
        if not await _is_swapped(tx, association, request):
            raise
        swapped = f"firstRecordId {request.second_id[:SHOWN]} and secondRecordId {request.first_id[:SHOWN]}"
        raise InvalidRelation(wrong.message, hint=f"First and second are swapped: send {swapped}.") from None
    return RelationView(relation, association), new


async def delete_named(tx: Transaction, wanted: str | NewRelation) -> RelationView:
    """Deletes a relation named by its id or by its records. Raises AssociationNotFound, RelationNotFound,
    PrimaryContactRelation."""
    if isinstance(wanted, str):
        name, found = wanted, await relation_store.find_relation(tx, wanted) if is_record_id(wanted) else None
    else:
        name, found = f"{wanted.first_id}, {wanted.second_id}", await _find_between(tx, wanted)
    if found is None:
        raise RelationNotFound(name)
    association = await store.association_by_number(tx, found.association)
    if association.id == OPPORTUNITIES_CONTACTS and await _is_to_primary_contact(tx, found):
        raise PrimaryContactRelation
    if not await unrelate(tx, association, found):
        raise RelationNotFound(name)
    return RelationView(found, association)


async def resolve_association(tx: Transaction, name: str) -> Association:
    """The association with this id or key. Raises AssociationNotFound."""
    association = await store.find_association(tx, name)
    if association is None:
        raise AssociationNotFound(name)
    return association


async def relate(tx: Transaction, association: Association, ids: tuple[str, str], *, limited: bool = False) -> Relation:
    """Relates two records, given by their stored ids, first and second, and emits the event.

    `limited` is whether the published limits hold. Raises InvalidRelation, DuplicateRelation, CardinalityExceeded.
    """
    relation, new = await _relate_records(tx, association, ids, limited=limited)
    if not new:
        raise DuplicateRelation
    return relation


async def unrelate(tx: Transaction, association: Association, relation: Relation) -> bool:
    """Deletes a relation and emits the event; whether it was still there."""
    if not await relation_store.delete_relation(tx, relation):
        return False
    await emit_relation_events(tx, RELATION_DELETE, association, [relation])
    log_relations_deleted(tx, association, [relation])
    return True


async def delete_relations_of_record(
    tx: Transaction, schema: CompiledObject, record_id: str
) -> list[tuple[Association, Relation]]:
    """Deletes every relation of a locked record and emits their events; those that are logged are returned.

    Nothing is asked of the database unless an association involves the object.
    """
    associations = await store.associations_of_object(tx, schema)
    if not associations:
        return []
    counts = await relation_store.list_relation_counts(tx, record_id)
    if not counts:
        return []
    logged: list[tuple[Association, Relation]] = []
    for association in associations:
        if association.number not in counts:
            continue
        if tx.log.is_on or await are_relations_announced(tx, RELATION_DELETE, association):
            gone, _ = await relation_store.list_relations(
                tx, record_id, {association.number}, limit=counts[association.number]
            )
            await emit_relation_events(tx, RELATION_DELETE, association, gone)
            log_relations_deleted(tx, association, gone)
            logged += [(association, relation) for relation in gone]
    await relation_store.delete_relations_of(tx, record_id, counts)
    return logged if tx.log.is_on else []


async def delete_some_relations(tx: Transaction, association: Association) -> bool:
    """Deletes some relations of a deleted association and emits their events, then deletes the counts of them;
    whether there may be more of either."""
    gone = await relation_store.delete_relations_by(tx, association, most=SLICE)
    await emit_relation_events(tx, RELATION_DELETE, association, gone)
    log_relations_deleted(tx, association, gone)
    if len(gone) == SLICE:
        return True
    return await relation_store.delete_counts_by(tx, association, most=SLICE) == SLICE


@writing
async def purge_relations(tx: Transaction, call: Call, number: int) -> bool:
    """Removes some of what is left of the deleted association with this number; whether there may be more."""
    association = await store.lock_deleted_association(tx, number)
    if association is None:
        return False
    if await delete_some_relations(tx, association):
        return True
    await store.forget_deleted_association(tx, number)
    return False


def relation_limits(association: Association, *, limited: bool) -> tuple[int | None, int | None]:
    """How many second records a first one may have, and how many first ones a second one; None for any number."""
    of_first = 1 if association.cardinality in (Cardinality.ONE_TO_ONE, Cardinality.MANY_TO_ONE) else None
    of_second = 1 if association.cardinality in (Cardinality.ONE_TO_ONE, Cardinality.ONE_TO_MANY) else None
    if not limited:
        return of_first, of_second
    return (
        of_first or association.first_limit or MAX_RELATIONS,
        of_second or association.second_limit or MAX_RELATIONS,
    )


async def _relate_records(
    tx: Transaction, association: Association, ids: tuple[str, str], *, limited: bool
) -> tuple[Relation, bool]:
    """The relation of two records, and whether it is new. Raises InvalidRelation, CardinalityExceeded."""
    keys = (association.first_key, association.second_key)
    found = await relation_store.lock_records(
        tx, (association.first_object, ids[0]), (association.second_object, ids[1])
    )
    for key, record_id, exists in zip(keys, ids, found, strict=True):
        if not exists:
            raise _invalid_record(public_id(key, record_id))
    pair = await relation_store.find_pair(tx, association, *ids)
    if pair.relation is not None:
        return pair.relation, False
    most = relation_limits(association, limited=limited)
    for key, record_id, count, allowed in zip(keys, ids, (pair.of_first, pair.of_second), most, strict=True):
        if allowed is not None and count >= allowed:
            raise CardinalityExceeded(
                f"The record {public_id(key, record_id)} can have at most {allowed} relations by {association.key}"
            )
    relation = Relation(tx.ids.record_id(), association.number, *ids)
    await _insert(tx, association, relation)
    return relation, True


async def _insert(tx: Transaction, association: Association, relation: Relation) -> None:
    await relation_store.insert_relation(tx, relation)
    await emit_relation_events(tx, RELATION_CREATE, association, [relation])
    log_relations_created(tx, association, [relation])


async def relate_again(tx: Transaction, association: Association, relation: Relation) -> bool:
    """Brings a deleted relation back under its id; whether it could: both records are there, and nothing is in its
    place. The published limits do not count, since it was there before."""
    ids = (relation.first_id, relation.second_id)
    ends = ((association.first_object, ids[0]), (association.second_object, ids[1]))
    if not all(await relation_store.lock_records(tx, *ends)):
        return False
    pair = await relation_store.find_pair(tx, association, *ids)
    most = relation_limits(association, limited=False)
    full = any(
        allowed is not None and count >= allowed
        for count, allowed in zip((pair.of_first, pair.of_second), most, strict=True)
    )
    if pair.relation is not None or full:
        return False
    await _insert(tx, association, relation)
    return True


def _invalid_record(shown: str) -> InvalidRelation:
    return InvalidRelation(f"Invalid record id {shown[:SHOWN]} for association")
