"""Stores events on their way to webhooks; its transactions belong to no location.

Deliveries of one webhook and one subject form a line: only its first is pending, and the others wait until it is
finished. A search for what is due therefore never passes by what has to wait, however much that is.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from groundlevel.kernel.events import subscriber_of
from groundlevel.kernel.model import Event, Subscriber
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.webhooks.model import Attempt, Delivery, Webhook
from groundlevel.webhooks.store import webhook_of

ATTEMPTS_SHOWN = 50
"""Most attempts that are shown of one delivery, since replays add to them without end."""


class StoredEvent(Struct, frozen=True, gc=False):
    """An event in the outbox."""

    seq: int
    """Its number in the order of all events."""
    location: int
    """The number of the location, 0 for none."""
    event: Event


class Outcome(Struct, frozen=True, gc=False):
    """The outcome of one attempt."""

    delivery: Delivery
    attempt: Attempt
    """Its `number` is given by the database."""
    state: str
    """delivered or dead, or pending for another attempt."""
    due_at: int
    """When that is to be."""


async def lock_deliveries(tx: Transaction) -> None:
    """Waits until no other process turns events into deliveries or records outcomes; then others wait for this."""
    await tx.connection.run(tx.sql["lock_deliveries"])


async def has_due_work(tx: Transaction, listener: str | None, now: int) -> bool:
    """Whether there is an event in the outbox, or a delivery due: to the webhook of a listening command, or else
    to any that workers deliver to."""
    return await tx.connection.row(tx.sql["has_due_work"], listener, now) is not None


async def take_events(tx: Transaction, limit: int) -> list[StoredEvent]:
    """The oldest events, which are removed from the outbox."""
    rows = await tx.connection.rows(tx.sql["take_events"], limit)
    return [
        StoredEvent(seq, loc, Event(kind, subject, payload, at, app_id, webhook_id))
        for seq, loc, app_id, webhook_id, kind, subject, payload, at in sorted(rows, key=lambda row: int(row[0]))
    ]


async def list_subscribers_of_app(tx: Transaction, app_id: str) -> tuple[Subscriber, ...]:
    """The webhooks of an app."""
    rows = await tx.connection.rows(tx.sql["list_webhooks_of_app"], app_id)
    return tuple(subscriber_of((row[0], row[5], app_id, "")) for row in rows)


async def insert_deliveries(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
    """Stores new deliveries, in the order of their events."""
    rows = [(d.id, d.location, d.seq, d.webhook_id, d.type, d.subject, d.payload, d.created_at) for d in deliveries]
    await tx.connection.run_many(tx.sql["insert_delivery"], rows)


async def list_due_webhooks(tx: Transaction, listener: str | None, now: int) -> list[Webhook]:
    """The webhooks with deliveries due: that of a listening command, or else all that workers deliver to."""
    return [webhook_of(row) for row in await tx.connection.rows(tx.sql["list_due_webhooks"], listener, now)]


async def lease_deliveries(tx: Transaction, webhook_id: str, *, now: int, until: int, limit: int) -> list[Delivery]:
    """Deliveries of a webhook that are due, for the caller alone until a timestamp; the oldest first."""
    rows = await tx.connection.rows(tx.sql["lease_deliveries"], webhook_id, now, until, limit)
    return sorted((Delivery(*row) for row in rows), key=lambda delivery: delivery.seq)


async def record_outcomes(tx: Transaction, outcomes: Sequence[Outcome], *, now: int) -> None:
    """Stores the outcomes of attempts; behind what is finished the next of the line is due."""
    attempts, states, lines = [], [], []
    for outcome in outcomes:
        delivery, attempt = outcome.delivery, outcome.attempt
        key = (delivery.location, delivery.id)
        answer = (attempt.status, attempt.latency_ms, attempt.head, attempt.error)
        attempts.append((*key, attempt.at, *answer))
        finished = outcome.state != "pending"
        states.append((*key, outcome.state, outcome.due_at, now if finished else None))
        if finished:
            lines.append((delivery.location, delivery.webhook_id, delivery.subject, now))
    await tx.connection.run_many(tx.sql["insert_attempt"], attempts)
    await tx.connection.run_many(tx.sql["record_outcome"], states)
    await tx.connection.run_many(tx.sql["free_subject"], lines)


async def release_deliveries(tx: Transaction, deliveries: Sequence[Delivery], *, now: int) -> None:
    """Gives back what was leased and not attempted."""
    await tx.connection.run_many(tx.sql["release_delivery"], [(d.location, d.id, now) for d in deliveries])


async def find_delivery(tx: Transaction, delivery_id: str) -> Delivery | None:
    """The delivery, or None."""
    row = await tx.connection.row(tx.sql["find_delivery"], delivery_id)
    return None if row is None else Delivery(*row)


async def list_deliveries(
    tx: Transaction, webhook_id: str, *, state: str | None, before: int, limit: int
) -> list[Delivery]:
    """Deliveries to a webhook whose `seq` is less than `before`, the newest first, without their payloads."""
    rows = await tx.connection.rows(tx.sql["list_deliveries"], webhook_id, state, before, limit)
    return [Delivery(*row) for row in rows]


async def list_deliveries_of_subject(
    tx: Transaction, location_id: str, subject: str, *, before: int, limit: int
) -> list[Delivery]:
    """As list_deliveries, about one subject, to all webhooks of the transaction's location, whose id is named."""
    rows = await tx.connection.rows(tx.sql["list_deliveries_of_subject"], tx.loc, location_id, subject, before, limit)
    return [Delivery(*row) for row in rows]


async def count_dead_deliveries(tx: Transaction, location_id: str, most: int) -> int:
    """How many deliveries to webhooks of the transaction's location were given up; no more than `most` are counted."""
    row = await tx.connection.row(tx.sql["count_dead_deliveries"], tx.loc, location_id, most)
    return 0 if row is None else int(row[0])


async def list_attempts(tx: Transaction, delivery_id: str) -> list[Attempt]:
    """The last attempts of a delivery, up to ATTEMPTS_SHOWN, in their order."""
    rows = await tx.connection.rows(tx.sql["list_attempts"], delivery_id, ATTEMPTS_SHOWN)
    return [Attempt(*row) for row in reversed(rows)]


async def replay_delivery(tx: Transaction, delivery: Delivery, *, now: int) -> None:
    """Makes a finished delivery due again, with all its tries before it."""
    await tx.connection.run(tx.sql["replay_delivery"], delivery.location, delivery.id, now)


async def list_finished_deliveries(tx: Transaction, *, before: int, limit: int) -> list[tuple[int, str]]:
    """The numbers and ids of deliveries that were finished before a timestamp."""
    rows = await tx.connection.rows(tx.sql["list_finished_deliveries"], before, limit)
    return [(row[0], row[1]) for row in rows]


async def delete_deliveries(tx: Transaction, keys: Sequence[tuple[int, str]]) -> None:
    """Removes deliveries and their attempts."""
    await tx.connection.run_many(tx.sql["delete_attempts"], [(key[1],) for key in keys])
    await tx.connection.run_many(tx.sql["delete_delivery"], keys)
