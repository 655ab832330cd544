"""Replies that are sent in one step: what is on the wire, when the connection ends, and clients that do not read."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from groundlevel.kernel.http.exchange import Exchange, exchange_of, header_lines, header_pairs
from tests.kernel.http.edge import follow_server, read_all, web_server
from tests.world import PATIENCE_SECONDS, wait_until

LARGE = b"x" * 4_000_000


class Replies:
    """An application that answers with a whole reply, or part by part where there is no room for one."""

    def __init__(self) -> None:
        self.sent_whole: list[bool] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await follow_server(receive, send)
            return
        exchange = exchange_of(send)
        assert isinstance(exchange, Exchange)
        body = {"/large": LARGE, "/none": b""}.get(scope["path"], b"ok")
        lines = b"" if scope["path"] == "/none" else b"content-length: %d\r\n" % len(body)
        headers = {
            "/close": [(b"connection", b"close")],
            "/two-lines": [(b"x-note", b"one\r\nx-injected: two")],
            "/more": [(b"x-note", b"one"), (b"x-note", b"two")],
        }.get(scope["path"], [])
        whole = exchange.reply(204 if scope["path"] == "/none" else 200, lines, headers, content=body)
        self.sent_whole.append(whole)
        if not whole:
            await send({"type": "http.response.start", "status": 200, "headers": [*header_pairs(lines), *headers]})
            await send({"type": "http.response.body", "body": body})


@contextmanager
def serving() -> Iterator[tuple[Replies, int]]:
    """The application on a free port."""
    app = Replies()
    with web_server(app) as (port, _):
        yield app, port


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving() as (_, number):
        yield number


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)


def ask(port: int, *lines: str) -> bytes:
    """All that is answered to requests that are sent at once."""
    with connect(port) as connection:
        connection.sendall(b"".join(f"{line}\r\nHost: x\r\n\r\n".encode() for line in lines))
        return read_all(connection)


LAST = "GET /close HTTP/1.1"
CLOSED = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"


@pytest.mark.parametrize(
    ("request_line", "reply"),
    [
        ("GET / HTTP/1.1", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
        ("HEAD / HTTP/1.1", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"),
        ("DELETE /none HTTP/1.1", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET /more HTTP/1.1", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-note: one\r\nx-note: two\r\n\r\nok"),
        ("GET http://x HTTP/1.1", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
        ("GET http://x/none?a=/large HTTP/1.1", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET /none#/more HTTP/1.1", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET /n%6Fne?#/more HTTP/1.1", b"HTTP/1.1 204 No Content\r\n\r\n"),
    ],
)
def test_a_reply_is_followed_by_that_of_the_next_request(port: int, request_line: str, reply: bytes) -> None:
    assert ask(port, request_line, LAST) == reply + CLOSED


def test_the_connection_ends_when_the_reply_or_the_version_says_so(port: int) -> None:
    assert ask(port, LAST, "GET / HTTP/1.1") == CLOSED
    assert ask(port, "GET / HTTP/1.0") == CLOSED


def test_a_value_cannot_begin_another_line(port: int) -> None:
    received = ask(port, "GET /two-lines HTTP/1.1")
    assert received.startswith(b"HTTP/1.1 500 ")
    assert b"injected" not in received


def test_what_is_not_read_is_not_piled_up() -> None:
    """A client that asks for more than it reads is answered as it reads."""
    with serving() as (app, port), connect(port) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        wait_until(lambda: app.sent_whole[:2] == [True, False])
        assert len(app.sent_whole) == 2
        connection.sendall(b"GET /close HTTP/1.1\r\nHost: x\r\n\r\n")
        received = read_all(connection)
    assert received.count(LARGE) == 3
    assert received.endswith(CLOSED)


def test_lines_and_pairs_are_the_same_headers() -> None:
    headers = [(b"x-note", b"a: b"), (b"etag", b'"1"')]
    assert header_pairs(header_lines(headers)) == headers
    assert header_pairs(b"") == []
