"""What may be done to a request on purpose, so that its client can be tested: nothing, unless somebody has asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from msgspec import Struct

from groundlevel.kernel.http.routing import Page

Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def unchanged(send: Send) -> Send:
    """The way as it is."""
    return send


class Fault(Struct, frozen=True):
    """What becomes of one request."""

    rule: str
    """The id of the rule that says so."""
    reply: Page | None = None
    """What is answered in place of what the operation says."""
    performed: bool = False
    """Whether the operation is performed all the same. Where it refuses, the refusal is answered."""
    change: Callable[[Send], Send] = unchanged
    """Gives the way on which a reply leaves another end."""


FindFault: TypeAlias = Callable[[Any], Awaitable[Fault | None]]
"""Finds the fault of a `Request` before its checks, and waits as long as that is to be delayed."""
