"""Sends the head and the body of a reply together (decision 0009)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class CoalescingTransport:
    """A transport that hands on what was written during one turn of the event loop as one write.

    The web server writes the head of a reply, then its body. Each write is a system call that wakes the client,
    and together they cost more than everything else a small request needs.
    """

    __slots__ = ("_inner", "_loop", "_parts", "is_closing")

    def __init__(self, inner: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._inner = inner
        self._loop = loop
        self._parts: list[bytes] = []
        self.is_closing: Callable[[], bool] = inner.is_closing
        """Every request asks, and so at no detour."""

    def write(self, data: bytes) -> None:
        """Notes what is to be sent at the end of this turn."""
        if not self._parts:
            self._loop.call_soon(self._send)
        self._parts.append(data)

    def close(self) -> None:
        """Sends what was written, then closes."""
        self._send()
        self._inner.close()

    def write_eof(self) -> None:
        """Sends what was written, then says that nothing more follows."""
        self._send()
        self._inner.write_eof()

    def _send(self) -> None:
        if self._parts:
            parts, self._parts = self._parts, []
            if self.is_closing():
                return
            if len(parts) == 1:
                self._inner.write(parts[0])
            else:
                self._inner.writelines(parts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
