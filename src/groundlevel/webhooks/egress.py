"""Says to which addresses webhooks may be sent: nobody can make the server call what only it can reach."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
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
_PUBLIC = (IPv4Network("0.0.0.0/0"), IPv6Network("2000::/3"))
"""All of IPv4, and of IPv6 the one part from which public addresses are given out."""
_SPECIAL: tuple[Network, ...] = tuple(
    ip_network(network)
    for network in (
        # IANA's registries of special-purpose addresses (RFC 6890), whole: those too that lead somewhere in public,
        # since nobody's webhooks end there. What the standard library knows of them differs with its version.
        "0.0.0.0/8",  # "this network"
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, where clouds tell their machines secrets
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, among them another cloud's secrets
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # protocol assignments, among them Teredo and ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which leads to any IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
        # Where one cloud tells its machines their secrets, public by its number.
        "168.63.129.16/32",
    )
)
"""What is not public within that."""
_PORTS = frozenset(
    # Below 1024 and not of the web, and above where another well-known protocol is: those that browsers do not connect
    # to either (the Fetch standard, "port blocking"). A request that is sent there is read as commands.
    (
        1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
        110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530,
        531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190,
        5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    )
)  # fmt: skip
"""Ports that nothing is sent to, whatever the address."""
_NAT64 = IPv6Network("64:ff9b::/96")
"""By which a network without IPv4 reaches public IPv4 addresses: its resolver answers with these."""
_VISIBLE = re.compile("[!-~]+")
_NAME = re.compile(r"(?=.{1,254}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.ASCII | re.IGNORECASE)


class EgressPolicy(Struct, frozen=True):
    """What may be called besides public addresses."""

    let_in: tuple[Network, ...] = ()

    def admits(self, address: Address) -> bool:
        """Whether webhooks may be sent to an address: to a public one, or one that the policy allows.

        An IPv6 address by which an IPv4 one is reached counts as that one.
        """
        address = _address_meant(address)
        if any(address in network for network in self.let_in):
            return True
        return any(address in network for network in _PUBLIC) and all(address not in network for network in _SPECIAL)

    def check_url(self, url: str) -> SplitResult:
        """The parts of a URL that may be sent to, so far as it can be told without looking up its name.

        Raises UrlForbidden.
        """
        if len(url) > MAX_URL or not _VISIBLE.fullmatch(url):
            raise UrlForbidden(f"The URL has to be of at most {MAX_URL} visible ASCII characters")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as problem:
            raise UrlForbidden(f"The URL cannot be read: {problem}") from None
        if parts.scheme not in ("http", "https"):
            raise UrlForbidden("The URL has to begin with http:// or https://")
        if not host:
            raise UrlForbidden("The URL names no host")
        if port in _PORTS or port == 0:
            raise UrlForbidden(f"Webhooks are not sent to port {port}, which is that of another protocol")
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
    """The address that a host is written as, IPv4 in its old spellings too (127.1, 0x7f000001); None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def _address_meant(address: Address) -> Address:
    """The address that a connection ends at: itself, unless it is another way of writing an IPv4 address."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address
