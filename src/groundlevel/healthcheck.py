"""Asks a server whether it is healthy, and loads next to nothing, since containers do so every few seconds."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from urllib.parse import urlsplit

_TIMEOUT_SECONDS = 4
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to


def url_in(env: Mapping[str, str]) -> str:
    """Where a server with the settings of this environment is found from this machine."""
    host = env.get("GROUNDLEVEL_HOST") or "127.0.0.1"
    host = _EVERYWHERE.get(host, host)
    scheme = "http" if env.get("GROUNDLEVEL_TLS_CERTIFICATE") in (None, "", "none") else "https"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{env.get('GROUNDLEVEL_PORT') or 8080}"


def problem_of(url: str) -> str | None:
    """Why the server at this base URL is not healthy; None where it is."""
    try:
        parts = urlsplit(url)
        connection = _connect(parts.scheme, parts.hostname or "", parts.port)
        try:
            connection.request("GET", f"{parts.path.rstrip('/')}/health")
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException) as problem:
        return f"{url} cannot be asked: {problem}"
    return None if status == http.client.OK else f"{url}/health answers {status}"


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
    if scheme != "https":
        raise ValueError("expected http://… or https://…")
    import ssl

    # It is asked whether it answers, not who it is: its certificate may well not name the address it listens on.
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_SECONDS, context=unverified)
