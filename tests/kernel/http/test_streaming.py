"""Tests of bodies and replies that stream: over sockets, with clients that are slow, greedy, or gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from groundlevel.app import make_application
from groundlevel.kernel.http import streaming
from groundlevel.kernel.http.listener import bind_socket, make_server
from groundlevel.kernel.http.streaming import HELD_BYTES, _Waiting
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.conformance.given import PET
from tests.conformance.scenario import Scenario, play
from tests.kernel.http.world import World, open_world
from tests.world import PATIENCE_SECONDS, eventually

BULK = "/x/objects/custom_objects.pet/records/bulk"
ROW = b'{"properties": {"name": "Rex"}}\n'
BAD = b"{\n"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Server:
    """A world that is also served on a port."""

    def __init__(self, world: World, port: int) -> None:
        self.world = world
        self._port = port

    async def begin(self, path: str, length: int, *headers: str) -> Connection:
        """Sends the head of a request with a body of so many bytes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {length}", *headers]
        lines += [f"{name}: {value}" for name, value in self.world.headers().items()]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        return reader, writer

    async def count(self) -> int:
        """How many pets there are."""
        body = {"locationId": self.world.location, "page": 1, "pageLimit": 1}
        reply = await self.world.client.post(
            "/objects/custom_objects.pet/records/search", headers=self.world.headers(), json=body
        )
        total: int = reply.json()["total"]
        return total


@asynccontextmanager
async def served(storage: Storage, **settings: Any) -> AsyncIterator[Server]:
    chosen = Settings(port=0, **settings)
    async with open_world(storage, chosen) as world:
        await play(Scenario("given", "pets", (PET,)), world, {"location": world.location})
        ready = asyncio.Event()
        with bind_socket(chosen) as listener:
            app = make_application(storage, chosen)

            async def leave_open(scope: Any, receive: Any, send: Any) -> None:
                if scope["type"] == "http":
                    await app(scope, receive, send)
                    return
                await receive()
                await send({"type": "lifespan.startup.complete"})
                await receive()
                await send({"type": "lifespan.shutdown.complete"})

            server = make_server(leave_open, chosen, ready=ready.set)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await ready.wait()
                    yield Server(world, listener.getsockname()[1])
            finally:
                server.should_exit = True
                await serving


async def read_head(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


async def read_piece(reader: asyncio.StreamReader) -> bytes:
    """The next chunk of a reply; none at its end. Raises IncompleteReadError where the reply was cut off."""
    size = int((await reader.readuntil(b"\r\n")).strip(), 16)
    return (await reader.readexactly(size + 2))[:-2]


async def read_results(reader: asyncio.StreamReader) -> list[dict[str, Any]]:
    pieces = []
    while piece := await read_piece(reader):
        pieces.append(piece)
    return [json.loads(line) for line in b"".join(pieces).splitlines()]


async def test_a_row_is_answered_before_the_next_is_sent(storage: Storage) -> None:
    async with served(storage) as server:
        reader, writer = await server.begin(f"{BULK}?chunk=1", 3 * len(ROW))
        for number in (1, 2, 3):
            writer.write(ROW)
            if number == 1:
                assert b"transfer-encoding: chunked" in await read_head(reader)
            assert json.loads(await read_piece(reader))["row"] == number
            assert await server.count() == number
        assert await read_piece(reader) == b""
        writer.close()


async def test_who_asks_whether_to_send_rows_is_told_so_once(storage: Storage) -> None:
    async with served(storage) as server:
        reader, writer = await server.begin(BULK, len(ROW), "Expect: 100-continue")
        assert await read_head(reader) == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(ROW)
        assert (await read_head(reader)).startswith(b"HTTP/1.1 200")
        assert [result["action"] for result in await read_results(reader)] == ["created"]
        writer.close()


async def test_who_asks_whether_to_send_rows_that_can_do_nothing_is_refused(storage: Storage) -> None:
    async with served(storage) as server:
        reader, writer = await server.begin(f"{BULK}?mode=odd", len(ROW), "Expect: 100-continue")
        assert (await read_head(reader)).startswith(b"HTTP/1.1 422")
        writer.close()


async def test_a_client_may_send_everything_before_it_reads(storage: Storage) -> None:
    lines = 40_000
    async with served(storage) as server:
        reader, writer = await server.begin(BULK, lines * len(BAD) + len(ROW))
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(lines // 1_000):
            writer.write(BAD * 1_000)
            await writer.drain()
        writer.write(ROW)
        await writer.drain()
        await eventually(lambda: _is_one(server))
        reader._transport.resume_reading()  # type: ignore[attr-defined]
        await read_head(reader)
        results = await read_results(reader)
        writer.close()

    assert [result["row"] for result in results] == list(range(1, lines + 2))
    assert results[-1]["action"] == "created"


async def _is_one(server: Server) -> bool:
    return await server.count() == 1


async def test_a_client_that_goes_away_leaves_whole_chunks(storage: Storage) -> None:
    async with served(storage) as server:
        reader, writer = await server.begin(f"{BULK}?chunk=10", 1_000 * len(ROW))
        writer.write(25 * ROW)
        await read_head(reader)
        await read_piece(reader)
        await read_piece(reader)
        writer.transport.abort()
        reader, writer = await server.begin(BULK, len(ROW))
        writer.write(ROW)
        await read_head(reader)
        assert len(await read_results(reader)) == 1
        writer.close()
        assert await server.count() == 21


async def test_a_client_that_stalls_is_given_up_and_leaves_whole_chunks(storage: Storage) -> None:
    async with served(storage, request_timeout_seconds=0.2) as server:
        reader, writer = await server.begin(f"{BULK}?chunk=2", 1_000 * len(ROW))
        writer.write(3 * ROW + ROW[:5])
        await read_head(reader)
        with pytest.raises(asyncio.IncompleteReadError):
            await read_results(reader)
        writer.close()
        assert await server.count() == 2


async def test_a_line_that_is_too_long_is_refused_alone_wherever_it_is_cut(storage: Storage) -> None:
    body = b"x" * 500 + b"\n" + ROW + b"y" * 301 + b"\n" + b"\n" + ROW + b"z" * 400
    async with served(storage, max_body_bytes=300) as server:
        reader, writer = await server.begin(BULK, len(body))
        for at in range(0, len(body), 97):
            writer.write(body[at : at + 97])
            await writer.drain()
            await asyncio.sleep(0)
        await read_head(reader)
        results = await read_results(reader)
        writer.close()

    assert [(result["row"], result.get("code")) for result in results] == [
        (1, "body_too_large"),
        (2, None),
        (3, "body_too_large"),
        (5, None),
        (6, "body_too_large"),
    ]


async def test_what_a_client_does_not_read_waits_in_memory_only_so_far() -> None:
    waiting = _Waiting()
    part = b"0123456789abcdef" * 4_096
    parts = 3 * HELD_BYTES // len(part)
    try:
        for _ in range(parts):
            await waiting.put(part, aside=True)
        assert waiting._held <= HELD_BYTES
        received = b""
        while len(received) < 2 * HELD_BYTES:
            received += await waiting.take()
        blocked = asyncio.create_task(_fill(waiting, part, parts))
        await asyncio.sleep(0)
        assert waiting._held <= HELD_BYTES + len(part)
        while rest := await waiting.take():
            received += rest
            assert waiting._held <= HELD_BYTES + len(part)
        await blocked
    finally:
        waiting.close()

    assert received == part * parts * 2


async def test_what_is_put_aside_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    part = b"0123456789abcdef" * 4_096
    monkeypatch.setattr(streaming, "ASIDE_BYTES", 4 * len(part))
    waiting = _Waiting()
    parts = HELD_BYTES // len(part) + 10
    filling = asyncio.create_task(_put_aside(waiting, part, parts))
    try:
        await asyncio.sleep(0)
        assert waiting._written == 4 * len(part)
        assert not filling.done()
        received = b""
        while rest := await waiting.take():
            received += rest
            assert waiting._written <= 4 * len(part)
        await filling
    finally:
        filling.cancel()
        waiting.close()
    assert received == part * parts


async def _put_aside(waiting: _Waiting, part: bytes, parts: int) -> None:
    for _ in range(parts):
        await waiting.put(part, aside=True)
    waiting.end()


async def _fill(waiting: _Waiting, part: bytes, parts: int) -> None:
    for _ in range(parts):
        await waiting.put(part, aside=False)
    waiting.end()
