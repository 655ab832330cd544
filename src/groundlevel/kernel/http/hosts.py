"""Tells by which name a server was called: names that are this machine's alone cannot be a stranger's page."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


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
