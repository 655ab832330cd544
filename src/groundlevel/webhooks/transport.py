"""Sends the bodies of webhooks over HTTP, and reports the outcome."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from groundlevel.webhooks.egress import EgressPolicy, Resolve
from groundlevel.webhooks.errors import UrlForbidden

if TYPE_CHECKING:
    from groundlevel.webhooks.client import Client

TIMEOUT_SECONDS = 10.0
"""From the look-up of the name to the end of the answer."""
LOGGED_BYTES = 500
"""Characters of an answer's body that are kept for the log."""


class Answer(Struct, frozen=True, gc=False):
    """The outcome of sending a webhook."""

    status: int | None
    """None when there was no answer; then `error` says why."""
    latency_ms: int
    head: str
    """The first characters of the answer's body."""
    error: str | None


class Transport:
    """Sends to receivers that webhooks may be sent to. What it needs for that is loaded with the first webhook."""

    def __init__(
        self, networks: EgressPolicy, *, resolve: Resolve | None = None, trust: ssl.SSLContext | None = None
    ) -> None:
        self._networks = networks
        self._resolve = resolve
        self._trust = trust
        self._client: Client | None = None

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Posts a body and returns the outcome; failures are outcomes too."""
        client = self._client or await self._open_client()
        began = time.perf_counter()
        status, head, error = None, "", None
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                status, read = await client.post(url, headers, body)
            head = _text(read)
        except TimeoutError:
            error = f"no answer within {TIMEOUT_SECONDS:.0f} seconds"
        except UrlForbidden as refusal:
            error = refusal.message
        except ConnectionError as problem:
            error = str(problem)
        return Answer(status, int((time.perf_counter() - began) * 1_000), head, error)

    async def _open_client(self) -> Client:
        # Loading the library and the certificates takes long enough to be noticed: by a start, and on the event loop.
        make_client, trust = await asyncio.to_thread(_load, self._trust)
        if self._client is None:
            self._client = make_client(self._networks, self._resolve, trust)
        return self._client

    async def keep_to(self, networks: EgressPolicy) -> None:
        """Sends to what this policy admits from now on. Connections made under another one are closed."""
        if networks != self._networks:
            self._networks = networks
            await self.close()

    async def close(self) -> None:
        """Closes all connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None


def _load(trust: ssl.SSLContext | None) -> tuple[type[Client], ssl.SSLContext]:
    from groundlevel.webhooks import client

    return client.Client, trust or client.default_trust()


def _text(read: bytes) -> str:
    """The beginning of an answer's body. A NUL is text for no database."""
    text = read[: LOGGED_BYTES * 4].decode("utf-8", "replace")
    return text.replace("\0", "\ufffd")[:LOGGED_BYTES]
