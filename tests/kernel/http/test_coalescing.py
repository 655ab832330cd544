"""A reply's head and body leave in one write, and nothing written is lost at the end."""

from __future__ import annotations

import asyncio
from typing import Any

from groundlevel.kernel.http.coalescing import CoalescingTransport


class Reader(asyncio.Protocol):
    """Notes every piece that arrives, and the end."""

    def __init__(self) -> None:
        self.data = b""
        self.ended = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.data += data

    def connection_lost(self, _error: Exception | None) -> None:
        self.ended.set()


class Noting:
    """A transport that notes what it is handed, before handing it on."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.handed: list[list[bytes]] = []

    def writelines(self, parts: list[bytes]) -> None:
        self.handed.append(list(parts))
        self.inner.writelines(parts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


async def test_what_one_turn_writes_is_handed_on_at_once() -> None:
    loop = asyncio.get_running_loop()
    reader = Reader()
    server = await loop.create_server(lambda: reader, "127.0.0.1", 0)
    inner, _ = await loop.create_connection(asyncio.Protocol, *server.sockets[0].getsockname()[:2])
    noting = Noting(inner)
    transport = CoalescingTransport(noting, loop)

    transport.write(b"head ")
    transport.write(b"body")
    assert noting.handed == []
    await asyncio.sleep(0)
    assert noting.handed == [[b"head ", b"body"]]

    transport.write(b" and the last")
    transport.close()
    assert transport.is_closing()
    await reader.ended.wait()
    assert reader.data == b"head body and the last"
    server.close()


async def test_what_is_written_after_the_end_goes_nowhere() -> None:
    loop = asyncio.get_running_loop()
    reader = Reader()
    server = await loop.create_server(lambda: reader, "127.0.0.1", 0)
    inner, _ = await loop.create_connection(asyncio.Protocol, *server.sockets[0].getsockname()[:2])
    transport = CoalescingTransport(inner, loop)
    transport.close()
    transport.write(b"late")
    await reader.ended.wait()
    assert reader.data == b""
    server.close()
