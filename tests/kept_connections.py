"""Connections to PostgreSQL that tests of one database have one after the other.

PostgreSQL starts a process for each connection, which then reads the catalog and plans every statement anew: that takes
longer than most tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import asyncpg

_connect = asyncpg.connect


class _Kept(asyncpg.Connection):
    """A connection that is given back where others are closed."""

    __slots__ = ("owner", "same")

    owner: KeptConnections
    same: tuple[Any, ...]
    """What connections have in common that may stand for one another."""

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109  the driver has it so
        """Leaves nothing of its user on it but what is prepared; closes it if that fails."""
        if not self.is_closed():
            try:
                await self.reset(timeout=timeout)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                self.terminate()
            else:
                self.owner.give_back(self)


class KeptConnections:
    """The connections of one process to databases that it lends its tests."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._idle: dict[str, list[_Kept]] = {}
        """By the URL of a database that is lent."""

    @contextmanager
    def keep(self) -> Iterator[None]:
        """Keeps what is opened meanwhile in the running event loop, which is that of all asynchronous tests."""
        self._loop = asyncio.get_running_loop()
        with mock.patch.object(asyncpg, "connect", self._take):
            yield

    def add(self, url: str) -> None:
        """Keeps connections to a database from now on."""
        self._idle[url] = []

    def drop(self, url: str) -> None:
        """Keeps them no more, and closes those that nobody uses."""
        for connection in self._idle.pop(url):
            connection.terminate()

    def close(self) -> None:
        """Closes all that nobody uses, while their event loop still runs."""
        for idle in self._idle.values():
            while idle:
                idle.pop().terminate()

    def pids(self, url: str) -> list[int]:
        """The processes behind the connections that nobody uses."""
        return [connection.get_server_pid() for connection in self._idle[url]]

    def give_back(self, connection: _Kept) -> None:
        """Keeps a connection for the next that asks for one like it, unless its database is gone."""
        idle = self._idle.get(connection.same[0])
        if idle is None:
            connection.terminate()
        else:
            idle.append(connection)

    async def _take(self, url: str, **options: Any) -> Any:
        if url not in self._idle or asyncio.get_running_loop() is not self._loop:
            return await _connect(url, **options)
        settings = tuple(sorted(options.get("server_settings", {}).items()))
        same = (url, options.get("statement_cache_size"), settings)
        idle = self._idle[url]
        for connection in reversed(idle):
            if connection.same == same:
                idle.remove(connection)
                if not connection.is_closed():
                    return connection
        connection = await _connect(url, connection_class=_Kept, **options)
        connection.owner, connection.same = self, same
        return connection
