"""Reads the parts of a database that must agree, one by one, for the doctor to compare."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from groundlevel.kernel.fields.compiled import CompiledObject, IndexEntry
from groundlevel.kernel.storage.postgres.transaction import index_columns
from groundlevel.kernel.storage.sqlite.dialect import TRIGRAM, rid_range
from groundlevel.kernel.storage.transaction import Transaction

PROBE = 12
"""Characters of a search text by which the doctor looks for it."""


class Inspection(ABC):
    """What only `groundlevel doctor` asks of a transaction. It reads, and nothing is cached."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    @abstractmethod
    async def search_texts(self, schema: CompiledObject, after: str, last: str) -> dict[str, str]:
        """The stored search texts of the records behind `after` up to `last`, by record id."""

    @abstractmethod
    async def search_rows(self, schema: CompiledObject) -> tuple[int, int]:
        """How many search texts the object has, with or without a record, and how many of them are not in the
        full-text index or only there."""

    @abstractmethod
    async def missing_from_text_index(self, schema: CompiledObject, texts: Sequence[tuple[str, str]]) -> list[str]:
        """The records, given as (record id, text), which the full-text index does not find by their text."""

    @abstractmethod
    async def unique_rows(self, field_number: int) -> int:
        """How many unique values of a field are held."""

    @abstractmethod
    async def missing_from_field_indexes(
        self, schema: CompiledObject, entries: Sequence[tuple[str, frozenset[IndexEntry]]]
    ) -> list[str]:
        """The records, given by id, some of whose entries their indexes do not hold."""

    @abstractmethod
    async def index_rows(self, field_number: int) -> int:
        """How many entries the index of a field holds."""

    @abstractmethod
    async def count_misplaced(self, schema: CompiledObject) -> int:
        """How many records do not lie in the order of their ids, or not where records of their object belong."""

    async def count_orphans(self) -> dict[str, int]:
        """How many rows belong to no object or field of any location, by table; tables without any are left out."""
        return {row[0]: row[1] for row in await self._tx.connection.rows(self._tx.sql["count_orphans"]) if row[1]}

    async def find_corruption(self) -> list[str]:
        """What the engine itself finds wrong with its files, in its words."""
        return [row[0] for row in await self._tx.connection.rows(self._tx.sql["find_corruption"])]


class SqliteInspection(Inspection):
    """Inspects a SQLite database."""

    async def _rid(self, schema: CompiledObject, record_id: str) -> int:
        row = await self._tx.connection.row(self._tx.sql["find_rid"], schema.object.number, bytes.fromhex(record_id))
        assert row is not None, "the record was just read"
        return int(row[0])

    async def search_texts(self, schema: CompiledObject, after: str, last: str) -> dict[str, str]:
        bounds = (bytes.fromhex(after), bytes.fromhex(last))
        rows = await self._tx.connection.rows(self._tx.sql["list_search_texts"], schema.object.number, *bounds)
        return {row[0].hex(): row[1] for row in rows}

    async def search_rows(self, schema: CompiledObject) -> tuple[int, int]:
        row = await self._tx.connection.row(self._tx.sql["count_search"], *rid_range(schema.object.number))
        assert row is not None
        return row[0], row[1]

    async def find_corruption(self) -> list[str]:
        # The full-text table's own check trusts what this connection remembers of it; a query looks anew.
        await self._tx.connection.row(self._tx.sql["refresh_fts"])
        return await super().find_corruption()

    async def missing_from_text_index(self, schema: CompiledObject, texts: Sequence[tuple[str, str]]) -> list[str]:
        missing = []
        for record_id, text in texts:
            if len(text) < TRIGRAM:
                continue
            # A part of the text, another for each record: what a probe costs grows with its length.
            start = int(record_id, 16) % max(1, len(text) - PROBE + 1)
            phrase = text[start : start + PROBE].replace('"', '""')
            args = (f'"{phrase}"', schema.object.number, bytes.fromhex(record_id))
            if await self._tx.connection.row(self._tx.sql["probe_fts"], *args) is None:
                missing.append(record_id)
        return missing

    async def unique_rows(self, field_number: int) -> int:
        row = await self._tx.connection.row(self._tx.sql["count_unique"], field_number)
        return int(row[0]) if row else 0

    async def missing_from_field_indexes(
        self, schema: CompiledObject, entries: Sequence[tuple[str, frozenset[IndexEntry]]]
    ) -> list[str]:
        missing = []
        for record_id, held in entries:
            rid = await self._rid(schema, record_id)
            for field_number, value in held:
                if value is None:
                    found = await self._tx.connection.row(self._tx.sql["find_missing"], field_number, rid)
                else:
                    found = await self._tx.connection.row(self._tx.sql["find_value"], field_number, value, rid)
                if found is None:
                    missing.append(record_id)
                    break
        return missing

    async def index_rows(self, field_number: int) -> int:
        row = await self._tx.connection.row(self._tx.sql["count_values"], field_number)
        return int(row[0]) if row else 0

    async def count_misplaced(self, schema: CompiledObject) -> int:
        row = await self._tx.connection.row(self._tx.sql["count_misplaced"], *rid_range(schema.object.number))
        return int(row[0]) if row else 0


class PostgresInspection(Inspection):
    """Inspects a PostgreSQL database."""

    async def search_texts(self, schema: CompiledObject, after: str, last: str) -> dict[str, str]:
        bounds = (bytes.fromhex(after), bytes.fromhex(last))
        rows = await self._tx.connection.rows(
            self._tx.sql["list_search_texts"], self._tx.loc, schema.object.number, *bounds
        )
        return {row[0].hex(): row[1] for row in rows}

    async def search_rows(self, schema: CompiledObject) -> tuple[int, int]:
        row = await self._tx.connection.row(self._tx.sql["count_search"], self._tx.loc, schema.object.number)
        return (int(row[0]) if row else 0), 0

    async def missing_from_text_index(self, schema: CompiledObject, texts: Sequence[tuple[str, str]]) -> list[str]:
        # The trigram index is an index like any other: it holds no text that could differ.
        return []

    async def unique_rows(self, field_number: int) -> int:
        row = await self._tx.connection.row(self._tx.sql["count_unique"], self._tx.loc, field_number)
        return int(row[0]) if row else 0

    async def missing_from_field_indexes(
        self, schema: CompiledObject, entries: Sequence[tuple[str, frozenset[IndexEntry]]]
    ) -> list[str]:
        rows = await self._tx.connection.rows(self._tx.sql["find_unindexed"], self._tx.loc, *index_columns(entries))
        return [row[0].hex() for row in rows]

    async def index_rows(self, field_number: int) -> int:
        row = await self._tx.connection.row(self._tx.sql["count_values"], self._tx.loc, field_number)
        return int(row[0]) if row else 0

    async def count_misplaced(self, schema: CompiledObject) -> int:
        row = await self._tx.connection.row(self._tx.sql["count_misplaced"], self._tx.loc, schema.object.number)
        return int(row[0]) if row else 0


_ENGINES: dict[str, type[Inspection]] = {"sqlite": SqliteInspection, "postgres": PostgresInspection}


def inspect(tx: Transaction) -> Inspection:
    """The inspection of a transaction's database."""
    return _ENGINES[tx.dialect.engine](tx)
