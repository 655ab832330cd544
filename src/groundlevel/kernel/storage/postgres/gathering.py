"""Gathers what requests of one turn of the event loop read by ids into one statement for them all (decision 0093)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from groundlevel.kernel.storage.connection import Connection, Row
from groundlevel.kernel.storage.postgres.connection import PostgresConnection
from groundlevel.kernel.storage.postgres.pool import Pool
from groundlevel.kernel.storage.statements import Statement

MOST_FLIGHTS = 2
"""Statements for the same kind of rows that are on their way at once. What is asked for meanwhile gathers."""
MOST_ASKERS = 64
"""Reads that one statement serves."""

_Key = tuple[str, tuple[object, ...]]
_Asker = tuple[Sequence[bytes], "asyncio.Future[list[Row]]"]


class _Group:
    """Reads that differ in their ids alone."""

    __slots__ = ("args", "askers", "flights", "is_due", "statement")

    def __init__(self, statement: Statement, args: tuple[object, ...]) -> None:
        self.statement = statement
        self.args = args
        self.askers: list[_Asker] = []
        self.flights = 0
        self.is_due = False
        """Whether it leaves at the end of this turn."""


class GatheredReads:
    """All reads by ids of one process that are not part of a transaction."""

    def __init__(self, pool: Pool, wrap: Callable[[Any], PostgresConnection]) -> None:
        self._pool = pool
        self._wrap = wrap
        self._groups: dict[_Key, _Group] = {}
        self._flying: set[asyncio.Task[None]] = set()

    async def rows(self, statement: Statement, ids: Sequence[bytes], *args: object) -> list[Row]:
        """As `Connection.rows_by_id`, on a connection of its own that others share. Raises the driver's errors."""
        key = (statement.sql, args)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(statement, args)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Row]] = loop.create_future()
        group.askers.append((ids, answer))
        if group.flights < MOST_FLIGHTS and not group.is_due:
            group.is_due = True
            loop.call_soon(self._depart, key, group)
        return await answer

    def _depart(self, key: _Key, group: _Group) -> None:
        group.is_due = False
        askers, group.askers = group.askers[:MOST_ASKERS], group.askers[MOST_ASKERS:]
        group.flights += 1
        flight = asyncio.create_task(self._fly(key, group, askers))
        self._flying.add(flight)
        flight.add_done_callback(self._flying.discard)

    async def _fly(self, key: _Key, group: _Group, askers: list[_Asker]) -> None:
        askers = [(ids, answer) for ids, answer in askers if not answer.done()]
        try:
            if askers:
                await self._ask(group, askers)
        except BaseException as error:
            for _, answer in askers:
                if not answer.done():
                    answer.set_exception(error) if isinstance(error, Exception) else answer.cancel()
            if not isinstance(error, Exception):
                raise
        finally:
            group.flights -= 1
            if group.askers:
                self._depart(key, group)
            elif not group.flights and not group.is_due:
                self._groups.pop(key, None)

    async def _ask(self, group: _Group, askers: list[_Asker]) -> None:
        wanted = list({each for ids, _ in askers for each in ids})
        async with self._pool.acquire() as raw:
            found = await self._wrap(raw).rows_by_id(group.statement, wanted, *group.args)
        rows: dict[bytes, list[Row]] = {}
        for row in found:
            rows.setdefault(row[0], []).append(row)
        for ids, answer in askers:
            if not answer.done():
                answer.set_result([row for each in ids for row in rows.get(each, ())])


class BorrowedConnection(Connection):
    """A connection that is taken from the pool when something is read that is not gathered, until `give_back`."""

    def __init__(self, pool: Pool, wrap: Callable[[Any], PostgresConnection], gathered: GatheredReads) -> None:
        self._pool = pool
        self._wrap = wrap
        self._gathered = gathered
        self._taken: PostgresConnection | None = None

    async def rows_by_id(self, statement: Statement, ids: Sequence[bytes], *args: object) -> list[Row]:
        if self._taken is not None:
            # To wait for another connection while this one is held would have readers wait for each other.
            return await self._taken.rows_by_id(statement, ids, *args)
        return await self._gathered.rows(statement, ids, *args)

    async def rows(self, statement: Statement, *args: object) -> list[Row]:
        return await (self._taken or await self._take()).rows(statement, *args)

    async def page(self, statement: Statement, *args: object, limit: int) -> list[Row]:
        return await (self._taken or await self._take()).page(statement, *args, limit=limit)

    async def row(self, statement: Statement, *args: object) -> Row | None:
        return await (self._taken or await self._take()).row(statement, *args)

    async def run(self, statement: Statement, *args: object) -> None:
        await (self._taken or await self._take()).run(statement, *args)

    async def run_many(self, statement: Statement, rows: Iterable[Sequence[object]]) -> None:
        await (self._taken or await self._take()).run_many(statement, rows)

    async def script(self, sql: str) -> None:
        await (self._taken or await self._take()).script(sql)

    async def _take(self) -> PostgresConnection:
        taken = self._taken = self._wrap(await self._pool.take())
        return taken

    def give_back(self) -> None:
        """Gives the connection back, if one was taken."""
        if self._taken is not None:
            taken, self._taken = self._taken, None
            self._pool.give(taken.raw)
