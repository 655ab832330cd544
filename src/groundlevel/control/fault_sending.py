"""Damages replies on their way out: cut off, reset, not JSON, slow, or without what is too new to be found."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, MutableMapping
from datetime import datetime
from typing import Any

import msgspec

from groundlevel.control.fault_rules import Then
from groundlevel.kernel.http.faults import Send, unchanged
from groundlevel.kernel.http.protocol import cut_connection
from groundlevel.kernel.model import Json

Message = MutableMapping[str, Any]
_SLICE_SECONDS = 0.05
"""How often a slow reply goes on."""
_LISTS = ("records", "contacts", "opportunities", "tasks", "businesses", "relations")
_CREATED = ("createdAt", "dateAdded")


def change_of(then: Then, now: int, chance: random.Random) -> Callable[[Send], Send]:
    """What a rule does to the way on which a reply leaves. `now` is in epoch milliseconds."""
    if then.drop is not None or then.reset:
        return lambda send: _lost(send, reset=then.reset)
    edit = _edit_of(then, now, chance)
    if edit is None and then.truncate is None and then.trickle is None:
        return unchanged
    return lambda send: _Damaged(send, then, edit)


def _lost(send: Send, *, reset: bool) -> Send:
    """Sends nothing, and ends the connection."""

    async def lose(message: Message) -> None:
        if message["type"] == "http.response.start":
            cut_connection(send, reset=reset)

    return lose


def _edit_of(then: Then, now: int, chance: random.Random) -> Callable[[bytes], bytes] | None:
    if then.malformed:
        return lambda body: break_json(body, chance)
    if then.search_lag is not None:
        latest = now - then.search_lag
        return lambda body: without_newer(body, latest)
    return None


class _Damaged:
    """Sends a reply in another way. Replies that are made while they are sent are cut and slowed, and not edited."""

    def __init__(self, send: Send, then: Then, edit: Callable[[bytes], bytes] | None) -> None:
        self._send = send
        self._then = then
        self._edit = edit
        self._start: Message | None = None
        self._left = then.truncate

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        body = message.get("body", b"")
        more = bool(message.get("more_body"))
        if self._start is not None:
            start, self._start = self._start, None
            if self._edit is not None and not more:
                body = self._edit(body)
                start["headers"] = [_length(header, len(body)) for header in start["headers"]]
            await self._send(start)
        if self._left is not None:
            body = body[: self._left]
            self._left -= len(body)
            await self._pass_on(body, more=True)
            if not self._left or not more:
                cut_connection(self._send)
            return
        await self._pass_on(body, more=more)

    async def _pass_on(self, body: bytes, *, more: bool) -> None:
        if self._then.trickle is not None:
            step = max(1, int(self._then.trickle * _SLICE_SECONDS))
            while len(body) > step:
                await self._send({"type": "http.response.body", "body": body[:step], "more_body": True})
                body = body[step:]
                await asyncio.sleep(step / self._then.trickle)
        await self._send({"type": "http.response.body", "body": body, "more_body": more})


def _length(header: tuple[bytes, bytes], length: int) -> tuple[bytes, bytes]:
    return (header[0], b"%d" % length) if header[0] == b"content-length" else header


def break_json(body: bytes, chance: random.Random) -> bytes:
    """A body of the same length, at most one byte longer, that no reader takes for JSON."""
    at = chance.randrange(len(body)) if body else 0
    return body[:at] + b"\x00" + body[at + 1 :]


def without_newer(body: bytes, latest: int) -> bytes:
    """What a search has found, or a list holds, without what was created after a moment in epoch milliseconds.

    Other bodies stay as they are.
    """
    try:
        reply = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body
    if not isinstance(reply, dict):
        return body
    for name in _LISTS:
        found = reply.get(name)
        if isinstance(found, list):
            kept = [each for each in found if _created(each) <= latest]
            reply[name] = kept
            if isinstance(reply.get("total"), int):
                reply["total"] -= len(found) - len(kept)
    return msgspec.json.encode(reply)


def _created(item: Json) -> float:
    """When something was created, in epoch milliseconds; long ago where it does not say."""
    sent = next((item[name] for name in _CREATED if name in item), 0) if isinstance(item, dict) else 0
    if isinstance(sent, str):
        try:
            return datetime.fromisoformat(sent).timestamp() * 1_000
        except ValueError:
            return 0
    return float(sent) if isinstance(sent, int | float) else 0
