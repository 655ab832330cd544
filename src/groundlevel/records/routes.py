"""The operations on single records, O5 to O8 (docs/contract.md#objects, #record-bodies)."""

from __future__ import annotations

from groundlevel.kernel.absence import or_else, or_none
from groundlevel.kernel.errors import (
    InvalidShape,
    InvalidUpdate,
    InvalidValue,
    LimitExceeded,
    NotSupported,
    ObjectNotFound,
    RecordNotFound,
    RequiredPropertyMissing,
    UniqueConflict,
    UnknownProperty,
)
from groundlevel.kernel.errors.wording import text_errors
from groundlevel.kernel.http.bodies import NoBody
from groundlevel.kernel.http.decode import decode_json
from groundlevel.kernel.http.locate import FOUND_BY_ID, find_across_locations
from groundlevel.kernel.http.params import ANYWHERE
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Page, Parameter, Placement, Route
from groundlevel.kernel.model import Json
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.usecase import perform
from groundlevel.records import rules as records
from groundlevel.records.entity_tags import is_known, matching_versions, name_state, record_tag
from groundlevel.records.errors import RecordChanged
from groundlevel.records.rules import RecordKey, RecordView
from groundlevel.records.schemas import (
    DeletedRecordReply,
    Delta,
    LiveRecordCreation,
    LiveRecordUpdate,
    People,
    RecordCreation,
    RecordReply,
    RecordUpdate,
)
from groundlevel.records.serializers import record_body

TAG = "Records"
READ, WRITE = declare_scopes("objects/record", "records")

VALUES = (
    ObjectNotFound,
    NotSupported,
    UnknownProperty,
    InvalidValue,
    RequiredPropertyMissing,
    UniqueConflict,
    LimitExceeded,
)
"""What every write of a record may refuse."""


async def create_record(request: Request) -> RecordReply:
    """Creates a record."""
    body: RecordCreation | LiveRecordCreation = request.body
    new = records.NewRecord(request.key, body.properties or {}, owners_of(body), people_of(body.followers))
    return _reply(request, await perform(request.context.storage, request.call(), records.create_record, new))


async def get_record(request: Request) -> RecordReply | Page:
    """A record, in whichever location the token finds it; 304 without one if the client has it already."""
    view = await find_across_locations(request, records.get_record, _key(request), object_key=request.key)
    tag = record_tag(view)
    if request.if_none_match and is_known(tag, request.if_none_match):
        return Page("application/json", b"", 304, ((b"etag", tag.encode()),))
    return _reply(request, view)


async def update_record(request: Request) -> RecordReply:
    """Changes a record; the location stands in the query."""
    body: RecordUpdate | LiveRecordUpdate = request.body
    change = records.RecordChange(
        object_key=request.key,
        id=request.params[1],
        properties=body.properties or {},
        owners=owners_of(body),
        followers=people_of(body.followers),
        versions=matching_versions(request.if_match),
    )
    return _reply(request, await perform(request.context.storage, request.call(), records.update_record, change))


async def delete_record(request: Request) -> DeletedRecordReply:
    """Deletes a record with its relations."""
    key = RecordKey(request.key, request.params[1], matching_versions(request.if_match))
    deleted = await find_across_locations(request, records.delete_record, key, object_key=request.key)
    return DeletedRecordReply(deleted, success=True, trace_id=request.trace_id)


def _key(request: Request) -> RecordKey:
    return RecordKey(request.key, request.params[1])


def _reply(request: Request, view: RecordView) -> RecordReply:
    name_state(request, view)
    return RecordReply(record_body(view, strict=request.context.strict), request.trace_id)


def owners_of(body: RecordCreation | LiveRecordCreation | LiveRecordUpdate) -> Json:
    """The owners of a body, under either name. Raises InvalidShape for both."""
    owner = or_none(body.owner) if isinstance(body, RecordCreation) else None
    if owner is None:
        return people_of(body.owners)
    if or_none(body.owners) is not None:
        raise InvalidShape(["owner and owners should not exist together"])
    return people_of(owner)


def people_of(people: People) -> Json:
    """The ids to set, the delta, or None to leave everything as it is."""
    if isinstance(people, Delta):
        return {"add": or_else(people.add, []), "remove": or_else(people.remove, [])}
    return or_none(people)


def _refuse_location_outside_query(request: Request) -> None:
    """Refuses, as the live platform does before it looks at the body, an update whose query names no location.

    Raises InvalidShape when the body names it instead, ObjectNotFound when nothing does.
    """
    if "locationId" in request.query:
        return
    body = decode_json(request.raw)
    if isinstance(body, dict) and "locationId" in body:
        raise InvalidShape(text_errors("locationId"))
    raise ObjectNotFound(request.key)


ROUTES = (
    Route(
        method="POST",
        path="/objects/{schemaKey}/records",
        operation_id="create-object-record",
        tag=TAG,
        summary="Create a record",
        handler=create_record,
        placement=Placement.EITHER,
        live_placement=Placement.STATED,
        scope=WRITE,
        status=201,
        body=RecordCreation,
        live_body=LiveRecordCreation,
        reply=RecordReply,
        refusals=VALUES,
        example={"locationId": "ve9EPM428h8vShlRW1KT", "properties": {"name": "Rex", "age": 3}},
    ),
    Route(
        method="GET",
        path="/objects/{schemaKey}/records/{id}",
        operation_id="get-record-by-id",
        tag=TAG,
        summary="Get a record",
        doc=f"{FOUND_BY_ID} The header `ETag` names the state of the record; sent back as `If-None-Match`, it makes the"
        " reply 304 without a body for as long as the state is the same.",
        pages=(304,),
        handler=get_record,
        placement=Placement.FOUND,
        scope=READ,
        query=(ANYWHERE,),
        reply=RecordReply,
        refusals=(ObjectNotFound, RecordNotFound, NotSupported),
    ),
    Route(
        method="PUT",
        path="/objects/{schemaKey}/records/{id}",
        operation_id="update-object-record",
        tag=TAG,
        summary="Change a record",
        doc="Merges: properties left out stay as they are, and null clears one. With `If-Match` and the `ETag` of a"
        " reply, a record that was changed since is refused.",
        handler=update_record,
        placement=Placement.EITHER,
        live_check=_refuse_location_outside_query,
        scope=WRITE,
        query=(Parameter("locationId", "The location.", example="ve9EPM428h8vShlRW1KT"),),
        body=RecordUpdate,
        live_body=LiveRecordUpdate,
        reply=RecordReply,
        refusals=(*VALUES, RecordNotFound, RecordChanged, InvalidUpdate),
        example={"properties": {"age": 4, "tags": {"add": ["good_boy"], "remove": []}}},
    ),
    Route(
        method="DELETE",
        path="/objects/{schemaKey}/records/{id}",
        operation_id="delete-object-record",
        tag=TAG,
        summary="Delete a record",
        doc=f"{FOUND_BY_ID} With `If-Match` and the `ETag` of a reply, a record that was changed since is refused.",
        handler=delete_record,
        placement=Placement.FOUND,
        scope=WRITE,
        live_body=NoBody,
        reply=DeletedRecordReply,
        refusals=(ObjectNotFound, RecordNotFound, RecordChanged, NotSupported),
    ),
)
