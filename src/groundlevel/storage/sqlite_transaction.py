"""What SQLite's statements need beyond the common transaction: rids, and work put off to the end of the batch."""

from __future__ import annotations

from collections.abc import Sequence

from groundlevel.fields.shape import IndexEntry, Shape
from groundlevel.model import Event, Record, Relation
from groundlevel.storage.connection import Connection, Row, StaleSchemaError
from groundlevel.storage.records import list_text
from groundlevel.storage.related import RELATIONS_SHOWN
from groundlevel.storage.relations import Window
from groundlevel.storage.sqlite_dialect import TRIGRAM, SqliteDialect, rid_range
from groundlevel.storage.statements import statements
from groundlevel.storage.transaction import Claim, Entries, NewRow, Transaction

PROBE = 12
"""Characters of a search text by which the doctor looks for it."""
EVENTS_RESERVED = 1000
"""Numbers of events that a process takes at a time."""


class Sole:
    """What this process knows for as long as no other one writes."""

    __slots__ = ("_event", "_events_end", "newest")

    def __init__(self) -> None:
        self.newest: set[int] = set()
        """Objects whose newest id it has seen."""
        self._event = self._events_end = 0

    def clear(self) -> None:
        """Forgets it: another process has written, or what was written here was rolled back."""
        self.newest.clear()
        self._event = self._events_end = 0

    async def next_event(self, connection: Connection) -> int:
        """The number of the next event, greater than every one before it."""
        if self._event == self._events_end:
            row = await connection.row(statements("sqlite")["reserve_events"], EVENTS_RESERVED)
            self._events_end = int(row[0]) if row else 0
            self._event = self._events_end - EVENTS_RESERVED
        self._event += 1
        return self._event - 1


class Deferred:
    """What is done once for a whole batch of use cases, just before its commit.

    The full-text table writes a segment at every savepoint, so its rows wait until the last one is released;
    counters are added up. Order is kept: a rid freed and taken again in one batch is deleted first.
    """

    __slots__ = ("cleared", "counts", "events", "texts")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.texts: list[tuple[int, str | None]] = []
        """A rid with its new search text, or None to delete it."""
        self.cleared: list[int] = []
        """Objects all of whose records were deleted: what was counted before no longer counts."""
        self.events: list[tuple[int, Event]] = []
        """What happened, with the number of the location."""

    def merge(self, tx: SqliteTransaction) -> None:
        """Takes over what one use case put off, once it has succeeded."""
        branch = tx.deferred
        if tx.events:
            self.events.extend((tx.place_number, event) for event in tx.events)
        for number in branch.cleared:
            self.counts.pop(number, None)
        for number, change in branch.counts.items():
            self.counts[number] = self.counts.get(number, 0) + change
        self.texts.extend(branch.texts)

    async def flush(self, connection: Connection, sole: Sole) -> None:
        """Does it."""
        sql = statements("sqlite")
        for rid, text in self.texts:
            if text is None:
                await connection.run(sql["delete_fts"], rid)
            else:
                await connection.run(sql["add_fts"], rid, text)
        self.texts.clear()
        for number, change in self.counts.items():
            await connection.run(sql["add_count"], number, change)
        self.counts.clear()
        for loc, event in self.events:
            row = (loc, event.app_id, event.webhook_id, event.type, event.subject, event.payload, event.at)
            await connection.run(sql["add_event"], await sole.next_event(connection), *row)


class SqliteTransaction(Transaction):
    """A use case's view of a SQLite database."""

    dialect = SqliteDialect()
    sql = statements("sqlite")
    deferred: Deferred
    sole: Sole

    async def new_id(self, shape: Shape) -> str:
        number = shape.object.number
        if number not in self.sole.newest:
            newest = await self.connection.row(self.sql["newest_record"], number)
            if newest is not None:
                self.ids.after(newest[0].hex())
            self.sole.newest.add(number)
        return self.ids.record_id()

    async def add_records(self, shape: Shape, rows: Sequence[NewRow]) -> None:
        number, version = shape.object.number, shape.object.version
        low, high = rid_range(shape.object.number)
        loc, add, connection, deferred = self.loc, self.sql["add_record"], self.connection, self.deferred
        for row in rows:
            added = await connection.row(
                add, low, high, loc, version, number, bytes.fromhex(row.id), row.created_at,
                list_text(row.owners), list_text(row.followers), row.created_by, row.properties,
            )  # fmt: skip
            if added is None:
                raise StaleSchemaError
            if row.search_text:
                await connection.run(self.sql["add_search"], added[0], row.search_text)
                deferred.texts.append((added[0], row.search_text))
            if row.entries:
                await self._add_entries(added[0], row.entries)
        deferred.counts[number] = deferred.counts.get(number, 0) + len(rows)

    async def find_record(self, shape: Shape, record_id: str) -> Record | None:
        row = await self.connection.row(self.sql["find_record"], shape.object.number, bytes.fromhex(record_id))
        return None if row is None else self.record_of(row)

    async def record_for_update(self, shape: Shape, record_id: str) -> Record | None:
        row = await self.connection.row(
            self.sql["lock_record"], shape.object.number, bytes.fromhex(record_id), self.loc
        )
        version = await self.schema_version() if row is None else row[9]
        if version != shape.object.version:
            raise StaleSchemaError
        return None if row is None else self.record_of(row)

    async def _rid(self, shape: Shape, record_id: str) -> int:
        row = await self.connection.row(self.sql["find_rid"], shape.object.number, bytes.fromhex(record_id))
        assert row is not None, "the record was read for update"
        return int(row[0])

    async def _add_entries(self, rid: int, entries: frozenset[IndexEntry]) -> None:
        for field_number, value in entries:
            if value is None:
                await self.connection.run(self.sql["add_missing"], field_number, rid)
            else:
                await self.connection.run(self.sql["add_value"], field_number, value, rid)

    async def _delete_entries(self, rid: int, entries: frozenset[IndexEntry]) -> None:
        for field_number, value in entries:
            if value is None:
                await self.connection.run(self.sql["delete_missing"], field_number, rid)
            else:
                await self.connection.run(self.sql["delete_value"], field_number, value, rid)

    async def add_entries(self, shape: Shape, entries: Sequence[tuple[str, frozenset[IndexEntry]]]) -> None:
        for record_id, added in entries:
            await self._add_entries(await self._rid(shape, record_id), added)

    async def drop_entries(self, field_number: int) -> None:
        await self.connection.run(self.sql["drop_values"], field_number)
        await self.connection.run(self.sql["drop_missing"], field_number)

    async def change_record(self, shape: Shape, record: Record, *, search_text: str | None, entries: Entries) -> None:
        row = await self.connection.row(
            self.sql["change_record"],
            shape.object.number,
            bytes.fromhex(record.id),
            record.updated_at,
            list_text(record.owners),
            list_text(record.followers),
            record.updated_by,
            record.properties,
        )
        assert row is not None, "the record was read for update"
        rid = row[0]
        if search_text is not None:
            await self._put_search(rid, search_text)
        await self._delete_entries(rid, entries.gone)
        await self._add_entries(rid, entries.come)

    async def _put_search(self, rid: int, text: str) -> None:
        before = await self.connection.row(self.sql["find_search"], rid)
        if before is not None:
            self.deferred.texts.append((rid, None))
        if text:
            await self.connection.run(self.sql["put_search"], rid, text)
            self.deferred.texts.append((rid, text))
        elif before is not None:
            await self.connection.run(self.sql["delete_search"], rid)

    async def put_search_texts(self, shape: Shape, texts: Sequence[tuple[str, str]]) -> None:
        for record_id, text in texts:
            await self._put_search(await self._rid(shape, record_id), text)

    async def delete_record(self, shape: Shape, record_id: str, *, entries: frozenset[IndexEntry]) -> None:
        row = await self.connection.row(self.sql["delete_record"], shape.object.number, bytes.fromhex(record_id))
        assert row is not None, "the record was read for update"
        rid = row[0]
        await self._delete_entries(rid, entries)
        if await self.connection.row(self.sql["find_search"], rid) is not None:
            await self.connection.run(self.sql["delete_search"], rid)
            self.deferred.texts.append((rid, None))
        number = shape.object.number
        self.deferred.counts[number] = self.deferred.counts.get(number, 0) - 1

    async def claim_unique(self, shape: Shape, claims: Sequence[Claim]) -> list[Claim]:
        refused = []
        for claim in claims:
            args = (claim.field_number, claim.value, bytes.fromhex(claim.record_id))
            if await self.connection.row(self.sql["claim_unique"], *args) is None:
                refused.append(claim)
        return refused

    async def release_unique(self, shape: Shape, claims: Sequence[Claim]) -> None:
        for claim in claims:
            args = (claim.field_number, claim.value, bytes.fromhex(claim.record_id))
            await self.connection.run(self.sql["release_unique"], *args)

    async def find_unique(self, shape: Shape, field_number: int, value: str) -> str | None:
        row = await self.connection.row(self.sql["find_unique"], field_number, value)
        return None if row is None else row[0].hex()

    async def release_field(self, field_number: int) -> None:
        await self.connection.run(self.sql["release_field"], field_number)

    async def records_after(self, shape: Shape, record_id: str, limit: int) -> list[Record]:
        rows = await self.connection.rows(
            self.sql["records_after"], shape.object.number, bytes.fromhex(record_id), limit
        )
        return [self.record_of(row) for row in rows]

    async def delete_records_of(self, shape: Shape) -> None:
        low, high = rid_range(shape.object.number)
        for row in await self.connection.rows(self.sql["rids_with_search"], low, high):
            self.deferred.texts.append((row[0], None))
        await self.connection.run(self.sql["delete_records_of"], low, high)
        await self.connection.run(self.sql["delete_search_of"], low, high)
        self.deferred.counts.pop(shape.object.number, None)
        self.deferred.cleared.append(shape.object.number)
        await self.connection.run(self.sql["delete_counts"], shape.object.number)

    async def count_records(self, shape: Shape) -> int:
        row = await self.connection.row(self.sql["count_records"], shape.object.number)
        return int(row[0]) if row else 0

    async def relations_shown(self, record_ids: Sequence[str]) -> dict[str, list[Relation]]:
        found = {}
        for record_id in record_ids:
            rows = await self.connection.rows(self.sql["related"], self.loc, bytes.fromhex(record_id), RELATIONS_SHOWN)
            if rows:
                found[record_id] = [Relation(row[1].hex(), row[0], row[2].hex(), row[3].hex()) for row in rows]
        return found

    async def relation_rows(self, record_id: bytes, windows: Sequence[Window]) -> list[Row]:
        rows: list[Row] = []
        for each in windows:
            window = (each.association, each.skip, each.limit)
            rows += await self.connection.rows(self.sql["relation_rows"], record_id, *window)
        return rows

    # --- for the doctor

    async def search_texts(self, shape: Shape, after: str, last: str) -> dict[str, str]:
        bounds = (bytes.fromhex(after), bytes.fromhex(last))
        rows = await self.connection.rows(self.sql["search_texts"], shape.object.number, *bounds)
        return {row[0].hex(): row[1] for row in rows}

    async def search_rows(self, shape: Shape) -> tuple[int, int]:
        row = await self.connection.row(self.sql["count_search"], *rid_range(shape.object.number))
        assert row is not None
        return row[0], row[1]

    async def damage(self) -> list[str]:
        # The full-text table's own check trusts what this connection remembers of it; a query looks anew.
        await self.connection.row(self.sql["refresh_fts"])
        return await super().damage()

    async def unfindable(self, shape: Shape, texts: Sequence[tuple[str, str]]) -> list[str]:
        missing = []
        for record_id, text in texts:
            if len(text) < TRIGRAM:
                continue
            # A part of the text, another for each record: what a probe costs grows with its length.
            start = int(record_id, 16) % max(1, len(text) - PROBE + 1)
            phrase = text[start : start + PROBE].replace('"', '""')
            args = (f'"{phrase}"', shape.object.number, bytes.fromhex(record_id))
            if await self.connection.row(self.sql["probe_fts"], *args) is None:
                missing.append(record_id)
        return missing

    async def unique_rows(self, field_number: int) -> int:
        row = await self.connection.row(self.sql["count_unique"], field_number)
        return int(row[0]) if row else 0

    async def unindexed(self, shape: Shape, entries: Sequence[tuple[str, frozenset[IndexEntry]]]) -> list[str]:
        missing = []
        for record_id, held in entries:
            rid = await self._rid(shape, record_id)
            for field_number, value in held:
                if value is None:
                    found = await self.connection.row(self.sql["find_missing"], field_number, rid)
                else:
                    found = await self.connection.row(self.sql["find_value"], field_number, value, rid)
                if found is None:
                    missing.append(record_id)
                    break
        return missing

    async def index_rows(self, field_number: int) -> int:
        row = await self.connection.row(self.sql["count_values"], field_number)
        return int(row[0]) if row else 0

    async def disordered(self, shape: Shape) -> int:
        row = await self.connection.row(self.sql["count_disordered"], *rid_range(shape.object.number))
        return int(row[0]) if row else 0
