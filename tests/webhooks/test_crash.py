"""Several workers deliver each event once, and one that is killed loses none."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.webhooks.egress import UNRESTRICTED
from groundlevel.webhooks.rules import NewWebhook, create_webhook
from groundlevel.webhooks.worker import LEASE_MS
from tests.postgres import database_of, fresh_database
from tests.webhooks.conftest import Post
from tests.webhooks.receiver import Received, Receiver, Reply, becomes
from tests.world import PATIENCE_SECONDS, World, world_in

ROOT = Path(__file__).parents[2]
EVENTS = 300


async def test_two_workers_deliver_each_event_once_and_in_order(
    receiver: Receiver, postgres_server: str, migrated_postgres: str
) -> None:
    with fresh_database(postgres_server, template=database_of(migrated_postgres)) as url:
        async with AsyncExitStack() as stack:
            first, second = [await opened(stack, url) for _ in range(2)]
            post = Post(await prepared(first), receiver)
            webhook = await post.subscribe()
            await stack.enter_async_context(post.working())
            await stack.enter_async_context(post.working(storage=second))
            records = [await post.world.create({"name": "0"}) for _ in range(20)]
            for step in range(1, 6):
                await asyncio.gather(*(post.world.update(each, {"name": str(step)}) for each in records))
            await receiver.wait(120)
            await becomes(lambda: post.states(webhook), lambda states: states == ["delivered"] * 120)
    assert len({each.id for each in receiver.received}) == len(receiver.received) == 120
    for record_id in records:
        told = [each.body["properties"][0]["valueString"] for each in receiver.received if each.body["id"] == record_id]
        assert told == [str(step) for step in range(6)]


async def opened(stack: AsyncExitStack, url: str) -> Storage:
    """A storage, as another process would open it."""
    storage = await open_storage(Settings(database=url))
    stack.push_async_callback(storage.close)
    return storage


async def prepared(storage: Storage) -> World:
    """A location with the object `pet`."""
    world = await world_in(storage)
    await world.pet()
    return world


@contextmanager
def delivering(database: str, *, command: str = "deliver") -> Iterator[subprocess.Popen[str]]:
    """A process that delivers, once it is ready; it is dead afterwards."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "GROUNDLEVEL_LOG_LEVEL": "error"}
    words = [sys.executable, "-m", "groundlevel", command, "--database", database, "--json"]
    with subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline()) == {"delivering": True}
            yield process
        finally:
            process.kill()


async def test_a_worker_killed_on_the_way_loses_nothing(shared_url: str, tmp_path: Path, receiver: Receiver) -> None:
    url = f"sqlite:///{tmp_path}/crash.db" if shared_url.startswith("sqlite") else shared_url
    async with AsyncExitStack() as stack:
        storage = await opened(stack, url)
        post = Post(await prepared(storage), receiver)
        webhook = await post.subscribe()
        for _ in range(EVENTS):
            await post.world.create({"name": "buddy"})
        stop: list[subprocess.Popen[str]] = []

        def answer(_: Received) -> Reply:
            if len(receiver.received) == EVENTS // 3:
                stop[0].send_signal(signal.SIGKILL)
            return Reply()

        receiver.answer = answer
        with delivering(url) as process:
            stop.append(process)
            await asyncio.to_thread(process.wait)
        assert process.returncode == -signal.SIGKILL
        states = await post.states(webhook)
        assert "pending" in states
        # What the dead worker had claimed is claimed again when its lease has run out.
        post.clock.forward(LEASE_MS / 1_000)
        async with post.working():
            await becomes(lambda: post.states(webhook), lambda states: states == ["delivered"] * EVENTS)
        ids = {each.delivery.id for each in await post.log(webhook)}
    assert {each.id for each in receiver.received} == ids
    assert len(ids) == EVENTS


async def test_a_worker_that_is_asked_to_stop_leaves_nothing_claimed(
    shared_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    url = f"sqlite:///{tmp_path}/stop.db" if shared_url.startswith("sqlite") else shared_url
    async with AsyncExitStack() as stack:
        storage = await opened(stack, url)
        world = await prepared(storage)
        webhook = await create_webhook(storage, UNRESTRICTED, NewWebhook(receiver.url, (), world.location))
        post = Post(world, receiver)
        for _ in range(100):
            await world.create({"name": "buddy"})
        with delivering(url) as process:
            await receiver.wait(20)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait) == 0
        log = await post.log(webhook)
        now = storage.ids.now()
        # What was attempted in vain waits for its retry; everything else may be claimed at once.
        assert all(each.delivery.due_at <= now for each in log if not each.attempts)
        delivered = {each.delivery.id for each in log if each.delivery.state == "delivered"}
        async with post.working():
            await becomes(lambda: post.states(webhook), lambda states: states == ["delivered"] * 100)
    times = Counter(each.id for each in receiver.received)
    assert len(times) == 100
    # An attempt that the worker gave up when it stopped is made again, and may have arrived all the same.
    assert {times[each] for each in delivered} == {1}


async def test_a_lease_that_ends_under_its_worker_does_not_stop_it(
    receiver: Receiver, pair: tuple[Storage, Storage]
) -> None:
    storage, other = pair
    post = Post(await prepared(storage), receiver)
    webhook = await post.subscribe()
    release = threading.Event()

    def answer(_: Received) -> Reply:
        release.wait(PATIENCE_SECONDS)
        return Reply()

    receiver.answer = answer
    async with post.working():
        await post.world.create({"name": "a"})
        await receiver.wait(1)
        ended = Statement.command("UPDATE deliveries SET due_at = 0")
        await storage.write(None, lambda tx: tx.connection.run(ended))
        async with post.working(storage=other):
            await receiver.wait(2)
            release.set()
            await becomes(lambda: post.states(webhook), lambda states: states == ["delivered"])
        await post.world.create({"name": "b"})
        await becomes(lambda: post.states(webhook), lambda states: states == ["delivered"] * 2)
