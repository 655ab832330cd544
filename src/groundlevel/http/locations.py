"""The one operation on locations that clients of the other operations need."""

from __future__ import annotations

from groundlevel import errors
from groundlevel.http.forms import location_reply
from groundlevel.http.replies import LocationReply
from groundlevel.http.request import Request
from groundlevel.http.routes import Placement, Route


async def get_location(request: Request) -> LocationReply:
    """A location's profile."""
    return location_reply(request.location, request.trace_id)


ROUTES = (
    Route(
        method="GET",
        path="/locations/{locationId}",
        operation_id="get-location",
        tag="Locations",
        summary="Get a location",
        handler=get_location,
        placement=Placement.PATH,
        scope="locations.readonly",
        reply=LocationReply,
        refusals=(errors.LocationForbidden,),
    ),
)
