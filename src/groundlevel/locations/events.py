"""The events about locations."""

from __future__ import annotations

from groundlevel.kernel.events import EventKind, declare_event, is_subscribed, make_event
from groundlevel.kernel.model import Location
from groundlevel.kernel.storage.transaction import Transaction

_SAMPLE = {
    "id": "ve9EPM428h8vShlRW1KT",
    "companyId": "5DP4iH6HLkQsiKESj6rh",
    "name": "Mark Shoes",
    "email": "mark@shoes.example",
    "stripeProductId": "",
}
_SCOPE = "locations.readonly"
LOCATION_CREATE = declare_event("LocationCreate", scope=_SCOPE, doc="A location is new.", sample=_SAMPLE)
LOCATION_UPDATE = declare_event("LocationUpdate", scope=_SCOPE, doc="A location has changed.", sample=_SAMPLE)


async def emit_location_event(tx: Transaction, kind: EventKind, location: Location) -> None:
    """Emits an event about the transaction's location; of a new one only apps of its company can receive it."""
    if not await is_subscribed(tx, kind):
        return
    payload = {
        "id": location.id,
        "companyId": location.company_id,
        "name": location.name,
        "email": location.details.get("email") or "",
        "stripeProductId": "",
    }
    tx.emit(make_event(tx, kind, location.id, payload))
