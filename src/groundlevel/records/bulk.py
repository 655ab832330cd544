"""Writes many records in one transaction; a record that is refused does not stop the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec
from msgspec import Struct

from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import InvalidValue, RecordNotFound, Refusal
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.base import FieldType
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Field, Json, Record
from groundlevel.kernel.storage.connection import RunAgainError
from groundlevel.kernel.storage.records import UniqueClaim
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, scanning, writing
from groundlevel.records.changes import log_records_created
from groundlevel.records.events import emit_records_created
from groundlevel.records.rules import (
    NewRecord,
    lock_record,
    new_row,
    next_version,
    owners_and_followers,
    store_change,
)
from groundlevel.records.unique_values import unique_claims, unique_conflict
from groundlevel.standard.ids import schema_with_records

SEVERAL = ""
"""Stands for the record id where more than one record holds the value by which records are recognised."""


People: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""Owners and followers."""


class RowChange(Struct, frozen=True, gc=False):
    """What one row says of a record."""

    properties: dict[str, Json]
    """Wire properties."""
    id: str | None = None
    """The public id of the record, where the row names it."""
    owners: Json = None
    followers: Json = None
    """As in `NewRecord`."""


class NewRecords(Struct, frozen=True):
    """Records to be written together."""

    object_key: str
    rows: Sequence[dict[str, Json]]
    """Wire properties of each."""
    match: str | None = None
    """Short key of the property by which existing records are recognised and updated instead."""
    known: Mapping[str, str] | None = None
    """Where `match` is not a unique field: record ids by the matched form of the value; SEVERAL for an unclear one."""


class Written(Struct, frozen=True):
    """The outcome of records written together: one for each row."""

    created: int
    updated: int
    unchanged: int
    """Rows that say of a record what it holds already; such a record is not written."""
    errors: list[tuple[int, Refusal]]
    """The rows refused, by their index, in order."""
    fresh: dict[str, str]
    """Ids of created records by the matched form of their value."""


class Draft:
    """What a dry run would have written by now: the later rows of a file build on the earlier ones."""

    def __init__(self, schema: CompiledObject, *, exists: bool) -> None:
        self.schema = schema
        """The object as it will be."""
        self.exists = exists
        """Whether the object is there, and may have records."""
        self.records: dict[str, dict[str, Json]] = {}
        """The stored properties of records that were created or changed."""
        self.fresh: dict[str, str] = {}
        """Ids of created records by the matched form of their value."""
        self.holders: dict[tuple[int, str], str | None] = {}
        """Who holds a unique value by now, by field number and value; None for a value that was given up."""


class DryRun(Struct, frozen=True):
    """Records to be checked as if they were written."""

    request: NewRecords
    draft: Draft


class Entry(Struct):
    """One record to be written, from one row or from several that mean the same record."""

    id: str
    before: Record | None
    """The record as it is stored; None in a dry run."""
    held: dict[str, Json] | None
    """Its stored properties until now; None for a new record."""
    stored: dict[str, Json]
    rows: list[int]
    changed: list[int] = []
    """Those of the rows that change an existing record."""
    people: People = ((), ())


class SortedRows(Struct):
    """The rows of a request, sorted into records and refusals."""

    schema: CompiledObject
    match: Field | None = None
    """By which existing records are recognised."""
    known: Mapping[str, str] | None = None
    """As in `NewRecords`."""
    must_exist: bool = False
    """Whether a row may only change a record that there is."""
    entries: dict[str, Entry] = {}
    fresh: dict[str, str] = {}
    errors: list[tuple[int, Refusal]] = []
    draft: Draft | None = None
    """What a dry run would have written before; None when records are really written."""

    def outcome(self) -> Written:
        """What becomes of each row."""
        new = sum(entry.held is None for entry in self.entries.values())
        updated = sum(len(entry.changed) for entry in self.entries.values())
        rows = sum(len(entry.rows) for entry in self.entries.values())
        fresh = {form: record_id for form, record_id in self.fresh.items() if record_id in self.entries}
        errors = sorted(self.errors, key=lambda error: error[0])
        return Written(new, updated, rows - new - updated, errors, fresh)


def match_key(kind: FieldType, field: Field, value: Json) -> str | None:
    """The text under which a wire value is recognised; None for no value. Raises InvalidValue."""
    stored = None if value is None else kind.normalise(field, value)
    return None if stored is None or stored == "" else kind.unique_form(field, stored)


@writing
async def create_records(tx: Transaction, call: Call, request: NewRecords) -> Written:
    """Creates records, or updates those recognised by `match`; refuses some rows without harm to the others.

    Two rows that mean one record are applied one after the other. Raises ObjectNotFound.
    """
    schema = await schema_with_records(tx, request.object_key)
    work = await sort_rows(tx, call, _changes(request), _sorted_rows(schema, request))
    await claim_unique_values(tx, work)
    await store_entries(tx, call, work)
    return work.outcome()


def _changes(request: NewRecords) -> list[RowChange | Refusal]:
    return [RowChange(properties) for properties in request.rows]


def _sorted_rows(schema: CompiledObject, request: NewRecords, draft: Draft | None = None) -> SortedRows:
    match = schema.fields.get(request.match) if request.match else None
    return SortedRows(schema, match=match, known=request.known, draft=draft)


@scanning
async def check_records(tx: Transaction, call: Call, dry_run: DryRun) -> Written:
    """What `create_records` would do after all that the draft has seen, without doing it; the draft learns of it.

    The ids in `fresh` are those of no record.
    """
    draft = dry_run.draft
    request = dry_run.request
    work = await sort_rows(tx, call, _changes(request), _sorted_rows(draft.schema, request, draft))
    for claim in _wanted_claims(draft.schema, work) if draft.schema.unique else ():
        if await _find_holder(tx, work, claim.field_number, claim.value) is not None:
            _refuse(work, claim.record_id, unique_conflict(draft.schema, claim))
    outcome = work.outcome()
    if request.match is not None:
        draft.records.update((entry.id, entry.stored) for entry in work.entries.values())
        draft.fresh.update(outcome.fresh)
    if draft.schema.unique:
        for entry in work.entries.values():
            held = draft.schema.unique_values(entry.held or {})
            draft.holders.update((item, None) for item in held.items())
            draft.holders.update((item, entry.id) for item in draft.schema.unique_values(entry.stored).items())
    return outcome


# --- what use cases share ----------------------------------------------------------------------------------------


async def sort_rows(tx: Transaction, call: Call, rows: Sequence[RowChange | Refusal], work: SortedRows) -> SortedRows:
    """Works out the stored form of every row that is not refused yet, reading the records that are meant by some."""
    schema, match = work.schema, work.match
    kind = type_of(match.data_type).compiled_for(match) if match else None
    for index, row in enumerate(rows):
        try:
            if isinstance(row, Refusal):
                raise row
            form = match_key(kind, match, row.properties.get(match.key)) if match and kind else None
            entry = None
            if row.id is not None:
                entry = await _find_named(tx, row.id, work)
            elif match and form is not None:
                entry = await _find_match(tx, schema, _Search(match, form, work.known, work))
            if entry is None:
                if work.must_exist:
                    raise RecordNotFound(str(form))
                stored = schema.validate_new(row.properties, strict=call.strict)
                people = _people_after(schema, None, row)
                record_id = await tx.records.new_id(schema) if work.draft is None else call.ids.record_id()
                work.entries[record_id] = Entry(record_id, None, None, stored, [index], people=people)
                if form is not None:
                    work.fresh[form] = record_id
            else:
                _change_entry(schema, entry, row, index)
                work.entries[entry.id] = entry
        except Refusal as refusal:
            work.errors.append((index, refusal))
    return work


def _change_entry(schema: CompiledObject, entry: Entry, row: RowChange, index: int) -> None:
    """Applies a row to a record. Raises what validate_change and owners_and_followers raise."""
    # Not strict, so that a list replaces what is stored: a cell holds all options (docs/contract.md#decision-7).
    after = schema.validate_change(entry.stored, row.properties, strict=False)
    people = _people_after(schema, entry.people, row)
    if after != schema.visible(entry.stored) or people != entry.people:
        entry.changed.append(index)
    entry.stored, entry.people = after, people
    entry.rows.append(index)


def _people_after(schema: CompiledObject, before: People | None, row: RowChange) -> People:
    if row.owners is None and row.followers is None:
        return before or ((), ())
    change = NewRecord(schema.object.key, {}, row.owners, row.followers)
    return owners_and_followers(schema, before, change, strict=False)


async def store_entries(tx: Transaction, call: Call, work: SortedRows) -> None:
    """Writes the records of rows whose unique values are taken already, and emits their events."""
    schema = work.schema
    new_rows = []
    for entry in work.entries.values():
        if entry.before is None:
            row = new_row(schema, entry.id, entry.stored, origin=call.origin)
            if any(entry.people):
                row = msgspec.structs.replace(row, owners=entry.people[0], followers=entry.people[1])
            new_rows.append(row)
        elif entry.changed:
            owners, followers = entry.people
            record = msgspec.structs.replace(
                next_version(entry.before, call, entry.stored), owners=owners, followers=followers
            )
            stored = (decode_object(entry.before.properties), entry.stored)
            await store_change(tx, schema, (entry.before, record), stored)
    if new_rows:
        await tx.records.insert(schema, new_rows)
        await emit_records_created(tx, schema, new_rows)
        log_records_created(tx, schema, new_rows)


class _Search(Struct, frozen=True):
    """By which value a record is looked for."""

    field: Field
    form: str
    known: Mapping[str, str] | None
    work: SortedRows


async def _find_named(tx: Transaction, shown: str, work: SortedRows) -> Entry:
    """The record with this public id. Raises RecordNotFound."""
    record = await lock_record(tx, work.schema, shown)
    return work.entries.get(record.id) or _entry_of(record)


def _entry_of(record: Record) -> Entry:
    held = decode_object(record.properties)
    return Entry(record.id, record, held, held, [], people=(record.owners, record.followers))


async def _find_match(tx: Transaction, schema: CompiledObject, search: _Search) -> Entry | None:
    """The record that holds the value, whether stored or only about to be. Raises InvalidValue if several do."""
    work, field = search.work, search.field
    record_id = work.fresh.get(search.form)
    if record_id is None and work.draft is not None:
        record_id = work.draft.fresh.get(search.form)
    if record_id is None:
        if field.unique:
            record_id = await _find_holder(tx, work, field.number, search.form)
        elif search.known is not None:
            record_id = search.known.get(search.form)
    if record_id == SEVERAL:
        raise InvalidValue(
            f"{field.name}: more than one record holds this value",
            hint="Match by a property that tells the records apart.",
            field_key=field.full_key,
        )
    if record_id is None:
        return None
    if record_id in work.entries:
        return work.entries[record_id]
    if work.draft is not None:
        held = work.draft.records.get(record_id)
        if held is None:
            record = await tx.records.find(schema, record_id)
            held = None if record is None else decode_object(record.properties)
        return None if held is None else Entry(record_id, None, held, held, [])
    record = await tx.records.lock(schema, record_id)
    return None if record is None else _entry_of(record)


async def _find_holder(tx: Transaction, work: SortedRows, field_number: int, value: str) -> str | None:
    """Who holds a unique value, after what a dry run would have written."""
    draft = work.draft
    if draft is not None:
        if (field_number, value) in draft.holders:
            return draft.holders[field_number, value]
        if not draft.exists:
            return None
    return await tx.records.find_holder(work.schema, field_number, value)


def _wanted_claims(schema: CompiledObject, work: SortedRows) -> list[UniqueClaim]:
    """The unique values to be taken; of two rows that want the same value the later one is refused."""
    taken: dict[tuple[int, str], UniqueClaim] = {}
    for entry in list(work.entries.values()):
        held = schema.unique_values(entry.held or {})
        values = {number: v for number, v in schema.unique_values(entry.stored).items() if held.get(number) != v}
        wanted = {(claim.field_number, claim.value): claim for claim in unique_claims(values, entry.id)}
        if clash := wanted.keys() & taken.keys():
            _refuse(work, entry.id, unique_conflict(schema, wanted[clash.pop()]))
        else:
            taken.update(wanted)
    return list(taken.values())


async def claim_unique_values(tx: Transaction, work: SortedRows) -> None:
    """Takes the unique values of all entries, refuses the entries that cannot have theirs, gives old ones back.

    Raises RunAgainError when another writer has meanwhile created a record that a row would have been recognised by.
    """
    schema = work.schema
    if not schema.unique:
        return
    wanted = _wanted_claims(schema, work)
    refused = await tx.records.claim_values(schema, wanted) if wanted else []
    if refused:
        _check_matched(work, refused)
        losers = {claim.record_id: claim for claim in refused}
        denied = {(claim.field_number, claim.value) for claim in refused}
        taken = [c for c in wanted if c.record_id in losers and (c.field_number, c.value) not in denied]
        await tx.records.release_values(schema, taken)
        for record_id, claim in losers.items():
            _refuse(work, record_id, unique_conflict(schema, claim))
    freed: list[UniqueClaim] = []
    for entry in work.entries.values():
        if entry.held is not None:
            kept = schema.unique_values(entry.stored)
            held = schema.unique_values(entry.held)
            freed += unique_claims(
                {number: value for number, value in held.items() if kept.get(number) != value}, entry.id
            )
    if freed:
        await tx.records.release_values(schema, freed)


def _check_matched(work: SortedRows, refused: Sequence[UniqueClaim]) -> None:
    """Raises RunAgainError when a value by which a new record is recognised has meanwhile got a holder."""
    for claim in refused:
        if work.match and claim.field_number == work.match.number and work.entries[claim.record_id].held is None:
            raise RunAgainError(unique_conflict(work.schema, claim))


def _refuse(work: SortedRows, record_id: str, refusal: Refusal) -> None:
    entry = work.entries.pop(record_id, None)
    if entry is not None:
        work.errors += [(index, refusal) for index in entry.rows]
