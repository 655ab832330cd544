"""A proxy on loopback that leads requests for the platform's hosts to a server of one's own, and tunnels the others.

Programs find it by their environment (HTTPS_PROXY). What they ask of a routed host ends at a TLS listener with a
certificate for that host, which passes it on to the server.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import proxy_bypass

from msgspec import Struct

LOOPBACK = "127.0.0.1"

_HEAD_SECONDS = 30
_HEAD_BYTES = 65_536
_CHUNK_BYTES = 65_536

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_Connect = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Routing(Struct, frozen=True):
    """Where requests are led."""

    server: str
    """The URL of the server that answers in place of the routed hosts."""
    hosts: tuple[str, ...]
    certificate: ssl.SSLContext
    """What a routed host is shown to have; good for all of `hosts`."""
    trust: ssl.SSLContext
    """By what the server is believed, where it speaks TLS."""
    offline: bool = False
    """Whether all other hosts are refused."""
    beyond: str | None = None
    """The proxy through which all other hosts are reached, as a URL; None where that is direct."""


class Ports(Struct, frozen=True):
    """Where on loopback the two listeners are."""

    proxy: int
    tls: int


@asynccontextmanager
async def running_proxy(routing: Routing) -> AsyncIterator[Ports]:
    """The proxy, on free ports of loopback, for as long as the block runs."""
    running: set[asyncio.Task[None]] = set()

    def tracked(handle: _Connect) -> _Connect:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            running.add(task)
            try:
                # Whoever has gone away is not told why. What is still open at the end is cancelled, which asyncio would
                # report as an error.
                with suppress(OSError, asyncio.IncompleteReadError, TimeoutError, asyncio.CancelledError):
                    await handle(reader, writer)
            finally:
                running.discard(task)
                writer.close()

        return connected

    terminate = tracked(lambda reader, writer: _answer_for_host(routing, (reader, writer)))
    front = await asyncio.start_server(terminate, LOOPBACK, 0, ssl=routing.certificate)
    tls = front.sockets[0].getsockname()[1]
    lead = tracked(lambda reader, writer: _Proxied(routing, tls, (reader, writer)).serve())
    proxy = await asyncio.start_server(lead, LOOPBACK, 0, limit=_HEAD_BYTES)
    try:
        yield Ports(proxy=proxy.sockets[0].getsockname()[1], tls=tls)
    finally:
        proxy.close()
        front.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _answer_for_host(routing: Routing, client: Stream) -> None:
    await _join(client, await _open_server(routing))


async def _open_server(routing: Routing) -> Stream:
    url = urlsplit(routing.server)
    encrypted = url.scheme == "https"
    port = url.port or (443 if encrypted else 80)
    return await asyncio.open_connection(url.hostname, port, ssl=routing.trust if encrypted else None)


class _Proxied:
    """One connection to the proxy."""

    def __init__(self, routing: Routing, tls: int, client: Stream) -> None:
        self._routing = routing
        self._tls = tls
        self._client = client

    async def serve(self) -> None:
        reader, _ = self._client
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            await self._refuse("431 Request Header Fields Too Large", "the head of the request is too large")
            return
        line, _, fields = head.partition(b"\r\n")
        method, target, _ = (*line.decode("latin-1").split(" "), "", "")[:3]
        try:
            url = urlsplit(f"//{target}" if method == "CONNECT" else target)
            host, port = url.hostname or "", url.port
        except ValueError:
            await self._refuse("400 Bad Request", f"{target} is no address")
            return
        if method != "CONNECT":
            await self._forward(method, url, fields)
        elif port is None:
            await self._refuse("400 Bad Request", "CONNECT takes a host and a port")
        else:
            await self._tunnel(host, port)

    async def _tunnel(self, host: str, port: int) -> None:
        beyond = None if proxy_bypass(host) else self._routing.beyond
        if host in self._routing.hosts:
            await self._connect(lambda: asyncio.open_connection(LOOPBACK, self._tls))
        elif self._routing.offline:
            await self._refuse("403 Forbidden", f"{host} is not reached with --offline")
        elif beyond is not None:
            await self._connect(lambda: _open_beyond(beyond, f"[{host}]:{port}" if ":" in host else f"{host}:{port}"))
        else:
            await self._connect(lambda: asyncio.open_connection(host, port))

    async def _connect(self, open_target: Callable[[], Awaitable[Stream]]) -> None:
        try:
            target = await open_target()
        except OSError as problem:
            await self._refuse("502 Bad Gateway", f"it cannot be reached: {problem}")
            return
        self._client[1].write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
        await _join(self._client, target)

    async def _forward(self, method: str, target: SplitResult, fields: bytes) -> None:
        """Sends a request on that names its whole URL, as some clients do even for https; one for each connection."""
        if target.hostname not in self._routing.hosts:
            if self._routing.offline:
                await self._refuse("403 Forbidden", f"{target.hostname} is not reached with --offline")
            else:
                await self._refuse("501 Not Implemented", "only CONNECT leads to hosts that are not routed")
            return
        kept = [
            line
            for line in fields.split(b"\r\n")
            if line and not line.lower().startswith((b"connection:", b"proxy-", b"keep-alive:"))
        ]
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        head = [f"{method} {path} HTTP/1.1".encode("latin-1"), *kept, b"Connection: close", b"", b""]
        try:
            server = await _open_server(self._routing)
        except OSError as problem:
            await self._refuse("502 Bad Gateway", f"the server cannot be reached: {problem}")
            return
        server[1].write(b"\r\n".join(head))
        await _join(self._client, server)

    async def _refuse(self, status: str, reason: str) -> None:
        body = f"groundlevel tls run: {reason}\n".encode()
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self._client[1].write(head.encode() + body)
        await self._client[1].drain()


async def _open_beyond(proxy: str, target: str) -> Stream:
    """A tunnel to the target by another proxy. Raises OSError."""
    url = urlsplit(proxy if "://" in proxy else f"//{proxy}")
    reader, writer = await asyncio.open_connection(url.hostname, url.port or 80, limit=_HEAD_BYTES)
    head = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if url.username is not None:
        person = f"{unquote(url.username)}:{unquote(url.password or '')}"
        head.append(f"Proxy-Authorization: Basic {base64.b64encode(person.encode()).decode()}")
    writer.write("\r\n".join((*head, "", "")).encode("latin-1"))
    try:
        async with asyncio.timeout(_HEAD_SECONDS):
            answer = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError) as problem:
        writer.close()
        raise ConnectionError("the proxy beyond this one did not answer") from problem
    line = answer.partition(b"\r\n")[0].decode("latin-1")
    if line.split(" ")[1:2] != ["200"]:
        writer.close()
        raise ConnectionError(f"the proxy beyond this one answered {line}")
    return reader, writer


async def _join(one: Stream, other: Stream) -> None:
    """Passes what each side sends to the other until both have ended."""
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(_pass_on(one[0], other[1]))
            both.create_task(_pass_on(other[0], one[1]))
    except* OSError:
        # One side has gone away, so there is nothing left to pass on.
        pass
    finally:
        one[1].close()
        other[1].close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
    else:
        writer.close()
