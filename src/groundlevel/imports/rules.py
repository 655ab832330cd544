"""Imports a file of records: plans, creates what is missing, then writes chunk by chunk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from groundlevel.imports.cells import Conventions
from groundlevel.imports.error_file import ErrorFile
from groundlevel.imports.files import open_sheet
from groundlevel.imports.inference import evidence_of
from groundlevel.imports.journal import FileSummary, Journal, RefusedRow
from groundlevel.imports.mapping import (
    ColumnChoices,
    Plan,
    choose_columns,
    columns_of_object,
    converters,
    future_schema,
    has_error_columns,
    labels_of,
    match_field,
    new_columns,
    primary_of,
    unknown_columns,
)
from groundlevel.imports.reader import Progress, Reading, SheetError, SheetRow
from groundlevel.kernel.errors import NotSupported, ObjectNotFound, Refusal, StorageUnavailable
from groundlevel.kernel.fields.base import is_empty
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import CUSTOM_PREFIX, Json, Object
from groundlevel.kernel.names import short_object_key
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, perform, writing
from groundlevel.records.bulk import (
    SEVERAL,
    Draft,
    DryRun,
    NewRecords,
    Written,
    check_records,
    create_records,
)
from groundlevel.records.match_keys import MatchKeysAfter, list_match_keys_after
from groundlevel.schema.field_rules import NewField, NewOption, create_fields
from groundlevel.schema.object_rules import NewObject, create_object, get_object
from groundlevel.standard.ids import WITHOUT_RECORDS

CHUNK = 1_000
"""Rows written in one transaction: enough to make its cost small, few enough to let other writers in between."""

_PAGE = 5_000


class Import(Struct, frozen=True, kw_only=True):
    """What is requested."""

    path: Path
    object_key: str
    create: bool = False
    """Whether a missing object and missing fields are created."""
    match: str | None = None
    """The column by which existing records are recognised and updated; None creates a record from every row."""
    primary: str | None = None
    """The column that becomes the primary display property of a new object."""
    dry: bool = False
    """Whether rows are only checked."""
    reading: Reading = Reading()
    conventions: Conventions = Conventions()
    choices: ColumnChoices = ColumnChoices()


async def plan_import(storage: Storage, call: Call, *, request: Import, progress: Progress) -> Plan:
    """What an import would do. Reads the whole file, so that one that cannot be read to its end is refused as a whole.

    Another thread reads it, since a large one takes longer than a server may keep others waiting.

    Raises SheetError, ObjectNotFound, UnknownProperty, InvalidKey, BadRequest.
    """
    request.conventions.check()
    sheet = await asyncio.to_thread(open_sheet, request.path, request.reading)
    empty = await asyncio.to_thread(sheet.check, progress)
    existing = await _find_existing(storage, call, request)
    error_columns = has_error_columns(sheet, existing)
    named, skipped = choose_columns(sheet, request.choices, existing=existing, empty=empty)
    objects = sheet.typed or error_columns
    known = columns_of_object(named, existing, objects=objects) if existing else [None] * len(named)
    missing = [column.name for column, found in zip(named, known, strict=True) if found is None]
    primary = existing.object.primary if existing else ""
    columns = [column for column in known if column]
    if missing:
        if existing and not request.create:
            raise unknown_columns(missing, existing)
        evidence = await asyncio.to_thread(evidence_of, sheet, request.conventions, progress)
        name = None if existing else primary_of(named, evidence, request.primary)
        columns = new_columns(named, evidence, known=known, primary=name)
        if name is not None:
            primary = next(column.key for column in columns if column.name == name)
    key = existing.object.key if existing else CUSTOM_PREFIX + short_object_key(request.object_key)
    schema = future_schema(existing, key, columns=columns, primary=primary)
    match = None if request.match is None else match_field(schema, columns, request.match)
    return Plan(
        sheet=sheet,
        object_key=key,
        primary=primary,
        columns=tuple(columns),
        skipped=tuple(skipped),
        schema=schema,
        exists=existing is not None,
        match=match,
        dry=request.dry,
        conventions=request.conventions,
        error_columns=error_columns,
    )


async def find_object(storage: Storage, call: Call, key: str) -> Object:
    """The object with a short or a full key. Raises ObjectNotFound, NotSupported."""
    for candidate in dict.fromkeys((key, key if key.startswith(CUSTOM_PREFIX) else CUSTOM_PREFIX + key)):
        try:
            found = await perform(storage, call, get_object, candidate)
        except ObjectNotFound:
            continue
        if found.key in WITHOUT_RECORDS:
            raise NotSupported
        return found
    raise ObjectNotFound(key)


async def _find_existing(storage: Storage, call: Call, request: Import) -> CompiledObject | None:
    """The object that the records go to; None for one that has to be created."""
    try:
        return CompiledObject(await find_object(storage, call, request.object_key))
    except ObjectNotFound as missing:
        if request.create:
            return None
        raise SheetError(missing.message, hint="Add --create-object to make it from the file's columns.") from None


async def create_missing(storage: Storage, call: Call, plan: Plan) -> None:
    """Creates the object and the fields that a plan lacks. Raises DuplicateKey, InvalidKey and other refusals."""
    if not plan.exists:
        primary = next(column for column in plan.columns if column.key == plan.primary)
        singular, plural = labels_of(plan.object_key)
        new = NewObject(
            key=plan.object_key,
            singular=singular,
            plural=plural,
            description=f"Imported from {plan.sheet.path.name}",
            primary_key=primary.key,
            primary_name=primary.name,
            primary_type=primary.data_type.value,
        )
        await perform(storage, call, create_object, new)
    if not plan.new_columns:
        return
    folder = (await perform(storage, call, get_object, plan.object_key)).folders[0].id
    fields = [
        NewField(
            object_key=plan.object_key,
            key=column.key,
            data_type=column.data_type.value,
            folder_id=folder,
            name=column.name,
            options=[NewOption(label=o.label, key=o.key) for o in column.options] or None,
        )
        for column in plan.new_columns
    ]
    await perform(storage, call, create_fields, fields)


async def run_import(  # Parameters: what to import, into what, and who follows it
    storage: Storage, call: Call, plan: Plan, *, progress: Progress, journal: Journal | None = None
) -> FileSummary:
    """Writes the rows of a file, or only checks them. What the plan lacks must have been created, unless it is dry.

    Each chunk of rows is written whole or not at all. Refused rows go to `<file>.errors.csv`, or to the journal where
    there is one; then the import carries on behind the rows of which that knows.
    Raises SheetError, and StorageUnavailable naming the line up to which rows are stored.
    """
    async with _Run(storage, call, plan, journal) as run:
        columns = converters(plan)
        chunk: list[SheetRow] = []
        properties: list[dict[str, Json]] = []
        done = run.summary.line
        for row in plan.sheet.rows():
            if row.line <= done:
                continue
            run.summary.rows += 1
            run.line = row.line
            if row.fault is not None:
                run.refuse(row, row.fault)
                continue
            values = row.values
            if not values:
                run.summary.skipped += 1
                continue
            try:
                found = {
                    key: value if convert is None else convert(value)
                    for index, key, convert in columns
                    # A cell is told at once; a value that is false may be one.
                    if (value := values[index]) != "" and not is_empty(value)
                }
            except Refusal as refusal:
                run.refuse(row, refusal)
                continue
            if not found and row.blank:
                run.summary.skipped += 1
                continue
            if plan.match is not None and plan.match not in found:
                run.refuse(row, run.no_match, plan.match)
                continue
            chunk.append(row)
            properties.append(found)
            if len(chunk) == run.rows_at_once:
                await run.write(chunk, properties)
                chunk, properties = [], []
                progress(plan.sheet.position)
        await run.finish(chunk, properties)
        progress(plan.sheet.size)
    return run.summary


class _Chunk(Struct, frozen=True):
    """Rows to be written, and what notes the outcome in the same transaction."""

    request: NewRecords
    run: _Run
    rows: Sequence[SheetRow]


@writing
async def _write_noted(tx: Transaction, call: Call, chunk: _Chunk) -> Written:
    written = await create_records(tx, call, chunk.request)
    journal = chunk.run.journal
    assert journal is not None  # else nothing is noted
    await journal.note(tx, *chunk.run.outcome(chunk.rows, written))
    return written


class _Run:
    """An import under way."""

    def __init__(self, storage: Storage, call: Call, plan: Plan, journal: Journal | None) -> None:
        self.storage = storage
        self.call = call
        self.plan = plan
        self.journal = journal
        self.summary = FileSummary(**({} if journal is None else asdict(journal.begun)))
        self.rows_at_once = CHUNK if journal is None else journal.rows_at_once
        self.line = self.summary.line
        """The line of the last row that was read."""
        self._errors = ErrorFile(plan) if journal is None else None
        self._refused: list[RefusedRow] = []
        """Rows that were refused since the last chunk."""
        self._known: dict[str, str] | None = None
        self._draft = Draft(plan.schema, exists=plan.exists)

    async def __aenter__(self) -> _Run:
        match = self.plan.match
        if match is not None and not self.plan.schema.fields[match].unique:
            self._known = {}
            # No record holds a value of a field that is still to be created, or has just been.
            if self.plan.exists and not any(column.key == match and column.new for column in self.plan.columns):
                await self._read_match_keys(match)
        return self

    async def __aexit__(self, *_: Any) -> None:
        if self._errors is not None:
            self._errors.close()
            if self._errors.written:
                self.summary.errors_path = self._errors.path

    @property
    def no_match(self) -> str:
        """Why a row without a value in the matched column is refused."""
        name = next(column.name for column in self.plan.columns if column.key == self.plan.match)
        return f"{name}: the row has no value by which its record could be recognised"

    async def _read_match_keys(self, match: str) -> None:
        """Reads which record holds which value, from the whole object."""
        known: dict[str, str] = {}
        after = ""
        while True:
            request = MatchKeysAfter(self.plan.object_key, match, after, _PAGE)
            pairs, after = await perform(self.storage, self.call, list_match_keys_after, request)
            for form, record_id in pairs:
                known[form] = SEVERAL if form in known else record_id
            if not after:
                break
        self._known = known

    async def write(self, chunk: Sequence[SheetRow], properties: Sequence[dict[str, Json]]) -> None:
        """Writes a chunk of rows, or checks it, and counts the outcomes. Raises StorageUnavailable, SheetError."""
        request = NewRecords(self.plan.object_key, properties, self.plan.match, self._known)
        try:
            written = await self._perform(request, chunk)
        except StorageUnavailable as problem:
            stored = f"the rows up to line {self.summary.line}" if self.summary.line else "none of the rows"
            raise StorageUnavailable(f"{problem.message}: {stored} are stored", hint=problem.advice) from problem
        if self._known is not None:
            self._known.update(written.fresh)
        self.summary, refused = self.outcome(chunk, written)
        await self._settle(refused)

    async def finish(self, chunk: Sequence[SheetRow], properties: Sequence[dict[str, Json]]) -> None:
        """Writes the last rows, and notes how many lines there were."""
        if chunk:
            await self.write(chunk, properties)
        self.summary.lines = self.summary.line = self.plan.sheet.lines
        self.summary.header_lines = self.plan.sheet.header_lines
        await self._settle(self._refused, done=True)

    async def _settle(self, refused: list[RefusedRow], *, done: bool = False) -> None:
        """Hands on what was refused, once that is certain."""
        if self._errors is not None:
            for each in refused:
                self._errors.add(each)
        elif self.journal is not None and (self.plan.dry or done):
            await self.journal.report(self.summary, refused)
        self._refused = []

    async def _perform(self, request: NewRecords, chunk: Sequence[SheetRow]) -> Written:
        if self.plan.dry:
            return await perform(self.storage, self.call, check_records, DryRun(request, self._draft))
        if self.journal is not None:
            return await perform(self.storage, self.call, _write_noted, _Chunk(request, self, chunk))
        return await perform(self.storage, self.call, create_records, request)

    def outcome(self, chunk: Sequence[SheetRow], written: Written) -> tuple[FileSummary, list[RefusedRow]]:
        """What everything has come to with a chunk, and the rows that were refused since the last one."""
        before = self.summary
        after = msgspec.structs.replace(
            before,
            created=before.created + written.created,
            updated=before.updated + written.updated,
            unchanged=before.unchanged + written.unchanged,
            refused=before.refused + len(written.errors),
            line=self.line,
        )
        return after, [*self._refused, *(self._describe(chunk[index], refusal) for index, refusal in written.errors)]

    def refuse(self, row: SheetRow, reason: Refusal | str, field: str = "") -> None:
        """Counts a refused row and keeps it for the next chunk."""
        self.summary.refused += 1
        self._refused.append(self._describe(row, reason, field))

    def _describe(self, row: SheetRow, reason: Refusal | str, field: str = "") -> RefusedRow:
        if isinstance(reason, str):
            return RefusedRow(row.line, field, reason, row.values)
        return RefusedRow(row.line, self.plan.schema.short_key(reason.field_key), reason.message, row.values)
