"""Reads bodies line by line and sends replies part by part, at once and in constant memory (decision 0061)."""

from __future__ import annotations

import asyncio
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import IO, TypeAlias

from groundlevel.kernel.errors import BodyTooLarge
from groundlevel.kernel.http.guard import ClientGoneError
from groundlevel.kernel.http.request import Message, Request

CHUNK_BYTES = 4_194_304
"""Bytes of lines with which a chunk ends, however few they are."""
HELD_BYTES = 1_048_576
"""Bytes of a reply that wait in memory for the client to read them."""
ASIDE_BYTES = 268_435_456
"""Bytes of a reply that are put aside in a file, for a client that sends and does not read."""
_PIECE_BYTES = 65_536
_BLANK = b" \t\r\v\f"

Line: TypeAlias = tuple[int, bytes | BodyTooLarge]
"""The number of a line, from 1, and what it holds; the refusal of one that is larger than a body may be."""


async def read_chunks(request: Request, most: int) -> AsyncIterator[list[Line]]:
    """The lines of the body that are not blank, up to `most` at a time, and fewer where they are large.

    A client has as much time for each line as for an ordinary request. Raises ClientGoneError, TimeoutError; the lines
    of an unfinished chunk are dropped then.
    """
    chunk: list[Line] = []
    size = 0
    async for line in _read_lines(request):
        chunk.append(line)
        size += len(line[1]) if isinstance(line[1], bytes) else 0
        if len(chunk) == most or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


async def _read_lines(request: Request) -> AsyncIterator[Line]:
    settings = request.context.settings
    loop = asyncio.get_running_loop()
    unfinished = _UnfinishedLine(settings.max_body_bytes)
    number = 1
    deadline = loop.time() + settings.request_timeout_seconds
    while True:
        async with asyncio.timeout_at(deadline):
            message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        *ends, rest = message.get("body", b"").split(b"\n")
        for end in ends:
            line = unfinished.finish(end)
            if line:
                yield number, line
            number += 1
        unfinished.append(rest)
        if not message.get("more_body"):
            request.arriving = False
            line = unfinished.finish(b"")
            if line:
                yield number, line
            return
        if ends:
            deadline = loop.time() + settings.request_timeout_seconds


class _UnfinishedLine:
    """What has arrived of a line; no more of it than a body may have."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = bytearray()
        self._too_long = False

    def append(self, part: bytes) -> None:
        """Adds what is not the line's end."""
        if self._too_long or len(self._held) + len(part) > self._most:
            self._too_long = True
            self._held.clear()
        else:
            self._held += part

    def finish(self, end: bytes) -> bytes | BodyTooLarge:
        """The whole line, without blanks around it; the next one begins."""
        if self._held or self._too_long or len(end) > self._most:
            self.append(end)
            end, too_long = bytes(self._held), self._too_long
            self._held.clear()
            self._too_long = False
            if too_long:
                return BodyTooLarge(f"The line is longer than {self._most:,} bytes")
        return end.strip(_BLANK)


async def send_parts(request: Request, parts: AsyncIterator[bytes], send: Callable[[Message], Awaitable[None]]) -> None:
    """Sends the parts of a body as they are made, and its end.

    While a client still sends, what it does not read is put aside in a file, up to ASIDE_BYTES, since many clients read
    only after that; from then on nothing is made that it does not read. Raises what making the parts raises, and
    ClientGoneError.
    """
    waiting = _Waiting()
    maker = asyncio.create_task(_make(request, parts, waiting))
    watcher: asyncio.Task[None] | None = None
    try:
        while part := await waiting.take():
            if watcher is None and not request.arriving:
                watcher = asyncio.create_task(_watch(request, maker))
            await send({"type": "http.response.body", "body": part, "more_body": True})
        if watcher is not None and watcher.done():
            raise ClientGoneError
        await maker
    finally:
        tasks = [task for task in (maker, watcher) if task is not None]
        for task in tasks:
            task.cancel()
        # What they raise has been raised already, or no longer matters; to be cancelled here still does.
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            waiting.close()
    await send({"type": "http.response.body", "body": b""})


async def _make(request: Request, parts: AsyncIterator[bytes], waiting: _Waiting) -> None:
    try:
        async for part in parts:
            await waiting.put(part, aside=request.arriving)
    finally:
        waiting.end()


async def _watch(request: Request, maker: asyncio.Task[None]) -> None:
    """Ends the making of a reply when its client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass  # What an operation without a body is sent is dropped.
    maker.cancel()


class _Waiting:
    """The bytes of a reply that are still to be sent: the first of them in memory, the others perhaps in a file."""

    def __init__(self) -> None:
        self._parts: deque[bytes] = deque()
        self._held = 0
        self._file: IO[bytes] | None = None
        self._read = self._written = 0
        self._ended = False
        self._changed = asyncio.Event()
        self._room = asyncio.Event()

    async def put(self, part: bytes, *, aside: bool) -> None:
        """Adds bytes behind all others. Waits for room in memory unless they may be put `aside`, and the file has room.

        A client that reads nothing of so much is not read from either, and its connection ends when it is idle.
        """
        while self._is_full() and not (aside and self._written < ASIDE_BYTES):
            self._room.clear()
            await self._room.wait()
        if self._is_full():
            self._put_aside(part)
        elif part:
            self._parts.append(part)
            self._held += len(part)
        self._changed.set()

    def _is_full(self) -> bool:
        """Whether there is no room in memory, or the file has what comes before."""
        return self._held >= HELD_BYTES or self._written > self._read

    async def take(self) -> bytes:
        """The next bytes; none at the end."""
        while True:
            if self._parts:
                part = self._parts.popleft()
                self._held -= len(part)
                self._room.set()
                return part
            if self._file is not None and self._written > self._read:
                return self._take_from(self._file)
            if self._ended:
                return b""
            self._changed.clear()
            await self._changed.wait()

    def end(self) -> None:
        """Nothing more is added."""
        self._ended = True
        self._changed.set()

    def close(self) -> None:
        """Removes the file."""
        if self._file is not None:
            self._file.close()

    def _put_aside(self, part: bytes) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="groundlevel-")  # noqa: SIM115  # closed by `close`
        self._file.seek(self._written)
        self._file.write(part)
        self._written += len(part)

    def _take_from(self, file: IO[bytes]) -> bytes:
        file.seek(self._read)
        part = file.read(_PIECE_BYTES)
        self._read += len(part)
        if self._read == self._written:
            file.seek(0)
            file.truncate()
            self._read = self._written = 0
            self._room.set()
        return part
