"""A web server of the product's own with an application that notes what it is asked, to look at its edge."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

import uvicorn
from msgspec import Struct

from groundlevel.kernel.http.exchange import exchange_of
from groundlevel.kernel.http.listener import bind_socket, make_server, run
from groundlevel.kernel.http.protocol import GuardedProtocol
from groundlevel.kernel.settings import Settings
from tests.world import PATIENCE_SECONDS, wait_until

BODY = b'{"name":"a"}'
NEXT = b"GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
LIMIT_SECONDS = 3_600.0
"""When the server gives up in a test that lets the time pass itself: never before the test says so."""


class Seen(Struct):
    """A request as it reached the application."""

    method: str
    path: str
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Edge(Struct):
    """A web server whose application notes what it is asked."""

    port: int
    requests: list[Seen]
    waiting: list[str]
    """The paths of requests that have begun to wait for `release`."""
    release: threading.Event
    """Set: requests for /wait are answered."""
    connections: set[GuardedProtocol]
    """What the server has open; a test looks at them, and the thread of the server changes them."""
    stop: Callable[[], None]
    """Asks the server to stop, as a signal would."""

    def drain(self) -> None:
        """Asks the server to stop, and returns when its open connections know."""
        self.stop()
        wait_until(lambda: all(connection._draining for connection in list(self.connections)))

    def count_begun(self) -> int:
        """The connections on which a head has begun to come."""
        return sum(connection._begun for connection in list(self.connections))

    def let_pass(self, seconds: float) -> None:
        """Has the server look after its connections as it will when so much time has passed."""

        def expire(loop: asyncio.AbstractEventLoop) -> None:
            for connection in list(self.connections):
                connection.expire(loop.time() + seconds)

        [loop] = {connection.loop for connection in list(self.connections)}
        loop.call_soon_threadsafe(expire, loop)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)

    def exchange(self, *packets: bytes) -> bytes:
        """All that the server answers until it closes the connection."""
        with self.connect() as connection:
            for packet in packets:
                connection.sendall(packet)
            return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    received = b""
    try:
        while part := connection.recv(65_536):
            received += part
    except ConnectionResetError:
        pass
    return received


def read_until(connection: socket.socket, end: bytes) -> None:
    received = b""
    while not received.endswith(end):
        part = connection.recv(65_536)
        assert part, received
        received += part


def edge_with(**settings: Any) -> AbstractContextManager[Edge]:
    """A server that replies in one step, as ours does."""
    return _edge(settings, whole=True)


def edge_in_parts(**settings: Any) -> AbstractContextManager[Edge]:
    """A server that replies part by part."""
    return _edge(settings, whole=False)


@contextmanager
def _edge(settings: dict[str, Any], *, whole: bool) -> Iterator[Edge]:
    requests: list[Seen] = []
    waiting: list[str] = []
    release = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await follow_server(receive, send)
            return
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            if not message["more_body"]:
                break
        if scope["path"] == "/wait":
            waiting.append(scope["path"])
            await asyncio.to_thread(release.wait)
        requests.append(Seen(scope["method"], scope["path"], list(scope["headers"]), body))
        exchange = exchange_of(send)
        assert exchange is not None
        if whole and exchange.reply(200, b"content-length: 2\r\n", (), content=b"ok"):
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    with web_server(app, **settings) as (port, server):
        connections = cast("set[GuardedProtocol]", server.server_state.connections)

        def stop() -> None:
            server.should_exit = True

        try:
            yield Edge(port, requests, waiting, release, connections, stop)
        finally:
            release.set()


async def follow_server(receive: Any, send: Any) -> None:
    """What an application does that has nothing to do when its server starts and stops."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


@contextmanager
def web_server(app: Any, **settings: Any) -> Iterator[tuple[int, uvicorn.Server]]:
    """The server's web server with another application, on a free port."""
    chosen = Settings(port=0, **settings)
    ready = threading.Event()
    with bind_socket(chosen) as listener:
        server = make_server(app, chosen, ready=ready.set)
        thread = threading.Thread(target=lambda: run(server.serve(sockets=[listener])))
        thread.start()
        try:
            assert ready.wait(PATIENCE_SECONDS)
            yield listener.getsockname()[1], server
        finally:
            server.should_exit = True
            thread.join(PATIENCE_SECONDS)


def put(*lines: str) -> bytes:
    return "\r\n".join(("PUT /thing HTTP/1.1", "Host: x", *lines, "", "")).encode("latin-1")


def refused(received: bytes, status: int) -> dict[str, Any]:
    """The body of the one answer, which is a refusal as the contract has it."""
    head, _, content = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), received
    assert b"connection: close" in head
    assert b"x-groundlevel-hint: " in head
    body: dict[str, Any] = json.loads(content)
    assert body["statusCode"] == status
    assert f"x-trace-id: {body['traceId']}".encode() in head
    return body
