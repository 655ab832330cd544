"""The proxy byte for byte: what it leads where, and what it refuses."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trustme

from groundlevel.tls.authority import server_context
from groundlevel.tls.proxy import LOOPBACK, Ports, Routing, running_proxy

HOST = "services.leadconnectorhq.com"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trust(authority: trustme.CA, tmp_path: Path) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def routing(authority: trustme.CA, trust: ssl.SSLContext) -> Routing:
    """To a server that is not there."""
    return Routing("http://127.0.0.1:9", (HOST,), server_context(authority, (HOST,)), trust)


@asynccontextmanager
async def echo() -> AsyncIterator[int]:
    """A server that sends back what it gets, and ends when its client does; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(1_000):
            writer.write(chunk)
        writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def keeping_heads(heads: list[bytes]) -> AsyncIterator[str]:
    """A server that answers each request with nothing and keeps its head; its URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    async with server:
        yield f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"


async def said_to(port: int, sent: bytes) -> bytes:
    """All that is answered to the bytes, up to the end of the connection."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(sent)
    answer = await reader.read()
    writer.close()
    return answer


async def tunnelled(ports: Ports, target: str, sent: bytes) -> bytes:
    """What comes back through a tunnel whose client ends after it has sent; empty if there is no tunnel."""
    reader, writer = await asyncio.open_connection(LOOPBACK, ports.proxy)
    writer.write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        writer.close()
        return b""
    writer.write(sent)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


async def test_a_routed_host_ends_at_the_server(routing: Routing, trust: ssl.SSLContext) -> None:
    heads: list[bytes] = []
    async with keeping_heads(heads) as url, running_proxy(msgspec.structs.replace(routing, server=url)) as ports:
        reader, writer = await asyncio.open_connection(LOOPBACK, ports.tls, ssl=trust, server_hostname=HOST)
        writer.write(b"GET /a?b=c HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\n\r\n")
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 204 ")
    assert heads == [b"GET /a?b=c HTTP/1.1\r\nHost: services.leadconnectorhq.com\r\n\r\n"]


async def test_a_request_with_its_whole_url_is_sent_on(routing: Routing) -> None:
    heads: list[bytes] = []
    async with keeping_heads(heads) as url, running_proxy(msgspec.structs.replace(routing, server=url)) as ports:
        head = f"GET https://{HOST}/a?b=c HTTP/1.1\r\nHost: {HOST}\r\nProxy-Connection: keep-alive\r\nA: b\r\n\r\n"
        answer = await said_to(ports.proxy, head.encode())

    assert answer.startswith(b"HTTP/1.1 204 ")
    assert heads == [f"GET /a?b=c HTTP/1.1\r\nHost: {HOST}\r\nA: b\r\nConnection: close\r\n\r\n".encode()]


@pytest.mark.parametrize("beyond", [False, True], ids=["directly", "by another proxy"])
async def test_other_hosts_are_reached(beyond: bool, routing: Routing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with echo() as port, running_proxy(routing) as other:
        by = f"http://a%40b:c@{LOOPBACK}:{other.proxy}" if beyond else None
        async with running_proxy(msgspec.structs.replace(routing, beyond=by)) as ports:
            assert await tunnelled(ports, f"{LOOPBACK}:{port}", b"x" * 100_000) == b"x" * 100_000


async def test_other_hosts_are_refused_offline(routing: Routing) -> None:
    async with echo() as port, running_proxy(msgspec.structs.replace(routing, offline=True)) as ports:
        assert await tunnelled(ports, f"{LOOPBACK}:{port}", b"x") == b""
        answer = await said_to(ports.proxy, b"GET http://example.com/ HTTP/1.1\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert b"--offline" in answer


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"CONNECT services.leadconnectorhq.com HTTP/1.1\r\n\r\n", b"400"),
        (b"CONNECT a.example:99999999 HTTP/1.1\r\n\r\n", b"400"),
        (b"CONNECT 127.0.0.1:9 HTTP/1.1\r\n\r\n", b"502"),
        (b"GET https://services.leadconnectorhq.com/ HTTP/1.1\r\n\r\n", b"502"),
        (b"GET https://a.example/ HTTP/1.1\r\n\r\n", b"501"),
        (b"GET / HTTP/1.1\r\n\r\n", b"501"),
        (b"\r\n\r\n", b"501"),
        (b"GET http://[ HTTP/1.1\r\n\r\n", b"400"),
        (b"x" * 70_000, b"431"),
    ],
)
async def test_what_leads_nowhere_is_refused(sent: bytes, status: bytes, routing: Routing) -> None:
    async with running_proxy(routing) as ports:
        answer = await said_to(ports.proxy, sent)

    assert answer.split(b" ")[1] == status, answer


async def test_a_proxy_beyond_that_refuses_is_named(routing: Routing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with running_proxy(msgspec.structs.replace(routing, offline=True)) as other:
        by = f"http://{LOOPBACK}:{other.proxy}"
        async with running_proxy(msgspec.structs.replace(routing, beyond=by)) as ports:
            answer = await said_to(ports.proxy, b"CONNECT a.example:443 HTTP/1.1\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"403 Forbidden" in answer


async def test_a_connection_that_is_open_does_not_keep_it_running(routing: Routing) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    async with echo() as port:
        async with running_proxy(routing) as ports:
            reader, writer = await asyncio.open_connection(LOOPBACK, ports.proxy)
            writer.write(f"CONNECT {LOOPBACK}:{port} HTTP/1.1\r\n\r\n".encode())
            await reader.readuntil(b"\r\n\r\n")

        assert await reader.read() == b""
        writer.close()
    assert reported == []
