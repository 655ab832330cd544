"""The log of deliveries is kept for thirty days, and a webhook of a listening command for as long as it listens."""

from __future__ import annotations

import pytest

from groundlevel.kernel.storage.statements import Statement
from groundlevel.webhooks import retention, store
from groundlevel.webhooks.egress import UNRESTRICTED
from groundlevel.webhooks.retention import RETENTION_MS, delete_expired
from groundlevel.webhooks.rules import NewWebhook, create_webhook
from tests.webhooks.conftest import Post
from tests.webhooks.receiver import Reply


async def attempts(post: Post) -> int:
    rows = await post.storage.read(
        None, lambda tx: tx.connection.rows(Statement.query("SELECT count(*) FROM attempts"))
    )
    return int(rows[0][0])


async def test_a_finished_delivery_is_kept_for_thirty_days(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CHUNK", 2)
    webhook = await post.subscribe("RecordCreate")
    async with post.working():
        for number in range(5):
            await post.world.create({"name": f"Rex {number}"})
        await post.wait_for(webhook, *["delivered"] * 5)
        post.clock.forward(60)
        await post.world.create({"name": "later"})
        await post.wait_for(webhook, *["delivered"] * 6)
    post.clock.forward(RETENTION_MS / 1_000 - 30)
    await delete_expired(post.storage)
    assert await post.states(webhook) == ["delivered"]
    assert await attempts(post) == 1


async def test_what_is_not_finished_stays(post: Post) -> None:
    webhook = await post.subscribe("RecordCreate")
    post.receiver.reply = Reply(500)
    await post.world.create({"name": "Rex"})
    async with post.working():
        await post.attempted(webhook, 1)
    post.clock.forward(RETENTION_MS / 1_000 + 60)
    await delete_expired(post.storage)
    assert await post.states(webhook) == ["pending"]


async def test_a_webhook_of_a_command_that_no_longer_listens_is_deleted(post: Post) -> None:
    until = post.clock.now() + 60_000
    new = NewWebhook(post.receiver.url, (), post.world.location, listens_until=until)
    webhook = await create_webhook(post.storage, UNRESTRICTED, new)
    await delete_expired(post.storage)
    assert await post.storage.read(None, lambda tx: store.find_webhook(tx, webhook.id)) is not None
    post.clock.forward(61)
    await delete_expired(post.storage)
    assert await post.storage.read(None, lambda tx: store.find_webhook(tx, webhook.id)) is None
