"""Reads and writes the rows of a whole database where engines keep them differently."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Sequence

from msgspec import Struct

from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.ends import DatabaseEnd
from groundlevel.kernel.storage.sqlite.dialect import CHANGE_BITS, rid_range
from groundlevel.kernel.storage.statements import Statement
from groundlevel.transfer.errors import TransferError

BY_RECORD = frozenset(("records", "record_search"))
"""Tables that are copied together, object by object."""
DERIVED = frozenset(("record_values", "record_missing", "highest_rids"))
"""Tables that are made again from the records: what indexes hold, and what SQLite keeps of where records lay."""
OF_THE_ENGINE = frozenset(("schema_migrations", "state", "event_numbers"))
"""Tables that an engine keeps about itself; the numbers in them are copied as counters."""
UNLOCATED = frozenset(("object_counts", "record_unique", "relations", "relation_counts"))
"""Tables whose rows are found without the number of their location on SQLite, and have it on PostgreSQL."""
LOG = "audit"
"""The table of changes. Its rows are numbered in each location, which SQLite writes as one number."""
LOG_COLUMNS = (
    "loc", "seq", "at", "operation", "kind", "subject", "object_key", "version", "actor_kind", "actor", "source",
    "trace_id", "detail",
)  # fmt: skip
_RECORD = (
    "loc", "obj", "id", "created_at", "updated_at", "version", "owners", "followers", "created_by", "updated_by",
    "properties",
)  # fmt: skip
_BEHIND_ALL = "g"
"""Behind every id in hex."""
_SEQUENCES = {"object_numbers": "objects", "field_numbers": "fields", "association_numbers": "associations"}
"""The tables of SQLite that number their rows by themselves, by what the counter is called."""


class Table(Struct, frozen=True):
    """A table that is copied as it is."""

    name: str
    columns: tuple[str, ...]
    """What the target keeps of it."""


class WholeDatabase(ABC):
    """All rows of a database, of every location."""

    def __init__(self, end: DatabaseEnd) -> None:
        self.end = end

    async def count(self, table: str) -> int:
        """How many rows a table has."""
        # The names are those of tables that are there.
        row = await self.end.connection.row(Statement.query(f"SELECT count(*) FROM {table}"))  # noqa: S608
        return int(row[0]) if row else 0

    async def is_empty(self, table: str) -> bool:
        """Whether a table has no row."""
        return await self.end.connection.row(Statement.query(f"SELECT 1 FROM {table} LIMIT 1")) is None  # noqa: S608

    def rows(self, table: Table) -> AsyncIterator[list[Row]]:
        """The rows of a table that is copied as it is."""
        return self.end.stream(Statement.query(f"SELECT {', '.join(table.columns)} FROM {table.name}"))  # noqa: S608

    def objects(self) -> AsyncIterator[list[Row]]:
        """Number of the location, number, key, and id of the location, of every object."""
        return self.end.stream(self.end.sql["list_all_objects"])

    async def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Inserts rows as `rows` reads them."""
        await self.end.insert(table.name, table.columns, rows)

    def records(self, loc: int, obj: int) -> AsyncIterator[list[Row]]:
        """The records of an object with their search texts, in the order of their ids."""
        return self.end.stream(self.end.sql["read_records"], loc, obj)

    async def counters(self) -> dict[str, int]:
        """The next number of each kind."""
        return {row[0]: row[1] for row in await self.end.connection.rows(self.end.sql["list_counters"])}

    async def count_records(self) -> int:
        """How many records there are, with or without an object."""
        row = await self.end.connection.row(self.end.sql["count_all_records"])
        return int(row[0]) if row else 0

    async def count_deletions(self) -> int:
        """How many deleted objects and associations are still being removed."""
        row = await self.end.connection.row(self.end.sql["count_deletions"])
        return int(row[0]) if row else 0

    @abstractmethod
    async def begin_object(self, loc: int, obj: int, key: str) -> None:
        """Prepares for the records of an object. The changes of its location are there by then."""

    @abstractmethod
    async def insert_records(self, rows: Sequence[Row]) -> None:
        """Inserts records of the object that was begun as `records` reads them, in their order."""

    @abstractmethod
    async def end_object(self) -> None:
        """Finishes the object when all its records are inserted."""

    @abstractmethod
    async def set_counter(self, name: str, number: int) -> None:
        """Makes a number the next of its kind."""


class WholeSqliteDatabase(WholeDatabase):
    """All rows of a SQLite database."""

    def rows(self, table: Table) -> AsyncIterator[list[Row]]:
        if table.name in (*UNLOCATED, LOG) and "loc" in table.columns:
            return self.end.stream(self.end.sql[f"locate_{table.name}"])
        return super().rows(table)

    async def insert(self, table: Table, rows: Sequence[Row]) -> None:
        if table.name != LOG:
            await super().insert(table, rows)
            return
        numbered = [((row[0] << CHANGE_BITS) | row[1], *row[2:]) for row in rows]
        await self.end.insert(LOG, ("id", *LOG_COLUMNS[2:]), numbered)

    async def begin_object(self, loc: int, obj: int, key: str) -> None:
        self._object, self._bounds = obj, (loc << CHANGE_BITS, (loc + 1) << CHANGE_BITS)
        self._rid, _ = rid_range(obj)
        self._live_rid = self._rid
        self._deleted = self.end.stream(self.end.sql["list_deleted_subjects"], *self._bounds, key)
        self._waiting: deque[str] = deque()
        await self._read_deleted()

    async def _read_deleted(self) -> None:
        """Reads the ids of more deleted records, if there are any."""
        if not self._waiting:
            self._waiting.extend(row[0] for row in await anext(self._deleted, None) or ())

    async def _leave_room(self, before: str) -> None:
        """Gives deleted records with lower ids the rids that they need when they come back."""
        while self._waiting and self._waiting[0] < before:
            self._rid += 1
            await self._note_place(self._waiting.popleft())
            await self._read_deleted()

    async def _note_place(self, record_id: str) -> None:
        await self.end.connection.run(self.end.sql["update_place"], *self._bounds, record_id, self._rid)

    async def insert_records(self, rows: Sequence[Row]) -> None:
        connection, sql = self.end.connection, self.end.sql
        for row in rows:
            record, text = row[1:-1], row[-1]
            record_id = record[1].hex()
            await self._leave_room(record_id)
            self._rid += 1
            if self._waiting and self._waiting[0] == record_id:
                # It was deleted once, and came back.
                await self._note_place(self._waiting.popleft())
                await self._read_deleted()
            self._live_rid = self._rid
            await connection.run(sql["insert_record_copy"], self._rid, *record)
            if text is not None:
                await connection.run(sql["insert_search"], self._rid, text)
                await connection.run(sql["insert_fts"], self._rid, text)

    async def end_object(self) -> None:
        await self._leave_room(_BEHIND_ALL)
        if self._rid > self._live_rid:
            await self.end.connection.run(self.end.sql["insert_highest_rid"], self._object, self._rid)

    async def set_counter(self, name: str, number: int) -> None:
        connection, sql = self.end.connection, self.end.sql
        if name == "event_numbers":
            await connection.run(sql["set_event_number"], number)
        elif name in _SEQUENCES:
            await connection.run(sql["forget_sequence"], _SEQUENCES[name])
            await connection.run(sql["set_sequence"], _SEQUENCES[name], number - 1)


class WholePostgresDatabase(WholeDatabase):
    """All rows of a PostgreSQL database."""

    async def begin_object(self, loc: int, obj: int, key: str) -> None:
        """Nothing to prepare: records lie by their ids, also those that come back."""

    async def insert_records(self, rows: Sequence[Row]) -> None:
        await self.end.insert("records", _RECORD, [tuple(row[:-1]) for row in rows])
        texts = [(*row[:3], row[-1]) for row in rows if row[-1] is not None]
        await self.end.insert("record_search", ("loc", "obj", "id", "search_text"), texts)

    async def end_object(self) -> None:
        """Nothing to finish."""

    async def set_counter(self, name: str, number: int) -> None:
        await self.end.connection.run(self.end.sql["set_counter"], name, number)


_DATABASES = {"sqlite": WholeSqliteDatabase, "postgres": WholePostgresDatabase}


def whole(end: DatabaseEnd) -> WholeDatabase:
    """All rows of the database that this is an end of."""
    return _DATABASES[end.engine](end)


def shared_tables(source: dict[str, dict[str, str]], target: dict[str, dict[str, str]]) -> list[Table]:
    """The tables that are copied as they are. Raises TransferError where they have not the same columns."""
    apart = BY_RECORD | DERIVED | OF_THE_ENGINE
    tables = []
    for name in sorted((source.keys() | target.keys()) - apart):
        if name == LOG:
            tables.append(Table(name, LOG_COLUMNS))
            continue
        ours, theirs = set(source.get(name, ())), set(target.get(name, ()))
        if ours ^ theirs and not (name in UNLOCATED and ours ^ theirs == {"loc"}):
            raise TransferError(
                f"the table {name} has not the same columns in both databases",
                "Both have to be databases of this version of groundlevel, and hold no tables of other programs.",
            )
        tables.append(Table(name, tuple(target[name])))
    return tables
