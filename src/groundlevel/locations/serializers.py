"""Turns locations into the bodies of replies."""

from __future__ import annotations

from groundlevel.kernel.model import Location
from groundlevel.locations.schemas import LocationReply


def location_reply(location: Location, trace_id: str) -> LocationReply:
    """A location's profile."""
    named = {"id": location.id, "companyId": location.company_id, "name": location.name}
    return LocationReply({**location.details, **named}, trace_id)
