"""Tests of the edge: where requests end, how large heads may be, and clients that stall, over sockets on loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from groundlevel.kernel.http.protocol import MAX_HEAD_BYTES, MAX_HEADER_LINES
from tests.kernel.http.edge import (
    BODY,
    LIMIT_SECONDS,
    NEXT,
    Edge,
    edge_in_parts,
    edge_with,
    put,
    read_all,
    read_until,
    refused,
)
from tests.world import wait_until


@pytest.fixture(scope="module", params=[True, False], ids=["whole", "in parts"])
def edge(request: pytest.FixtureRequest) -> Iterator[Edge]:
    with edge_with() if request.param else edge_in_parts() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_seen(request: pytest.FixtureRequest) -> None:
    if "edge" in request.fixturenames:
        request.getfixturevalue("edge").requests.clear()


OFFERS = (
    ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"),
    ("Connection: upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"),
    ("Connection: keep-alive, Upgrade", "Upgrade: TLS/1.3, h2c"),
)


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer[1])
@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("split", ["together", "body apart", "every byte apart"])
def test_an_offer_to_upgrade_is_ignored(edge: Edge, offer: tuple[str, ...], framing: str, split: str) -> None:
    if framing == "length":
        head, body = put(*offer, f"Content-Length: {len(BODY)}"), BODY
    else:
        head, body = put(*offer, "Transfer-Encoding: chunked"), b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    whole = head + body + NEXT
    packets = {
        "together": [whole],
        "body apart": [head, body + NEXT],
        "every byte apart": [whole[at : at + 1] for at in range(len(whole))],
    }

    received = edge.exchange(*packets[split])

    assert received.count(b"HTTP/1.1 200") == 2
    assert [(seen.method, seen.path, seen.body) for seen in edge.requests] == [
        ("PUT", "/thing", BODY),
        ("GET", "/next", b""),
    ]
    assert b"upgrade" not in dict(edge.requests[0].headers)


def test_a_page_may_read_what_the_edge_refuses(edge: Edge) -> None:
    received = edge.exchange(put("Origin: http://localhost:5173", "Transfer-Encoding: gzip"))

    refused(received, 400)
    assert b"access-control-allow-origin: http://localhost:5173\r\n" in received


def test_an_offer_that_also_closes_the_connection_closes_it(edge: Edge) -> None:
    received = edge.exchange(put("Connection: Upgrade, close", "Upgrade: h2c", f"Content-Length: {len(BODY)}"), BODY)

    assert b"connection: close" in received
    assert [seen.body for seen in edge.requests] == [BODY]


CHUNK = b"c\r\n" + BODY + b"\r\n0\r\n\r\n"
DISAGREEMENTS = {
    "two lengths": put("Content-Length: 12", "Content-Length: 12") + BODY,
    "a list of lengths": put("Content-Length: 12, 12") + BODY,
    "a signed length": put("Content-Length: +12") + BODY,
    "length and chunks": put("Content-Length: 12", "Transfer-Encoding: chunked") + CHUNK,
    "chunks and length": put("Transfer-Encoding: chunked", "Content-Length: 12") + CHUNK,
    "another coding": put("Transfer-Encoding: gzip") + BODY,
    "two codings": put("Transfer-Encoding: gzip, chunked") + CHUNK,
    "a coding in two lines": put("Transfer-Encoding: gzip", "Transfer-Encoding: chunked") + CHUNK,
    "identity": put("Transfer-Encoding: identity") + BODY,
    "nearly chunked": put("Transfer-Encoding: xchunked") + CHUNK,
    "chunks before they existed": put("Transfer-Encoding: chunked").replace(b"HTTP/1.1", b"HTTP/1.0") + CHUNK,
    "a bare line feed after the request line": b"PUT /thing HTTP/1.1\nHost: x\r\n\r\n",
    "a bare line feed after a header": b"PUT /thing HTTP/1.1\r\nHost: x\nContent-Length: 12\r\n\r\n" + BODY,
    "a bare line feed after a chunk's size": put("Transfer-Encoding: chunked") + CHUNK.replace(b"c\r\n", b"c\n"),
    "a bare line feed in a chunk's extension": put("Transfer-Encoding: chunked") + CHUNK.replace(b"c\r\n", b"c;a\n"),
    "a bare carriage return": b"PUT /thing HTTP/1.1\r\nHost: x\rContent-Length: 12\r\n\r\n" + BODY,
    "a folded line": put("X-Long: a", " b"),
    "a blank before the colon": put("Content-Length : 12") + BODY,
    "a chunk size in another base": put("Transfer-Encoding: chunked") + b"0x" + CHUNK,
    "a signed chunk size": put("Transfer-Encoding: chunked") + b"+" + CHUNK,
    "two hosts": put("Host: y"),
    "no host": b"GET /thing HTTP/1.1\r\n\r\n",
    "a NUL in a value": put("X-Name: a\0b"),
    "a request before there were headers": b"GET /thing\r\n\r\n",
    "a newer protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a tunnel": b"CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}


@pytest.mark.parametrize("case", DISAGREEMENTS)
def test_what_two_readers_could_frame_differently_is_refused(edge: Edge, case: str) -> None:
    received = edge.exchange(DISAGREEMENTS[case] + NEXT)

    assert refused(received, 400)["error"] == "Bad Request"
    assert received.count(b"HTTP/1.1 ") == 1
    assert edge.requests == []


def test_what_follows_a_good_request_is_refused_after_its_answer(edge: Edge) -> None:
    received = edge.exchange(b"GET /first HTTP/1.1\r\nHost: x\r\n\r\n", DISAGREEMENTS["two lengths"] + NEXT)

    assert received.startswith(b"HTTP/1.1 200")
    assert [seen.path for seen in edge.requests] == ["/first"]


def test_a_trailer_does_not_change_the_head(edge: Edge) -> None:
    chunks = CHUNK[:-2] + b"Authorization: Bearer b\r\n\r\n"

    edge.exchange(put("Authorization: Bearer a", "Transfer-Encoding: chunked") + chunks + NEXT)

    assert [seen.body for seen in edge.requests] == [BODY, b""]
    assert dict(edge.requests[0].headers)[b"authorization"] == b"Bearer a"


def test_chunks_of_a_short_line_are_taken_however_many_there_are(edge: Edge) -> None:
    chunks = [(b"18\r\n" + b"a" * 24 + b"\r\n") * 10_000] * 4
    edge.exchange(put("Transfer-Encoding: chunked"), *chunks, b"0\r\n\r\n", NEXT)
    assert [(len(each.body), each.path) for each in edge.requests] == [(960_000, "/thing"), (0, "/next")]


@pytest.mark.parametrize("sent", [(b"c;", *[b"a" * 10_000] * 60), (b"1\r\na\r\n" * 10_000,) * 4])
def test_the_framing_of_a_body_is_bounded(edge: Edge, sent: tuple[bytes, ...]) -> None:
    received = edge.exchange(put("Transfer-Encoding: chunked"), *sent)

    assert refused(received, 400)["message"] == "The body has more framing than its chunks need"
    assert edge.requests == []


HEADS = {
    "one long line": b"X-Long: " + b"a" * MAX_HEAD_BYTES,
    "a long target": None,
    "many long lines": b"\r\n".join(b"X-%d: " % at + b"a" * 1_000 for at in range(70)),
    "many lines": b"\r\n".join(b"X-%d: a" % at for at in range(MAX_HEADER_LINES)),
}


@pytest.mark.parametrize("case", HEADS)
@pytest.mark.parametrize("size", [None, 1_000])
def test_a_head_that_is_too_large_is_refused(edge: Edge, case: str, size: int | None) -> None:
    lines = HEADS[case]
    target = b"/" if lines is not None else b"/" + b"a" * MAX_HEAD_BYTES
    whole = b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n" + (lines or b"X-A: b") + b"\r\n\r\n"
    size = size or len(whole)

    received = edge.exchange(*(whole[at : at + size] for at in range(0, len(whole), size)))

    assert refused(received, 431)["error"] == "Request Header Fields Too Large"
    assert edge.requests == []


def test_the_largest_head_is_served(edge: Edge) -> None:
    lines = [f"X-{at}: {'a' * 600}" for at in range(MAX_HEADER_LINES - 3)]

    edge.exchange(put(*lines, "Content-Length: 12", "Connection: close") + BODY)

    assert [seen.body for seen in edge.requests] == [BODY]


def test_an_endless_head_is_not_read_to_its_end(edge: Edge) -> None:
    with edge.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ")
        connection.sendall(b"a" * 2 * MAX_HEAD_BYTES)
        refused(read_all(connection), 431)
        sent = 0
        with suppress(ConnectionError):
            while sent < 1_000 * MAX_HEAD_BYTES:
                sent += connection.send(b"a" * MAX_HEAD_BYTES)

    assert sent < 1_000 * MAX_HEAD_BYTES


def test_a_silent_connection_is_closed_without_being_told_to() -> None:
    with edge_with(head_timeout_seconds=0.05) as edge, edge.connect() as silent:
        assert read_all(silent) == b""


def test_a_head_that_does_not_come_is_given_up() -> None:
    with edge_with(head_timeout_seconds=LIMIT_SECONDS) as edge:
        with edge.connect() as silent, edge.connect() as slow:
            slow.sendall(b"GET / HT")
            wait_until(lambda: len(edge.connections) == 2 and edge.count_begun() == 1)
            edge.let_pass(LIMIT_SECONDS + 1)
            assert read_all(silent) == b""
            refused(read_all(slow), 408)
        assert edge.exchange(NEXT).startswith(b"HTTP/1.1 200")


def test_an_idle_connection_is_closed_and_a_running_request_is_not() -> None:
    limits = {"head_timeout_seconds": LIMIT_SECONDS, "idle_timeout_seconds": LIMIT_SECONDS}
    with edge_with(**limits) as edge, edge.connect() as busy, edge.connect() as idle:
        busy.sendall(NEXT.replace(b"/next", b"/wait"))
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        read_until(idle, b"ok")
        wait_until(lambda: len(edge.waiting) == 1)
        edge.let_pass(LIMIT_SECONDS + 1)
        assert read_all(idle) == b""
        edge.release.set()
        assert read_all(busy).endswith(b"ok")


def test_a_body_that_does_not_come_does_not_keep_the_connection() -> None:
    with edge_with() as edge, edge.connect() as connection:
        connection.sendall(put("Content-Length: 12"))
        connection.sendall(BODY[:3])
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == b""


def test_silent_connections_make_room() -> None:
    with edge_with(max_connections=8) as edge:
        silent = [edge.connect() for _ in range(40)]
        try:
            assert edge.exchange(NEXT).startswith(b"HTTP/1.1 200")
            answered = 0
            for connection in silent:
                with suppress(ConnectionError):
                    connection.sendall(NEXT)
                    answered += read_all(connection).startswith(b"HTTP/1.1 200")
            # The limit, less the one that made room above; more may have left while many came at once.
            assert 0 < answered < 8
        finally:
            for connection in silent:
                connection.close()


def test_newcomers_wait_while_every_connection_is_busy() -> None:
    with edge_with(max_connections=2) as edge:
        with edge.connect() as first, edge.connect() as second:
            for connection in (first, second):
                connection.sendall(NEXT.replace(b"/next", b"/wait"))
            # A newcomer that came before would take the place of one that is still idle.
            wait_until(lambda: len(edge.waiting) == 2)
            with edge.connect() as newcomer:
                newcomer.sendall(NEXT)
                edge.release.set()
                answers = [read_all(connection)[:12] for connection in (newcomer, first, second)]
        assert answers == [b"HTTP/1.1 200"] * 3
        assert [seen.path for seen in edge.requests][:2] == ["/wait", "/wait"]
