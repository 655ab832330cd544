"""What is logged of the changes of webhooks (decision 0069)."""

from __future__ import annotations

from groundlevel.access.changes import number_of_location
from groundlevel.kernel.changes import UPDATE, Change, declare_kind, states_of, thing_of
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.webhooks.model import Webhook

WEBHOOK = declare_kind("webhook", "a webhook")


async def log_webhook(tx: Transaction, before: Webhook | None, after: Webhook | None) -> None:
    """Logs that a webhook is new, different or gone."""
    webhook = thing_of(before, after)
    location = await number_of_location(tx, webhook.location_id)
    states = states_of(before, after, _state_of)
    tx.log.append_definition(Change(WEBHOOK, UPDATE, webhook.id), states, location=location)


def _state_of(webhook: Webhook) -> dict[str, Json]:
    return {
        "url": _without_secrets(webhook.url),
        "events": webhook.events,
        "companyId": webhook.company_id,
        "appId": webhook.app_id,
    }


def _without_secrets(url: str) -> str:
    """A URL without its query, in which receivers have their secrets."""
    shown, mark, _ = url.partition("?")
    return shown + mark + ("…" if mark else "")
