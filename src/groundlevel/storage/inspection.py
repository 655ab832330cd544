"""What a transaction tells the doctor: how the parts of a database that must agree look, one by one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from groundlevel.fields.shape import IndexEntry, Shape
from groundlevel.storage.place import Placed


class InspectionMethods(Placed):
    """The part of a transaction that only `groundlevel doctor` uses. It reads, and nothing is cached."""

    @abstractmethod
    async def search_texts(self, shape: Shape, after: str, last: str) -> dict[str, str]:
        """The stored search texts of the records behind `after` up to `last`, by record id."""

    @abstractmethod
    async def search_rows(self, shape: Shape) -> tuple[int, int]:
        """How many search texts the object has, with or without a record, and how many of them are not in the
        full-text index or only there."""

    @abstractmethod
    async def unfindable(self, shape: Shape, texts: Sequence[tuple[str, str]]) -> list[str]:
        """The records, given as (record id, text), which the full-text index does not find by their text."""

    @abstractmethod
    async def unique_rows(self, field_number: int) -> int:
        """How many unique values of a field are held."""

    @abstractmethod
    async def unindexed(self, shape: Shape, entries: Sequence[tuple[str, frozenset[IndexEntry]]]) -> list[str]:
        """The records, given by id, some of whose entries their indexes do not hold."""

    @abstractmethod
    async def index_rows(self, field_number: int) -> int:
        """How many entries the index of a field holds."""

    @abstractmethod
    async def disordered(self, shape: Shape) -> int:
        """How many records do not lie in the order of their ids, or not where records of their object belong."""

    async def strays(self) -> dict[str, int]:
        """How many rows belong to no object or field of any location, by table; tables without any are left out."""
        return {row[0]: row[1] for row in await self.connection.rows(self.sql["count_strays"]) if row[1]}

    async def damage(self) -> list[str]:
        """What the engine itself finds wrong with its files, in its words."""
        return [row[0] for row in await self.connection.rows(self.sql["find_damage"])]
