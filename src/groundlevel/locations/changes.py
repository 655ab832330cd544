"""What is logged of the changes of locations themselves (decision 0069)."""

from __future__ import annotations

from groundlevel.kernel.changes import NO_LOCATION, UPDATE, Change, declare_kind, states_of
from groundlevel.kernel.model import Json, Location
from groundlevel.kernel.storage.transaction import Transaction

LOCATION = declare_kind("location", "a location itself: its name and its profile")


def log_location(tx: Transaction, before: Location | None, after: Location) -> None:
    """Logs, among the changes of the location, that it is new or different."""
    states = states_of(before, after, _state_of)
    tx.log.append_definition(Change(LOCATION, UPDATE, after.id), states, location=after.number)


def log_location_deleted(tx: Transaction, location: Location) -> None:
    """Logs that a location is gone, among what belongs to no location; of what it was, no more than its name."""
    states = ({"name": location.name, "companyId": location.company_id}, None)
    tx.log.append_definition(Change(LOCATION, UPDATE, location.id), states, location=NO_LOCATION)


def log_archived(tx: Transaction, location: Location, *, before: bool, after: bool) -> None:
    """Logs, among the changes of the location, that it is archived or back."""
    states: tuple[dict[str, Json], dict[str, Json]] = ({"archived": before}, {"archived": after})
    tx.log.append_definition(Change(LOCATION, UPDATE, location.id), states, location=location.number)


def _state_of(location: Location) -> dict[str, Json]:
    return {"name": location.name, "companyId": location.company_id, **location.details}
