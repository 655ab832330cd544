"""Writes the body of a webhook exactly as JavaScript's JSON.stringify would (docs/contract.md#webhook-signatures)."""

from __future__ import annotations

from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.timestamps import iso
from groundlevel.webhooks.model import Delivery, Webhook


def body_of(delivery: Delivery, webhook: Webhook, *, now: int) -> bytes:
    """The body of an attempt that is made now.

    Some receivers have no raw body and verify the signature over JSON.stringify(JSON.parse(body)), which this equals.
    The webhookId stays the same at every attempt and the timestamp does not, since receivers refuse what is older than
    five minutes, and what they have seen before (docs/contract.md#decision-39).
    """
    kind = encode_text(delivery.type)
    inside = delivery.payload[1:-1]
    members = f"{inside}," if inside else ""
    app_id = encode_text(webhook.app_id or webhook.id)
    text = f'{{"type":{kind},{members}"timestamp":"{iso(now)}","webhookId":"{delivery.id}","appId":{app_id}}}'
    return text.encode()
