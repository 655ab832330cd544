"""Turns locations into the bodies of replies."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from groundlevel.kernel.model import Location
from groundlevel.locations.schemas import (
    BusinessProfile,
    ListedLocation,
    LocationBody,
    LocationReply,
    Reseller,
    SettingsBody,
    SocialBody,
    WrittenLocationReply,
)

_FIELDS = {
    "phone": "phone",
    "email": "email",
    "address": "address",
    "city": "city",
    "state": "state",
    "country": "country",
    "postalCode": "postal_code",
    "website": "website",
    "timezone": "timezone",
}
"""The texts of a profile that every reply has: member of the stored details, and field of the bodies."""
T = TypeVar("T")


def location_reply(location: Location, trace_id: str) -> LocationReply:
    """A location's profile."""
    return LocationReply(_location_body(location), trace_id)


def listed_location(location: Location) -> ListedLocation:
    """A location as a search shows it."""
    return ListedLocation(**_listed_members(location))


def written_reply(location: Location, trace_id: str) -> WrittenLocationReply:
    """A location that was stored."""
    members = _listed_members(location)
    domain = _text(location, "domain")
    return WrittenLocationReply(**members, company_id=location.company_id, domain=domain, trace_id=trace_id)


def _listed_members(location: Location) -> dict[str, Any]:
    texts = {field: _text(location, name) or UNSET for name, field in _FIELDS.items()}
    return {
        "id": location.id,
        "name": location.name,
        "settings": _part(location, "settings", SettingsBody),
        "social": _part(location, "social", SocialBody),
        **texts,
    }


def _location_body(location: Location) -> LocationBody:
    address = {field: _text(location, name) for name, field in _FIELDS.items()}
    logo_url = _text(location, "logoUrl")
    phone = address.pop("phone")
    return LocationBody(
        id=location.id,
        company_id=location.company_id,
        name=location.name,
        domain=_text(location, "domain"),
        logo_url=logo_url,
        first_name=_text(location, "firstName"),
        last_name=_text(location, "lastName"),
        phone=phone,
        business=BusinessProfile(name=location.name, logo_url=logo_url, **address),
        social=_part(location, "social", SocialBody),
        settings=_part(location, "settings", SettingsBody),
        reseller=Reseller(),
        **address,
    )


def _text(location: Location, name: str) -> str:
    value = location.details.get(name)
    return value if isinstance(value, str) else ""


def _part(location: Location, name: str, kind: type[T]) -> T:
    return msgspec.convert(location.details.get(name) or {}, kind)
