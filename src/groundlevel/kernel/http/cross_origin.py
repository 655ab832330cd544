"""Lets pages of other origins call the server from a browser, as the Fetch standard has it (decision 0049)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from groundlevel.kernel.http.rate_limits import Headers
from groundlevel.kernel.settings import ANY_ORIGIN, LOOPBACK_ORIGINS

EXPOSED = (
    b"X-Trace-Id, X-GroundLevel-Hint, X-GroundLevel-Doc, Idempotency-Replayed, Location, Allow, ETag, "
    b"WWW-Authenticate, X-RateLimit-Limit-Daily, X-RateLimit-Daily-Remaining, X-RateLimit-Daily-Reset, "
    b"X-RateLimit-Interval-Milliseconds, X-RateLimit-Max, X-RateLimit-Remaining"
)
"""The headers of replies that a page may read besides those that every page may."""

_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_HEADERS = b"Authorization, Content-Type, Version, Accept, Idempotency-Key, If-Match, If-None-Match"
"""What a page may send when it does not say what it would; otherwise what it says."""
_NAMES = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,2000}")
_MAX_AGE = b"7200"
"""Seconds for which a browser need not ask again; the longest that Chromium observes."""
_REMEMBERED = 256
"""Origins whose headers are kept. They may be anything that clients send, so they are forgotten when there are more."""


class CrossOrigin:
    """Which origins may read replies, by the values of the setting `cors_origins`."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._named = frozenset(origins)
        self._any = ANY_ORIGIN in self._named
        self._loopback = LOOPBACK_ORIGINS in self._named
        self._known: dict[bytes, tuple[tuple[bytes, bytes], ...]] = {}

    def headers(self, origin: bytes) -> tuple[tuple[bytes, bytes], ...]:
        """The headers that a reply gets for an origin; it is never allowed to be one with credentials."""
        known = self._known.get(origin)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[origin] = self._make_headers(origin)
        return known

    def _make_headers(self, origin: bytes) -> tuple[tuple[bytes, bytes], ...]:
        if self._any:
            return ((b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", EXPOSED))
        vary = (b"vary", b"Origin")
        if not self.allows(origin.decode("latin-1")):
            return (vary,)
        return (b"access-control-allow-origin", origin), (b"access-control-expose-headers", EXPOSED), vary

    def allows(self, origin: str) -> bool:
        """Whether a page of this origin may read replies."""
        return self._any or origin in self._named or (self._loopback and is_loopback_origin(origin))

    def preflight(self, request_headers: Headers) -> Headers | None:
        """What the answer to a preflight says besides `headers`; None for any other request, or an unknown origin.

        It does not depend on the path: a page that misspells one is to read the refusal.
        """
        sent = dict(request_headers)
        origin = sent.get(b"origin")
        if origin is None or b"access-control-request-method" not in sent or not self.allows(origin.decode("latin-1")):
            return None
        asked = sent.get(b"access-control-request-headers", b"")
        return [
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", asked if _NAMES.fullmatch(asked) else _HEADERS),
            (b"access-control-max-age", _MAX_AGE),
        ]


def is_loopback_origin(origin: str) -> bool:
    """Whether an origin is a page served by this machine, on any port."""
    try:
        url = urlsplit(origin)
        host = url.hostname or ""
    except ValueError:
        return False
    if url.scheme not in ("http", "https") or origin != f"{url.scheme}://{url.netloc}" or "@" in url.netloc:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
