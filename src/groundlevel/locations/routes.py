"""The one operation on locations that clients of the other operations need."""

from __future__ import annotations

from groundlevel.kernel.errors import LocationForbidden
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.locations.schemas import LocationReply
from groundlevel.locations.serializers import location_reply


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
        refusals=(LocationForbidden,),
    ),
)
