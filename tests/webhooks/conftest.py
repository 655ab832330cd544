"""A location with pets, a receiver, and workers over a storage whose clock can be put forward."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress

import pytest

from groundlevel.kernel.ids import Clock
from groundlevel.kernel.storage.base import Storage
from groundlevel.webhooks.egress import UNRESTRICTED
from groundlevel.webhooks.model import Webhook
from groundlevel.webhooks.policy import POLICIES, Policy
from groundlevel.webhooks.rules import Logged, LogQuery, NewWebhook, create_webhook, list_deliveries
from groundlevel.webhooks.transport import Transport
from groundlevel.webhooks.worker import Listener, Worker
from tests.webhooks.receiver import Receiver, becomes, receiving
from tests.world import World, world_in


class ForwardClock(Clock):
    """The time of day, put forward by as much as a test likes; workers that wait for what is due are then woken."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.ahead_ms = 0
        self._wake = wake

    def now(self) -> int:
        return super().now() + self.ahead_ms

    def forward(self, seconds: float) -> None:
        """Puts it forward."""
        self.ahead_ms += int(seconds * 1_000)
        self._wake()


class Post:
    """A location, its receiver, and how deliveries between them are made and looked at."""

    def __init__(self, world: World, receiver: Receiver) -> None:
        self.world = world
        self.storage: Storage = world.storage
        self.receiver = receiver
        self.clock = ForwardClock(self.storage.work_available.set)
        self.storage.ids.clock = self.clock

    async def subscribe(self, *events: str, path: str = "", url: str | None = None) -> Webhook:
        """A webhook of the location."""
        new = NewWebhook(url or self.receiver.url + path, events, self.world.location)
        return await create_webhook(self.storage, UNRESTRICTED, new)

    @asynccontextmanager
    async def working(
        self, policy: Policy = POLICIES["patient"], *, storage: Storage | None = None, listener: Listener | None = None
    ) -> AsyncIterator[Worker]:
        """A worker for the length of a block."""
        worker = Worker(storage or self.storage, Transport(UNRESTRICTED), policy, listener=listener)
        task = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def log(self, webhook: Webhook) -> list[Logged]:
        """The deliveries to a webhook, the oldest first."""
        return (await list_deliveries(self.storage, None, LogQuery(webhook.id, limit=1_000)))[::-1]

    async def states(self, webhook: Webhook) -> list[str]:
        """Their states."""
        return [each.delivery.state for each in await self.log(webhook)]

    async def wait_for(self, webhook: Webhook, *states: str) -> list[Logged]:
        """The log of a webhook, as soon as its states are these."""
        await becomes(lambda: self.states(webhook), lambda found: found == list(states))
        return await self.log(webhook)

    async def attempted(self, webhook: Webhook, count: int) -> list[Logged]:
        """The log of a webhook, as soon as it shows so many attempts."""
        return await becomes(lambda: self.log(webhook), lambda log: sum(len(each.attempts) for each in log) >= count)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that says thanks."""
    with receiving() as running:
        yield running


@pytest.fixture
async def post(storage: Storage, receiver: Receiver) -> Post:
    """A location with the object `pet`, and a receiver."""
    world = await world_in(storage)
    await world.pet()
    return Post(world, receiver)
