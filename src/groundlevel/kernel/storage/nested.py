"""A storage inside one transaction: what several pieces of work do to it becomes durable together, or nothing does."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncIterator
from typing import TypeVar

from groundlevel.kernel.model import Location
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.images import Images
from groundlevel.kernel.storage.transaction import Transaction, Work, run_work

T = TypeVar("T")


class OtherTransaction(Exception):
    """The work has to be begun again in another transaction: of this location, and of this kind."""

    def __init__(self, location: Location | None, *, schema: bool) -> None:
        self.location = location
        self.schema = schema
        super().__init__()


class NestedStorage(Storage):
    """What a storage offers, over a transaction of it. `schema` says whether that may change objects and fields."""

    def __init__(self, outer: Storage, tx: Transaction, *, schema: bool) -> None:
        super().__init__()
        self.engine = outer.engine  # type: ignore[misc]
        self.cache = outer.cache
        self.ids = outer.ids
        self.notices = outer.notices
        self.audited, self.author = outer.audited, outer.author
        self.change_signal = outer.change_signal
        self.work_available = outer.work_available
        self.background = outer.background
        self._outer = outer
        self._tx = tx
        self._schema = schema

    async def open(self) -> None:
        """Nothing to open: the transaction has begun."""

    async def open_to_examine(self) -> None:
        """Nothing to open: the transaction has begun."""

    async def close(self) -> None:
        """Nothing to close: what began the transaction ends it."""

    @contextlib.asynccontextmanager
    async def exclusively(self) -> AsyncIterator[None]:
        async with self._outer.exclusively():
            yield

    async def read(self, location: Location | None, work: Work[T]) -> T:
        tx = self._tx
        if location is not None and location.number != tx.location_number:
            tx = type(tx)(tx.connection, location, tx.cache, ids=tx.ids)
            tx.log.is_on = self.audited
        return await run_work(work, tx)

    async def scan(self, location: Location | None, work: Work[T], *, seconds: float = math.inf) -> T:
        return await self.read(location, work)

    async def write(self, location: Location | None, work: Work[T]) -> T:
        if (0 if location is None else location.number) != self._tx.location_number:
            raise OtherTransaction(location, schema=self._schema)
        return await run_work(work, self._tx)

    async def change_schema(self, location: Location, work: Work[T]) -> T:
        if not self._schema:
            raise OtherTransaction(location, schema=True)
        return await self.write(location, work)

    def images(self) -> Images:
        return self._outer.images()

    async def ready(self) -> None:
        await self._outer.ready()

    async def measures(self) -> dict[str, float]:
        return await self._outer.measures()
