"""What PostgreSQL's statements need beyond the common transaction: the location in each, and arrays of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from groundlevel.fields.shape import IndexEntry, Shape
from groundlevel.model import Event, Record, Relation
from groundlevel.storage.connection import Row, StaleSchemaError
from groundlevel.storage.postgres_dialect import INDEXED_CHARACTERS, PostgresDialect
from groundlevel.storage.postgres_gathering import GatheringConnection, ObjectVersion, Statement
from groundlevel.storage.records import list_text
from groundlevel.storage.related import RELATIONS_SHOWN
from groundlevel.storage.relations import Window
from groundlevel.storage.statements import statements
from groundlevel.storage.transaction import Claim, Entries, NewRow, Transaction

CHANNEL = "groundlevel_catalog"
"""Where processes hear of changed schemas (the number of the location) and of changed access (nothing)."""
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
    writing: GatheringConnection
    """The connection as one that gathers what is written; of transactions that write."""

    async def new_id(self, shape: Shape) -> str:
        return self.ids.record_id()

    async def add_records(self, shape: Shape, rows: Sequence[NewRow]) -> None:
        self.writing.hold(self.adding, (shape.object.number, shape.object.version), rows)

    def adding(self, object_version: ObjectVersion, rows: Sequence[NewRow]) -> Iterator[Statement]:
        """What adds records of an object at once."""
        yield (
            self.sql["add_records"],
            (
                self.loc,
                *object_version,
                [bytes.fromhex(row.id) for row in rows],
                [row.created_at for row in rows],
                [list_text(row.owners) for row in rows],
                [list_text(row.followers) for row in rows],
                [row.created_by for row in rows],
                [row.properties for row in rows],
                [row.search_text for row in rows],
                self.slot,
            ),
        )
        entries = [(row.id, row.entries) for row in rows if row.entries]
        if entries:
            yield self.sql["add_values"], (self.loc, *_columns(entries))

    def telling(self, events: Sequence[Event]) -> Iterator[Statement]:
        """What stores events in their order."""
        rows = [(e.app_id, e.webhook_id, e.type, e.subject, e.payload, e.at) for e in events]
        if len(rows) > FEW_EVENTS:
            yield self.sql["add_events"], (self.place_number, *(list(column) for column in zip(*rows, strict=True)))
            return
        for row in rows:
            yield self.sql["add_event"], (self.place_number, *row)

    @property
    def news(self) -> str | None:
        """What tells other processes of changed schemas or access, if there are any."""
        if not (self.schema_changed or self.access_changed):
            return None
        return f"NOTIFY {CHANNEL}, '{'' if self.access_changed else self.loc}'"

    async def find_record(self, shape: Shape, record_id: str) -> Record | None:
        row = await self.connection.row(
            self.sql["find_record"], self.loc, shape.object.number, bytes.fromhex(record_id)
        )
        return None if row is None else self.record_of(row)

    async def record_for_update(self, shape: Shape, record_id: str) -> Record | None:
        row = await self.connection.row(
            self.sql["lock_record"], self.loc, shape.object.number, bytes.fromhex(record_id)
        )
        if row is None:
            # Nothing locked and nothing to change; only the schema may have moved on under the object.
            if await self.schema_version() != shape.object.version:
                raise StaleSchemaError
            return None
        if row[9] != shape.object.version:
            raise StaleSchemaError
        return self.record_of(row)

    async def add_entries(self, shape: Shape, entries: Sequence[tuple[str, frozenset[IndexEntry]]]) -> None:
        await self.connection.run(self.sql["add_values"], self.loc, *_columns(entries))

    async def _delete_entries(self, record_id: str, entries: frozenset[IndexEntry]) -> None:
        if entries:
            fields, ids, numbers, texts, _ = _columns([(record_id, entries)])
            await self.connection.run(self.sql["delete_values"], self.loc, fields, ids, numbers, texts)

    async def drop_entries(self, field_number: int) -> None:
        await self.connection.run(self.sql["drop_values"], self.loc, field_number)

    async def change_record(self, shape: Shape, record: Record, *, search_text: str | None, entries: Entries) -> None:
        await self._delete_entries(record.id, entries.gone)
        if entries.come:
            await self.add_entries(shape, [(record.id, entries.come)])
        await self.connection.run(
            self.sql["change_record"],
            self.loc,
            shape.object.number,
            bytes.fromhex(record.id),
            record.updated_at,
            list_text(record.owners),
            list_text(record.followers),
            record.updated_by,
            record.properties,
            search_text or None,
            search_text is not None,
        )

    async def put_search_texts(self, shape: Shape, texts: Sequence[tuple[str, str]]) -> None:
        number = shape.object.number
        kept = [(self.loc, number, bytes.fromhex(record_id), text) for record_id, text in texts if text]
        gone = [(self.loc, number, bytes.fromhex(record_id)) for record_id, text in texts if not text]
        if kept:
            await self.connection.run_many(self.sql["put_search"], kept)
        if gone:
            await self.connection.run_many(self.sql["delete_search"], gone)

    async def delete_record(self, shape: Shape, record_id: str, *, entries: frozenset[IndexEntry]) -> None:
        await self._delete_entries(record_id, entries)
        await self.connection.run(
            self.sql["delete_record"],
            self.loc,
            shape.object.number,
            bytes.fromhex(record_id),
            self.slot,
        )

    async def claim_unique(self, shape: Shape, claims: Sequence[Claim]) -> list[Claim]:
        if not claims:
            return []
        # In one order for all writers, so that two of them cannot wait for each other.
        ordered = sorted(claims, key=lambda claim: (claim.field_number, claim.value))
        rows = await self.connection.rows(
            self.sql["claim_unique"],
            self.loc,
            [claim.field_number for claim in ordered],
            [claim.value for claim in ordered],
            [bytes.fromhex(claim.record_id) for claim in ordered],
        )
        taken = {(row[0], row[1], row[2].hex()) for row in rows}
        return [claim for claim in claims if (claim.field_number, claim.value, claim.record_id) not in taken]

    async def release_unique(self, shape: Shape, claims: Sequence[Claim]) -> None:
        for claim in claims:
            args = (self.loc, claim.field_number, claim.value, bytes.fromhex(claim.record_id))
            await self.connection.run(self.sql["release_unique"], *args)

    async def find_unique(self, shape: Shape, field_number: int, value: str) -> str | None:
        row = await self.connection.row(self.sql["find_unique"], self.loc, field_number, value)
        return None if row is None else row[0].hex()

    async def release_field(self, field_number: int) -> None:
        await self.connection.run(self.sql["release_field"], self.loc, field_number)

    async def records_after(self, shape: Shape, record_id: str, limit: int) -> list[Record]:
        rows = await self.connection.rows(
            self.sql["records_after"], self.loc, shape.object.number, bytes.fromhex(record_id), limit
        )
        return [self.record_of(row) for row in rows]

    async def delete_records_of(self, shape: Shape) -> None:
        for name in ("delete_records_of", "delete_search_of", "delete_counts"):
            await self.connection.run(self.sql[name], self.loc, shape.object.number)

    async def count_records(self, shape: Shape) -> int:
        row = await self.connection.row(self.sql["count_records"], self.loc, shape.object.number)
        return int(row[0]) if row else 0

    async def relations_shown(self, record_ids: Sequence[str]) -> dict[str, list[Relation]]:
        ids = [bytes.fromhex(record_id) for record_id in record_ids]
        found: dict[str, list[Relation]] = {}
        for row in await self.connection.rows(self.sql["related"], self.loc, ids, RELATIONS_SHOWN):
            relation = Relation(row[2].hex(), row[1], row[3].hex(), row[4].hex())
            found.setdefault(row[0].hex(), []).append(relation)
        return found

    async def relation_rows(self, record_id: bytes, windows: Sequence[Window]) -> list[Row]:
        columns = ([each.association for each in windows], [each.skip for each in windows], [w.limit for w in windows])
        return await self.connection.rows(self.sql["relation_rows"], self.loc, record_id, *columns)

    # --- for the doctor

    async def search_texts(self, shape: Shape, after: str, last: str) -> dict[str, str]:
        bounds = (bytes.fromhex(after), bytes.fromhex(last))
        rows = await self.connection.rows(self.sql["search_texts"], self.loc, shape.object.number, *bounds)
        return {row[0].hex(): row[1] for row in rows}

    async def search_rows(self, shape: Shape) -> tuple[int, int]:
        row = await self.connection.row(self.sql["count_search"], self.loc, shape.object.number)
        return (int(row[0]) if row else 0), 0

    async def unfindable(self, shape: Shape, texts: Sequence[tuple[str, str]]) -> list[str]:
        # The trigram index is an index like any other: it holds no text that could differ.
        return []

    async def unique_rows(self, field_number: int) -> int:
        row = await self.connection.row(self.sql["count_unique"], self.loc, field_number)
        return int(row[0]) if row else 0

    async def unindexed(self, shape: Shape, entries: Sequence[tuple[str, frozenset[IndexEntry]]]) -> list[str]:
        rows = await self.connection.rows(self.sql["find_lost"], self.loc, *_columns(entries))
        return [row[0].hex() for row in rows]

    async def index_rows(self, field_number: int) -> int:
        row = await self.connection.row(self.sql["count_values"], self.loc, field_number)
        return int(row[0]) if row else 0

    async def disordered(self, shape: Shape) -> int:
        row = await self.connection.row(self.sql["count_disordered"], self.loc, shape.object.number)
        return int(row[0]) if row else 0


def _columns(
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
