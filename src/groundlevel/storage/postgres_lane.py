"""Lets the writers of one location share transactions on PostgreSQL, as they share a commit on SQLite."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from groundlevel.model import Event
from groundlevel.storage.connection import Connection, Row
from groundlevel.storage.postgres_transaction import PostgresTransaction
from groundlevel.storage.statements import statements
from groundlevel.storage.transaction import NewRow, Work
from groundlevel.storage.waiting import Waiting

T = TypeVar("T")
TOGETHER = 64
"""Most use cases of one transaction."""


class SharedConnection(Connection):
    """A connection on which several use cases run one after another inside one transaction.

    New records are held back and added with one statement for all. Nobody can ask for them before: their ids are not
    yet known to anyone. Any statement that might still see them, all but claims of unique values, adds them first.
    """

    def __init__(self, inner: Connection) -> None:
        self.inner = inner
        self.held: list[tuple[PostgresTransaction, int, int, Sequence[NewRow]]] = []
        """A transaction to add with, the object's number, the schema version, and the rows."""
        self.events: list[Event] = []
        """What the use cases that have succeeded tell the world."""
        self.changed = False
        """Whether the use case at hand has changed anything that outlives its refusal."""
        self._claim = statements("postgres")["claim_unique"]

    async def _before(self, sql: str) -> None:
        if self.held and sql != self._claim:
            await self.add_held()
        if not sql.startswith("SELECT"):
            self.changed = True

    async def add_held(self) -> None:
        """Adds the records held back, an object at a time. Raises StaleSchemaError."""
        groups: dict[tuple[int, int], list[NewRow]] = {}
        for _, number, version, rows in self.held:
            groups.setdefault((number, version), []).extend(rows)
        tx = self.held[0][0]
        self.held.clear()
        for (number, version), rows in groups.items():
            await tx.add_rows(self.inner, (number, version), rows)

    async def rows(self, sql: str, *args: object) -> list[Row]:
        await self._before(sql)
        return await self.inner.rows(sql, *args)

    async def row(self, sql: str, *args: object) -> Row | None:
        await self._before(sql)
        return await self.inner.row(sql, *args)

    async def run(self, sql: str, *args: object) -> None:
        await self._before(sql)
        await self.inner.run(sql, *args)

    async def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        await self._before(sql)
        await self.inner.run_many(sql, rows)

    async def script(self, sql: str) -> None:
        await self._before(sql)
        await self.inner.script(sql)


Outcome = tuple[Any, BaseException | None]


class Lane:
    """The writers of one location in this process.

    What has gathered while one transaction ran goes into the next together. When that fails, each runs alone,
    so that one's refusal is never another's.
    """

    def __init__(
        self, alone: Callable[[Work[Any]], Awaitable[Any]], together: Callable[[list[Work[Any]]], Awaitable[Any]]
    ) -> None:
        self._alone = alone
        self._together = together
        self._queue: deque[Waiting] = deque()
        self._draining: asyncio.Task[None] | None = None

    async def submit(self, work: Work[T]) -> T:
        """Runs the work in its turn and returns its result."""
        waiting = Waiting(None, work)
        self._queue.append(waiting)
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        result: T = await waiting.future
        return result

    async def finish(self) -> None:
        """Returns when everything submitted has been carried out."""
        while self._draining is not None and not self._draining.done():
            await asyncio.wait([self._draining])

    async def _drain(self) -> None:
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), TOGETHER))]
            batch = [waiting for waiting in batch if not waiting.future.done()]
            outcomes: list[Outcome] | None = None
            if len(batch) > 1:
                outcomes = await self._run_together(batch)
            if outcomes is None:
                await asyncio.gather(*(self._run_alone(waiting) for waiting in batch))
                continue
            for waiting, (result, error) in zip(batch, outcomes, strict=True):
                waiting.settle(result, error)

    async def _run_together(self, batch: list[Waiting]) -> list[Outcome] | None:
        try:
            outcomes: list[Outcome] | None = await self._together([waiting.work for waiting in batch])
        except BaseException as error:
            return [(None, error)] * len(batch)
        return outcomes

    async def _run_alone(self, waiting: Waiting) -> None:
        try:
            waiting.settle(await self._alone(waiting.work), None)
        except BaseException as error:
            waiting.settle(None, error)
