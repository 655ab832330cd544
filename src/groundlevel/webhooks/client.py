"""Posts over connections that lead to admitted addresses and nowhere else.

A name is looked up once for each connection, and the addresses that were found good are the very ones that are
connected to, so that a name which changes its meaning in between leads nowhere else. The socket is made for an address
that is checked once more: whatever the library may pass by the look-up, it reaches nothing that is not admitted.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlunsplit

import aiohttp
import certifi
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from groundlevel.webhooks.egress import Address, EgressPolicy, Resolve, address_of
from groundlevel.webhooks.errors import UrlForbidden

MAX_READ = 65_536
"""Bytes of an answer's body that are read; behind them the connection is closed."""
IDLE_SECONDS = 15.0
"""How long a connection is kept open for the next webhook."""
_OWN_HEADERS = ("Accept", "Accept-Encoding", "User-Agent")
"""What the library would add. An answer is not unpacked, so that it is not asked for packed."""


@cache
def default_trust() -> ssl.SSLContext:
    """Certificates of the system and of the public authorities, read once. It takes long: not for the event loop."""
    trust = ssl.create_default_context()
    trust.load_verify_locations(certifi.where())
    return trust


_TARGETS = 1_024
"""URLs that are kept as they are sent to."""


class Client:
    """Connections to receivers, kept open between webhooks; made on the event loop that uses it.

    It follows no redirects, keeps no cookies and takes no proxy from the environment.
    """

    def __init__(self, networks: EgressPolicy, resolve: Resolve | None, trust: ssl.SSLContext) -> None:
        self._networks = networks
        # What may be sent to does not change while this client lasts; the same few URLs are sent to again and again.
        self._target = lru_cache(maxsize=_TARGETS)(self._read_target)
        reuse = aiohttp.TraceConfig()
        reuse.on_connection_reuseconn.append(_note_reuse)
        connector = aiohttp.TCPConnector(
            resolver=_Resolver(networks, resolve or _look_up),
            socket_factory=self.open_socket,
            ssl=trust,
            use_dns_cache=False,
            keepalive_timeout=IDLE_SECONDS,
            limit=0,  # whoever sends limits how much is on its way
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_OWN_HEADERS,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(),  # none: whoever sends keeps the time for all of it
            trace_configs=[reuse],
        )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """The status of the answer, and the beginning of its body. Raises UrlForbidden, ConnectionError."""
        target = self._target(url)
        try:
            while True:
                connection = SimpleNamespace(reused=False)
                try:
                    return await self._exchange(target, headers, body, connection)
                except aiohttp.ClientConnectionError:
                    # The receiver has closed a kept connection, as it may: that is no failure. It ends with a new one.
                    if not connection.reused:
                        raise
        except aiohttp.ClientError as error:
            raise ConnectionError(_describe(error, target.host)) from error

    async def _exchange(
        self, target: URL, headers: Mapping[str, str], body: bytes, connection: SimpleNamespace
    ) -> tuple[int, bytes]:
        read = bytearray()
        sending = self._session.post(
            target, headers=headers, data=body, allow_redirects=False, trace_request_ctx=connection
        )
        async with sending as answer:
            connection.reused = False  # from here on, the receiver has taken the request
            async for part in answer.content.iter_any():
                read += part
                if len(read) >= MAX_READ:
                    answer.close()
                    break
        return answer.status, bytes(read)

    def _read_target(self, url: str) -> URL:
        """Where a body is sent. Raises UrlForbidden."""
        parts = self._networks.check_url(url)
        host, netloc = parts.hostname or "", parts.netloc
        address = address_of(host)
        if address is not None and address.version == 4 and str(address) != host:
            # An old spelling is sent as the address that was checked.
            netloc = str(address) if parts.port is None else f"{address}:{parts.port}"
        try:
            target = URL(urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, "")), encoded=True)
            # It is taken apart when its parts are first asked for.
            if target.raw_host is None:
                raise ValueError("it names no host")
        except ValueError as problem:
            raise UrlForbidden(f"The URL cannot be read: {problem}") from None
        return target

    def open_socket(self, target: tuple[Any, ...]) -> socket.socket:
        """A socket for one address. Raises PermissionError, for which the library tries the next address."""
        family, kind, protocol, _, (host, *_) = target
        address = address_of(host)
        if address is None or not self._networks.admits(address):
            raise PermissionError(f"{host} is not a public address")
        return socket.socket(family, kind, protocol)

    async def close(self) -> None:
        """Closes all connections."""
        await self._session.close()


class _Resolver(AbstractResolver):
    """Finds addresses that webhooks may be sent to, and no others."""

    def __init__(self, networks: EgressPolicy, resolve: Resolve) -> None:
        self._networks = networks
        self._resolve = resolve

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_UNSPEC) -> list[ResolveResult]:
        """Raises UrlForbidden, OSError."""
        found = await self._resolve(host, port)
        admitted = [address for address in dict.fromkeys(found) if self._networks.admits(address)]
        if not admitted:
            raise _no_public_address(host)
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in admitted
        ]

    async def close(self) -> None:
        """Part of the interface; there is nothing to close."""


async def _look_up(host: str, port: int) -> list[Address]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = (address_of(str(sockaddr[0])) for *_, sockaddr in found)
    return [address for address in addresses if address is not None]


async def _note_reuse(_session: object, context: SimpleNamespace, _params: object) -> None:
    context.trace_request_ctx.reused = True


def _no_public_address(host: str) -> UrlForbidden:
    return UrlForbidden(f"Webhooks are not sent to {host}, which has no public address")


def _describe(error: aiohttp.ClientError, host: str | None) -> str:
    """What went wrong, for the log."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return f"{host} has no address: {error.os_error}"
        case aiohttp.ClientConnectorCertificateError():
            return f"no secure connection: {error.certificate_error}"
        case aiohttp.ClientConnectorSSLError():
            return f"no secure connection: {error.os_error}"
        case aiohttp.ClientConnectorError():
            return f"cannot connect to {host}: {error.os_error}"
        case aiohttp.ClientResponseError():
            return f"the answer is not HTTP: {error.message}"
    return str(error) or type(error).__name__
