"""Names of servers: where one is found, and by which name it was called.

A name that is this machine's alone cannot be that of a stranger's page.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from groundlevel.kernel.settings import Settings

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to


def name_in(host: str) -> str:
    """The name in a Host header, without the port; empty where it cannot be read."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_address(name: str) -> bool:
    """Whether a name is a plain IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Whether a name leads to the machine itself wherever it is looked up."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return is_address(name) and ipaddress.ip_address(name).is_loopback


def url_of(settings: Settings, port: int | None = None) -> str:
    """Where a client on this machine finds a server with these settings, which may have taken another port."""
    host = _EVERYWHERE.get(settings.host, settings.host)
    scheme = "http" if settings.tls_certificate is None else "https"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.port if port is None else port}"


def is_everywhere(host: str) -> bool:
    """Whether a server that listens on `host` can be reached from other machines by any of this one's addresses."""
    return host in _EVERYWHERE
