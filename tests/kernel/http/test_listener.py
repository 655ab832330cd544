"""Tests of the real server in a process of its own: over a socket, and stopped by a signal."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from msgspec import Struct

from tests.world import PATIENCE_SECONDS, wait_until

_PROGRAM = """
import sys
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.http.listener import bind_socket, run, serve
from groundlevel.app import make_application
from groundlevel.access.rules import NewToken, create_token
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.kernel.settings import Settings

async def main():
    settings = Settings(database=sys.argv[1], port=0, max_body_bytes=1000)
    storage = await open_storage(settings)
    location = await create_location(storage, NewLocation("Here"))
    secret, _ = await create_token(storage, NewToken("test", location_id=location.id))
    listener = bind_socket(settings)

    def ready():
        print(listener.getsockname()[1], location.id, secret, flush=True)

    await serve(make_application(storage, settings), settings, listener=listener, ready=ready)

run(main())
"""


class Server(Struct):
    """A running server and what its program said."""

    process: subprocess.Popen[str]
    port: int
    location: str
    secret: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)


@pytest.fixture
def server(database_url: str) -> Iterator[Server]:
    """A running server."""
    command = [sys.executable, "-c", _PROGRAM, database_url]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, "the server did not start"
            port, location, secret = line.split()
            yield Server(process, int(port), location, secret)
        finally:
            process.kill()


def _accepts(server: Server) -> bool:
    with suppress(ConnectionError), server.connect():
        return True
    return False


def _head(secret: str, length: int, *more: str) -> bytes:
    lines = (
        "POST /objects/ HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {secret}",
        "Version: v3",
        f"Content-Length: {length}",
        *more,
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_it_answers_over_a_socket(server: Server) -> None:
    with httpx.Client(base_url=server.url, timeout=PATIENCE_SECONDS) as client:
        reply, head = client.get("/docs/errors"), client.head("/docs/errors")

    assert reply.status_code == 200
    assert "server" not in reply.headers
    assert "date" not in reply.headers
    assert head.headers["content-length"] == reply.headers["content-length"] == str(len(reply.content))
    assert head.content == b""


def test_an_unknown_token_is_answered_before_the_body_is_sent(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(_head("pit-unknown", 500))

        assert connection.recv(65_536).startswith(b"HTTP/1.1 401")


def test_a_body_that_is_too_large_is_not_waited_for(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(_head(server.secret, 1_000_000) + b"{")
        received = connection.recv(65_536)

    assert received.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in received


def test_it_stops_when_asked_and_finishes_what_it_accepted(server: Server) -> None:
    primary = {"key": "name", "name": "Name", "dataType": "TEXT"}
    labels = {"singular": "Pet", "plural": "Pets"}
    body = json.dumps(
        {"locationId": server.location, "key": "pet", "labels": labels, "primaryDisplayPropertyDetails": primary}
    ).encode()
    with server.connect() as connection:
        connection.sendall(_head(server.secret, len(body), "Expect: 100-continue"))
        # Sent when the server begins to read the body: it has accepted the request.
        assert connection.recv(65_536).startswith(b"HTTP/1.1 100")
        connection.sendall(body[:10])
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not _accepts(server))
        connection.sendall(body[10:])
        received = connection.recv(65_536)

    assert received.startswith(b"HTTP/1.1 201")
    assert server.process.wait(PATIENCE_SECONDS) in (0, -signal.SIGTERM)
