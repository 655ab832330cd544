"""A server that stops answers what was sent, and tells clients that keep connections open before these end."""

from __future__ import annotations

import pytest

from groundlevel.kernel.http import accepting
from tests.kernel.http.edge import LIMIT_SECONDS, NEXT, edge_with, read_all, read_until
from tests.world import wait_until

KEPT = NEXT.replace(b"Connection: close\r\n", b"")
"""A request after which the connection stays open."""
STOPPING = {"shutdown_grace_seconds": LIMIT_SECONDS}


def test_a_connection_that_is_kept_open_has_one_more_request_when_the_server_stops() -> None:
    with edge_with(**STOPPING) as edge, edge.connect() as idle, edge.connect() as begun:
        for connection in (idle, begun):
            connection.sendall(KEPT)
            read_until(connection, b"ok")
        begun.sendall(KEPT[:10])
        wait_until(lambda: edge.count_begun() == 1)
        edge.drain()
        idle.sendall(KEPT)
        begun.sendall(KEPT[10:])
        for connection in (idle, begun):
            head, _, content = read_all(connection).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert b"connection: close" in head.lower()
            assert content == b"ok"


def test_a_request_that_is_answered_while_the_server_stops_is_the_last() -> None:
    with edge_with(**STOPPING) as edge, edge.connect() as busy, edge.connect() as several:
        busy.sendall(KEPT.replace(b"/next", b"/wait"))
        several.sendall(KEPT.replace(b"/next", b"/wait") + KEPT)
        wait_until(lambda: len(edge.waiting) == 2 and any(connection.pipeline for connection in list(edge.connections)))
        edge.drain()
        edge.release.set()
        assert read_all(busy).count(b"connection: close") == 1
        both = read_all(several)
        assert both.count(b"HTTP/1.1 200") == 2
        assert both.index(b"connection: close") > both.rindex(b"HTTP/1.1 200")


def test_a_connection_without_a_request_ends_in_half_of_the_grace_time() -> None:
    with edge_with(**STOPPING) as edge, edge.connect() as idle:
        idle.sendall(KEPT)
        read_until(idle, b"ok")
        edge.drain()
        edge.let_pass(LIMIT_SECONDS / 2 + 1)
        assert read_all(idle) == b""


def test_the_server_waits_for_an_idle_connection_no_longer_than_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody looks after connections before the test is over.
    monkeypatch.setattr(accepting, "_LONGEST_SWEEP_SECONDS", LIMIT_SECONDS)
    with edge_with(shutdown_grace_seconds=0.02, head_timeout_seconds=LIMIT_SECONDS) as edge, edge.connect() as idle:
        idle.sendall(KEPT)
        read_until(idle, b"ok")
        edge.drain()
        assert read_all(idle) == b""
