"""A webhook for tests that look into the outbox."""

from __future__ import annotations

import msgspec

from groundlevel.kernel.model import Event, Json
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.webhooks import store as webhooks_store
from groundlevel.webhooks.model import Webhook
from groundlevel.webhooks.payloads import payload_of
from tests.world import World


async def listen(world: World) -> None:
    """Has a webhook hear of everything in the world's location from now on."""
    location = world.location
    webhook = Webhook("hearing", None, location.company_id, location.id, "http://127.0.0.1:4/", (), None, 1)
    await world.storage.write(None, lambda tx: webhooks_store.insert_webhook(tx, webhook))


async def heard(world: World) -> list[tuple[str, Json]]:
    """Type and payload of every event in the outbox, in order."""

    async def work(tx: Transaction) -> list[tuple[str, Json]]:
        rows = await tx.connection.rows(Statement.query("SELECT type, subject, payload FROM outbox ORDER BY seq"))
        return [(row[0], msgspec.json.decode(payload_of(Event(row[0], row[1], row[2], 0)))) for row in rows]

    return await world.storage.read(None, work)
