"""Receives webhooks, so that a test can look at what arrived without a server of its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from groundlevel.control.deliveries import GENERATION
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.timestamps import iso
from groundlevel.signing.rules import ED25519, RSA, is_signed, list_active_keys

KEPT = 1_000
"""Messages of one inbox."""
MOST_INBOXES = 1_000
_SIGNATURES = ((b"x-ghl-signature", ED25519), (b"x-wh-signature", RSA))


class Message(Struct, rename="camel", frozen=True):
    """A webhook that has arrived."""

    number: int
    """Counts up from 1 in its inbox."""
    time: str
    event: str
    """The `type` of its body; empty where it has none."""
    signature: str
    """`valid`; `invalid` where one of the two is not good; `missing`."""
    answered: int
    headers: dict[str, str]
    body: Json
    """What the JSON says, else the text."""


class Inboxes:
    """What has arrived in every inbox of one server."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._messages: dict[str, deque[Message]] = {}
        self._counts: dict[str, int] = {}
        self._refused: dict[str, int] = {}
        """By inbox, how many were refused as their URL wants it."""
        self._arrived = asyncio.Event()

    def clear(self, name: str | None = None) -> None:
        """Empties one inbox, or all of them."""
        for table in (self._messages, self._counts, self._refused):
            if name is None:
                table.clear()
            else:
                table.pop(name, None)

    def names(self) -> list[str]:
        """The inboxes in which anything has arrived."""
        return list(self._messages)

    async def receive(self, name: str, headers: Mapping[bytes, bytes], body: bytes, *, refuse: tuple[int, int]) -> int:
        """Keeps a message; the status to answer it with. `refuse` is with which status, and how many at first.

        One that was on its way when everything was put back is not kept: it is about what is no longer there.
        """
        status, times = refuse
        begun = self._storage.generation
        if headers.get(GENERATION.encode(), b"%d" % begun) != b"%d" % begun:
            return 200
        signature = await self._judge(headers, body)
        if self._storage.generation != begun:
            return 200
        if self._refused.get(name, 0) < times:
            self._refused[name] = self._refused.get(name, 0) + 1
        else:
            status = 200
        if name not in self._messages and len(self._messages) >= MOST_INBOXES:
            self.clear(next(iter(self._messages)))
        number = self._counts[name] = self._counts.get(name, 0) + 1
        read = _read(body)
        event = read.get("type", "") if isinstance(read, dict) else ""
        shown = {key.decode("latin-1"): value.decode("latin-1") for key, value in headers.items()}
        at = iso(self._storage.ids.now())
        message = Message(number, at, str(event), signature, status, shown, read)
        self._messages.setdefault(name, deque(maxlen=KEPT)).append(message)
        self._arrived.set()
        return status

    def messages(self, name: str, *, event: str | None = None, after: int = 0) -> list[Message]:
        """The messages of an inbox, oldest first: of one type of event, behind a number."""
        return [
            each for each in self._messages.get(name, ()) if each.number > after and event in (None, "*", each.event)
        ]

    async def wait(self, name: str, event: str | None, *, count: int, seconds: float) -> list[Message]:
        """The messages once there are so many, or after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while len(found := self.messages(name, event=event)) < count:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            return self.messages(name, event=event)
        return found

    async def _judge(self, headers: Mapping[bytes, bytes], body: bytes) -> str:
        sent = [(headers[name].decode("latin-1"), purpose) for name, purpose in _SIGNATURES if name in headers]
        if not sent:
            return "missing"
        for signature, purpose in sent:
            keys = await list_active_keys(self._storage, purpose)
            if not any(is_signed(key, body, signature) for key in keys):
                return "invalid"
        return "valid"


def _read(body: bytes) -> Json:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body.decode("utf-8", "replace")
