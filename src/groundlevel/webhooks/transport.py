"""Sends the bodies of webhooks over HTTP; the only module that imports httpcore.

Names are looked up here and nowhere else: an address that was found good is the very one that is connected to, so that
a name which changes its meaning in between leads nowhere else. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import ssl
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpcore
from msgspec import Struct

from groundlevel.webhooks.egress import Address, Networks, address_of
from groundlevel.webhooks.errors import UrlForbidden

TIMEOUT_SECONDS = 10.0
"""From the look-up of the name to the end of the answer."""
MOST_READ = 65_536
"""Bytes of an answer's body that are read; behind them the connection is closed."""
SHOWN_HEAD = 500
"""Characters of an answer's body that are kept for the log."""
IDLE_SECONDS = 15.0
"""How long a connection is kept open for the next webhook."""
MOST_IDLE = 32
"""Connections to one receiver that are kept open."""

if importlib.util.find_spec("sniffio") is None:
    # The library asks for it at every lock it takes, and each time a miss is a search of all directories.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

Resolve = Callable[[str, int], Awaitable[list[Address]]]
"""Finds the addresses of a name."""


class Answer(Struct, frozen=True, gc=False):
    """What came of sending a webhook."""

    status: int | None
    """None when there was no answer; then `error` says why."""
    latency_ms: int
    head: str
    """The first characters of the answer's body."""
    error: str | None


class Transport:
    """Connections to receivers, kept open between webhooks.

    The library's own pool looks at every connection and every request at each of its steps, which takes longer than
    all the rest when some dozens are busy.
    """

    def __init__(
        self, networks: Networks, *, resolve: Resolve | None = None, trust: ssl.SSLContext | None = None
    ) -> None:
        self._networks = networks
        self._backend = _Backend(networks, resolve or _resolved)
        self._trust = trust
        self._idle: dict[str, list[httpcore.AsyncHTTPConnection]] = {}
        self._swept_at = time.monotonic()

    async def send(self, url: str, headers: Mapping[bytes, bytes], body: bytes) -> Answer:
        """Posts a body and returns what came of it, whatever that was."""
        if self._trust is None:
            # Reading the certificates takes long enough to be noticed by others on the event loop.
            self._trust = await asyncio.to_thread(httpcore.default_ssl_context)
        began = time.perf_counter()
        status, head, error = None, "", None
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                status, head = await self._post(self._request(url, headers, body))
        except TimeoutError:
            error = f"no answer within {TIMEOUT_SECONDS:.0f} seconds"
        except UrlForbidden as refusal:
            error = refusal.message
        except (httpcore.NetworkError, httpcore.ProtocolError) as problem:
            error = str(problem) or type(problem).__name__
        return Answer(status, int((time.perf_counter() - began) * 1_000), head, error)

    def _request(self, url: str, headers: Mapping[bytes, bytes], body: bytes) -> httpcore.Request:
        """Raises UrlForbidden."""
        parts = self._networks.check_url(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = (parts.hostname or "").encode()
        target = httpcore.URL(scheme=parts.scheme, host=host, port=parts.port, target=path.encode())
        every = [(b"host", parts.netloc.encode()), (b"content-length", b"%d" % len(body)), *headers.items()]
        return httpcore.Request("POST", target, headers=every, content=body)

    async def _post(self, request: httpcore.Request) -> tuple[int, str]:
        """The status of the answer, and the first characters of its body."""
        kept = await self._kept(str(request.url.origin))
        if kept is not None:
            try:
                return await self._exchange(kept, request)
            except (httpcore.NetworkError, httpcore.RemoteProtocolError):
                # The receiver has closed it while it lay idle, as it may: that is no failure.
                pass
        fresh = httpcore.AsyncHTTPConnection(
            request.url.origin, self._trust, keepalive_expiry=IDLE_SECONDS, network_backend=self._backend
        )
        return await self._exchange(fresh, request)

    async def _exchange(self, connection: httpcore.AsyncHTTPConnection, request: httpcore.Request) -> tuple[int, str]:
        read = bytearray()
        try:
            answer = await connection.handle_async_request(request)
            try:
                async for part in answer.aiter_stream():
                    read += part
                    if len(read) >= MOST_READ:
                        break
            finally:
                await answer.aclose()
        finally:
            await self._keep(str(request.url.origin), connection)
        text = read[: SHOWN_HEAD * 4].decode("utf-8", "replace")
        # A NUL is text for no database.
        return answer.status, text.replace("\0", "\ufffd")[:SHOWN_HEAD]

    # --- connections

    async def _kept(self, origin: str) -> httpcore.AsyncHTTPConnection | None:
        """A connection that is still good."""
        await self._sweep()
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    async def _keep(self, origin: str, connection: httpcore.AsyncHTTPConnection) -> None:
        idle = self._idle.setdefault(origin, [])
        if connection.is_idle() and len(idle) < MOST_IDLE:
            idle.append(connection)
        else:
            await connection.aclose()

    async def _sweep(self) -> None:
        """Closes, from time to time, what nobody has used for long."""
        if time.monotonic() < self._swept_at + IDLE_SECONDS:
            return
        self._swept_at = time.monotonic()
        every, self._idle = self._idle, {}
        for origin, connections in every.items():
            for connection in connections:
                if connection.has_expired():
                    await connection.aclose()
                else:
                    self._idle.setdefault(origin, []).append(connection)

    async def close(self) -> None:
        """Closes all idle connections."""
        for connections in self._idle.values():
            for connection in connections:
                await connection.aclose()
        self._idle.clear()


async def _resolved(host: str, port: int) -> list[Address]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = (address_of(str(sockaddr[0])) for *_, sockaddr in found)
    return [address for address in addresses if address is not None]


class _Backend(httpcore.AsyncNetworkBackend):
    """Opens connections to addresses that are admitted, and to no other."""

    def __init__(self, networks: Networks, resolve: Resolve) -> None:
        self._networks = networks
        self._resolve = resolve

    async def connect_tcp(self, host: str, port: int, *_options: Any, **_settings: Any) -> httpcore.AsyncNetworkStream:
        problem: OSError | None = None
        for address in await self._addresses(host, port):
            try:
                return _Stream(*await asyncio.open_connection(str(address), port))
            except OSError as error:
                problem = error
        raise httpcore.ConnectError(f"cannot connect to {host}: {problem}")

    async def _addresses(self, host: str, port: int) -> list[Address]:
        """The addresses of a host that webhooks may be sent to. Raises UrlForbidden, ConnectError."""
        try:
            found = await self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} has no address: {error}") from error
        admitted = [address for address in dict.fromkeys(found) if self._networks.admits(address)]
        if not admitted:
            raise UrlForbidden(f"Webhooks are not sent to {host}, which has no public address")
        return admitted


class _Stream(httpcore.AsyncNetworkStream):
    """One connection. Whoever sends keeps the time for all of it, so that no step here has a limit of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        try:
            return await self._reader.read(max_bytes)
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        try:
            self._writer.write(buffer)
            await self._writer.drain()
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        # Nobody waits for the other side to notice.
        self._writer.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        try:
            await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except (OSError, ssl.SSLError) as error:
            self._writer.close()
            raise httpcore.ConnectError(f"no secure connection: {error}") from error
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            # Asked about idle connections: what can be read there is only its end.
            return self._reader.at_eof()
        return self._writer.get_extra_info(info)
