"""Remembers with each chunk how far an import has come, so that the same import of the same file goes on there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from groundlevel.imports import store
from groundlevel.imports.errors import ImportUnderWay
from groundlevel.imports.mapping import Plan
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, reading, writing
from groundlevel.records.bulk import NewRecords, Written, create_records

OUTCOMES = ("created", "updated", "unchanged", "refused", "skipped")
"""What may become of a row, as members of a position and of a summary count it."""
KEPT_MS = 30 * 24 * 3_600_000
"""How long an import that nobody goes on with is remembered."""


class RefusedRow(Struct, frozen=True, array_like=True):
    """A row that was refused, as the file of refused rows says it."""

    line: int
    field: str
    message: str


class Position(Struct, frozen=True):
    """How far an import has come: all rows up to here have their outcome."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    skipped: int = 0
    line: int = 0
    """On which the last row that was written began."""
    error_bytes: int = 0
    """The size of the file of refused rows without those that were refused last."""
    last_refused: tuple[RefusedRow, ...] = ()
    """Those, which may or may not have reached that file."""


class Chunk(Struct, frozen=True):
    """Rows to be written, and how far the import has come when they are."""

    import_id: str
    records: NewRecords
    lines: Sequence[int]
    """On which the rows to be written begin."""
    schema: CompiledObject
    before: str | None
    """The position as it is stored, None where the import begins."""
    after: Position
    """The new one, without the outcomes of the rows to be written."""


class WrittenChunk(Struct, frozen=True):
    """What has become of a chunk."""

    written: Written
    position: Position
    stored: str
    """The position as it is stored now."""


def import_id_of(plan: Plan) -> str:
    """What an import is recognised by: what is in the file, and what becomes of it. In hex."""
    with plan.sheet.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    columns = [(column.name, column.key, column.data_type.value) for column in plan.columns]
    skipped = [column.name for column in plan.skipped]
    how = (plan.object_key, plan.match, columns, skipped, plan.sheet.reading, plan.conventions)
    digest.update(msgspec.json.encode(how))
    return digest.hexdigest()


@reading
async def find_position(tx: Transaction, call: Call, import_id: str) -> str | None:
    """The position of an import that did not end, as it is stored."""
    return await store.find_import(tx, import_id)


@writing
async def write_chunk(tx: Transaction, call: Call, chunk: Chunk) -> WrittenChunk:
    """Writes rows, and the position behind them. Raises ImportUnderWay, and what create_records raises."""
    written = Written(0, 0, 0, [], {})
    if chunk.records.rows:
        written = await create_records(tx, call, chunk.records)
    after = chunk.after
    refused = [
        RefusedRow(chunk.lines[place], chunk.schema.short_key(refusal.field_key), refusal.message)
        for place, refusal in written.errors
    ]
    position = msgspec.structs.replace(
        after,
        created=after.created + written.created,
        updated=after.updated + written.updated,
        unchanged=after.unchanged + written.unchanged,
        refused=after.refused + len(refused),
        last_refused=tuple(sorted((*after.last_refused, *refused), key=lambda row: row.line)),
    )
    stored = msgspec.json.encode(position).decode()
    if not await store.move_import(tx, chunk.import_id, stored, before=chunk.before):
        raise ImportUnderWay
    return WrittenChunk(written, position, stored)


@writing
async def forget_import(tx: Transaction, call: Call, import_id: str) -> None:
    """Forgets an import that has ended, or is to begin again, and those that nobody goes on with."""
    await store.delete_import(tx, import_id)
    await store.delete_abandoned_imports(tx, before=tx.ids.now() - KEPT_MS)
