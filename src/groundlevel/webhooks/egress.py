"""Says to which addresses webhooks may be sent: nobody can make the server call what only it can reach."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from groundlevel.kernel.settings import ANY_NETWORK, AUTO_NETWORK, Settings
from groundlevel.webhooks.errors import UrlForbidden

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[list[Address]]]
"""Finds the addresses of a name, given its port too. Raises OSError."""

MAX_URL = 2_000
_ANY: tuple[Network, ...] = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))
_LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
_SPECIAL: tuple[Network, ...] = (
    IPv4Network("168.63.129.16/32"),  # where one cloud tells its machines their secrets, public by its number
    IPv4Network("192.0.0.0/24"),  # protocol assignments, among them another cloud's metadata
    IPv6Network("fec0::/10"),  # site-local, as private networks were once numbered
)
"""What is not public whatever the standard library says of it."""
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = IPv6Network("::/96")
_VISIBLE = re.compile("[!-~]+")
_NAME = re.compile(r"(?=.{1,254}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.ASCII | re.IGNORECASE)


class EgressPolicy(Struct, frozen=True):
    """What may be called besides public addresses."""

    let_in: tuple[Network, ...] = ()

    def admits(self, address: Address) -> bool:
        """Whether webhooks may be sent to an address: to a public one, or one that the policy allows.

        An IPv6 address that stands for an IPv4 one, by whatever way of writing, has to be admitted as both.
        """
        return all(self._admits_itself(each) for each in _embedded_addresses(address))

    def _admits_itself(self, address: Address) -> bool:
        if any(address in network for network in self.let_in):
            return True
        special = address.is_multicast or address.is_reserved or any(address in network for network in _SPECIAL)
        return address.is_global and not special

    def check_url(self, url: str) -> SplitResult:
        """The parts of a URL that may be sent to, so far as it can be told without looking up its name.

        Raises UrlForbidden.
        """
        if len(url) > MAX_URL or not _VISIBLE.fullmatch(url):
            raise UrlForbidden(f"The URL has to be of at most {MAX_URL} visible ASCII characters")
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as problem:
            raise UrlForbidden(f"The URL cannot be read: {problem}") from None
        if parts.scheme not in ("http", "https"):
            raise UrlForbidden("The URL has to begin with http:// or https://")
        if not host:
            raise UrlForbidden("The URL names no host")
        if "@" in parts.netloc:
            raise UrlForbidden("The URL may not hold a user name or password")
        address = address_of(host)
        if address is None and not _NAME.fullmatch(host):
            raise UrlForbidden("The URL names no host: a name has parts of 1 to 63 letters, digits, - and _")
        if address is not None and not self.admits(address):
            raise UrlForbidden(f"Webhooks are not sent to {host}, which is not a public address")
        return parts


UNRESTRICTED = EgressPolicy(_ANY)
"""Admits every address: for deliveries from a developer's own machine."""


def egress_policy_of(settings: Settings) -> EgressPolicy:
    """What a server with these settings may call; with `auto`, loopback too when nobody else can reach the server."""
    if settings.webhook_networks == (ANY_NETWORK,):
        return UNRESTRICTED
    if settings.webhook_networks != (AUTO_NETWORK,):
        return EgressPolicy(tuple(ipaddress.ip_network(network) for network in settings.webhook_networks))
    host = address_of(settings.host)
    return EgressPolicy(_LOOPBACK if settings.host == "localhost" or (host is not None and host.is_loopback) else ())


def address_of(host: str) -> Address | None:
    """The address that a host is written as; None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _embedded_addresses(address: Address) -> Iterator[Address]:
    """What an address stands for: itself, unless it is another way of writing an IPv4 address."""
    if isinstance(address, IPv4Address):
        yield address
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
        return
    if any(address in network for network in _NAT64):
        yield IPv4Address(int(address) & 0xFFFFFFFF)
        return
    yield address
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _COMPATIBLE and int(address) > 0xFFFF:
        yield IPv4Address(int(address))
