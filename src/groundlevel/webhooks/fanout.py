"""Makes of each event in the outbox one delivery for every webhook that receives it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from groundlevel.kernel.events import read_subscribers, receives
from groundlevel.kernel.model import Subscriber
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.webhooks import delivery_store
from groundlevel.webhooks.delivery_store import StoredEvent
from groundlevel.webhooks.model import Delivery
from groundlevel.webhooks.payloads import payload_of


async def fan_out(tx: Transaction, limit: int) -> int:
    """Makes deliveries of the oldest events, each exactly once; returns the number of events.

    The transaction holds the lock of deliveries: so events of one subject become deliveries in their order.
    """
    stored = await delivery_store.take_events(tx, limit)
    subscribers: dict[tuple[int, str | None], tuple[Subscriber, ...]] = {}
    deliveries = []
    for each in stored:
        source = (each.location, each.event.app_id)
        if source not in subscribers:
            location, app_id = source
            subscribers[source] = await (
                read_subscribers(tx, location) if app_id is None else delivery_store.list_subscribers_of_app(tx, app_id)
            )
        webhook_ids = _subscriber_ids(each, subscribers[source])
        if webhook_ids:
            payload = payload_of(each.event)
            deliveries += [_delivery(tx, each, webhook_id, payload) for webhook_id in webhook_ids]
    await delivery_store.insert_deliveries(tx, deliveries)
    return len(stored)


def _subscriber_ids(stored: StoredEvent, subscribers: Iterable[Subscriber]) -> Collection[str]:
    """The ids of the webhooks that receive an event."""
    event = stored.event
    if event.subscriber_id is not None:
        return (event.subscriber_id,)
    # An app that is installed in a location and in its company stands there twice, and is told once.
    return dict.fromkeys(subscriber.id for subscriber in subscribers if receives(subscriber, event.type))


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
