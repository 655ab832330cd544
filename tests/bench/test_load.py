"""The load generator counts correct replies and refuses wrong ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bench.load import CHECKED, Exchange, Task, carry_out

REQUEST = b"GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _server(answer: Answer) -> AsyncIterator[int]:
    """The port of a server that answers every request in one way."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def _reply(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d Said\r\nx-other: 1\r\ncontent-length: %d\r\n\r\n%s" % (status, len(body), body)


def _whole(status: int, body: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(_reply(status, body))

    return answer


async def _in_pieces(writer: asyncio.StreamWriter) -> None:
    for byte in _reply(200, b'{"id":"a"}'):
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(0)


async def _in_chunks(writer: asyncio.StreamWriter) -> None:
    """As servers in Go send a long body, with header names of their own."""
    writer.write(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n')
    await writer.drain()
    await asyncio.sleep(0)
    writer.write(b'5\r\n:"a"}\r\n0\r\n\r\n')


async def _in_capitals(writer: asyncio.StreamWriter) -> None:
    writer.write(_reply(200, b'{"id":"a"}').replace(b"content-length", b"Content-Length"))


async def _cut_off(writer: asyncio.StreamWriter) -> None:
    writer.close()


def _task(port: int, expected: bytes = b'"id":"a"', *, seconds: float = 0.2) -> Task:
    return Task(
        port=port,
        exchanges=[Exchange(REQUEST, expected)],
        status=200,
        connections=3,
        seconds=seconds,
        warm_seconds=0.02,
    )


@pytest.mark.parametrize(
    "answer",
    [_whole(200, b'{"id":"a"}'), _in_pieces, _in_capitals],
    ids=["at once", "in pieces", "with capital letters"],
)
async def test_right_replies_are_counted(answer: Answer) -> None:
    async with _server(answer) as port:
        outcome = await carry_out(_task(port))
    assert (outcome.wrong, outcome.fault) == (0, "")
    assert outcome.replies > 0
    assert 0 < outcome.p50 <= outcome.p99
    assert outcome.rate == outcome.replies / outcome.seconds


async def test_a_reply_in_chunks_ends_with_the_last() -> None:
    async with _server(_in_chunks) as port:
        outcome = await carry_out(_task(port, b'"id"'))
    assert (outcome.wrong, outcome.fault) == (0, "")
    assert outcome.replies > 0


async def test_a_task_goes_on_until_its_figures_mean_something() -> None:
    async with _server(_whole(200, b'{"id":"a"}')) as port:
        outcome = await carry_out(_task(port, seconds=0.0))
    assert outcome.wrong == 0
    assert outcome.replies >= CHECKED


async def test_another_status_is_wrong() -> None:
    async with _server(_whole(500, b'{"id":"a"}')) as port:
        outcome = await carry_out(_task(port))
    assert outcome.replies == 0
    assert outcome.wrong > 0
    assert "500" in outcome.fault


async def test_another_body_is_wrong() -> None:
    async with _server(_whole(200, b'{"id":"b"}')) as port:
        outcome = await carry_out(_task(port))
    assert outcome.wrong > 0
    assert outcome.replies > outcome.wrong, "not every body is compared"
    assert '"id":"a"' in outcome.fault
    assert '"id":"b"' in outcome.fault


async def test_a_closed_connection_is_wrong() -> None:
    async with _server(_cut_off) as port:
        outcome = await carry_out(_task(port))
    assert outcome.replies == 0
    assert outcome.wrong == 3
    assert "closed" in outcome.fault


async def test_a_server_that_is_not_there_cannot_be_measured() -> None:
    async with _server(_whole(200, b"")) as port:
        pass
    with pytest.raises(OSError, match="Connect call failed"):
        await carry_out(_task(port))
