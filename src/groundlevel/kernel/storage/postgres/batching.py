"""Lets the writers of one location share transactions on PostgreSQL, as they share a commit on SQLite."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from groundlevel.kernel.storage.pending_write import PendingWrite
from groundlevel.kernel.storage.transaction import Work

T = TypeVar("T")
MAX_BATCH = 64
"""Most use cases of one transaction."""


Outcome = tuple[Any, BaseException | None]


class LocationWriter:
    """The writers of one location in this process.

    What has gathered while one transaction ran goes into the next together. When that fails, each runs alone,
    so that one's refusal is never another's.
    """

    def __init__(
        self, alone: Callable[[Work[Any]], Awaitable[Any]], together: Callable[[list[Work[Any]]], Awaitable[Any]]
    ) -> None:
        self._alone = alone
        self._together = together
        self._queue: deque[PendingWrite] = deque()
        self._draining: asyncio.Task[None] | None = None

    async def submit(self, work: Work[T]) -> T:
        """Runs the work in its turn and returns its result."""
        waiting = PendingWrite(None, work)
        self._queue.append(waiting)
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        result: T = await waiting.future
        return result

    async def finish(self) -> None:
        """Returns when everything submitted has been run."""
        while self._draining is not None and not self._draining.done():
            await asyncio.wait([self._draining])

    async def _drain(self) -> None:
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), MAX_BATCH))]
            batch = [waiting for waiting in batch if not waiting.future.done()]
            outcomes: list[Outcome] | None = None
            if len(batch) > 1:
                outcomes = await self._run_together(batch)
            if outcomes is None:
                await asyncio.gather(*(self._run_alone(waiting) for waiting in batch))
                continue
            for waiting, (result, error) in zip(batch, outcomes, strict=True):
                waiting.resolve(result, error)

    async def _run_together(self, batch: list[PendingWrite]) -> list[Outcome] | None:
        try:
            outcomes: list[Outcome] | None = await self._together([waiting.work for waiting in batch])
        except BaseException as error:
            return [(None, error)] * len(batch)
        return outcomes

    async def _run_alone(self, waiting: PendingWrite) -> None:
        try:
            waiting.resolve(await self._alone(waiting.work), None)
        except BaseException as error:
            waiting.resolve(None, error)
