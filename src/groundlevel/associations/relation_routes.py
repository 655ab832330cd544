"""The operations on relations, R1 to R3, and many at once (docs/contract.md#associations, #relations, #extensions)."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from groundlevel.associations import relation_rules as relations
from groundlevel.associations.errors import (
    AssociationNotFound,
    CardinalityExceeded,
    DuplicateRelation,
    InvalidRelation,
    PrimaryContactRelation,
    RelationNotFound,
)
from groundlevel.associations.relation_rules import NewRelation, RelationView
from groundlevel.associations.routes import PAGING, association_type
from groundlevel.kernel.absence import or_else, or_none
from groundlevel.kernel.errors import InvalidShape
from groundlevel.kernel.http.bodies import Body, Filled, LocatedBody, Timestamp
from groundlevel.kernel.http.params import LOCATION
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.ids import timestamp_of
from groundlevel.kernel.model import Json, Location
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.timestamps import iso
from groundlevel.kernel.usecase import perform
from groundlevel.standard.ids import public_id

TAG = "Relations"
READ, WRITE = declare_scopes("associations/relation", "relations between records")
MAX_BATCH: Final = 500
"""Most relations to create, and to delete, in one request."""

_RELATED = (
    AssociationNotFound,
    InvalidRelation,
    CardinalityExceeded,
)


class RelationEnds(Body, kw_only=True):
    """An association, and a record on either side of it."""

    association_id: Filled
    first_record_id: Filled
    second_record_id: Filled


class RelationCreation(LocatedBody, kw_only=True):
    """A new relation. The first record is one of the association's first object, the second one of its second."""

    association_id: Filled
    first_record_id: Filled
    second_record_id: Filled


class RelationRemoval(Body, kw_only=True):
    """The relation to delete: by its id, or by association and records."""

    relation_id: Filled | None | UnsetType = UNSET
    association_id: Filled | None | UnsetType = UNSET
    first_record_id: Filled | None | UnsetType = UNSET
    second_record_id: Filled | None | UnsetType = UNSET


class RelationsChange(LocatedBody, kw_only=True):
    """Relations to create and to delete; the latter are deleted first."""

    add: Annotated[list[RelationEnds], Meta(max_length=MAX_BATCH)] | None | UnsetType = UNSET
    remove: Annotated[list[RelationRemoval], Meta(max_length=MAX_BATCH)] | None | UnsetType = UNSET


class RelationBody(Struct, rename="camel", gc=False):
    """A relation."""

    id: str
    association_id: str
    first_object_key: str
    first_record_id: str
    second_object_key: str
    second_record_id: str
    location_id: str
    created_at: Timestamp
    updated_at: Timestamp


class RelationReply(RelationBody):
    """A relation, without an envelope and with what its association says (docs/contract.md#decision-21)."""

    key: str
    first_object_label: str
    second_object_label: str
    association_type: str
    trace_id: str


class EnsuredRelationReply(RelationReply):
    """The relation that there is now."""

    new: bool


class DeletedRelationReply(RelationReply):
    """A relation as it was."""

    deleted: bool


class RelationsReply(Struct, rename="camel"):
    """Relations, and beside them the first one with what its association says (docs/contract.md#decision-20)."""

    relations: list[RelationBody]
    total: int
    trace_id: str
    id: str | UnsetType = UNSET
    association_id: str | UnsetType = UNSET
    first_object_key: str | UnsetType = UNSET
    first_record_id: str | UnsetType = UNSET
    second_object_key: str | UnsetType = UNSET
    second_record_id: str | UnsetType = UNSET
    location_id: str | UnsetType = UNSET
    created_at: Timestamp | UnsetType = UNSET
    updated_at: Timestamp | UnsetType = UNSET
    key: str | UnsetType = UNSET
    first_object_label: str | UnsetType = UNSET
    second_object_label: str | UnsetType = UNSET
    association_type: str | UnsetType = UNSET


class RefusedRelation(Struct, rename="camel"):
    """What was refused, as it was sent, and why."""

    error: str
    relation_id: str | UnsetType = UNSET
    association_id: str | UnsetType = UNSET
    first_record_id: str | UnsetType = UNSET
    second_record_id: str | UnsetType = UNSET


class RelationsOutcome(Struct):
    """The outcome of each part."""

    created: list[RelationBody]
    deleted: list[RelationBody]
    errored: list[RefusedRelation]


class ChangedRelationsReply(Struct, rename="camel"):
    """The outcome of a change of many relations."""

    results: RelationsOutcome
    trace_id: str


async def create_relation(request: Request) -> RelationReply:
    """Relates two records."""
    view = await perform(request.context.storage, request.call(), relations.create_relation, _new(request.body))
    return RelationReply(**_members(view, request.location), **_rule(view), trace_id=request.trace_id)


async def list_relations(request: Request) -> RelationsReply:
    """A page of a record's relations, on either side."""
    named = request.query.get("associationIds")
    window = PAGING.read(request)
    query = relations.RelationQuery(
        record_id=request.params[0],
        association_ids=None if named is None else frozenset(named.split(",")),
        skip=window.skip,
        limit=window.limit,
    )
    found, total = await perform(request.context.storage, request.call(), relations.list_relations, query)
    first = {**_members(found[0], request.location), **_rule(found[0])} if found else {}
    return RelationsReply(
        relations=[_body(view, request.location) for view in found], total=total, trace_id=request.trace_id, **first
    )


async def delete_relation(request: Request) -> DeletedRelationReply:
    """Deletes a relation."""
    view = await perform(request.context.storage, request.call(), relations.delete_relation, request.params[0])
    return DeletedRelationReply(
        **_members(view, request.location), **_rule(view), trace_id=request.trace_id, deleted=True
    )


async def ensure_relation(request: Request) -> EnsuredRelationReply:
    """The extension that creates a relation unless there is one."""
    call = request.call()
    view, new = await perform(request.context.storage, call, relations.ensure_relation, _new(request.body))
    return EnsuredRelationReply(**_members(view, request.location), **_rule(view), trace_id=request.trace_id, new=new)


async def change_relations(request: Request) -> ChangedRelationsReply:
    """The bulk extension."""
    body: RelationsChange = request.body
    batch = relations.Batch(
        [_new(each) for each in or_else(body.add, ())],
        [_gone(each, at) for at, each in enumerate(or_else(body.remove, ()))],
    )
    outcome = await perform(request.context.storage, request.call(), relations.change_relations, batch)
    results = RelationsOutcome(
        created=[_body(view, request.location) for view in outcome.created],
        deleted=[_body(view, request.location) for view in outcome.deleted],
        errored=[_refused_item(each) for each in outcome.refused],
    )
    return ChangedRelationsReply(results, request.trace_id)


def _new(body: RelationCreation | RelationEnds) -> NewRelation:
    return NewRelation(body.association_id, body.first_record_id, body.second_record_id)


def _gone(body: RelationRemoval, at: int) -> str | NewRelation:
    """What is to be deleted. Raises InvalidShape when that is not said, or said in two ways."""
    ends = (body.association_id, body.first_record_id, body.second_record_id)
    association, first, second = map(or_none, ends)
    if body.relation_id and not (association or first or second):
        return body.relation_id
    if body.relation_id or not (association and first and second):
        raise InvalidShape([f"remove.{at} must have relationId, or associationId, firstRecordId and secondRecordId"])
    return NewRelation(association, first, second)


def _refused_item(refused: relations.Refused) -> RefusedRelation:
    reply = RefusedRelation(refused.refusal.message)
    match refused.item:
        case str(relation_id):
            reply.relation_id = relation_id
        case NewRelation(association_id, first_id, second_id):
            reply.association_id, reply.first_record_id, reply.second_record_id = association_id, first_id, second_id
    return reply


def _members(view: RelationView, location: Location) -> dict[str, str]:
    relation, association = view.relation, view.association
    timestamp = iso(timestamp_of(relation.id))
    return {
        "id": relation.id,
        "association_id": association.id,
        "first_object_key": association.first_key,
        "first_record_id": public_id(association.first_key, relation.first_id),
        "second_object_key": association.second_key,
        "second_record_id": public_id(association.second_key, relation.second_id),
        "location_id": location.id,
        "created_at": timestamp,
        "updated_at": timestamp,
    }


def _rule(view: RelationView) -> dict[str, str]:
    association = view.association
    return {
        "key": association.key,
        "first_object_label": association.first_label,
        "second_object_label": association.second_label,
        "association_type": association_type(association),
    }


def _body(view: RelationView, location: Location) -> RelationBody:
    return RelationBody(**_members(view, location))


_EXAMPLE: Json = {
    "locationId": "ve9EPM428h8vShlRW1KT",
    "associationId": "6b04a3f09c402f19e9a8d4c1",
    "firstRecordId": "6b04a3f0e0c02f19e9a8d4c5",
    "secondRecordId": "pVn3yqT0oC1oGqk2m8Zd",
}

ROUTES = (
    Route(
        method="POST",
        path="/associations/relations",
        operation_id="create-relation",
        tag=TAG,
        summary="Relate two records",
        handler=create_relation,
        placement=Placement.EITHER,
        live_placement=Placement.STATED,
        scope=WRITE,
        status=201,
        body=RelationCreation,
        reply=RelationReply,
        refusals=(*_RELATED, DuplicateRelation),
        example=_EXAMPLE,
    ),
    Route(
        method="GET",
        path="/associations/relations/{recordId}",
        operation_id="get-relations-by-record-id",
        tag=TAG,
        summary="List the relations of a record",
        doc="Those in which it stands on either side, by association and the oldest first; none of an unknown record. "
        "The members of the first one stand beside the list as well.",
        handler=list_relations,
        placement=Placement.QUERY,
        scope=READ,
        query=(
            LOCATION,
            *PAGING.parameters,
            Parameter("associationIds", "The associations that count; all of them if not given.", many=True),
        ),
        reply=RelationsReply,
    ),
    Route(
        method="DELETE",
        path="/associations/relations/{relationId}",
        operation_id="delete-relation",
        tag=TAG,
        summary="Delete a relation",
        handler=delete_relation,
        placement=Placement.QUERY,
        scope=WRITE,
        query=(LOCATION,),
        reply=DeletedRelationReply,
        refusals=(RelationNotFound, PrimaryContactRelation),
    ),
    Route(
        method="POST",
        path="/associations/relations/bulk",
        operation_id="change-relations",
        tag=TAG,
        summary="Create and delete many relations",
        doc="Each part succeeds or is refused for itself, and `results.errored` says why; what succeeds does so "
        f"together. At most {MAX_BATCH} to create and {MAX_BATCH} to delete.",
        handler=change_relations,
        placement=Placement.EITHER,
        live_placement=Placement.STATED,
        scope=WRITE,
        status=201,
        body=RelationsChange,
        reply=ChangedRelationsReply,
        example={
            "locationId": "ve9EPM428h8vShlRW1KT",
            "add": [
                {
                    "associationId": "6b04a3f09c402f19e9a8d4c1",
                    "firstRecordId": "6b04a3f0e0c02f19e9a8d4c5",
                    "secondRecordId": "pVn3yqT0oC1oGqk2m8Zd",
                }
            ],
            "remove": [{"relationId": "6b04a3f11a802f19e9a8d4d2"}],
        },
        extension=True,
    ),
    Route(
        method="PUT",
        path="/x/associations/relations",
        operation_id="ensure-relation",
        tag=TAG,
        summary="Relate two records unless they are related",
        doc="Answers with the relation that there is now; `new` says whether it was created.",
        handler=ensure_relation,
        placement=Placement.EITHER,
        live_placement=Placement.STATED,
        scope=WRITE,
        body=RelationCreation,
        reply=EnsuredRelationReply,
        refusals=_RELATED,
        example=_EXAMPLE,
        extension=True,
    ),
)
