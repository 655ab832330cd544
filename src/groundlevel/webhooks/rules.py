"""Subscriptions: who receives which events, the log of deliveries, and their replay."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from groundlevel.access import store as access_store
from groundlevel.kernel.changes import Author
from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.errors import BadRequest, LimitExceeded
from groundlevel.kernel.events import event_kind
from groundlevel.kernel.model import Actor, Event, Location
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, authored, scanning
from groundlevel.records.events import RECORD_CREATE
from groundlevel.webhooks import delivery_store, store
from groundlevel.webhooks.changes import log_webhook
from groundlevel.webhooks.egress import EgressPolicy
from groundlevel.webhooks.errors import DeliveryNotFound, WebhookNotFound
from groundlevel.webhooks.model import Attempt, Delivery, Webhook

MAX_WEBHOOKS = 50
"""Most webhooks of one location, company or app: each multiplies what its events cost."""
DEAD_COUNTED = 1_000
"""More deliveries that were given up are not counted."""
NEWEST = 2**62
"""Greater than the number of any delivery."""


class NewWebhook(Struct, frozen=True):
    """The webhook to be added: for a location, for all locations of a company, or for an app."""

    url: str
    events: tuple[str, ...] = ()
    """None of them means all."""
    location: Location | None = None
    company_id: str | None = None
    app_id: str | None = None
    listens_until: int | None = None
    """Given by a command that delivers to it by itself."""


class WebhookChange(Struct, frozen=True):
    """A change of a webhook; None leaves things as they are."""

    id: str
    url: str | None = None
    events: tuple[str, ...] | None = None


class LogQuery(Struct, frozen=True):
    """Which deliveries to show."""

    webhook_id: str
    state: str | None = None
    before: int = NEWEST
    """Only what has a smaller number: the last one's of the page before."""
    limit: int = 20


class SubjectQuery(Struct, frozen=True):
    """Which deliveries about one subject to show, such as a record."""

    subject: str
    before: int = NEWEST
    limit: int = 20


class Logged(Struct, frozen=True):
    """A delivery, and every attempt of it."""

    delivery: Delivery
    attempts: list[Attempt]


# --- subscriptions -----------------------------------------------------------------------------------------------


async def create_webhook(
    storage: Storage, networks: EgressPolicy, new: NewWebhook, *, author: Author | None = None
) -> Webhook:
    """A new webhook. An app has one: adding another replaces its URL and its events.

    Raises UrlForbidden, LimitExceeded, BadRequest for an unknown app or company.
    """
    networks.check_url(new.url)
    return await storage.write(None, authored(author, lambda tx: _insert(tx, new)))


async def _insert(tx: Transaction, new: NewWebhook) -> Webhook:
    company_id = new.location.company_id if new.location else new.company_id
    webhook = Webhook(
        id=tx.ids.uuid(),
        app_id=new.app_id,
        company_id=company_id,
        location_id=new.location.id if new.location else None,
        url=new.url,
        events=_check_types(new.events),
        listens_until=new.listens_until,
        created_at=tx.ids.now(),
    )
    if new.app_id is not None:
        if not await store.app_exists(tx, new.app_id):
            raise BadRequest(f"App ({new.app_id}) not found", hint="`groundlevel app list` shows the apps.")
        for present in await store.list_webhooks_of_app(tx, new.app_id):
            changed = msgspec.structs.replace(present, url=webhook.url, events=webhook.events)
            await store.update_webhook(tx, changed)
            await log_webhook(tx, present, changed)
            return changed
    elif company_id is None or await access_store.find_company(tx, company_id) is None:
        raise BadRequest(f"Company ({company_id}) not found", hint="Name a location, a company or an app.")
    else:
        beside = await store.list_webhooks_of_company(tx, company_id)
        if sum(each.location_id == webhook.location_id for each in beside) >= MAX_WEBHOOKS:
            raise LimitExceeded(f"A location or company has at most {MAX_WEBHOOKS} webhooks", hint="Remove one first.")
    await store.insert_webhook(tx, webhook)
    await log_webhook(tx, None, webhook)
    return webhook


async def list_webhooks(storage: Storage, actor: Actor | None, location_id: str | None = None) -> list[Webhook]:
    """The webhooks in the actor's reach, or all of them without one; of one location if it is named."""
    if actor is None:
        found = await storage.read(None, store.list_webhooks)
    else:
        found = await storage.read(None, lambda tx: store.list_webhooks_of_company(tx, actor.company_id))
    return [each for each in found if _reaches(actor, each) and location_id in (None, each.location_id)]


async def get_webhook(storage: Storage, actor: Actor | None, webhook_id: str) -> Webhook:
    """One webhook in the actor's reach. Raises WebhookNotFound."""
    return await storage.read(None, lambda tx: _get_reached(tx, actor, webhook_id))


async def update_webhook(  # Parameters: where, under which policy, for whom and by whom
    storage: Storage, networks: EgressPolicy, actor: Actor, *, change: WebhookChange, author: Author | None = None
) -> Webhook:
    """The webhook as changed. Raises WebhookNotFound, UrlForbidden."""
    if change.url is not None:
        networks.check_url(change.url)

    async def work(tx: Transaction) -> Webhook:
        webhook = await _get_reached(tx, actor, change.id)
        url = webhook.url if change.url is None else change.url
        events = webhook.events if change.events is None else _check_types(change.events)
        changed = msgspec.structs.replace(webhook, url=url, events=events)
        await store.update_webhook(tx, changed)
        await log_webhook(tx, webhook, changed)
        return changed

    return await storage.write(None, authored(author, work))


async def delete_webhook(
    storage: Storage, actor: Actor | None, webhook_id: str, *, author: Author | None = None
) -> Webhook:
    """Removes a webhook and what was not yet delivered to it. Raises WebhookNotFound."""

    async def work(tx: Transaction) -> Webhook:
        webhook = await _get_reached(tx, actor, webhook_id)
        await store.delete_webhook(tx, webhook.id)
        await log_webhook(tx, webhook, None)
        return webhook

    return await storage.write(None, authored(author, work))


async def _get_reached(tx: Transaction, actor: Actor | None, webhook_id: str) -> Webhook:
    webhook = await store.find_webhook(tx, webhook_id)
    if webhook is None or not _reaches(actor, webhook):
        raise WebhookNotFound(webhook_id)
    return webhook


def _reaches(actor: Actor | None, webhook: Webhook) -> bool:
    """Whether it is the actor's: its location's, or its company's. Those of apps belong to the operator alone."""
    if actor is None:
        return True
    if webhook.app_id is not None or webhook.company_id != actor.company_id:
        return False
    return actor.location_id is None or actor.location_id == webhook.location_id


# --- deliveries --------------------------------------------------------------------------------------------------


def _check_types(types: tuple[str, ...]) -> tuple[str, ...]:
    """Types of events, each once. Raises InvalidShape for one that there is not."""
    return tuple(dict.fromkeys(event_kind(each, member="each value in events").type for each in types))


async def send_test(storage: Storage, actor: Actor | None, webhook_id: str, event_type: str | None) -> str:
    """Sends one webhook a made-up event, by default the first that it asked for; returns the type.

    Raises WebhookNotFound.
    """

    async def work(tx: Transaction) -> str:
        webhook = await _get_reached(tx, actor, webhook_id)
        chosen = event_type or (webhook.events[0] if webhook.events else RECORD_CREATE.type)
        sample = dict(event_kind(chosen, member="type").sample)
        if webhook.location_id is not None and "locationId" in sample:
            sample["locationId"] = webhook.location_id
        payload = encode_text(sample)
        # A subject of its own: a test waits for nothing, and nothing waits for it.
        tx.emit(Event(chosen, tx.ids.uuid(), payload, tx.ids.now(), subscriber_id=webhook.id))
        return chosen

    return await storage.write(None, work)


async def list_deliveries(storage: Storage, actor: Actor | None, query: LogQuery) -> list[Logged]:
    """The deliveries to a webhook with their attempts, the newest first. Raises WebhookNotFound."""

    async def work(tx: Transaction) -> list[Logged]:
        webhook = await _get_reached(tx, actor, query.webhook_id)
        found = await delivery_store.list_deliveries(
            tx, webhook.id, state=query.state, before=query.before, limit=query.limit
        )
        return [Logged(delivery, await delivery_store.list_attempts(tx, delivery.id)) for delivery in found]

    # On one snapshot, so that a delivery and its attempts belong together.
    return await storage.scan(None, work)


@scanning
async def list_deliveries_of_subject(tx: Transaction, call: Call, query: SubjectQuery) -> list[Logged]:
    """The deliveries about one subject to webhooks of the call's location, with their attempts, the newest first."""
    found = await delivery_store.list_deliveries_of_subject(
        tx, call.location.id, query.subject, before=query.before, limit=query.limit
    )
    return [Logged(delivery, await delivery_store.list_attempts(tx, delivery.id)) for delivery in found]


async def count_dead_deliveries(storage: Storage, location: Location) -> int:
    """How many deliveries to webhooks of a location were given up and not replayed; counted up to DEAD_COUNTED."""
    return await storage.read(location, lambda tx: delivery_store.count_dead_deliveries(tx, location.id, DEAD_COUNTED))


async def replay_delivery(storage: Storage, actor: Actor | None, delivery_id: str) -> Logged:
    """Has a delivery that was finished, well or not, sent again under the same webhookId, with all its tries.

    What is still on its way is left as it is. Raises DeliveryNotFound.
    """

    async def work(tx: Transaction) -> Logged:
        delivery = await delivery_store.find_delivery(tx, delivery_id)
        webhook = None if delivery is None else await store.find_webhook(tx, delivery.webhook_id)
        if delivery is None or webhook is None or not _reaches(actor, webhook):
            raise DeliveryNotFound(delivery_id)
        await delivery_store.replay_delivery(tx, delivery, now=tx.ids.now())
        again = await delivery_store.find_delivery(tx, delivery_id)
        assert again is not None
        return Logged(again, await delivery_store.list_attempts(tx, delivery_id))

    logged = await storage.write(None, work)
    storage.work_available.set()
    return logged
