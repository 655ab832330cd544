"""A real HTTP server that receives webhooks, remembers them, and answers as it is told."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from msgspec import Struct

from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.base import Storage
from groundlevel.signing.rules import ED25519, RSA, list_active_keys
from tests.world import PATIENCE_SECONDS

T = TypeVar("T")


class _Server(ThreadingHTTPServer):
    # A worker opens two dozen connections at once; the usual five that may wait would have the others cut off.
    request_queue_size = 128
    daemon_threads = True


class Received(Struct, frozen=True):
    """One request."""

    path: str
    headers: dict[str, str]
    """By lower-case name."""
    raw: bytes

    @property
    def body(self) -> dict[str, Json]:
        """The body, decoded."""
        decoded: dict[str, Json] = json.loads(self.raw)
        return decoded

    @property
    def id(self) -> str:
        """Its webhookId."""
        return str(self.body["webhookId"])


class Reply(Struct, frozen=True):
    """An answer."""

    status: int = 200
    body: bytes = b"thanks"
    headers: tuple[tuple[str, str], ...] = ()


class Receiver:
    """What was received, and how it is answered: with `reply`, or with what `answer` makes of a request."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.reply = Reply()
        self.answer: Callable[[Received], Reply] = lambda _: self.reply
        self._server = _Server(("127.0.0.1", 0), _handling(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    async def wait(self, count: int) -> list[Received]:
        """All that was received, as soon as it is so many."""

        async def look() -> list[Received]:
            return self.received

        return await becomes(look, lambda received: len(received) >= count)

    def of(self, event_type: str) -> list[dict[str, Json]]:
        """The bodies of one type."""
        return [each.body for each in self.received if each.body["type"] == event_type]

    def close(self) -> None:
        """Stops it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


async def becomes(look: Callable[[], Awaitable[T]], wanted: Callable[[T], bool]) -> T:
    """What is seen, as soon as it is as wanted; fails with what is seen when that takes too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not wanted(seen := await look()):
        assert time.monotonic() < deadline, f"it is still {seen}"[:500]
        await asyncio.sleep(0.01)
    return seen


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver for the length of a block."""
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()


def _handling(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            if len(raw) < int(self.headers["content-length"]):
                # Whoever sent it was killed on the way: nothing was received.
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            received = Received(self.path, headers, raw)
            receiver.received.append(received)
            reply = receiver.answer(received)
            self.send_response(reply.status)
            for name, value in (*reply.headers, ("content-length", str(len(reply.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def handle(self) -> None:
            # Whoever has read enough hangs up.
            try:
                super().handle()
            except ConnectionError:
                return

        def log_message(self, *_arguments: Any) -> None:
            return

    return Handler


async def verified(storage: Storage, received: Received) -> bool:
    """Whether both signatures are those of the newest keys over the raw body."""
    modern, legacy = (await list_active_keys(storage, ED25519))[0], (await list_active_keys(storage, RSA))[0]
    ed25519: Any = serialization.load_pem_public_key(modern.public_pem.encode())
    rsa: Any = serialization.load_pem_public_key(legacy.public_pem.encode())
    try:
        ed25519.verify(base64.b64decode(received.headers["x-ghl-signature"]), received.raw)
        signature = base64.b64decode(received.headers["x-wh-signature"])
        rsa.verify(signature, received.raw, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
