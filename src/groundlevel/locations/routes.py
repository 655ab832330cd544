"""The operations on locations themselves; what belongs to a location has rows of its own."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from groundlevel.kernel.errors import InvalidShape, InvalidValue, LocationForbidden, LocationNotFound, NotSupported
from groundlevel.kernel.errors.wording import choice_error
from groundlevel.kernel.http.params import Paging
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.model import Json
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.locations import rules as locations
from groundlevel.locations.schemas import (
    DeletedLocationReply,
    LocationCreation,
    LocationReply,
    LocationsReply,
    LocationUpdate,
    TimezonesReply,
    WrittenLocationReply,
)
from groundlevel.locations.serializers import listed_location, location_reply, written_reply
from groundlevel.locations.store import LocationQuery

TAG = "Locations"
READ, WRITE = declare_scopes("locations", "location profiles")
_PARTS = Paging(usual=10, most=1_000, skip="skip")
_COMPANY_ALONE = "Takes a token of the company."
_NOT_OFFERED = ("twilio", "mailgun", "snapshot", "snapshot_id")
_APART = ("name", "company_id", "prospect_info", *_NOT_OFFERED)


async def get_location(request: Request) -> LocationReply:
    """A location's profile."""
    return location_reply(request.location, request.trace_id)


async def search_locations(request: Request) -> LocationsReply:
    """The locations in the token's reach."""
    actor = request.actor
    _check_company(request, request.query.get("companyId") or actor.company_id)
    order = request.query.get("order") or "asc"
    if order not in ("asc", "desc"):
        raise InvalidShape([choice_error("order", ("asc", "desc"))])
    part = _PARTS.read(request)
    query = LocationQuery(
        company_id=actor.company_id,
        location_id=actor.location_id,
        email=request.query.get("email") or None,
        newest_first=order == "desc",
        skip=part.skip,
        limit=part.limit,
    )
    found = await locations.search_locations(request.context.storage, query)
    return LocationsReply([listed_location(each) for each in found], request.trace_id)


async def create_location(request: Request) -> WrittenLocationReply:
    """Creates a location of the token's company."""
    body: LocationCreation = request.body
    _check_company_token(request, body.company_id)
    new = locations.NewLocation(body.name, body.company_id, _details(body))
    made = await locations.create_location(request.context.storage, new, author=request.author)
    return written_reply(made, request.trace_id)


async def update_location(request: Request) -> WrittenLocationReply:
    """Changes a location."""
    body: LocationUpdate = request.body
    _check_company_token(request, body.company_id)
    change = locations.LocationChange(body.name or None, _details(body))
    storage = request.context.storage
    changed = await locations.update_location(storage, request.location, change, author=request.author)
    return written_reply(changed, request.trace_id)


async def delete_location(request: Request) -> DeletedLocationReply:
    """Deletes a location."""
    _check_company_token(request, request.actor.company_id)
    await locations.delete_location(request.context.storage, request.location, author=request.author)
    return DeletedLocationReply(True, f"Deleted location with id: {request.location.id}", request.trace_id)


async def list_timezones(request: Request) -> TimezonesReply:
    """The time zones that a location may have."""
    return TimezonesReply(list(locations.list_timezones()), request.trace_id)


def _check_company(request: Request, company_id: str) -> None:
    if company_id != request.actor.company_id:
        raise LocationForbidden(hint="The token belongs to another company; check the companyId.")


def _check_company_token(request: Request, company_id: str) -> None:
    """Raises LocationForbidden for a token of a location, or for another company than the token's."""
    if request.actor.location_id is not None:
        raise LocationForbidden(hint="Locations are created, changed and deleted with a token of their company.")
    _check_company(request, company_id)


def _details(body: LocationCreation | LocationUpdate) -> dict[str, Json]:
    """The details that a body sets, as they are stored. Raises NotSupported for services that are not offered."""
    sent: dict[str, Any] = {
        name: value
        for name in body.__struct_fields__
        if (value := getattr(body, name)) is not UNSET and value is not None
    }
    for name in _NOT_OFFERED:
        if sent.get(name):
            wire = {"snapshot_id": "snapshotId"}.get(name, name)
            raise NotSupported(
                f"{wire} is not supported by this server", hint=f"Leave out {wire}: no such service is offered here."
            )
    names = dict(zip(body.__struct_fields__, body.__struct_encode_fields__, strict=True))
    details: dict[str, Json] = {
        names[name]: msgspec.to_builtins(value) for name, value in sent.items() if name not in _APART
    }
    if "prospect_info" in sent:
        details |= msgspec.to_builtins(sent["prospect_info"])
    return details


_COMPANY_ID = "UAXssdawIWAWD5DP4iH6"

ROUTES = (
    Route(
        method="GET",
        path="/locations/search",
        operation_id="search-locations",
        tag=TAG,
        summary="List the locations of a company",
        doc="A token of a location finds that one alone. Locations come in the order of their creation.",
        handler=search_locations,
        placement=Placement.COMPANY,
        scope=READ,
        query=(
            Parameter("companyId", "The company, which has to be the token's."),
            *_PARTS.parameters,
            Parameter("order", "asc for the oldest first, desc for the newest.", example="asc"),
            Parameter("email", "The email address of the location; case does not count."),
        ),
        reply=LocationsReply,
    ),
    Route(
        method="POST",
        path="/locations/",
        operation_id="create-location",
        tag=TAG,
        summary="Create a location",
        doc=f"{_COMPANY_ALONE} Its settings are stored and shown, and have no effect here.",
        handler=create_location,
        placement=Placement.COMPANY,
        scope=WRITE,
        body=LocationCreation,
        reply=WrittenLocationReply,
        refusals=(InvalidValue, NotSupported),
        example={
            "name": "Mark Shoes",
            "companyId": _COMPANY_ID,
            "country": "US",
            "timezone": "US/Central",
            "prospectInfo": {"firstName": "John", "lastName": "Doe", "email": "john.doe@mail.example"},
        },
    ),
    Route(
        method="GET",
        path="/locations/{locationId}",
        operation_id="get-location",
        tag=TAG,
        summary="Get a location",
        handler=get_location,
        placement=Placement.PATH,
        scope=READ,
        reply=LocationReply,
        refusals=(LocationForbidden,),
    ),
    Route(
        method="PUT",
        path="/locations/{locationId}",
        operation_id="put-location",
        tag=TAG,
        summary="Change a location",
        doc=f"{_COMPANY_ALONE} Members left out or null stay, the empty text clears one.",
        handler=update_location,
        placement=Placement.PATH,
        scope=WRITE,
        body=LocationUpdate,
        reply=WrittenLocationReply,
        refusals=(InvalidValue, NotSupported, LocationNotFound),
        example={"companyId": _COMPANY_ID, "name": "Mark Shoes", "city": "New York"},
    ),
    Route(
        method="DELETE",
        path="/locations/{locationId}",
        operation_id="delete-location",
        tag=TAG,
        summary="Delete a location with everything of it",
        doc=f"{_COMPANY_ALONE} Its records, objects, users, tokens, installs and webhooks are deleted with it.",
        handler=delete_location,
        placement=Placement.PATH,
        scope=WRITE,
        query=(Parameter("deleteTwilioAccount", "Taken and without effect: there are no such accounts here."),),
        reply=DeletedLocationReply,
        refusals=(LocationNotFound,),
    ),
    Route(
        method="GET",
        path="/locations/{locationId}/timezones",
        operation_id="get-timezones",
        tag=TAG,
        summary="List the time zones that a location may have",
        handler=list_timezones,
        placement=Placement.PATH,
        scope=READ,
        reply=TimezonesReply,
    ),
)
