"""The table of events, who is subscribed to them, and how one is emitted (docs/contract.md#webhook-events)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from msgspec import Struct

from groundlevel.kernel.codec import decode_texts, encode_text
from groundlevel.kernel.errors import InvalidShape
from groundlevel.kernel.model import Event, Json, Subscriber
from groundlevel.kernel.storage.cache import topic_of
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.transaction import Transaction

_SUBSCRIBERS = "subscribers"


class EventKind(Struct, frozen=True):
    """A row of the table of events."""

    type: str
    """Its name on the wire."""
    scope: str | None
    """What an app must hold to receive it; None for what concerns the app itself.

    See docs/contract.md#webhook-delivery.
    """
    doc: str
    sample: Mapping[str, Json]
    """An example of its payload, for the reference and for tests of webhooks."""


_KINDS: dict[str, EventKind] = {}


def declare_event(event_type: str, *, scope: str | None, doc: str, sample: Mapping[str, Json]) -> EventKind:
    """Adds a row to the table. Raises ValueError when there is one of this type."""
    if event_type in _KINDS:
        raise ValueError(f"two events are called {event_type}")
    _KINDS[event_type] = EventKind(event_type, scope, doc, sample)
    return _KINDS[event_type]


def event_kinds() -> tuple[EventKind, ...]:
    """Every event that the loaded nouns declare, by type."""
    return tuple(sorted(_KINDS.values(), key=lambda kind: kind.type))


def event_kind(event_type: str, *, member: str) -> EventKind:
    """The event of this type. Raises InvalidShape, naming the member of the request that asked for it."""
    kind = _KINDS.get(event_type)
    if kind is None:
        known = ", ".join(each.type for each in event_kinds())
        raise InvalidShape([f"{member} must be one of the following values: {known}; {event_type[:100]!r} is none"])
    return kind


async def subscribers(tx: Transaction) -> tuple[Subscriber, ...]:
    """Who is subscribed to events of the transaction's location, cached between requests."""
    if tx.cache.changed:
        return await read_subscribers(tx, tx.loc)
    cached = tx.cache.find(_SUBSCRIBERS, (tx.loc,))
    if cached is None:
        cached = await read_subscribers(tx, tx.loc)
        apps = await tx.connection.rows(tx.sql["list_installed_apps"], tx.loc)
        topics = [topic_of("location", tx.location.id), topic_of("company", tx.location.company_id)]
        tx.cache.keep(_SUBSCRIBERS, (tx.loc,), cached, topics=topics + [topic_of("app", row[0]) for row in apps])
    return cast("tuple[Subscriber, ...]", cached)


async def read_subscribers(tx: Transaction, location: int) -> tuple[Subscriber, ...]:
    """Who is subscribed to events of the location with this number, as it stands in the database.

    An app that is installed both there and in the whole company is named twice.
    """
    return tuple(subscriber_of(row) for row in await tx.connection.rows(tx.sql["list_subscribers"], location))


def subscriber_of(row: Row) -> Subscriber:
    """A subscriber from a subscription's id, events and app, and the scopes of an install of that."""
    return Subscriber(row[0], frozenset(decode_texts(row[1])), row[2], frozenset((row[3] or "").split()))


def receives(subscriber: Subscriber, event_type: str) -> bool:
    """Whether a subscriber receives events of a type: it asked for them, and its app holds the scope."""
    if subscriber.events and event_type not in subscriber.events:
        return False
    scope = _KINDS[event_type].scope
    return subscriber.app_id is None or scope is None or scope in subscriber.scopes


async def is_subscribed(tx: Transaction, kind: EventKind) -> bool:
    """Whether anybody receives such events of the transaction's location; if not, none need be made."""
    everyone = await subscribers(tx)
    return bool(everyone) and any(receives(each, kind.type) for each in everyone)


def make_event(tx: Transaction, kind: EventKind, subject: str, payload: Mapping[str, Any]) -> Event:
    """An event of now about the thing with the id `subject`."""
    return Event(kind.type, subject, encode_text(payload), tx.ids.now())
