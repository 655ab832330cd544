"""What a transaction does with subscriptions; of a transaction that belongs to no location."""

from __future__ import annotations

import msgspec

from groundlevel.model import Webhook
from groundlevel.storage.connection import Row
from groundlevel.storage.place import Placed

_texts = msgspec.json.Decoder(tuple[str, ...]).decode
_encode = msgspec.json.Encoder().encode


class WebhookMethods(Placed):
    """Who is told of which events."""

    async def add_webhook(self, webhook: Webhook) -> None:
        """Stores a new webhook."""
        self.access_changed = True
        await self.connection.run(
            self.sql["add_webhook"],
            webhook.id,
            webhook.app_id,
            webhook.company_id,
            webhook.location_id,
            webhook.url,
            _encode(webhook.events).decode(),
            webhook.listens_until,
            webhook.created_at,
        )

    async def find_webhook(self, webhook_id: str) -> Webhook | None:
        """The webhook, or None."""
        row = await self.connection.row(self.sql["find_webhook"], webhook_id)
        return None if row is None else webhook_of(row)

    async def list_webhooks(self) -> list[Webhook]:
        """All webhooks, oldest first."""
        return [webhook_of(row) for row in await self.connection.rows(self.sql["list_webhooks"])]

    async def list_webhooks_of_company(self, company_id: str) -> list[Webhook]:
        """The webhooks of a company and of its locations, oldest first; not those of apps."""
        return [webhook_of(row) for row in await self.connection.rows(self.sql["list_webhooks_of_company"], company_id)]

    async def list_webhooks_of_app(self, app_id: str) -> list[Webhook]:
        """The webhooks of an app, wherever it is installed."""
        return [webhook_of(row) for row in await self.connection.rows(self.sql["list_webhooks_of_app"], app_id)]

    async def change_webhook(self, webhook: Webhook) -> None:
        """Stores the URL and the events of a webhook."""
        self.access_changed = True
        events = _encode(webhook.events).decode()
        await self.connection.run(self.sql["change_webhook"], webhook.id, webhook.url, events)

    async def renew_listener(self, webhook_id: str, *, until: int) -> None:
        """Keeps a listening webhook until a moment."""
        await self.connection.run(self.sql["renew_listener"], webhook_id, until)

    async def lapsed_listeners(self, now: int) -> list[str]:
        """The listening webhooks whose command has not renewed them."""
        return [row[0] for row in await self.connection.rows(self.sql["list_lapsed_listeners"], now)]

    async def remove_webhook(self, webhook_id: str) -> None:
        """Removes a webhook, and what was not yet delivered to it."""
        self.access_changed = True
        await self.connection.run(self.sql["lock_deliveries"])
        await self.connection.run(self.sql["remove_webhook"], webhook_id)
        await self.connection.run(self.sql["drop_unfinished"], webhook_id)

    async def app_exists(self, app_id: str) -> bool:
        """Whether there is an app with this id."""
        return await self.connection.row(self.sql["app_exists"], app_id) is not None


def webhook_of(row: Row) -> Webhook:
    """A webhook from its columns."""
    return Webhook(row[0], row[1], row[2], row[3], row[4], _texts(row[5]), row[6], row[7])
