"""Imports a file of records: plans, creates what is missing, then writes chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from groundlevel.imports.cells import Conventions
from groundlevel.imports.error_file import ErrorFile
from groundlevel.imports.files import open_sheet
from groundlevel.imports.inference import evidence_of
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
from groundlevel.imports.resumption import (
    OUTCOMES,
    Chunk,
    Position,
    RefusedRow,
    find_position,
    forget_import,
    import_id_of,
    write_chunk,
)
from groundlevel.kernel.errors import NotSupported, ObjectNotFound, Refusal, StorageUnavailable
from groundlevel.kernel.fields.base import is_empty
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import CUSTOM_PREFIX, Json, Object
from groundlevel.kernel.names import short_object_key
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import Call, perform
from groundlevel.records.bulk import (
    SEVERAL,
    Draft,
    DryRun,
    NewRecords,
    Written,
    check_records,
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


class Summary(Struct):
    """The outcome of an import: every row is created, updated, unchanged, refused or skipped."""

    rows: int = 0
    """Rows behind the header."""
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    """Rows that say of a record what it holds already."""
    refused: int = 0
    skipped: int = 0
    """Rows without any value."""
    lines: int = 0
    """Physical lines of the file: those of the header and of all rows."""
    header_lines: int = 0
    errors_path: Path | None = None
    """The file with the refused rows, if there are any."""
    resumed: int = 0
    """Rows of these that had their outcome already, from a run that was cut off."""


async def plan_import(storage: Storage, call: Call, *, request: Import, progress: Progress) -> Plan:
    """What an import would do. Reads the whole file, so that one that cannot be read to its end is refused as a whole.

    Raises SheetError, ObjectNotFound, UnknownProperty, InvalidKey, BadRequest.
    """
    request.conventions.check()
    sheet = open_sheet(request.path, request.reading)
    empty = sheet.check(progress)
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
        evidence = evidence_of(sheet, request.conventions, progress)
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


async def run_import(  # Parameters: what is imported, where, who watches, and whether it begins again
    storage: Storage, call: Call, plan: Plan, *, progress: Progress, restart: bool = False
) -> Summary:
    """Writes the rows of a file, or only checks them. What the plan lacks must have been created, unless it is dry.

    Each chunk of rows is written whole or not at all, and with it how far the import has come: one that was cut off
    goes on behind what it has written, unless it is to `restart`. Refused rows go to `<file>.errors.csv`.

    Raises SheetError, ImportUnderWay, and StorageUnavailable naming the line up to which rows are stored.
    """
    async with _Run(storage, call, plan, restart=restart) as run:
        columns = converters(plan)
        for number, row in enumerate(plan.sheet.rows(), 1):
            if number <= run.resumed:
                run.pass_over(row)
                continue
            run.summary.rows += 1
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
            run.add(row, found)
            if run.is_full:
                await run.write()
                progress(plan.sheet.position)
        await run.finish()
        progress(plan.sheet.size)
    run.summary.lines = plan.sheet.lines
    run.summary.header_lines = plan.sheet.header_lines
    return run.summary


class _Run:
    """An import under way."""

    def __init__(self, storage: Storage, call: Call, plan: Plan, *, restart: bool) -> None:
        self.storage = storage
        self.call = call
        self.plan = plan
        self.summary = Summary()
        self.resumed = 0
        """Rows that have their outcome already."""
        self._restart = restart
        self._id = "" if plan.dry else import_id_of(plan)
        self._stored: str | None = None
        """The position as it is stored."""
        self._lost: dict[int, RefusedRow] = {}
        """The rows, by their lines, that were refused last before the import was cut off."""
        self._rows: list[SheetRow] = []
        self._properties: list[dict[str, Json]] = []
        self._refused: list[tuple[SheetRow, RefusedRow]] = []
        """Refused rows that the file of them does not have yet."""
        self._known: dict[str, str] | None = None
        self._draft = Draft(plan.schema, exists=plan.exists)
        self._stored_line = 0

    async def __aenter__(self) -> _Run:
        match = self.plan.match
        if match is not None and not self.plan.schema.fields[match].unique:
            self._known = {}
            # No record holds a value of a field that is still to be created, or has just been.
            if self.plan.exists and not any(column.key == match and column.new for column in self.plan.columns):
                await self._read_match_keys(match)
        if not self.plan.dry:
            with self._saying_what_is_stored():
                if self._restart:
                    await perform(self.storage, self.call, forget_import, self._id)
                self._stored = await perform(self.storage, self.call, find_position, self._id)
        position = Position() if self._stored is None else msgspec.json.decode(self._stored, type=Position)
        self._errors = ErrorFile(self.plan, size=position.error_bytes)
        self._lost = {row.line: row for row in position.last_refused}
        self._stored_line, self.resumed = position.line, position.rows
        for outcome in OUTCOMES:
            setattr(self.summary, outcome, getattr(position, outcome))
        self.summary.rows = self.summary.resumed = position.rows
        return self

    async def __aexit__(self, *_: Any) -> None:
        self._errors.close()
        if self._errors.written:
            self.summary.errors_path = self._errors.path

    @property
    def no_match(self) -> str:
        """Why a row without a value in the matched column is refused."""
        name = next(column.name for column in self.plan.columns if column.key == self.plan.match)
        return f"{name}: the row has no value by which its record could be recognised"

    @property
    def is_full(self) -> bool:
        """Whether as many rows wait as are written at once."""
        return len(self._rows) + len(self._refused) >= CHUNK

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

    def pass_over(self, row: SheetRow) -> None:
        """Leaves a row alone that has its outcome. Raises SheetError."""
        if lost := self._lost.get(row.line):
            self._errors.add(row, lost.field, lost.message)

    def add(self, row: SheetRow, properties: dict[str, Json]) -> None:
        """Adds a row to those that are written next."""
        self._rows.append(row)
        self._properties.append(properties)

    def refuse(self, row: SheetRow, reason: Refusal | str, field: str = "") -> None:
        """Counts a refused row."""
        self.summary.refused += 1
        message = reason if isinstance(reason, str) else reason.message
        if not isinstance(reason, str):
            field = self.plan.schema.short_key(reason.field_key)
        self._refused.append((row, RefusedRow(row.line, field, message)))

    async def finish(self) -> None:
        """Writes what is left. The import can be begun anew then. Raises what `write` raises."""
        if self._rows or self._refused:
            await self.write()
        self._errors.sync()
        if self._stored is not None:
            await perform(self.storage, self.call, forget_import, self._id)

    async def write(self) -> None:
        """Writes the rows that wait, or checks them, and counts the outcomes. Raises StorageUnavailable, SheetError."""
        rows, properties = self._rows, self._properties
        request = NewRecords(self.plan.object_key, properties, self.plan.match, self._known)
        with self._saying_what_is_stored():
            if self.plan.dry:
                written = await perform(self.storage, self.call, check_records, DryRun(request, self._draft))
            else:
                written = await self._write(request)
        self._stored_line = rows[-1].line if rows else self._stored_line
        if self._known is not None:
            self._known.update(written.fresh)
        self.summary.created += written.created
        self.summary.updated += written.updated
        self.summary.unchanged += written.unchanged
        for index, refusal in written.errors:
            self.refuse(rows[index], refusal)
        for row, refused in sorted(self._refused, key=lambda each: each[1].line):
            self._errors.add(row, refused.field, refused.message)
        self._rows, self._properties, self._refused = [], [], []

    @contextmanager
    def _saying_what_is_stored(self) -> Iterator[None]:
        try:
            yield
        except StorageUnavailable as problem:
            stored = "none of the rows are stored by this run"
            if self._stored_line:
                stored = f"the rows up to line {self._stored_line} are stored; the same command goes on behind them"
            raise StorageUnavailable(f"{problem.message}: {stored}", hint=problem.advice) from problem

    async def _write(self, request: NewRecords) -> Written:
        """Writes rows with the position behind them; those refused before are durable in their file by then."""
        after = Position(
            rows=self.summary.rows,
            line=self._rows[-1].line if self._rows else self._stored_line,
            error_bytes=self._errors.sync(),
            last_refused=tuple(refused for _, refused in self._refused),
            **{outcome: getattr(self.summary, outcome) for outcome in OUTCOMES},
        )
        chunk = Chunk(
            self._id, request, [row.line for row in self._rows], self.plan.schema, before=self._stored, after=after
        )
        done = await perform(self.storage, self.call, write_chunk, chunk)
        self._stored = done.stored
        return done.written
