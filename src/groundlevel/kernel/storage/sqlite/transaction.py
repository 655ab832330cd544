"""A use case's transaction in SQLite, and what is put off to the end of the batch that it is part of."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from groundlevel.kernel.changes import LoggedChange, columns_of
from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.fields.compiled import CompiledObject, IndexEntry
from groundlevel.kernel.ids import LAST_ID
from groundlevel.kernel.model import Event, Record
from groundlevel.kernel.query.ast import PropertyOperand
from groundlevel.kernel.storage.connection import Connection, Row, StaleSchemaError
from groundlevel.kernel.storage.dialect import Scope
from groundlevel.kernel.storage.records import (
    Chunk,
    EntryChange,
    NewRow,
    RecordTable,
    Return,
    Tally,
    UniqueClaim,
    list_text,
)
from groundlevel.kernel.storage.sqlite.dialect import CHANGE_BITS, SqliteDialect, json_path, rid_range
from groundlevel.kernel.storage.statements import statements
from groundlevel.kernel.storage.transaction import Transaction

EVENTS_RESERVED = 1000
"""Numbers of events that a process takes at a time."""
LOCATIONS_KNOWN = 10_000
"""Most locations of which a process keeps in mind how many changes they have."""


class ExclusiveState:
    """What this process knows for as long as no other one writes."""

    __slots__ = ("_changes", "_event", "_events_end", "newest")

    def __init__(self) -> None:
        self.newest: set[int] = set()
        """Objects whose newest id it has seen."""
        self._changes: dict[int, int] = {}
        """The number of the last logged change, by location."""
        self._event = self._events_end = 0

    def clear(self) -> None:
        """Forgets it: another process has written, or what was written here was rolled back."""
        self.newest.clear()
        self._changes.clear()
        self._event = self._events_end = 0

    async def next_event(self, connection: Connection) -> int:
        """The number of the next event, greater than every one before it."""
        if self._event == self._events_end:
            row = await connection.row(statements("sqlite")["reserve_events"], EVENTS_RESERVED)
            self._events_end = int(row[0]) if row else 0
            self._event = self._events_end - EVENTS_RESERVED
        self._event += 1
        return self._event - 1

    async def next_change(self, connection: Connection, location: int) -> int:
        """The number of the location's next logged change: one more than that of the one before."""
        last = self._changes.get(location)
        if last is None:
            row = await connection.row(statements("sqlite")["find_newest_change"], location)
            last = int(row[0]) if row else 0
            if len(self._changes) >= LOCATIONS_KNOWN:
                self._changes.clear()
        self._changes[location] = last + 1
        return last + 1


class BatchEnd:
    """What is done once for a whole batch of use cases, just before its commit.

    The full-text table writes a segment at every savepoint, so its rows wait until the last one is released;
    counters are added up. Order is kept: a rid freed and taken again in one batch is deleted first.
    """

    __slots__ = ("changes", "cleared", "counts", "events", "texts")

    def __init__(self) -> None:
        self.counts: dict[int, tuple[int, int]] = {}
        """By object, how many records were added, and how many were written."""
        self.texts: list[tuple[int, str | None]] = []
        """A rid with its new search text, or None to delete it."""
        self.cleared: list[int] = []
        """Objects all of whose records were deleted: what was counted before no longer counts."""
        self.events: list[tuple[int, Event]] = []
        """What happened, with the number of the location."""
        self.changes: list[LoggedChange] = []

    def merge(self, tx: SqliteTransaction) -> None:
        """Takes over what one use case put off, once it has succeeded."""
        branch = tx.deferred
        if tx.events:
            self.events.extend((tx.location_number, event) for event in tx.events)
        self.changes.extend(tx.log.changes_of(tx.location_number))
        for number in branch.cleared:
            self.counts.pop(number, None)
        for number, (more, written) in branch.counts.items():
            self.count(number, more, written)
        self.texts.extend(branch.texts)

    def count(self, number: int, more: int, written: int) -> None:
        """Counts records of an object that were added (or, below zero, deleted), and all that were written."""
        before = self.counts.get(number, (0, 0))
        self.counts[number] = (before[0] + more, before[1] + written)

    async def flush(self, connection: Connection, sole: ExclusiveState, *, now: int) -> None:
        """Writes what was put off."""
        sql = statements("sqlite")
        for is_gone, texts in groupby(self.texts, key=lambda row: row[1] is None):
            if is_gone:
                await connection.run_many(sql["delete_fts"], [(rid,) for rid, _ in texts])
            else:
                await connection.run_many(sql["insert_fts"], texts)
        self.texts.clear()
        for number, (more, written) in self.counts.items():
            await connection.run(sql["insert_count"], number, more, written)
        self.counts.clear()
        for loc, event in self.events:
            row = (loc, event.app_id, event.subscriber_id, event.type, event.subject, event.payload, event.at)
            await connection.run(sql["insert_event"], await sole.next_event(connection), *row)
        if self.changes:
            rows = []
            for loc, author, change in self.changes:
                number = await sole.next_change(connection, loc)
                rows.append(((loc << CHANGE_BITS) + number, change.at or now, *columns_of(change, author)))
            await connection.run_many(sql["insert_change"], rows)


class SqliteTransaction(Transaction):
    """A use case's view of a SQLite database."""

    dialect = SqliteDialect()
    sql = statements("sqlite")
    deferred: BatchEnd
    sole: ExclusiveState

    @property
    def records(self) -> SqliteRecordTable:
        return SqliteRecordTable(self)


class SqliteRecordTable(RecordTable):
    """The records of a transaction's location in SQLite."""

    __slots__ = ("_tx",)

    def __init__(self, tx: SqliteTransaction) -> None:
        self._tx = tx

    def scope_of(self, schema: CompiledObject) -> Scope:
        return Scope(self._tx.loc, schema.object.number)

    async def new_id(self, schema: CompiledObject) -> str:
        number = schema.object.number
        if number not in self._tx.sole.newest:
            newest = await self._tx.connection.row(self._tx.sql["find_newest_record"], number)
            if newest is not None:
                self._tx.ids.after(newest[0].hex())
            self._tx.sole.newest.add(number)
        return self._tx.ids.record_id()

    async def insert(self, schema: CompiledObject, rows: Sequence[NewRow]) -> None:
        if not rows:
            return
        number, (first, *others), sql = schema.object.number, rows, self._tx.sql
        found = await self._tx.connection.row(
            sql["insert_record"], *rid_range(number), self._tx.loc, schema.object.version, *_columns_of(number, first)
        )
        if found is None:
            raise StaleSchemaError
        # Nobody else writes until this is committed, so that the rids behind that of the first are free.
        if others:
            columns = ((rid, *_columns_of(number, row)) for rid, row in enumerate(others, found[0] + 1))
            await self._tx.connection.run_many(sql["insert_record_behind"], columns)
        texts = [(rid, row.search_text) for rid, row in enumerate(rows, found[0]) if row.search_text]
        await self._tx.connection.run_many(sql["insert_search"], texts)
        self._tx.deferred.texts.extend(texts)
        for rid, row in enumerate(rows, found[0]):
            if row.entries:
                await self._add_entries(rid, row.entries)
        self._tx.deferred.count(number, len(rows), len(rows))

    async def find(self, schema: CompiledObject, record_id: str) -> Record | None:
        row = await self._tx.connection.row(self._tx.sql["find_record"], schema.object.number, bytes.fromhex(record_id))
        return None if row is None else self.record_of(row)

    async def lock(self, schema: CompiledObject, record_id: str) -> Record | None:
        row = await self._tx.connection.row(
            self._tx.sql["lock_record"], schema.object.number, bytes.fromhex(record_id), self._tx.loc
        )
        version = await self._tx.schema_version() if row is None else row[9]
        if version != schema.object.version:
            raise StaleSchemaError
        return None if row is None else self.record_of(row)

    async def _rid(self, schema: CompiledObject, record_id: str) -> int:
        row = await self._tx.connection.row(self._tx.sql["find_rid"], schema.object.number, bytes.fromhex(record_id))
        assert row is not None, "the record was read for update"
        return int(row[0])

    async def _add_entries(self, rid: int, entries: frozenset[IndexEntry]) -> None:
        for field_number, value in entries:
            if value is None:
                await self._tx.connection.run(self._tx.sql["insert_missing"], field_number, rid)
            else:
                await self._tx.connection.run(self._tx.sql["insert_value"], field_number, value, rid)

    async def _delete_entries(self, rid: int, entries: frozenset[IndexEntry]) -> None:
        for field_number, value in entries:
            if value is None:
                await self._tx.connection.run(self._tx.sql["delete_missing"], field_number, rid)
            else:
                await self._tx.connection.run(self._tx.sql["delete_value"], field_number, value, rid)

    async def fill_index(self, schema: CompiledObject, operand: PropertyOperand, chunk: Chunk) -> str | None:
        number, after = schema.object.number, bytes.fromhex(chunk.after)
        end = await self._tx.connection.row(self._tx.sql["find_chunk_end"], number, after, chunk.most - 1)
        last = LAST_ID if end is None else end[0]
        names = ["fill_members" if operand.comparison is Comparison.MEMBERS else "fill_values", "fill_missing"]
        for name in names:
            args = (number, after, last, operand.field_number, json_path(operand))
            await self._tx.connection.run(self._tx.sql[name], *args)
        return None if end is None else end[0].hex()

    async def delete_index(self, field_number: int) -> None:
        await self._tx.connection.run(self._tx.sql["clear_values"], field_number)
        await self._tx.connection.run(self._tx.sql["clear_missing"], field_number)

    async def shrink_index(self, field_number: int, most: int) -> bool:
        for name in ("shrink_values", "shrink_missing"):
            await self._tx.connection.run(self._tx.sql[name], field_number, most)
        return await self._tx.connection.row(self._tx.sql["find_entry"], field_number) is not None

    async def update(
        self, schema: CompiledObject, record: Record, *, search_text: str | None, entries: EntryChange
    ) -> None:
        row = await self._tx.connection.row(
            self._tx.sql["update_record"],
            schema.object.number,
            bytes.fromhex(record.id),
            record.updated_at,
            list_text(record.owners),
            list_text(record.followers),
            record.updated_by,
            record.properties,
        )
        assert row is not None, "the record was read for update"
        rid = row[0]
        self._tx.deferred.count(schema.object.number, 0, 1)
        if search_text is not None:
            await self._put_search(rid, search_text)
        await self._delete_entries(rid, entries.gone)
        await self._add_entries(rid, entries.come)

    async def _put_search(self, rid: int, text: str) -> None:
        before = await self._tx.connection.row(self._tx.sql["find_search"], rid)
        if before is not None:
            self._tx.deferred.texts.append((rid, None))
        if text:
            await self._tx.connection.run(self._tx.sql["upsert_search"], rid, text)
            self._tx.deferred.texts.append((rid, text))
        elif before is not None:
            await self._tx.connection.run(self._tx.sql["delete_search"], rid)

    async def update_search_texts(self, schema: CompiledObject, texts: Sequence[tuple[str, str]]) -> None:
        for record_id, text in texts:
            await self._put_search(await self._rid(schema, record_id), text)

    async def delete(self, schema: CompiledObject, record_id: str, *, entries: frozenset[IndexEntry]) -> int:
        row = await self._tx.connection.row(
            self._tx.sql["delete_record"], schema.object.number, bytes.fromhex(record_id)
        )
        assert row is not None, "the record was read for update"
        rid = int(row[0])
        await self._tx.connection.run(
            self._tx.sql["keep_highest_rid"], schema.object.number, rid, rid_range(schema.object.number)[1]
        )
        await self._delete_entries(rid, entries)
        if await self._tx.connection.row(self._tx.sql["find_search"], rid) is not None:
            await self._tx.connection.run(self._tx.sql["delete_search"], rid)
            self._tx.deferred.texts.append((rid, None))
        self._tx.deferred.count(schema.object.number, -1, 1)
        return rid

    async def insert_again(self, schema: CompiledObject, row: NewRow, again: Return) -> bool:
        number = schema.object.number
        if await self._tx.schema_version() != schema.object.version:
            raise StaleSchemaError
        inserted = await self._tx.connection.row(
            self._tx.sql["insert_record_again"],
            again.place, number, bytes.fromhex(row.id), row.created_at, again.updated_at, again.version,
            list_text(row.owners), list_text(row.followers), row.created_by, again.updated_by, row.properties,
            *rid_range(number),
        )  # fmt: skip
        if inserted is None:
            return False
        if row.search_text:
            await self._tx.connection.run(self._tx.sql["insert_search"], again.place, row.search_text)
            self._tx.deferred.texts.append((again.place, row.search_text))
        await self._add_entries(again.place, row.entries)
        self._tx.deferred.count(number, 1, 1)
        return True

    async def claim_values(self, schema: CompiledObject, claims: Sequence[UniqueClaim]) -> list[UniqueClaim]:
        refused = []
        for claim in claims:
            args = (claim.field_number, claim.value, bytes.fromhex(claim.record_id))
            if await self._tx.connection.row(self._tx.sql["claim_unique"], *args) is None:
                refused.append(claim)
        return refused

    async def release_values(self, schema: CompiledObject, claims: Sequence[UniqueClaim]) -> None:
        for claim in claims:
            args = (claim.field_number, claim.value, bytes.fromhex(claim.record_id))
            await self._tx.connection.run(self._tx.sql["release_unique"], *args)

    async def find_holder(self, schema: CompiledObject, field_number: int, value: str) -> str | None:
        row = await self._tx.connection.row(self._tx.sql["find_unique"], field_number, value)
        return None if row is None else row[0].hex()

    async def release_field(self, field_number: int) -> None:
        await self._tx.connection.run(self._tx.sql["release_field"], field_number)

    async def read_after(self, schema: CompiledObject, record_id: bytes, limit: int) -> list[Row]:
        return await self._tx.connection.rows(
            self._tx.sql["list_records_after"], schema.object.number, record_id, limit
        )

    async def keys_of(self, schema: CompiledObject, record_ids: Sequence[str]) -> list[object]:
        rows = await self._tx.connection.rows(self._tx.sql["find_rids"], schema.object.number, encode_text(record_ids))
        rids = {row[0].hex(): row[1] for row in rows}
        return [rids[record_id] for record_id in record_ids]

    async def delete_all(self, schema: CompiledObject) -> None:
        low, high = rid_range(schema.object.number)
        for row in await self._tx.connection.rows(self._tx.sql["rids_with_search"], low, high):
            self._tx.deferred.texts.append((row[0], None))
        await self._tx.connection.run(self._tx.sql["delete_records_of"], low, high)
        await self._tx.connection.run(self._tx.sql["delete_search_of"], low, high)
        self._tx.deferred.counts.pop(schema.object.number, None)
        self._tx.deferred.cleared.append(schema.object.number)
        for name in ("delete_counts", "forget_highest_rid"):
            await self._tx.connection.run(self._tx.sql[name], schema.object.number)

    async def tally(self, schema: CompiledObject) -> Tally:
        row = await self._tx.connection.row(self._tx.sql["count_records"], schema.object.number)
        return Tally(*row) if row else Tally(0, 0)


def _columns_of(object_number: int, row: NewRow) -> tuple[object, ...]:
    """What is stored of a new record, in the order of the statements that insert one."""
    return (
        object_number, bytes.fromhex(row.id), row.created_at, list_text(row.owners), list_text(row.followers),
        row.created_by, row.properties,
    )  # fmt: skip
