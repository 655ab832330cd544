"""Leads Python's connections to the routed hosts to the listener on loopback that answers for them.

Python imports it before a program, since `groundlevel tls run` puts its directory first on PYTHONPATH. Clients that
heed HTTPS_PROXY do not need it. The name that certificates are checked by stays what it was.
"""

# mypy: allow-untyped-defs, allow-untyped-calls

# What it imports is loaded at each start of Python, so that it does with the least.
from __future__ import annotations

import importlib
import os
import socket
import sys

_HOSTS = frozenset(os.environ.get("GROUNDLEVEL_ROUTED_HOSTS", "").split())
_PORT = int(os.environ.get("GROUNDLEVEL_ROUTED_PORT") or 0)
_STAND_IN = "127.86.76.1"
"""The address that routed hosts resolve to. Nobody connects to it: some clients put a port of their own beside it."""
_getaddrinfo = socket.getaddrinfo
_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex


def _resolve(host, port, *rest, **named):
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    return _getaddrinfo(_STAND_IN if name in _HOSTS else host, port, *rest, **named)


def _reach(address):
    return ("127.0.0.1", _PORT) if address[:2] == (_STAND_IN, 443) else address


if _HOSTS and _PORT:
    socket.getaddrinfo = _resolve
    socket.socket.connect = lambda self, address: _connect(self, _reach(address))  # type: ignore[method-assign]
    socket.socket.connect_ex = lambda self, address: _connect_ex(self, _reach(address))  # type: ignore[method-assign]

# There may be another module of this name, which Python would have found without this one.
_here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [path for path in sys.path if os.path.abspath(path) != _here]
_this = sys.modules.pop("sitecustomize", None)
try:
    importlib.import_module("sitecustomize")
except ImportError as _problem:
    if _problem.name != "sitecustomize":
        raise
    if _this is not None:
        sys.modules["sitecustomize"] = _this
