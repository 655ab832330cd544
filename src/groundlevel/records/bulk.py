"""Writes many records in one transaction; a record that is refused does not stop the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import InvalidValue, Refusal
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.base import FieldType
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Field, Json, Record
from groundlevel.kernel.storage.records import UniqueClaim
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, scanning, writing
from groundlevel.records.events import emit_records_created
from groundlevel.records.rules import new_row, next_version, store_change, unique_claims, unique_conflict
from groundlevel.standard.ids import schema_with_records

SEVERAL = ""
"""Stands for the record id where more than one record holds the value by which records are recognised."""


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


class MatchKeysAfter(Struct, frozen=True):
    """Asks for the matched forms of the records that follow one in id order; starts with an empty id."""

    object_key: str
    match: str
    record_id: str
    limit: int


class _Entry(Struct):
    """One record to be written, from one row or from several that mean the same record."""

    id: str
    before: Record | None
    """The record as it is stored; None in a dry run."""
    held: dict[str, Json] | None
    """Its stored properties until now; None for a new record."""
    stored: dict[str, Json]
    rows: list[int]
    changes: int = 0
    """How many of the rows change an existing record."""


class _Sorted(Struct):
    """The rows of a request, sorted into records and refusals."""

    schema: CompiledObject
    entries: dict[str, _Entry] = {}
    fresh: dict[str, str] = {}
    errors: list[tuple[int, Refusal]] = []
    draft: Draft | None = None
    """What a dry run would have written before; None when records are really written."""

    def outcome(self) -> Written:
        """What becomes of each row."""
        new = sum(entry.held is None for entry in self.entries.values())
        updated = sum(entry.changes for entry in self.entries.values())
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
    work = await _sort_entries(tx, call, request, _Sorted(schema))
    await _claim_unique_values(tx, schema, work)
    new_rows = []
    for entry in work.entries.values():
        if entry.before is None:
            new_rows.append(new_row(schema, entry.id, entry.stored, origin=call.origin))
        elif entry.changes:
            await _change(tx, call, schema=schema, entry=entry)
    if new_rows:
        await tx.records.insert(schema, new_rows)
        await emit_records_created(tx, schema, new_rows)
    return work.outcome()


@scanning
async def check_records(tx: Transaction, call: Call, dry_run: DryRun) -> Written:
    """What `create_records` would do after all that the draft has seen, without doing it; the draft learns of it.

    The ids in `fresh` are those of no record.
    """
    draft = dry_run.draft
    work = await _sort_entries(tx, call, dry_run.request, _Sorted(draft.schema, draft=draft))
    for claim in _wanted_claims(draft.schema, work) if draft.schema.unique else ():
        if await _find_holder(tx, work, claim.field_number, claim.value) is not None:
            _refuse(work, claim.record_id, unique_conflict(draft.schema, claim))
    outcome = work.outcome()
    if dry_run.request.match is not None:
        draft.records.update((entry.id, entry.stored) for entry in work.entries.values())
        draft.fresh.update(outcome.fresh)
    if draft.schema.unique:
        for entry in work.entries.values():
            held = draft.schema.unique_values(entry.held or {})
            draft.holders.update((item, None) for item in held.items())
            draft.holders.update((item, entry.id) for item in draft.schema.unique_values(entry.stored).items())
    return outcome


@scanning
async def list_match_keys_after(
    tx: Transaction, call: Call, request: MatchKeysAfter
) -> tuple[list[tuple[str, str]], str]:
    """Pairs of matched form and record id of the next records, and the id to go on from; an empty one at the end."""
    schema = await schema_with_records(tx, request.object_key)
    prop = schema.properties_by_key[request.match]
    records = await tx.records.list_after(schema, request.record_id, request.limit)
    pairs = []
    for record in records:
        stored = decode_object(record.properties).get(prop.stored_key)
        if stored is not None and stored != "":
            pairs.append((prop.type.unique_form(prop.field, stored), record.id))
    return pairs, records[-1].id if len(records) == request.limit else ""


async def _change(tx: Transaction, call: Call, *, schema: CompiledObject, entry: _Entry) -> None:
    """Stores a record that was read for update and whose unique values are taken already."""
    before = entry.before
    assert before is not None
    await store_change(
        tx, schema, next_version(before, call, entry.stored), (decode_object(before.properties), entry.stored)
    )


async def _sort_entries(tx: Transaction, call: Call, request: NewRecords, work: _Sorted) -> _Sorted:
    """Works out the stored form of every row, reading the records that are meant by some."""
    schema = work.schema
    match = schema.fields.get(request.match) if request.match else None
    kind = type_of(match.data_type).compiled_for(match) if match else None
    for index, properties in enumerate(request.rows):
        try:
            form = match_key(kind, match, properties.get(match.key)) if match and kind else None
            entry = None
            if match and form is not None:
                entry = await _find_match(tx, schema, _Search(match, form, request.known, work))
            if entry is None:
                stored = schema.validate_new(properties, strict=call.strict)
                record_id = await tx.records.new_id(schema) if work.draft is None else call.ids.record_id()
                work.entries[record_id] = _Entry(record_id, None, None, stored, [index])
                if form is not None:
                    work.fresh[form] = record_id
            else:
                # Not strict, so that a list replaces what is stored: a cell holds all options
                # (docs/contract.md#decision-7).
                after = schema.validate_change(entry.stored, properties, strict=False)
                entry.changes += after != schema.visible(entry.stored)
                entry.stored = after
                entry.rows.append(index)
                work.entries[entry.id] = entry
        except Refusal as refusal:
            work.errors.append((index, refusal))
    return work


class _Search(Struct, frozen=True):
    """By which value a record is looked for."""

    field: Field
    form: str
    known: Mapping[str, str] | None
    work: _Sorted


async def _find_match(tx: Transaction, schema: CompiledObject, search: _Search) -> _Entry | None:
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
        return None if held is None else _Entry(record_id, None, held, held, [])
    record = await tx.records.lock(schema, record_id)
    if record is None:
        return None
    held = decode_object(record.properties)
    return _Entry(record_id, record, held, held, [])


async def _find_holder(tx: Transaction, work: _Sorted, field_number: int, value: str) -> str | None:
    """Who holds a unique value, after what a dry run would have written."""
    draft = work.draft
    if draft is not None:
        if (field_number, value) in draft.holders:
            return draft.holders[field_number, value]
        if not draft.exists:
            return None
    return await tx.records.find_holder(work.schema, field_number, value)


def _wanted_claims(schema: CompiledObject, work: _Sorted) -> list[UniqueClaim]:
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


async def _claim_unique_values(tx: Transaction, schema: CompiledObject, work: _Sorted) -> None:
    """Takes the unique values of all entries, refuses the entries that cannot have theirs, gives old ones back."""
    if not schema.unique:
        return
    wanted = _wanted_claims(schema, work)
    refused = await tx.records.claim_values(schema, wanted) if wanted else []
    if refused:
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


def _refuse(work: _Sorted, record_id: str, refusal: Refusal) -> None:
    entry = work.entries.pop(record_id, None)
    if entry is not None:
        work.errors += [(index, refusal) for index in entry.rows]
