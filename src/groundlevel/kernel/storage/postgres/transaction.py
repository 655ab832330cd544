"""A use case's transaction in PostgreSQL, with the events and notices that travel with its COMMIT."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from groundlevel.kernel.changes import LoggedChange, columns_of
from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.fields.compiled import CompiledObject, IndexEntry
from groundlevel.kernel.ids import LAST_ID
from groundlevel.kernel.model import Event, Record
from groundlevel.kernel.query.ast import PropertyOperand
from groundlevel.kernel.storage.connection import Row, StaleSchemaError
from groundlevel.kernel.storage.dialect import Scope
from groundlevel.kernel.storage.postgres.dialect import INDEXED_CHARACTERS, PostgresDialect
from groundlevel.kernel.storage.postgres.pipelining import BoundStatement, ObjectVersion, PipeliningConnection, quote
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
from groundlevel.kernel.storage.statements import statements
from groundlevel.kernel.storage.transaction import Transaction

CHANNEL = "groundlevel_catalog"
"""The channel on which processes tell each other the topics of the cache that they change."""
FEW_EVENTS = 4
"""Most events that are stored one by one; more are cheaper as arrays."""
COUNT_SLOTS = 16
"""Rows an object's counter is spread over, so that writers do not queue on one."""


class PostgresTransaction(Transaction):
    """A use case's view of a PostgreSQL database."""

    dialect = PostgresDialect()
    sql = statements("postgres")
    slot = 0
    """The counter slot of the connection."""
    writing: PipeliningConnection
    """The connection as one that pipelines; of transactions that write."""

    @property
    def records(self) -> PostgresRecordTable:
        return PostgresRecordTable(self)

    def owed_statements(self) -> Iterator[BoundStatement]:
        """What stores the events and the changes of the transaction, in their order."""
        yield from self._event_statements(self.events)
        yield from self._change_statements(self.log.changes_of(self.location_number))

    def _event_statements(self, events: Sequence[Event]) -> Iterator[BoundStatement]:
        rows = [(e.app_id, e.subscriber_id, e.type, e.subject, e.payload, e.at) for e in events]
        if len(rows) > FEW_EVENTS:
            yield (
                self.sql["insert_events"],
                (self.location_number, *(list(column) for column in zip(*rows, strict=True))),
            )
            return
        for row in rows:
            yield self.sql["insert_event"], (self.location_number, *row)

    def _change_statements(self, changes: Sequence[LoggedChange]) -> Iterator[BoundStatement]:
        """What logs changes. It has to come last in a transaction, since it keeps others waiting: decision 0069."""
        now = self.ids.now()
        groups: dict[int, list[tuple[object, ...]]] = {}
        for loc, author, change in changes:
            groups.setdefault(loc, []).append((change.at or now, *columns_of(change, author)))
        # In one order for all writers, so that two of them cannot wait for each other.
        for loc in sorted(groups):
            yield self.sql["lock_changes"], (loc,)
            times, *columns = zip(*groups[loc], strict=True)
            yield self.sql["insert_changes"], (loc, list(times), *(once_if_same(column) for column in columns))

    @property
    def changed_topics(self) -> frozenset[str]:
        """The topics of the cache that the transaction has changed."""
        return self.cache.changed_topics(self.location_number)

    @property
    def notices(self) -> list[str]:
        """The statements that tell other processes what has changed."""
        return [f"NOTIFY {CHANNEL}, {quote(topic)}" for topic in sorted(self.changed_topics)]


class PostgresRecordTable(RecordTable):
    """The records of a transaction's location in PostgreSQL."""

    __slots__ = ("_tx",)

    def __init__(self, tx: PostgresTransaction) -> None:
        self._tx = tx

    def scope_of(self, schema: CompiledObject) -> Scope:
        return Scope(self._tx.loc, schema.object.number)

    async def new_id(self, schema: CompiledObject) -> str:
        return self._tx.ids.record_id()

    async def insert(self, schema: CompiledObject, rows: Sequence[NewRow]) -> None:
        if rows:
            object_version = schema.object.number, schema.object.version
            self._tx.writing.buffer_insert(self._insert_statements, object_version, rows)

    def _insert_statements(self, object_version: ObjectVersion, rows: Sequence[NewRow]) -> Iterator[BoundStatement]:
        """What adds records of an object at once."""
        yield (
            self._tx.sql["insert_records"],
            (
                self._tx.loc,
                *object_version,
                [bytes.fromhex(row.id) for row in rows],
                [row.created_at for row in rows],
                [list_text(row.owners) for row in rows] if any(row.owners for row in rows) else [],
                [list_text(row.followers) for row in rows] if any(row.followers for row in rows) else [],
                once_if_same([row.created_by for row in rows]),
                [row.properties for row in rows],
                [row.search_text for row in rows],
                self._tx.slot,
            ),
        )
        entries = [(row.id, row.entries) for row in rows if row.entries]
        if entries:
            yield self._tx.sql["insert_values"], (self._tx.loc, *index_columns(entries))

    async def find(self, schema: CompiledObject, record_id: str) -> Record | None:
        ids = [bytes.fromhex(record_id)]
        found = await self._tx.connection.rows_by_id(
            self._tx.sql["find_records"], ids, self._tx.loc, schema.object.number
        )
        return self.record_of(found[0]) if found else None

    async def lock(self, schema: CompiledObject, record_id: str) -> Record | None:
        row = await self._tx.connection.row(
            self._tx.sql["lock_record"], self._tx.loc, schema.object.number, bytes.fromhex(record_id)
        )
        if row is None:
            # Nothing locked and nothing to change; only the schema may have moved on under the object.
            if await self._tx.schema_version() != schema.object.version:
                raise StaleSchemaError
            return None
        if row[9] != schema.object.version:
            raise StaleSchemaError
        return self.record_of(row)

    async def fill_index(self, schema: CompiledObject, operand: PropertyOperand, chunk: Chunk) -> str | None:
        number, after = schema.object.number, bytes.fromhex(chunk.after)
        end = await self._tx.connection.row(self._tx.sql["find_chunk_end"], self._tx.loc, number, after, chunk.most - 1)
        kinds = {Comparison.NUMBER: "fill_numbers", Comparison.MEMBERS: "fill_members"}
        await self._tx.connection.run(
            self._tx.sql[kinds.get(operand.comparison, "fill_texts")],
            self._tx.loc,
            number,
            after,
            LAST_ID if end is None else end[0],
            operand.field_number,
            [operand.stored_key, *operand.path],
            INDEXED_CHARACTERS,
        )
        return None if end is None else str(end[0].hex())

    async def _insert_entries(self, record_id: str, entries: frozenset[IndexEntry]) -> None:
        if entries:
            columns = index_columns([(record_id, entries)])
            await self._tx.connection.run(self._tx.sql["insert_values"], self._tx.loc, *columns)

    async def _delete_entries(self, record_id: str, entries: frozenset[IndexEntry]) -> None:
        if entries:
            fields, ids, numbers, texts, _ = index_columns([(record_id, entries)])
            await self._tx.connection.run(self._tx.sql["delete_values"], self._tx.loc, fields, ids, numbers, texts)

    async def delete_index(self, field_number: int) -> None:
        await self._tx.connection.run(self._tx.sql["clear_values"], self._tx.loc, field_number)

    async def shrink_index(self, field_number: int, most: int) -> bool:
        await self._tx.connection.run(self._tx.sql["shrink_values"], self._tx.loc, field_number, most)
        return await self._tx.connection.row(self._tx.sql["find_entry"], self._tx.loc, field_number) is not None

    async def update(
        self, schema: CompiledObject, record: Record, *, search_text: str | None, entries: EntryChange
    ) -> None:
        self._tx.writing.changed_objects.add(schema.object.number)
        await self._delete_entries(record.id, entries.gone)
        await self._insert_entries(record.id, entries.come)
        await self._tx.connection.run(
            self._tx.sql["update_record"],
            self._tx.loc,
            schema.object.number,
            bytes.fromhex(record.id),
            record.updated_at,
            list_text(record.owners),
            list_text(record.followers),
            record.updated_by,
            record.properties,
            search_text or None,
            search_text is not None,
        )

    async def update_search_texts(self, schema: CompiledObject, texts: Sequence[tuple[str, str]]) -> None:
        number = schema.object.number
        kept = [(self._tx.loc, number, bytes.fromhex(record_id), text) for record_id, text in texts if text]
        gone = [(self._tx.loc, number, bytes.fromhex(record_id)) for record_id, text in texts if not text]
        if kept:
            await self._tx.connection.run_many(self._tx.sql["upsert_search"], kept)
        if gone:
            await self._tx.connection.run_many(self._tx.sql["delete_search"], gone)

    async def delete(self, schema: CompiledObject, record_id: str, *, entries: frozenset[IndexEntry]) -> int:
        await self._delete_entries(record_id, entries)
        await self._tx.connection.run(
            self._tx.sql["delete_record"],
            self._tx.loc,
            schema.object.number,
            bytes.fromhex(record_id),
            self._tx.slot,
        )
        return 0

    async def insert_again(self, schema: CompiledObject, row: NewRow, again: Return) -> bool:
        # Nobody can ask for the record before it is committed, so what follows is the only change of it.
        await self.insert(schema, [row])
        await self._tx.connection.run(
            self._tx.sql["put_version"], self._tx.loc, schema.object.number, bytes.fromhex(row.id), again.version,
            again.updated_at, again.updated_by,
        )  # fmt: skip
        return True

    async def claim_values(self, schema: CompiledObject, claims: Sequence[UniqueClaim]) -> list[UniqueClaim]:
        if not claims:
            return []
        # In one order for all writers, so that two of them cannot wait for each other.
        ordered = sorted(claims, key=lambda claim: (claim.field_number, claim.value))
        rows = await self._tx.connection.rows(
            self._tx.sql["claim_unique"],
            self._tx.loc,
            [claim.field_number for claim in ordered],
            [claim.value for claim in ordered],
            [bytes.fromhex(claim.record_id) for claim in ordered],
        )
        taken = {(row[0], row[1], row[2].hex()) for row in rows}
        return [claim for claim in claims if (claim.field_number, claim.value, claim.record_id) not in taken]

    async def release_values(self, schema: CompiledObject, claims: Sequence[UniqueClaim]) -> None:
        for claim in claims:
            args = (self._tx.loc, claim.field_number, claim.value, bytes.fromhex(claim.record_id))
            await self._tx.connection.run(self._tx.sql["release_unique"], *args)

    async def find_holder(self, schema: CompiledObject, field_number: int, value: str) -> str | None:
        row = await self._tx.connection.row(self._tx.sql["find_unique"], self._tx.loc, field_number, value)
        return None if row is None else row[0].hex()

    async def release_field(self, field_number: int) -> None:
        await self._tx.connection.run(self._tx.sql["release_field"], self._tx.loc, field_number)

    async def read_after(self, schema: CompiledObject, record_id: bytes, limit: int) -> list[Row]:
        return await self._tx.connection.rows(
            self._tx.sql["list_records_after"], self._tx.loc, schema.object.number, record_id, limit
        )

    async def keys_of(self, schema: CompiledObject, record_ids: Sequence[str]) -> list[object]:
        return [bytes.fromhex(record_id) for record_id in record_ids]

    async def delete_all(self, schema: CompiledObject) -> None:
        for name in ("delete_records_of", "delete_search_of", "delete_counts"):
            await self._tx.connection.run(self._tx.sql[name], self._tx.loc, schema.object.number)

    async def tally(self, schema: CompiledObject) -> Tally:
        row = await self._tx.connection.row(self._tx.sql["count_records"], self._tx.loc, schema.object.number)
        return Tally(*row) if row else Tally(0, 0)


def once_if_same(values: Sequence[object]) -> list[object]:
    """A column of many rows, or the one value that all of them have; none is NULL.

    An array costs by the element, and much of what is written together is the same in all rows. `unnest` fills up with
    NULL what is shorter, and the statement puts the one value there.
    """
    return list(values[:1]) if values.count(values[0]) == len(values) else list(values)


def index_columns(
    entries: Sequence[tuple[str, frozenset[IndexEntry]]],
) -> tuple[list[int], list[bytes], list[float | None], list[str | None], list[bool]]:
    """Index entries as arrays: fields, record ids, numbers, texts, and whether a text was cut."""
    flat = [(field, bytes.fromhex(record_id), value) for record_id, each in entries for field, value in each]
    texts = [value if isinstance(value, str) else None for _, _, value in flat]
    return (
        [field for field, _, _ in flat],
        [record_id for _, record_id, _ in flat],
        [value if isinstance(value, float) else None for _, _, value in flat],
        [text if text is None else text[:INDEXED_CHARACTERS] for text in texts],
        [text is not None and len(text) > INDEXED_CHARACTERS for text in texts],
    )
