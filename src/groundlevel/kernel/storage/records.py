"""What an engine does with records: their rows, search texts, index entries, unique values and counts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from groundlevel.kernel.codec import decode_texts, encode_text
from groundlevel.kernel.fields.compiled import CompiledObject, IndexEntry
from groundlevel.kernel.model import IndexState, Record
from groundlevel.kernel.query.ast import PropertyOperand
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.dialect import Scope

SLICE_TEXT = 524_288
"""Characters of properties with which a slice of a walk ends, however few records it has: many walks go on at once."""
_FIRST_READ = 4
"""Records of a slice that are read before anything is known of their size."""


class NewRow(Struct, frozen=True, gc=False):
    """A record to be added, with the text it is found by and what the indexes hold of it."""

    id: str
    created_at: int
    owners: tuple[str, ...]
    followers: tuple[str, ...]
    created_by: str
    properties: str
    search_text: str
    entries: frozenset[IndexEntry] = frozenset()


class UniqueClaim(Struct, frozen=True, gc=False):
    """That a record holds a value of a unique field."""

    field_number: int
    value: str
    record_id: str


class Chunk(Struct, frozen=True, gc=False):
    """Records in id order: `most` of those after the one with this id; start with an empty id."""

    after: str
    most: int


class Slice(NamedTuple):
    """Records in id order, and whether there may be more behind them."""

    records: list[Record]
    more: bool


class Tally(NamedTuple):
    """What the counters of an object say. As long as both are the same, so are its records."""

    records: int
    changes: int
    """Writes of its records, or transactions that had some: it only ever grows."""


class Return(Struct, frozen=True, gc=False):
    """What a deleted record that comes back is stored with besides what it held."""

    place: int
    """What its deletion returned."""
    version: int
    updated_at: int
    updated_by: str


class EntryChange(Struct, frozen=True, gc=False):
    """What the indexes are to lose and to gain by a change of a record."""

    gone: frozenset[IndexEntry]
    come: frozenset[IndexEntry]


class RecordTable(ABC):
    """The records of a transaction's location. Ids are hex texts outside and twelve bytes inside."""

    __slots__ = ()

    @abstractmethod
    async def new_id(self, schema: CompiledObject) -> str:
        """An id for a new record of the object, greater than all its ids made before on this database."""

    @abstractmethod
    async def insert(self, schema: CompiledObject, rows: Sequence[NewRow]) -> None:
        """Adds records with their search texts and counts them. Raises StaleSchemaError."""

    @abstractmethod
    async def find(self, schema: CompiledObject, record_id: str) -> Record | None:
        """The record, or None."""

    @abstractmethod
    async def lock(self, schema: CompiledObject, record_id: str) -> Record | None:
        """The record, locked against other writers until the transaction ends, or None. Raises StaleSchemaError."""

    @abstractmethod
    async def update(
        self, schema: CompiledObject, record: Record, *, search_text: str | None, entries: EntryChange
    ) -> None:
        """Stores a record that was read for update; `search_text` is None when it did not change."""

    @abstractmethod
    async def delete(self, schema: CompiledObject, record_id: str, *, entries: frozenset[IndexEntry]) -> int:
        """Deletes a record that was read for update, with its search text, index entries and count.

        Returns its place among the records of the object, which stays free; 0 where places are ids.
        """

    @abstractmethod
    async def insert_again(self, schema: CompiledObject, row: NewRow, again: Return) -> bool:
        """Stores a deleted record again, under its id, in its place, and counts it. Raises StaleSchemaError.

        Whether it could: not where another record has the place, as none has that this database has given up.
        """

    @abstractmethod
    async def fill_index(self, schema: CompiledObject, operand: PropertyOperand, chunk: Chunk) -> str | None:
        """Adds to a field's index what it holds of some records; the id of the last of them, None if none is left.

        What the index holds already stays.
        """

    @abstractmethod
    async def delete_index(self, field_number: int) -> None:
        """Empties the index of a field."""

    @abstractmethod
    async def shrink_index(self, field_number: int, most: int) -> bool:
        """Deletes so many entries of the index of a field; whether any are left."""

    @abstractmethod
    async def claim_values(self, schema: CompiledObject, claims: Sequence[UniqueClaim]) -> list[UniqueClaim]:
        """Takes unique values and returns the claims refused because another record holds the value."""

    @abstractmethod
    async def release_values(self, schema: CompiledObject, claims: Sequence[UniqueClaim]) -> None:
        """Gives unique values back."""

    @abstractmethod
    async def find_holder(self, schema: CompiledObject, field_number: int, value: str) -> str | None:
        """The id of the record that holds a value of a unique field."""

    @abstractmethod
    async def release_field(self, field_number: int) -> None:
        """Gives back every unique value of a field."""

    async def list_after(self, schema: CompiledObject, record_id: str, limit: int) -> Slice:
        """The next records in ascending id order, up to `limit`, and fewer where they are large; start with an empty
        id.

        A few are read first, and then as many as fit if the rest are as large: no more than a few are ever too many.
        """
        rows: list[Row] = []
        size, step, after = 0, min(limit, _FIRST_READ), bytes.fromhex(record_id)
        while True:
            some = await self.read_after(schema, after, step)
            rows += some
            size += sum(len(row[-1]) for row in some)
            more = len(some) == step
            if not more or len(rows) >= limit or size >= SLICE_TEXT:
                return Slice([self.record_of(row) for row in rows], more)
            after = rows[-1][0]
            step = min(limit - len(rows), max(1, (SLICE_TEXT - size) * len(rows) // max(size, 1)))

    @abstractmethod
    async def read_after(self, schema: CompiledObject, record_id: bytes, limit: int) -> list[Row]:
        """The rows of the next records in ascending id order."""

    @abstractmethod
    async def update_search_texts(self, schema: CompiledObject, texts: Sequence[tuple[str, str]]) -> None:
        """Replaces search texts, given as (record id, text); an empty text removes the row."""

    @abstractmethod
    async def keys_of(self, schema: CompiledObject, record_ids: Sequence[str]) -> list[object]:
        """By what a search names records that are there, in the order of the ids given."""

    @abstractmethod
    async def delete_all(self, schema: CompiledObject) -> None:
        """Deletes every record of the object with its search texts and counts."""

    async def erase(self, schema: CompiledObject) -> None:
        """Deletes every record of an object that is going, with all that unique fields and indexes hold of them."""
        for field in schema.unique:
            await self.release_field(field.number)
        for field in schema.object.fields:
            if field.index is not IndexState.NONE:
                await self.delete_index(field.number)
        await self.delete_all(schema)

    @abstractmethod
    async def tally(self, schema: CompiledObject) -> Tally:
        """How many records the object has and how often they were written, from its counters."""

    async def count(self, schema: CompiledObject) -> int:
        """How many records the object has, from its counters."""
        return (await self.tally(schema)).records

    @abstractmethod
    def scope_of(self, schema: CompiledObject) -> Scope:
        """What statements about the object are bounded to."""

    def record_of(self, row: Row) -> Record:
        """The record in a whole row."""
        owners: Any = row[4]
        followers: Any = row[5]
        created_by = row[6]
        return Record(
            row[0].hex(),
            row[1],
            row[2],
            row[3],
            decode_texts(owners) if owners else (),
            decode_texts(followers) if followers else (),
            created_by,
            row[7] or created_by,
            row[8],
        )


def list_text(values: tuple[str, ...]) -> str | None:
    """The stored form of owners and followers: JSON text, or None when there are none."""
    return encode_text(values) if values else None
