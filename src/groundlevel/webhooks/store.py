"""Stores subscriptions; its transactions belong to no location."""

from __future__ import annotations

from groundlevel.kernel.codec import decode_texts, encode_text
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.webhooks.model import Webhook


async def insert_webhook(tx: Transaction, webhook: Webhook) -> None:
    """Stores a new webhook."""
    _note_change(tx, webhook.app_id, webhook.company_id, webhook.location_id)
    await tx.connection.run(
        tx.sql["insert_webhook"],
        webhook.id,
        webhook.app_id,
        webhook.company_id,
        webhook.location_id,
        webhook.url,
        encode_text(webhook.events),
        webhook.listens_until,
        webhook.created_at,
    )


async def find_webhook(tx: Transaction, webhook_id: str) -> Webhook | None:
    """The webhook, or None."""
    row = await tx.connection.row(tx.sql["find_webhook"], webhook_id)
    return None if row is None else webhook_of(row)


async def list_webhooks(tx: Transaction) -> list[Webhook]:
    """All webhooks, oldest first."""
    return [webhook_of(row) for row in await tx.connection.rows(tx.sql["list_webhooks"])]


async def list_webhooks_of_company(tx: Transaction, company_id: str) -> list[Webhook]:
    """The webhooks of a company and of its locations, oldest first; not those of apps."""
    return [webhook_of(row) for row in await tx.connection.rows(tx.sql["list_webhooks_of_company"], company_id)]


async def list_webhooks_of_app(tx: Transaction, app_id: str) -> list[Webhook]:
    """The webhooks of an app, wherever it is installed."""
    return [webhook_of(row) for row in await tx.connection.rows(tx.sql["list_webhooks_of_app"], app_id)]


async def update_webhook(tx: Transaction, webhook: Webhook) -> None:
    """Stores the URL and the events of a webhook."""
    _note_change(tx, webhook.app_id, webhook.company_id, webhook.location_id)
    events = encode_text(webhook.events)
    await tx.connection.run(tx.sql["update_webhook"], webhook.id, webhook.url, events)


async def renew_listener(tx: Transaction, webhook_id: str, *, until: int) -> None:
    """Keeps a listening webhook until a timestamp."""
    await tx.connection.run(tx.sql["renew_listener"], webhook_id, until)


async def list_expired_listeners(tx: Transaction, now: int) -> list[str]:
    """The listening webhooks whose command has not renewed them."""
    return [row[0] for row in await tx.connection.rows(tx.sql["list_expired_listeners"], now)]


async def delete_webhook(tx: Transaction, webhook_id: str) -> None:
    """Removes a webhook, and what was not yet delivered to it."""
    await tx.connection.run(tx.sql["lock_deliveries"])
    deleted = await tx.connection.row(tx.sql["delete_webhook"], webhook_id)
    if deleted is not None:
        _note_change(tx, *deleted)
    await tx.connection.run(tx.sql["delete_unfinished"], webhook_id)


def _note_change(tx: Transaction, app_id: str | None, company_id: str | None, location_id: str | None) -> None:
    """Notes whose subscribers change: where an app is installed, or of a location or a company."""
    if app_id is not None:
        tx.cache.note_change("app", app_id)
    elif location_id is not None:
        tx.cache.note_change("location", location_id)
    elif company_id is not None:
        tx.cache.note_change("company", company_id)


async def app_exists(tx: Transaction, app_id: str) -> bool:
    """Whether there is an app with this id."""
    return await tx.connection.row(tx.sql["app_exists"], app_id) is not None


def webhook_of(row: Row) -> Webhook:
    """A webhook from its columns."""
    return Webhook(row[0], row[1], row[2], row[3], row[4], decode_texts(row[5]), row[6], row[7])
