"""One end of a copy from database to database: tables read or written row by row, in a single transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

from groundlevel.kernel.ids import Ids
from groundlevel.kernel.model import Location
from groundlevel.kernel.storage.cache import Cache, CacheView
from groundlevel.kernel.storage.connection import Connection, Row
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction

ROWS = 250
"""Rows held in memory at once."""


class DatabaseEnd(ABC):
    """A database inside one transaction: what is read is one snapshot, and what is written is durable at its end or
    not at all. Methods may raise StorageUnavailable."""

    engine: ClassVar[str]
    connection: Connection

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._cache, self._ids = Cache(), Ids()
        # What is read here is not committed yet, or was replaced since: nothing of it may be kept.
        self._cache.distrust()

    @property
    def sql(self) -> dict[str, Statement]:
        """The engine's statements, by name."""
        return self.transaction(None).sql

    @abstractmethod
    async def columns(self) -> dict[str, dict[str, str]]:
        """The stored columns of each table, in their order, with their types as the engine calls them.

        Tables that an engine keeps for itself are left out, and so are columns that are computed from others.
        """

    @abstractmethod
    def stream(self, statement: Statement, *args: object) -> AsyncIterator[list[Row]]:
        """The rows of a query, up to ROWS at a time, so that no result is held in memory."""

    @abstractmethod
    async def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Inserts rows as they are, numbers of identity columns included."""

    @abstractmethod
    def transaction(self, location: Location | None) -> Transaction:
        """The same transaction, as what use cases are given."""

    @abstractmethod
    async def settle(self) -> None:
        """Done last before the commit: other processes learn that everything changed, planners what there is."""

    def view(self) -> CacheView:
        """A view of a cache that keeps nothing."""
        return CacheView(self._cache)
