"""The operations on businesses, which are the records of the object `business` in another form.

See docs/contract.md#sales-operations.
"""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from groundlevel.crm.businesses import rules as businesses
from groundlevel.crm.businesses.members import MEMBERS
from groundlevel.crm.businesses.rules import BUSINESSES
from groundlevel.crm.members import sent_properties, shown_members, written_properties
from groundlevel.crm.standard_routes import ListQuery, list_page, on_record
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import LimitExceeded, ObjectNotFound, RecordNotFound
from groundlevel.kernel.http.bodies import Body, Filled, LocatedBody, OriginText, Text, Timestamp
from groundlevel.kernel.http.locate import FOUND_BY_ID
from groundlevel.kernel.http.params import LOCATION, Paging
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.kernel.model import Json
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.timestamps import iso
from groundlevel.kernel.usecase import perform
from groundlevel.records.routes import VALUES
from groundlevel.records.rules import NewRecord, RecordChange, RecordView
from groundlevel.records.serializers import origin_body

TAG = "Businesses"
READ, WRITE = declare_scopes("businesses", "businesses")

_PARTS = Paging(usual=100, most=500, skip="skip")
_VALUES = tuple(refusal for refusal in VALUES if refusal is not ObjectNotFound)
"""What every write may refuse: the object itself is there in every location."""


class LiveBusinessUpdate(Body, kw_only=True):
    """A change of a business: members left out stay, null and the empty text clear one."""

    name: Filled | None | UnsetType = UNSET
    phone: Text = UNSET
    email: Text = UNSET
    website: Text = UNSET
    address: Text = UNSET
    city: Text = UNSET
    state: Text = UNSET
    postal_code: Text = UNSET
    country: Text = UNSET
    description: Text = UNSET


class BusinessUpdate(LiveBusinessUpdate, kw_only=True):
    """A change of a business, which may name the location."""

    location_id: Filled | None | UnsetType = UNSET


class BusinessCreation(LocatedBody, kw_only=True):
    """A new business."""

    name: Filled
    phone: Text = UNSET
    email: Text = UNSET
    website: Text = UNSET
    address: Text = UNSET
    city: Text = UNSET
    state: Text = UNSET
    postal_code: Text = UNSET
    country: Text = UNSET
    description: Text = UNSET


class BusinessBody(Struct, rename="camel", kw_only=True):
    """A business; what was never set is absent."""

    id: str
    location_id: str
    name: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    website: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    city: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    postal_code: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    created_by: OriginText
    updated_by: OriginText
    created_at: Timestamp
    updated_at: Timestamp


class WrittenBusinessReply(Struct, rename="camel"):
    """A business that was stored. The misspelt member is the contract (docs/contract.md#decision-23)."""

    success: bool
    buiseness: BusinessBody
    business: BusinessBody
    trace_id: str


class BusinessReply(Struct, rename="camel"):
    """One business."""

    business: BusinessBody
    trace_id: str


class BusinessesReply(Struct, rename="camel"):
    """Businesses of a location."""

    businesses: list[BusinessBody]
    trace_id: str


class DeletedBusinessReply(Struct, rename="camel"):
    """Says that a business was deleted."""

    success: bool
    trace_id: str


async def create_business(request: Request) -> WrittenBusinessReply:
    """Creates a record of the object."""
    new = NewRecord(BUSINESSES.key, _properties(request.body))
    view = await perform(request.context.storage, request.call(), businesses.create_business, new)
    return _written_reply(view, request)


async def update_business(request: Request) -> WrittenBusinessReply:
    """Changes a record of the object."""
    change = RecordChange(BUSINESSES.key, request.params[0], _properties(request.body))
    return _written_reply(await on_record(request, BUSINESSES, businesses.update_business, change), request)


async def get_business(request: Request) -> BusinessReply:
    """Shows a record of the object."""
    view = await on_record(request, BUSINESSES, BUSINESSES.get, request.params[0])
    return BusinessReply(business_body(view), request.trace_id)


async def list_businesses(request: Request) -> BusinessesReply:
    """The records of the object, oldest first, so that none is missed when others are added meanwhile."""
    page = await list_page(request, BUSINESSES, _PARTS, ListQuery(field="createdAt", direction="asc"))
    return BusinessesReply([business_body(view) for view in page.views], request.trace_id)


async def delete_business(request: Request) -> DeletedBusinessReply:
    """Deletes a record of the object."""
    await on_record(request, BUSINESSES, BUSINESSES.delete, request.params[0])
    return DeletedBusinessReply(success=True, trace_id=request.trace_id)


def _properties(body: BusinessCreation | LiveBusinessUpdate) -> dict[str, Json]:
    return written_properties(sent_properties(body, MEMBERS), MEMBERS)


def _written_reply(view: RecordView, request: Request) -> WrittenBusinessReply:
    body = business_body(view)
    return WrittenBusinessReply(success=True, buiseness=body, business=body, trace_id=request.trace_id)


def business_body(view: RecordView) -> BusinessBody:
    """The wire form of a business."""
    record = view.record
    stored = view.schema.visible(decode_object(record.properties))
    added, updated = iso(record.created_at), iso(record.updated_at)
    return BusinessBody(
        id=record.id,
        location_id=view.location.id,
        created_by=origin_body(record.created_by, added),
        updated_by=origin_body(record.updated_by, updated),
        created_at=added,
        updated_at=updated,
        **shown_members(stored, MEMBERS),
    )


_EXAMPLE = {"name": "Microsoft", "phone": "+18832327657", "email": "abc@microsoft.com", "postalCode": "98052"}

ROUTES = (
    Route(
        method="POST",
        path="/businesses/",
        operation_id="create-business",
        tag=TAG,
        summary="Create a business",
        doc="A business is a record of the object `business`: the operations on records show the same one.",
        handler=create_business,
        placement=Placement.BODY,
        scope=WRITE,
        status=201,
        body=BusinessCreation,
        reply=WrittenBusinessReply,
        refusals=_VALUES,
        example={"locationId": "ve9EPM428h8vShlRW1KT", **_EXAMPLE},
    ),
    Route(
        method="GET",
        path="/businesses/",
        operation_id="get-businesses-by-location",
        tag=TAG,
        summary="List businesses",
        doc="Oldest first.",
        handler=list_businesses,
        placement=Placement.QUERY,
        scope=READ,
        query=(LOCATION, *_PARTS.parameters),
        reply=BusinessesReply,
        refusals=(LimitExceeded,),
    ),
    Route(
        method="GET",
        path="/businesses/{businessId}",
        operation_id="get-business",
        tag=TAG,
        summary="Get a business",
        doc=FOUND_BY_ID,
        handler=get_business,
        placement=Placement.FOUND,
        scope=READ,
        reply=BusinessReply,
        refusals=(RecordNotFound,),
    ),
    Route(
        method="PUT",
        path="/businesses/{businessId}",
        operation_id="update-business",
        tag=TAG,
        summary="Change a business",
        doc=FOUND_BY_ID,
        handler=update_business,
        placement=Placement.FOUND,
        scope=WRITE,
        body=BusinessUpdate,
        live_body=LiveBusinessUpdate,
        reply=WrittenBusinessReply,
        refusals=(*_VALUES, RecordNotFound),
        example=_EXAMPLE,
    ),
    Route(
        method="DELETE",
        path="/businesses/{businessId}",
        operation_id="delete-Business",
        tag=TAG,
        summary="Delete a business",
        doc=FOUND_BY_ID,
        handler=delete_business,
        placement=Placement.FOUND,
        scope=WRITE,
        reply=DeletedBusinessReply,
        refusals=(RecordNotFound,),
    ),
)
