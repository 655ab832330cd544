"""Makes of each event in the outbox one delivery for every webhook that hears of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from groundlevel.model import Audience, Delivery
from groundlevel.service.events import hears, payload_of
from groundlevel.storage import deliveries as deliveries_store
from groundlevel.storage import outbox as outbox_store
from groundlevel.storage.deliveries import StoredEvent
from groundlevel.storage.transaction import Transaction


async def fan_out(tx: Transaction, limit: int) -> int:
    """Does so with the oldest events, each exactly once; how many it were.

    The transaction holds the lock of deliveries: so events of one subject become deliveries in their order.
    """
    stored = await deliveries_store.take_events(tx, limit)
    audiences: dict[tuple[int, str | None], tuple[Audience, ...]] = {}
    deliveries = []
    for each in stored:
        place = (each.location, each.event.app_id)
        if place not in audiences:
            location, app_id = place
            audiences[place] = await (
                outbox_store.audiences_at(tx, location)
                if app_id is None
                else deliveries_store.audiences_of_app(tx, app_id)
            )
        webhook_ids = _told(each, audiences[place])
        if webhook_ids:
            payload = payload_of(each.event)
            deliveries += [_delivery(tx, each, webhook_id, payload) for webhook_id in webhook_ids]
    await deliveries_store.add_deliveries(tx, deliveries)
    return len(stored)


def _told(stored: StoredEvent, audiences: Iterable[Audience]) -> Collection[str]:
    """The ids of the webhooks that are told of an event."""
    event = stored.event
    if event.webhook_id is not None:
        return (event.webhook_id,)
    # An app that is installed in a location and in its company stands there twice, and is told once.
    return dict.fromkeys(audience.webhook_id for audience in audiences if hears(audience, event.type))


def _delivery(tx: Transaction, stored: StoredEvent, webhook_id: str, payload: str) -> Delivery:
    event, now = stored.event, tx.ids.now()
    return Delivery(
        id=tx.ids.uuid(),
        location=stored.location,
        seq=stored.seq,
        webhook_id=webhook_id,
        type=event.type,
        subject=event.subject,
        payload=payload,
        state="pending",
        attempts=0,
        due_at=now,
        created_at=now,
        finished_at=None,
    )
