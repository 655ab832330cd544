"""Removes what is past its time: logs of deliveries, and webhooks of listening commands that have ended."""

from __future__ import annotations

from functools import partial

from groundlevel.kernel.storage.base import Storage
from groundlevel.webhooks import delivery_store, store

RETENTION_MS = 30 * 86_400_000
"""How long the log keeps a delivery after its end (docs/contract.md#webhook-delivery)."""
CHUNK = 500


async def delete_expired(storage: Storage) -> None:
    """Deletes finished deliveries past their time, and webhooks of commands that no longer listen, in small steps."""
    now = storage.ids.now()
    for webhook_id in await storage.read(None, lambda tx: store.list_expired_listeners(tx, now)):
        await storage.write(None, partial(store.delete_webhook, webhook_id=webhook_id))
    while keys := await storage.read(
        None, lambda tx: delivery_store.list_finished_deliveries(tx, before=now - RETENTION_MS, limit=CHUNK)
    ):
        await storage.write(None, partial(delivery_store.delete_deliveries, keys=keys))
        if len(keys) < CHUNK:
            return
