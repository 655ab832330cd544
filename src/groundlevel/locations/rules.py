"""Creates, changes, finds and deletes locations, with what every location has."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from functools import cache

import msgspec
from msgspec import Struct

from groundlevel.access import store as access_store
from groundlevel.access.model import Company
from groundlevel.associations import store as associations_store
from groundlevel.crm.pipelines import store as pipelines_store
from groundlevel.crm.pipelines.rules import first_pipeline
from groundlevel.kernel.changes import Author
from groundlevel.kernel.errors import BadRequest, InvalidValue, LocationNotFound
from groundlevel.kernel.model import Json, Location
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import authored
from groundlevel.locations import store
from groundlevel.locations.changes import log_archived, log_location, log_location_deleted
from groundlevel.locations.events import LOCATION_CREATE, LOCATION_UPDATE, emit_location_event
from groundlevel.locations.store import LocationQuery
from groundlevel.schema import store as schema_store
from groundlevel.standard.objects import standard_associations, standard_objects


class NewLocation(Struct, frozen=True):
    """The location to be created, in a company of its own unless one is named."""

    name: str
    company_id: str | None = None
    details: dict[str, Json] = {}


class LocationChange(Struct, frozen=True):
    """A change of a location: a name or None, and details, of which None and the empty text clear one."""

    name: str | None
    details: Mapping[str, Json]


@cache
def list_timezones() -> tuple[str, ...]:
    """The names of all time zones that the system knows, in order."""
    return tuple(sorted(name for name in zoneinfo.available_timezones() if name not in ("Factory", "localtime")))


async def search_locations(storage: Storage, query: LocationQuery) -> list[Location]:
    """A page of locations of a company."""
    return await storage.read(None, lambda tx: store.search_locations(tx, query))


async def create_location(storage: Storage, request: NewLocation, *, author: Author | None = None) -> Location:
    """A location with its standard objects, in one transaction.

    Raises InvalidValue, BadRequest for an unknown company.
    """
    return await storage.write(None, authored(author, lambda tx: _create_location(tx, request)))


async def _create_location(tx: Transaction, request: NewLocation) -> Location:
    if not request.name.strip():
        raise InvalidValue("name: a location needs a name", hint="Give a name that is not blank.")
    _check_timezone(request.details)
    now = tx.ids.now()
    company_id = request.company_id
    if company_id is None:
        company_id = tx.ids.short_id()
        await access_store.insert_company(tx, Company(company_id, request.name), now=now)
    elif await access_store.find_company(tx, company_id) is None:
        raise BadRequest(f"Company ({company_id}) not found", hint="Leave it out to create a company.")
    location = await access_store.insert_location(
        tx, Location(0, tx.ids.short_id(), company_id, request.name, now, dict(request.details))
    )
    tx.bind_location(location)
    stored = await schema_store.insert_objects(tx, standard_objects(tx.ids))
    for association in standard_associations({each.key: each for each in stored}):
        await associations_store.insert_association(tx, association)
    await pipelines_store.insert_pipeline(tx, first_pipeline(tx.ids))
    await emit_location_event(tx, LOCATION_CREATE, location)
    log_location(tx, None, location)
    return location


async def update_location(
    storage: Storage, location: Location, change: LocationChange, *, author: Author | None = None
) -> Location:
    """The location after a change. Raises InvalidValue, LocationNotFound."""

    async def work(tx: Transaction) -> Location:
        # Read again: what the request was admitted with may be older than another change.
        before = await access_store.find_location(tx, location.id)
        if before is None:
            raise LocationNotFound(location.id)
        if change.name is not None and not change.name.strip():
            raise InvalidValue("name: a location needs a name", hint="Give a name that is not blank.")
        _check_timezone(change.details)
        details = {**before.details, **_merge_parts(before.details, change.details)}
        after = msgspec.structs.replace(
            before,
            name=before.name if change.name is None else change.name,
            details={name: value for name, value in details.items() if value not in (None, "")},
        )
        await access_store.update_location(tx, after)
        await emit_location_event(tx, LOCATION_UPDATE, after)
        log_location(tx, before, after)
        return after

    return await storage.change_schema(location, authored(author, work))


def _merge_parts(before: Mapping[str, Json], changes: Mapping[str, Json]) -> dict[str, Json]:
    """The changes; of a part that is an object itself, members that are left out stay."""
    return {
        name: {**(before.get(name) or {}), **value} if isinstance(value, dict) else value
        for name, value in changes.items()
    }


def _check_timezone(details: Mapping[str, Json]) -> None:
    timezone = details.get("timezone")
    if timezone and timezone not in list_timezones():
        raise InvalidValue(
            f"timezone: {str(timezone)[:100]} is not the name of a time zone",
            hint="GET /locations/{locationId}/timezones lists the names, such as America/Chicago.",
        )


async def list_archived(storage: Storage) -> set[str]:
    """The ids of the locations that are archived: the console no longer lists them, and nothing else is different."""
    return await storage.read(None, store.list_archived)


async def archive_location(storage: Storage, location_id: str, *, archived: bool, author: Author | None = None) -> None:
    """Archives a location, or brings it back. Raises LocationNotFound."""

    async def work(tx: Transaction) -> None:
        location = await access_store.find_location(tx, location_id)
        if location is None:
            raise LocationNotFound(location_id)
        before = location_id in await store.list_archived(tx)
        await store.mark_archived(tx, location_id, archived=archived)
        log_archived(tx, location, before=before, after=archived)

    await storage.write(None, authored(author, work))


async def delete_location(storage: Storage, location: Location, *, author: Author | None = None) -> None:
    """Deletes a location with everything of it, in one transaction (decision 0037). Raises LocationNotFound."""

    async def work(tx: Transaction) -> None:
        if await access_store.find_location(tx, location.id) is None:
            raise LocationNotFound(location.id)
        await store.delete_location(tx)
        log_location_deleted(tx, location)

    await storage.change_schema(location, authored(author, work))
