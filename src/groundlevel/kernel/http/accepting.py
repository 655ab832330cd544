"""Accepts connections while there is room for them, and ends those whose clients stall."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import uvloop

from groundlevel.kernel.http.protocol import GuardedProtocol
from groundlevel.kernel.observe import logger
from groundlevel.kernel.settings import Settings

_RESERVED_FILES = 64
"""Files that a server needs besides its connections: the database, its pool, logs, what a request opens."""
_BATCH = 16
"""Connections accepted in one turn of the event loop: those that are evicted for them leave at its end."""
_RETRY_SECONDS = 0.1
_LONGEST_SWEEP_SECONDS = 1.0

_log = logger("http")


def connection_limit(settings: Settings) -> int:
    """The connections that one process serves: the setting's, but fewer than the files it may open."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return settings.max_connections
    return max(1, min(settings.max_connections, files - _RESERVED_FILES - 2 * settings.pool_size))


class Acceptor:
    """A server of the event loop on one socket.

    When as many connections are open as there may be, the one whose client has kept the server waiting longest makes
    room. While all of them have requests running, and while the system refuses to accept, newcomers wait in its queue.
    """

    def __init__(self, make_protocol: Callable[[], asyncio.BaseProtocol], sock: socket.socket, *, ssl: Any) -> None:
        self._make_protocol = make_protocol
        self._socket = sock
        self._ssl = ssl
        self._loop = asyncio.get_running_loop()
        # One without a connection shows what all of them share.
        pattern = cast("GuardedProtocol", make_protocol())
        self._connections = cast("set[GuardedProtocol]", pattern.connections)
        self._limit = pattern.limits.connections
        self._starting: dict[asyncio.Task[None], float] = {}
        """Connections that are not served yet, which with TLS takes a handshake, and since when."""
        self._closed = False
        self._trouble = ""
        self._retry: asyncio.TimerHandle | None = None
        self._head_seconds = pattern.limits.head_seconds
        self._sweep_seconds = min(_LONGEST_SWEEP_SECONDS, self._head_seconds)
        self._sweeper = self._loop.call_later(self._sweep_seconds, self._sweep)
        self._loop.add_reader(sock, self._accept)

    def close(self) -> None:
        """Accepts no more. Open connections stay, and are ended when their clients stall."""
        self._closed = True
        self._loop.remove_reader(self._socket)
        self._stop_retrying()

    async def wait_closed(self) -> None:
        """Ends the watch over the connections, which have ended by now."""
        self._sweeper.cancel()

    def _accept(self) -> None:
        for _ in range(_BATCH):
            full = len(self._connections) + len(self._starting) >= self._limit
            make_room = self._find_room() if full else None
            if full and make_room is None:
                if not self._starting:
                    self._say("all connections are in use", limit=self._limit)
                self._pause()
                return
            try:
                accepted, _ = self._socket.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionError:
                continue  # The client has gone already.
            except OSError as problem:
                self._say("cannot accept connections", problem=str(problem), connections=len(self._connections))
                self._pause()
                return
            self._trouble = ""
            if make_room is not None:
                make_room()  # Not before: there may have been nobody to accept.
            task = self._loop.create_task(self._start(accepted))
            self._starting[task] = self._loop.time()
            task.add_done_callback(partial(self._started, accepted))

    async def _start(self, accepted: socket.socket) -> None:
        handshake = {"ssl": self._ssl, "ssl_handshake_timeout": self._head_seconds} if self._ssl else {}
        try:
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _, protocol = await self._loop.connect_accepted_socket(self._make_protocol, accepted, **handshake)
            if self._closed:
                # The server has told the others already that it stops.
                cast("GuardedProtocol", protocol).shutdown()
        except OSError:
            accepted.close()  # It ended before it began, or its TLS handshake failed.

    def _started(self, accepted: socket.socket, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            accepted.close()  # It made room for another, perhaps before its handshake had begun.
        self._starting.pop(task, None)
        if self._retry is not None:
            self._resume()

    def _find_room(self) -> Callable[[], None] | None:
        """What ends the connection whose client has kept the server waiting longest; None while all of them work."""
        waiting = [connection for connection in self._connections if not connection.serving]
        idle = min(waiting, key=lambda connection: connection.waiting_since, default=None)
        # A client that is slow to shake hands is as idle as one that is slow to ask.
        slow = min(self._starting, key=self._starting.__getitem__, default=None) if self._ssl else None
        if slow is not None and (idle is None or self._starting[slow] <= idle.waiting_since):
            return partial(self._give_up, slow)
        return None if idle is None else idle.evict

    def _give_up(self, handshake: asyncio.Task[None]) -> None:
        del self._starting[handshake]
        handshake.cancel()

    def _say(self, trouble: str, **fields: object) -> None:
        """Logs why nothing is accepted: once, until something is."""
        if trouble != self._trouble:
            self._trouble = trouble
            _log.warning(trouble, **fields)

    def _pause(self) -> None:
        """Leaves newcomers in the system's queue for a moment."""
        self._loop.remove_reader(self._socket)
        self._retry = self._loop.call_later(_RETRY_SECONDS, self._resume)

    def _resume(self) -> None:
        self._stop_retrying()
        self._loop.add_reader(self._socket, self._accept)

    def _stop_retrying(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    def _sweep(self) -> None:
        now = self._loop.time()
        for connection in list(self._connections):
            connection.expire(now)
        self._sweeper = self._loop.call_later(self._sweep_seconds, self._sweep)


class ServingLoop(uvloop.Loop):
    """The event loop of a server process: what it listens on is served by an Acceptor."""

    async def create_server(  # type: ignore[override]  # Parameters: those of the event loop's own
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        host: str | None = None,
        port: int | None = None,
        *,
        sock: socket.socket | None = None,
        backlog: int = 100,
        ssl: Any = None,
        **options: Any,
    ) -> asyncio.AbstractServer:
        """Serves on `sock`; on an address, as the event loop does."""
        if sock is None:
            options.update(backlog=backlog, ssl=ssl)
            return await super().create_server(protocol_factory, host, port or 0, **options)
        sock.setblocking(False)
        sock.listen(backlog)
        # The web server closes it and waits for its end, as it would with the event loop's own.
        return cast("asyncio.AbstractServer", Acceptor(protocol_factory, sock, ssl=ssl))
