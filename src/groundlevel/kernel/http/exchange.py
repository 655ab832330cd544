"""One request of a connection and its reply: part by part as ASGI has it, or in one step where the reply is whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_ENDS_LINE = (b"\r", b"\n", b"\0")


class Exchange(RequestResponseCycle):
    """A request that is being answered. `send` and `receive` are those of ASGI."""

    async def send(self, message: Any) -> None:
        """Sends a part of a reply. One that begins well before its request's body was read will read it.

        So a client that waits to be told to send it is told first (RFC 9110, section 10.1.1), as curl is with `-T -`.
        """
        if self.waiting_for_100_continue and message["type"] == "http.response.start" and message["status"] < 300:
            self.waiting_for_100_continue = False
            if not self.transport.is_closing():
                self.transport.write(_CONTINUE)
        await super().send(message)

    def reply(self, status: int, lines: bytes, headers: Iterable[tuple[bytes, bytes]], *, content: bytes) -> bool:
        """Sends a whole reply in one write; False where nothing was sent and `send` has to wait for the client to read.

        `lines` are header lines, each with its end, among them the Content-Length where there is to be one; `headers`
        are others, in lower case, whose values may come from somewhere else. `send` looks at every header of every
        reply and writes twice, which costs a small reply more than all that it was made of (decision 0092).
        Raises ValueError for a value that would end its line.
        """
        if self.disconnected:
            return True
        if self.flow.write_paused or self.response_started:
            return False
        parts = [STATUS_LINE[status], lines]
        for name, value in headers:
            if any(end in value for end in _ENDS_LINE):
                raise ValueError(f"the value of the header {name!r} does not stay on its line")
            if name == b"connection" and value.lower() == b"close":
                self.keep_alive = False
            else:
                parts.append(b"%b: %b\r\n" % (name, value))
        parts.append(b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n")
        if self.scope["method"] != "HEAD":
            parts.append(content)
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.transport.write(b"".join(parts))
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
        return True


def exchange_of(send: Any) -> Exchange | None:
    """Whose `send` an application was called with; None where something stands between it and the connection."""
    exchange = getattr(send, "__self__", None)
    return exchange if isinstance(exchange, Exchange) else None


def header_lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers that are known to be sound as they stand in a head, each with the end of its line."""
    return b"".join(b"%b: %b\r\n" % header for header in headers)


def header_pairs(lines: bytes) -> list[tuple[bytes, bytes]]:
    """The headers of such lines."""
    split = (line.partition(b": ") for line in lines.split(b"\r\n") if line)
    return [(name, value) for name, _, value in split]
