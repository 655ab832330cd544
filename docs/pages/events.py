"""The page of events, from their table and the samples that a test of a webhook sends."""

from __future__ import annotations

from typing import get_args

import msgspec

from groundlevel.kernel.events import EventKind, event_kinds
from groundlevel.kernel.settings import WebhookPolicy
from groundlevel.webhooks.bodies import body_of
from groundlevel.webhooks.model import Delivery, Webhook
from groundlevel.webhooks.policy import POLICIES
from pages.markdown import anchor, code, json_block, plain, table
from pages.markdown import page as whole

ENVELOPE = (
    ("`type`", "the event, as named below"),
    ("`timestamp`", "the time of this attempt; a retry has a new one"),
    ("`webhookId`", "the delivery; the same at every attempt, so that receivers can tell what they have seen before"),
    ("`appId`", "the app that is told, or the id of the webhook where it belongs to no app"),
)
HEADERS = (
    ("`x-ghl-signature`", "Ed25519 over the raw body, in base64"),
    ("`x-wh-signature`", "RSA-SHA256 (PKCS #1 v1.5) over the raw body, in base64, for older receivers"),
)
ABOUT = """Webhooks are told of these events; [how to receive them](../how-to/webhooks.md) has a walk-through. The body
is a JSON object, exactly as JavaScript's `JSON.stringify` writes it. Besides what is shown for each event it has:"""
VALUES = """`properties` of a record is a list of `key` and `valueString`, and always the whole record. Text stands
there as it is, numbers and booleans as JavaScript writes them, lists and objects as compact JSON; what is not set is
left out."""
DELIVERIES = """Any status from 200 to 299 counts as delivered. A redirect is not followed, and an answer has to be
complete within ten seconds. Events of one record, object, association or relation reach a webhook in their order: the
next waits until the one before it is delivered or dead. What happens after a failure is a
[setting](settings.md#webhook_policy):"""
_AT = 1_720_690_539_032
_ID = "3f0f3c2e-8f4b-4c76-9c5c-0d8f6f2b7a10"
_APP = "64b7c0ffee64b7c0ffee0001"


def page() -> str:
    """The page."""
    parts = [
        " ".join(ABOUT.split()),
        table(("member", "is"), ENVELOPE),
        "Every request carries two signatures:",
        table(("header", "is"), HEADERS),
        " ".join(VALUES.split()),
        "## Deliveries",
        " ".join(DELIVERIES.split()),
        table(("`webhook_policy`", ""), ((code(name), POLICIES[name].doc) for name in get_args(WebhookPolicy))),
        "## Types",
        table(
            ("event", "an app needs", ""),
            ((f"[{code(each.type)}](#{anchor(each.type)})", _scope(each), plain(each.doc)) for each in event_kinds()),
        ),
    ]
    for each in event_kinds():
        parts += [f"## {each.type}", plain(each.doc), json_block(_example(each))]
    return whole("Events", *parts)


def _scope(kind: EventKind) -> str:
    return "nothing" if kind.scope is None else code(kind.scope)


def _example(kind: EventKind) -> object:
    payload = msgspec.json.encode(kind.sample).decode()
    delivery = Delivery(_ID, 0, 1, "", kind.type, "", payload, "pending", 0, 0, 0, None)
    webhook = Webhook("", _APP, None, None, "", (), None, 0)
    return msgspec.json.decode(body_of(delivery, webhook, now=_AT))
