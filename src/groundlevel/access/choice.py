"""The location that a command works in."""

from __future__ import annotations

from groundlevel.access.rules import find_location, list_locations
from groundlevel.kernel.errors import BadRequest, LocationNotFound
from groundlevel.kernel.model import Location
from groundlevel.kernel.storage.base import Storage


async def choose_location(storage: Storage, wanted: str | None) -> Location:
    """The location asked for, or the only one there is. Raises LocationNotFound, BadRequest."""
    if wanted is not None:
        location = await find_location(storage, wanted)
        if location is None:
            raise LocationNotFound(wanted)
        return location
    locations = await list_locations(storage)
    if len(locations) == 1:
        return locations[0]
    if not locations:
        raise BadRequest("There is no location yet", hint="`groundlevel location create --name …` makes one.")
    listed = ", ".join(f"{location.id} ({location.name})" for location in locations[:5])
    raise BadRequest(f"There are {len(locations)} locations", hint=f"Choose one with --location: {listed}")
