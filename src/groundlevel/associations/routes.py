"""The operations on associations, A1 to A7 (docs/contract.md#associations, #relations)."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from groundlevel.access.rules import locations_with_object
from groundlevel.associations import rules as associations
from groundlevel.associations.errors import AssociationNotFound, SameLabels
from groundlevel.associations.events import mirror_cardinality
from groundlevel.associations.relation_rules import MAX_PAGE
from groundlevel.associations.rules import locations_with_association
from groundlevel.kernel.absence import or_none
from groundlevel.kernel.errors import (
    DuplicateKey,
    InvalidKey,
    InvalidValue,
    LimitExceeded,
    NotSupported,
    ObjectNotFound,
)
from groundlevel.kernel.http.bodies import Filled, LocatedBody, Timestamp
from groundlevel.kernel.http.locate import found_by_id, locate
from groundlevel.kernel.http.params import ANYWHERE, LOCATION, Paging
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.kernel.model import Association, Cardinality, Location
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.timestamps import iso
from groundlevel.kernel.usecase import perform

TAG = "Associations"
READ, WRITE = declare_scopes("associations", "associations between objects")

PAGING = Paging(usual=MAX_PAGE, most=MAX_PAGE, skip="skip", cut=True)
_FOUND_BY_ID = found_by_id("association")
_Sides = Cardinality | None | UnsetType


class AssociationCreation(LocatedBody, kw_only=True):
    """A new association. The cardinalities may be left out; MANY_TO_MANY is the usual one."""

    key: Filled
    first_object_label: Filled
    first_object_key: Filled
    second_object_label: Filled
    second_object_key: Filled
    first_object_to_second_object_cardinality: _Sides = UNSET
    second_object_to_first_object_cardinality: _Sides = UNSET


class AssociationUpdate(LocatedBody, kw_only=True):
    """New labels; nothing else of an association can change."""

    first_object_label: Filled
    second_object_label: Filled


class AssociationBody(Struct, rename="camel"):
    """An association."""

    id: str
    location_id: str
    key: str
    first_object_label: str
    first_object_key: str
    second_object_label: str
    second_object_key: str
    association_type: str
    first_object_to_second_object_cardinality: str
    second_object_to_first_object_cardinality: str
    created_at: Timestamp
    updated_at: Timestamp


class AssociationReply(AssociationBody):
    """An association, without an envelope."""

    trace_id: str


class AssociationsReply(Struct, rename="camel"):
    """Associations, and beside them the members of the first one, as the published schema has them.

    See docs/contract.md#decision-20.
    """

    associations: list[AssociationBody]
    total: int
    trace_id: str
    id: str | UnsetType = UNSET
    location_id: str | UnsetType = UNSET
    key: str | UnsetType = UNSET
    first_object_label: str | UnsetType = UNSET
    first_object_key: str | UnsetType = UNSET
    second_object_label: str | UnsetType = UNSET
    second_object_key: str | UnsetType = UNSET
    association_type: str | UnsetType = UNSET
    first_object_to_second_object_cardinality: str | UnsetType = UNSET
    second_object_to_first_object_cardinality: str | UnsetType = UNSET
    created_at: Timestamp | UnsetType = UNSET
    updated_at: Timestamp | UnsetType = UNSET


class DeletedAssociationReply(Struct, rename="camel"):
    """What is left of an association."""

    deleted: bool
    id: str
    message: str
    trace_id: str


async def create_association(request: Request) -> AssociationReply:
    """Creates an association."""
    body: AssociationCreation = request.body
    new = associations.NewAssociation(
        key=body.key,
        first_object=body.first_object_key,
        first_label=body.first_object_label,
        second_object=body.second_object_key,
        second_label=body.second_object_label,
        cardinality=or_none(body.first_object_to_second_object_cardinality),
        mirrored=or_none(body.second_object_to_first_object_cardinality),
    )
    created = await perform(request.context.storage, request.call(), associations.create_association, new)
    return _reply(created, request.location, request)


async def list_associations(request: Request) -> AssociationsReply:
    """A page of associations, with the first one's members at the top (docs/contract.md#decision-20)."""
    window = PAGING.read(request)
    query = associations.AssociationQuery(window.skip, window.limit)
    found, total = await perform(request.context.storage, request.call(), associations.list_associations, query)
    return _list_reply(found, total, request.location, request=request)


async def get_association(request: Request) -> AssociationReply:
    """An association by its id."""
    location = await locate(request, locations_with_association, AssociationNotFound)
    found = await perform(
        request.context.storage, request.call(location), associations.get_association, request.params[0]
    )
    return _reply(found, location, request)


async def update_association(request: Request) -> AssociationReply:
    """Changes the labels of an association."""
    body: AssociationUpdate = request.body
    location = await locate(request, locations_with_association, AssociationNotFound)
    change = associations.Relabelling(request.params[0], body.first_object_label, body.second_object_label)
    changed = await perform(request.context.storage, request.call(location), associations.update_association, change)
    return _reply(changed, location, request)


async def delete_association(request: Request) -> DeletedAssociationReply:
    """Deletes an association with its relations."""
    call = request.call(await locate(request, locations_with_association, AssociationNotFound))
    storage = request.context.storage
    gone = await perform(storage, call, associations.delete_association, request.params[0])
    storage.long_work.set()
    return DeletedAssociationReply(
        deleted=True, id=gone.id, message="Association deleted successfully", trace_id=request.trace_id
    )


async def get_association_by_key(request: Request) -> AssociationReply:
    """An association by its key."""
    call = request.call()
    found = await perform(request.context.storage, call, associations.get_association, request.params[0])
    return _reply(found, request.location, request)


async def list_associations_of_object(request: Request) -> AssociationsReply:
    """The associations that an object takes part in, on either side."""
    location = await locate(request, locations_with_object, ObjectNotFound)
    call = request.call(location)
    found = await perform(request.context.storage, call, associations.list_associations_of, request.params[0])
    return _list_reply(found, len(found), location, request=request)


def association_type(association: Association) -> str:
    """Who has defined it."""
    return "SYSTEM_DEFINED" if association.standard else "USER_DEFINED"


def _members(association: Association, location: Location) -> dict[str, str]:
    return {
        "id": association.id,
        "location_id": location.id,
        "key": association.key,
        "first_object_label": association.first_label,
        "first_object_key": association.first_key,
        "second_object_label": association.second_label,
        "second_object_key": association.second_key,
        "association_type": association_type(association),
        "first_object_to_second_object_cardinality": association.cardinality.value,
        "second_object_to_first_object_cardinality": mirror_cardinality(association.cardinality).value,
        "created_at": iso(association.created_at),
        "updated_at": iso(association.updated_at),
    }


def _reply(association: Association, location: Location, request: Request) -> AssociationReply:
    return AssociationReply(**_members(association, location), trace_id=request.trace_id)


def _list_reply(found: list[Association], total: int, location: Location, *, request: Request) -> AssociationsReply:
    bodies = [AssociationBody(**_members(each, location)) for each in found]
    first = _members(found[0], location) if found else {}
    return AssociationsReply(associations=bodies, total=total, trace_id=request.trace_id, **first)


ROUTES = (
    Route(
        method="POST",
        path="/associations/",
        operation_id="create-association",
        tag=TAG,
        summary="Create an association",
        doc="First and second stay as they were sent. Any two objects can be associated, also an object with itself.",
        handler=create_association,
        placement=Placement.BODY,
        scope=WRITE,
        status=201,
        body=AssociationCreation,
        reply=AssociationReply,
        refusals=(
            SameLabels,
            DuplicateKey,
            InvalidKey,
            InvalidValue,
            ObjectNotFound,
            LimitExceeded,
        ),
        example={
            "locationId": "ve9EPM428h8vShlRW1KT",
            "key": "pet_keeper",
            "firstObjectLabel": "Pet",
            "firstObjectKey": "custom_objects.pet",
            "secondObjectLabel": "Keeper",
            "secondObjectKey": "contact",
        },
    ),
    Route(
        method="GET",
        path="/associations/",
        operation_id="find-associations",
        tag=TAG,
        summary="List the associations of a location",
        doc="System associations come first. The members of the first one stand beside the list as well.",
        handler=list_associations,
        placement=Placement.QUERY,
        scope=READ,
        query=(LOCATION, *PAGING.parameters),
        reply=AssociationsReply,
    ),
    Route(
        method="GET",
        path="/associations/{associationId}",
        operation_id="get-association-by-ID",
        tag=TAG,
        summary="Get an association",
        doc=_FOUND_BY_ID,
        handler=get_association,
        placement=Placement.FOUND,
        scope=READ,
        query=(ANYWHERE,),
        reply=AssociationReply,
        refusals=(AssociationNotFound,),
    ),
    Route(
        method="PUT",
        path="/associations/{associationId}",
        operation_id="update-association",
        tag=TAG,
        summary="Change the labels of an association",
        doc=_FOUND_BY_ID,
        handler=update_association,
        placement=Placement.FOUND,
        scope=WRITE,
        query=(ANYWHERE,),
        body=AssociationUpdate,
        reply=AssociationReply,
        refusals=(AssociationNotFound, NotSupported, SameLabels),
        example={"firstObjectLabel": "Animal", "secondObjectLabel": "Keeper"},
    ),
    Route(
        method="DELETE",
        path="/associations/{associationId}",
        operation_id="delete-association",
        tag=TAG,
        summary="Delete an association with its relations",
        doc=_FOUND_BY_ID,
        handler=delete_association,
        placement=Placement.FOUND,
        scope=WRITE,
        query=(ANYWHERE,),
        reply=DeletedAssociationReply,
        refusals=(AssociationNotFound, NotSupported),
    ),
    Route(
        method="GET",
        path="/associations/key/{key_name}",
        operation_id="get-association-key-by-key-name",
        tag=TAG,
        summary="Get an association by key",
        handler=get_association_by_key,
        placement=Placement.QUERY,
        scope=READ,
        query=(LOCATION,),
        reply=AssociationReply,
        refusals=(AssociationNotFound,),
    ),
    Route(
        method="GET",
        path="/associations/objectKey/{objectKey}",
        operation_id="get-association-by-object-keys",
        tag=TAG,
        summary="List the associations of an object",
        doc="Those that have the object on either side.",
        handler=list_associations_of_object,
        placement=Placement.FOUND,
        scope=READ,
        query=(ANYWHERE,),
        reply=AssociationsReply,
        refusals=(ObjectNotFound,),
    ),
)
