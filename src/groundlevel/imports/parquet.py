"""Writes records as Parquet, row group by row group, where the extra `groundlevel[parquet]` is installed.

The library writes a file in one call that asks for batches when it wants them. It runs on a thread, which asks the
event loop for records and hands it what it has written; either side waits for the other.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Any, TypeVar

from groundlevel.imports.record_pages import Columns
from groundlevel.kernel.model import Record

T = TypeVar("T")
_PART_BYTES = 131_072
_PARTS = 4
"""Parts of the file that wait to be sent."""


def has_parquet() -> bool:
    """Whether Parquet can be written here."""
    # Both are parts of one package, which is only looked into when there is one.
    found = importlib.util.find_spec("arro3") is not None
    return found and all(importlib.util.find_spec(f"arro3.{part}") is not None for part in ("core", "io"))


async def parquet_parts(columns: Columns, pages: AsyncIterator[list[Record]]) -> AsyncIterator[bytes]:
    """The bytes of a Parquet file of the records: their ids and times, and a column for each property."""
    exchange = _Exchange(pages)
    work = asyncio.get_running_loop().run_in_executor(None, _write, columns, exchange)
    try:
        while part := await exchange.parts.get():
            yield part
        await work
    finally:
        exchange.abandon()
        with suppress(Exception):
            await asyncio.shield(work)


class _Exchange:
    """Where the thread that writes and the event loop meet.

    The library takes an error of its file for a fault of its own and aborts. So it is never shown one: what fails ends
    the records, and what it writes from then on is dropped.
    """

    def __init__(self, pages: AsyncIterator[list[Record]]) -> None:
        self.parts: asyncio.Queue[bytes] = asyncio.Queue(_PARTS)
        self.failure: BaseException | None = None
        """Why there are no more records, if there should be."""
        self._pages = pages
        self._loop = asyncio.get_running_loop()
        self._waited: Future[Any] | None = None
        self._abandoned = False

    def abandon(self) -> None:
        """Ends the work of the thread, since nobody takes its parts any more."""
        self._abandoned = True
        if self._waited is not None:
            self._waited.cancel()

    def row_groups(self, most: int) -> Iterator[list[Record]]:
        """On the thread: the records, so many together."""
        held: list[Record] = []
        while page := self._next():
            held += page
            if len(held) >= most:
                yield held
                held = []
        if held and self.failure is None:
            yield held

    def put(self, part: bytes) -> None:
        """On the thread: hands on what was written."""
        if self.failure is None:
            with suppress(CancelledError):
                self._wait(self.parts.put(part))

    def end(self) -> None:
        """On the thread: says that nothing follows."""
        with suppress(CancelledError):
            self._wait(self.parts.put(b""))

    def _next(self) -> list[Record]:
        try:
            return self._wait(self._next_page())
        except CancelledError:
            pass  # Abandoned.
        except BaseException as problem:
            self.failure = problem
        return []

    def _wait(self, step: Coroutine[Any, Any, T]) -> T:
        self._waited = future = asyncio.run_coroutine_threadsafe(step, self._loop)
        if self._abandoned:
            future.cancel()
        return future.result()

    async def _next_page(self) -> list[Record]:
        return await anext(self._pages, [])


class _File:
    """What the library takes for a file. It only ever adds to it."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._put = put
        self._held = bytearray()
        self._written = 0

    def write(self, part: bytes) -> int:
        self._held += part
        self._written += len(part)
        if len(self._held) >= _PART_BYTES:
            self.flush()
        return len(part)

    def flush(self) -> None:
        if self._held:
            part = bytes(self._held)
            self._held.clear()
            self._put(part)

    def seek(self, *_: int) -> int:
        """Asked for by the library, and never called."""
        return self._written

    def tell(self) -> int:
        return self._written


def _write(columns: Columns, exchange: _Exchange) -> None:
    # Imported here, since a server may do without it.
    from groundlevel.imports.parquet_columns import ROW_GROUP, write_row_groups

    file = _File(exchange.put)
    try:
        write_row_groups(columns, exchange.row_groups(ROW_GROUP), file)
        file.flush()
    finally:
        exchange.end()
    if exchange.failure is not None:
        raise exchange.failure
