"""Keeps connections open between requests, at less cost than the driver's own pool: decision 17."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any


class Pool:
    """Up to `size` connections, opened when needed. `connect` may raise whatever the driver raises."""

    def __init__(self, connect: Callable[[], Awaitable[Any]], size: int) -> None:
        self._connect = connect
        self._free = size
        """Connections that may still be opened."""
        self._idle: list[Any] = []
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._taken: set[Any] = set()
        self._returned = asyncio.Event()
        self._closed_to_others = asyncio.Lock()

    def acquire(self) -> Lease:
        """A connection for the length of an `async with` block."""
        return Lease(self)

    async def take(self) -> Any:
        """A connection for the caller alone, until it gives it back. Raises what connecting raises."""
        has_waited = False
        while True:
            if self._closed_to_others.locked():
                async with self._closed_to_others:
                    continue
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closed():
                    self._taken.add(connection)
                    return connection
                self._free += 1
            if self._free:
                return await self._open()
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            # Somebody who never waited may have come between a turn and its taker, who then stays the first.
            queue = self._waiting.appendleft if has_waited else self._waiting.append
            queue(turn)
            has_waited = True
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._wake()
                raise

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[Any]:
        """A connection while no other is in use: those that are taken come back first, those that are asked for wait.

        Raises what connecting raises.
        """
        async with self._closed_to_others:
            while self._taken:
                self._returned.clear()
                await self._returned.wait()
            while self._idle and self._idle[-1].is_closed():
                self._idle.pop()
                self._free += 1
            connection = self._idle.pop() if self._idle else await self._open()
            self._taken.add(connection)
            try:
                yield connection
            finally:
                self.give(connection)

    async def _open(self) -> Any:
        self._free -= 1
        try:
            connection = await self._connect()
        except BaseException:
            self._free += 1
            self._wake()
            raise
        self._taken.add(connection)
        return connection

    def give(self, connection: Any) -> None:
        """Takes a connection back. One that is closed, or was left inside a transaction, is not used again."""
        self._taken.discard(connection)
        self._returned.set()
        if connection.is_closed():
            self._free += 1
        elif connection.is_in_transaction():
            connection.terminate()
            self._free += 1
        else:
            self._idle.append(connection)
        self._wake()

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    async def close(self, seconds: float) -> None:
        """Closes all connections, those in use after `seconds` at the latest."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._taken:
                    self._returned.clear()
                    await self._returned.wait()
        for connection in self._taken:
            connection.terminate()
        await asyncio.gather(*(connection.close(timeout=2) for connection in self._idle), return_exceptions=True)
        self._idle.clear()

    @property
    def opened(self) -> int:
        """Connections that are open."""
        return len(self._idle) + len(self._taken)

    @property
    def idle(self) -> int:
        """Connections that are open and not in use."""
        return len(self._idle)


class Lease:
    """The use of one connection for the length of a block."""

    __slots__ = ("_connection", "_pool")

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __aenter__(self) -> Any:
        self._connection = await self._pool.take()
        return self._connection

    async def __aexit__(self, *_error: object) -> None:
        self._pool.give(self._connection)
