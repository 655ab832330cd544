"""The operations on objects, O1 to O4, and their deletion (docs/contract.md#objects, #extensions)."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from groundlevel.kernel.absence import or_none
from groundlevel.kernel.errors import (
    DuplicateKey,
    InvalidKey,
    LimitExceeded,
    NotSupported,
    ObjectNotFound,
    UnknownProperty,
)
from groundlevel.kernel.http.params import LOCATION
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.names import canonical_key
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.usecase import perform
from groundlevel.schema import object_rules as objects
from groundlevel.schema.reindexing import reindexed_percent
from groundlevel.schema.schemas import (
    DeletedParts,
    DeletedSchemaReply,
    ObjectCreation,
    ObjectUpdate,
    ReindexingBody,
    SchemaReply,
    SchemasReply,
    SchemaWithFieldsReply,
)
from groundlevel.schema.serializers import field_bodies, schema_body

TAG = "Objects"
READ, WRITE = declare_scopes("objects/schema", "objects and their definitions")

_TRUE = frozenset(("true", "1"))


async def list_objects(request: Request) -> SchemasReply:
    """Every object of the location."""
    found = await perform(request.context.storage, request.call(), objects.list_objects, None)
    bodies = [schema_body(definition, request.location) for definition in found]
    return SchemasReply(objects=bodies, cache=False, trace_id=request.trace_id)


async def create_object(request: Request) -> SchemaReply:
    """Creates an object with its primary field."""
    body: ObjectCreation = request.body
    primary = body.primary_display_property_details
    new = objects.NewObject(
        key=body.key,
        singular=body.labels.singular,
        plural=body.labels.plural,
        description=or_none(body.description),
        primary_key=primary.key,
        primary_name=primary.name,
        primary_type=primary.data_type.value,
    )
    definition = await perform(request.context.storage, request.call(), objects.create_object, new)
    return SchemaReply(schema_body(definition, request.location), request.trace_id)


async def get_object(request: Request) -> SchemaWithFieldsReply:
    """An object, with its fields where the query asks for them.

    `cache` says whether the schema was in memory before the request asked for it.
    """
    storage, key = request.context.storage, canonical_key(request.key)
    cached = (request.location.number, key) in storage.cache.schemas
    definition = await perform(storage, request.call(), objects.get_object, key)
    body = schema_body(definition, request.location)
    if definition.reindexing:
        body.reindexing = await _progress(request, definition.key)
    reply = SchemaWithFieldsReply(body, cached, request.trace_id)
    if request.query.get("fetchProperties", "").lower() in _TRUE:
        reply.fields = field_bodies(definition, request.location, request.context.email_type)
    return reply


async def update_object(request: Request) -> SchemaReply:
    """Changes an object."""
    body: ObjectUpdate = request.body
    labels = body.labels or None
    change = objects.ObjectChange(
        key=request.key,
        searchable=body.searchable_properties,
        singular=None if labels is None else or_none(labels.singular),
        plural=None if labels is None else or_none(labels.plural),
        description=body.description,
    )
    definition = await objects.update_object(request.context.storage, request.call(), change)
    schema = schema_body(definition, request.location)
    if definition.reindexing:
        schema.reindexing = await _progress(request, definition.key)
    return SchemaReply(schema, request.trace_id)


async def _progress(request: Request, key: str) -> ReindexingBody | UnsetType:
    percent = await perform(request.context.storage, request.call(), reindexed_percent, key)
    return UNSET if percent is None else ReindexingBody(percent)


async def delete_object(request: Request) -> DeletedSchemaReply:
    """The undocumented deletion (docs/contract.md#schemas-and-fields)."""
    storage = request.context.storage
    deleted = await perform(storage, request.call(), objects.delete_object, request.key)
    storage.long_work.set()
    parts = DeletedParts(deleted_fields=deleted.fields, deleted_association_ids=deleted.associations)
    return DeletedSchemaReply(id=deleted.id, success=True, meta=parts, trace_id=request.trace_id)


ROUTES = (
    Route(
        method="GET",
        path="/objects/",
        operation_id="get-object-by-location-id",
        tag=TAG,
        summary="List the objects of a location",
        handler=list_objects,
        placement=Placement.QUERY,
        scope=READ,
        query=(LOCATION,),
        reply=SchemasReply,
    ),
    Route(
        method="POST",
        path="/objects/",
        operation_id="create-custom-object-schema",
        tag=TAG,
        summary="Create an object",
        doc="Makes the object, its default folder and its primary field. Tokens of locations and of companies both do.",
        handler=create_object,
        placement=Placement.BODY,
        scope=WRITE,
        status=201,
        body=ObjectCreation,
        reply=SchemaReply,
        refusals=(DuplicateKey, InvalidKey, LimitExceeded),
        example={
            "locationId": "ve9EPM428h8vShlRW1KT",
            "labels": {"singular": "Pet", "plural": "Pets"},
            "key": "custom_objects.pet",
            "description": "Animals of our customers",
            "primaryDisplayPropertyDetails": {
                "key": "custom_objects.pet.name",
                "name": "Pet name",
                "dataType": "TEXT",
            },
        },
    ),
    Route(
        method="GET",
        path="/objects/{key}",
        operation_id="get-object-schema-by-key",
        tag=TAG,
        summary="Get an object by key or id",
        handler=get_object,
        placement=Placement.QUERY,
        scope=READ,
        query=(
            LOCATION,
            Parameter("fetchProperties", "Whether to list the fields as well: true or 1.", example="true"),
        ),
        reply=SchemaWithFieldsReply,
        refusals=(ObjectNotFound,),
    ),
    Route(
        method="PUT",
        path="/objects/{key}",
        operation_id="update-custom-object",
        tag=TAG,
        summary="Change an object's labels, description or searchable properties",
        doc=(
            "Of contact, opportunity and business only the searchable properties can change. Of an object with many "
            "records the search texts are rebuilt after the answer; until then it has `reindexing`, and searches "
            "with a text are right but slower."
        ),
        handler=update_object,
        placement=Placement.BODY,
        scope=WRITE,
        body=ObjectUpdate,
        reply=SchemaReply,
        refusals=(ObjectNotFound, LimitExceeded, UnknownProperty),
        example={
            "locationId": "ve9EPM428h8vShlRW1KT",
            "labels": {"singular": "Animal"},
            "searchableProperties": ["custom_objects.pet.name"],
        },
    ),
    Route(
        method="DELETE",
        path="/objects/{key}",
        operation_id="delete-custom-object",
        tag=TAG,
        summary="Delete an object with its fields, records and associations",
        doc="It is gone for everybody at once. Its records are removed afterwards, each with its event.",
        handler=delete_object,
        placement=Placement.QUERY,
        scope=WRITE,
        query=(LOCATION,),
        reply=DeletedSchemaReply,
        refusals=(ObjectNotFound, NotSupported),
        extension=True,
    ),
)
