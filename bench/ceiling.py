"""The ceiling: the same web server with an application that answers whatever it was told to.

A PUT to `/reply` sets the answer of all later requests. It reads and throws away the bodies of requests.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

import msgspec
from msgspec import Struct

from groundlevel.kernel.http.listener import run, serve
from groundlevel.kernel.http.server import Application
from groundlevel.kernel.settings import Settings

CONTROL = "/reply"
Message = MutableMapping[str, Any]


class Reply(Struct, frozen=True):
    """An answer, with the headers of the real one, so that sending it costs the same."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Fixed:
    """The least that an ASGI application can do."""

    def __init__(self) -> None:
        self._answer(Reply(200, [(b"content-length", b"2")], b"ok"))

    def _answer(self, reply: Reply) -> None:
        self._start = {"type": "http.response.start", "status": reply.status, "headers": reply.headers}
        self._body = {"type": "http.response.body", "body": reply.body}

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """Serves one request, or the life of the server."""
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b""
        if scope["method"] != "GET":
            while True:
                message = await receive()
                body += message.get("body", b"")
                if not message.get("more_body"):
                    break
            if scope["path"] == CONTROL:
                self._answer(msgspec.msgpack.decode(body, type=Reply))
        await send(self._start)
        await send(self._body)


def main() -> None:
    """Serves on a free port and says which."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}"}), flush=True)
    run(serve(cast(Application, Fixed()), Settings(port=port)))


if __name__ == "__main__":
    main()
