"""Writes records by rows: one chunk of a bulk request in each transaction, with an outcome for each row."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from msgspec import Struct

from groundlevel.kernel.errors import RecordNotFound, Refusal
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Field, Record
from groundlevel.kernel.rows import CREATED, DELETED, UNCHANGED, UPDATED, Outcome, Written
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, reading, writing
from groundlevel.records.bulk import (
    RowChange,
    SortedRows,
    claim_unique_values,
    sort_rows,
    store_entries,
)
from groundlevel.records.errors import ChunkRefused, MatchValueMissing
from groundlevel.records.rules import RecordView, fetch_record, lock_record, remove_record, view_record
from groundlevel.standard.ids import schema_with_records


class BulkMode(Enum):
    """What rows do to records."""

    CREATE = "create"
    UPDATE = "update"
    UPSERT = "upsert"
    """Updates the record that holds the row's value of the matched field, else creates one."""
    DELETE = "delete"


class RowsChange(Struct, frozen=True):
    """Rows to be written in one transaction."""

    object_key: str
    mode: BulkMode
    rows: Sequence[RowChange | Refusal]
    """Those refused already have their refusal as their outcome."""
    match: str | None = None
    """Key of the unique field by which records are recognised, short or full."""
    whole: bool = False
    """Whether nothing is written unless every row can be."""


class MatchQuery(Struct, frozen=True):
    """Asks which field of an object a name means."""

    object_key: str
    match: str | None


@reading
async def resolve_match(tx: Transaction, call: Call, query: MatchQuery) -> str | None:
    """The key of the matched field, None for none.

    Raises ObjectNotFound, NotSupported, UnknownProperty, MatchNotUnique.
    """
    schema = await schema_with_records(tx, query.object_key)
    return None if query.match is None else schema.unique_field(query.match).key


@writing
async def write_rows(tx: Transaction, call: Call, request: RowsChange) -> list[Outcome]:
    """The outcome of each row; two rows that mean one record are applied one after the other.

    Raises ChunkRefused where `whole` was asked for and a row is refused; besides that, what resolve_match raises.
    """
    schema = await schema_with_records(tx, request.object_key)
    if request.mode is BulkMode.DELETE:
        return await _delete(tx, schema, request)
    return await _write(tx, call, schema, request)


@writing
async def upsert_record(tx: Transaction, call: Call, request: RowsChange) -> tuple[RecordView, bool]:
    """The record of the only row, and whether it is new. Raises what create_record and resolve_match raise."""
    schema = await schema_with_records(tx, request.object_key)
    (outcome,) = await _write(tx, call, schema, request)
    if isinstance(outcome, Refusal):
        raise outcome
    record = await fetch_record(tx, schema, outcome.id)
    return await view_record(tx, call, schema, record), outcome.action == CREATED


async def _write(tx: Transaction, call: Call, schema: CompiledObject, request: RowsChange) -> list[Outcome]:
    match = None if request.match is None else schema.unique_field(request.match)
    rows = [_checked(row, match, request.mode) for row in request.rows]
    work = SortedRows(schema, match=match, must_exist=request.mode is BulkMode.UPDATE)
    await sort_rows(tx, call, rows, work)
    # Also of a chunk that is refused already, so that all reasons are told at once.
    await claim_unique_values(tx, work)
    await _check_whole(tx, request, dict(work.errors))
    await store_entries(tx, call, work)
    outcomes: dict[int, Outcome] = dict(work.errors)
    for entry in work.entries.values():
        changed = set(entry.changed)
        for n, index in enumerate(entry.rows):
            new = entry.held is None and n == 0
            action = CREATED if new else UPDATED if index in changed else UNCHANGED
            outcomes[index] = Written(action, entry.id)
    return [outcomes[index] for index in range(len(rows))]


def _checked(row: RowChange | Refusal, match: Field | None, mode: BulkMode) -> RowChange | Refusal:
    """The row, or why it cannot say which record it means."""
    if match is None or isinstance(row, Refusal) or row.id is not None or mode is BulkMode.CREATE:
        return row
    return row if row.properties.get(match.key) not in (None, "") else MatchValueMissing(field_key=match.full_key)


async def _delete(tx: Transaction, schema: CompiledObject, request: RowsChange) -> list[Outcome]:
    match = None if request.match is None else schema.unique_field(request.match)
    outcomes: list[Outcome] = []
    records: dict[str, Record] = {}
    errors: dict[int, Refusal] = {}
    for index, row in enumerate(request.rows):
        checked = _checked(row, match, request.mode)
        try:
            if isinstance(checked, Refusal):
                raise checked
            record = await _find_meant(tx, schema, checked, match)
            if record.id in records:
                raise RecordNotFound(record.id)
            records[record.id] = record
            outcomes.append(Written(DELETED, record.id))
        except Refusal as refusal:
            errors[index] = refusal
            outcomes.append(refusal)
    await _check_whole(tx, request, errors)
    for record in records.values():
        await remove_record(tx, schema, record)
    return outcomes


async def _find_meant(tx: Transaction, schema: CompiledObject, row: RowChange, match: Field | None) -> Record:
    """The record that a row means, locked. Raises RecordNotFound, InvalidValue."""
    if row.id is not None or match is None:
        return await lock_record(tx, schema, row.id or "")
    form = schema.match_form(match, row.properties[match.key])
    holder = None if form is None else await tx.records.find_holder(schema, match.number, form)
    record = None if holder is None else await tx.records.lock(schema, holder)
    if record is None:
        raise RecordNotFound(str(form))
    return record


async def _check_whole(tx: Transaction, request: RowsChange, errors: dict[int, Refusal]) -> None:
    """Raises ChunkRefused where a row's refusal is that of the chunk."""
    if not errors:
        return
    await tx.verify()
    if request.whole:
        raise ChunkRefused(errors)
