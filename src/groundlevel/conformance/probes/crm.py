"""Probes that read businesses, contacts, opportunities and the location."""

from __future__ import annotations

from groundlevel.conformance.matching import TEXT, Kind
from groundlevel.conformance.probe import Expected, Probe

_LISTS = (
    ("businesses: list", "/businesses/?locationId={location}", "businesses"),
    ("contacts: list", "/contacts/?locationId={location}&limit=1", "contacts"),
    ("opportunities: search", "/opportunities/search?location_id={location}&limit=1", "opportunities"),
    ("opportunities: list pipelines", "/opportunities/pipelines?locationId={location}", "pipelines"),
    ("locations: list tags", "/locations/{location}/tags", "tags"),
    ("locations: list fields", "/locations/{location}/customFields", "customFields"),
    ("locations: list custom values", "/locations/{location}/customValues", "customValues"),
)

PROBES: tuple[Probe, ...] = (
    *(Probe(name, "GET", path, documented=Expected(200, {member: Kind(list)})) for name, path, member in _LISTS),
    Probe(
        "contacts: search",
        "POST",
        "/contacts/search",
        body={"locationId": "{location}", "page": 1, "pageLimit": 1},
        documented=Expected(200, {"contacts": Kind(list), "total": Kind(int)}),
    ),
    Probe(
        "locations: get",
        "GET",
        "/locations/{location}",
        documented=Expected(200, {"location": {"id": "{location}", "name": TEXT}}),
    ),
    Probe("contacts: get one that is not there", "GET", "/contacts/none{random}"),
    Probe(
        "records: search contacts",
        "POST",
        "/objects/contact/records/search",
        body={"locationId": "{location}", "page": 1, "pageLimit": 1},
    ),
)
