"""Tests that the guards of the edge hold under TLS as well, where a handshake comes first."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

from tests.kernel.http.edge import Edge, edge_with, put, read_all, refused
from tests.world import wait_until

GIVEN_UP_SECONDS = 0.5
"""Late enough for a client that does send, on a machine that is busy."""
ASKED = b"GET /thing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("tls")
    issued = authority.issue_cert("localhost")
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    issued.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    return {"tls_certificate": str(folder / "cert.pem"), "tls_key": str(folder / "key.pem")}


@pytest.fixture(scope="module")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="module")
def hasty(files: dict[str, str]) -> Iterator[Edge]:
    """An edge that gives up soon."""
    with edge_with(**files, head_timeout_seconds=GIVEN_UP_SECONDS, idle_timeout_seconds=GIVEN_UP_SECONDS) as running:
        yield running


def shake(edge: Edge, trusting: ssl.SSLContext) -> ssl.SSLSocket:
    return trusting.wrap_socket(edge.connect(), server_hostname="localhost", suppress_ragged_eofs=True)


def ask(edge: Edge, trusting: ssl.SSLContext, *packets: bytes) -> bytes:
    with shake(edge, trusting) as connection:
        for packet in packets:
            connection.sendall(packet)
        return read_all(connection)


def test_requests_are_answered(hasty: Edge, trusting: ssl.SSLContext) -> None:
    assert ask(hasty, trusting, ASKED).startswith(b"HTTP/1.1 200")


def test_a_client_that_does_not_shake_hands_is_given_up(hasty: Edge) -> None:
    with hasty.connect() as connection:
        assert read_all(connection) == b""
    with hasty.connect() as connection:
        connection.sendall(b"\x16\x03\x01\x02")  # The beginning of a handshake, and no more of it.
        assert read_all(connection) == b""


def test_plain_http_is_not_answered(hasty: Edge) -> None:
    assert b"HTTP" not in hasty.exchange(ASKED)


def test_a_head_that_does_not_end_is_refused(hasty: Edge, trusting: ssl.SSLContext) -> None:
    refused(ask(hasty, trusting, b"GET /thing HTTP/1.1\r\nHost: x\r\n"), 408)


def test_a_head_that_is_too_large_is_refused(hasty: Edge, trusting: ssl.SSLContext) -> None:
    refused(ask(hasty, trusting, put(*(f"X-{number}: a" for number in range(200)))), 431)


def test_an_idle_connection_is_closed(hasty: Edge, trusting: ssl.SSLContext) -> None:
    received = ask(hasty, trusting, ASKED.replace(b"Connection: close\r\n", b""))
    assert received.count(b"HTTP/1.1 200") == 1


def test_slow_handshakes_make_room_as_idle_connections_do(files: dict[str, str], trusting: ssl.SSLContext) -> None:
    with edge_with(**files, max_connections=2) as edge, ExitStack() as stack:
        slow: list[socket.socket] = [stack.enter_context(edge.connect()) for _ in range(6)]

        assert ask(edge, trusting, ASKED).startswith(b"HTTP/1.1 200")
        assert read_all(slow[0]) == b""


def test_a_slow_handshake_takes_no_room_from_a_request(files: dict[str, str], trusting: ssl.SSLContext) -> None:
    with edge_with(**files, max_connections=2) as edge, ExitStack() as stack:
        busy = stack.enter_context(shake(edge, trusting))
        busy.sendall(ASKED.replace(b"/thing", b"/wait"))
        wait_until(lambda: edge.waiting == ["/wait"])
        for _ in range(6):
            stack.enter_context(edge.connect())

        assert ask(edge, trusting, ASKED).startswith(b"HTTP/1.1 200")
        edge.release.set()
        assert read_all(busy).startswith(b"HTTP/1.1 200")
