"""Imports a file of records: plans, creates what is missing, then writes chunk by chunk."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from io import TextIOBase
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from groundlevel.imports.inference import evidence_of
from groundlevel.imports.mapping import (
    Plan,
    columns_of_object,
    converters,
    future_schema,
    labels_of,
    match_field,
    new_columns,
    primary_of,
    unknown_columns,
)
from groundlevel.imports.reader import SheetError, SheetRow, open_sheet
from groundlevel.kernel.errors import NotSupported, ObjectNotFound, Refusal, StorageUnavailable, UniqueConflict
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import CUSTOM_PREFIX, Json
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import Call, perform
from groundlevel.records.bulk import (
    SEVERAL,
    MatchKeysAfter,
    NewRecords,
    Written,
    check_records,
    create_records,
    list_match_keys_after,
)
from groundlevel.schema.field_rules import NewField, NewOption, create_field
from groundlevel.schema.object_rules import NewObject, create_object, get_object

CHUNK = 1_000
"""Rows written in one transaction: enough to make its cost small, few enough to let other writers in between."""

_PAGE = 5_000

Progress = Callable[[int], None]
"""Is told from time to time how many bytes of the file have been read."""


class Import(Struct, frozen=True, kw_only=True):
    """What is asked for."""

    path: Path
    object_key: str
    creating: bool = False
    """Whether a missing object and missing fields are created."""
    match: str | None = None
    """The column by which existing records are recognised and updated; None creates a record from every row."""
    primary: str | None = None
    """The column that becomes the primary display property of a new object."""
    dry: bool = False
    """Whether rows are only checked."""


class Summary(Struct):
    """What came of an import."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    refused: int = 0
    errors_path: Path | None = None
    """The file with the refused rows, if there are any."""


async def plan_import(storage: Storage, call: Call, *, request: Import, progress: Progress) -> Plan:
    """What an import would do. Reads the whole file when types have to be guessed.

    Raises SheetError, ObjectNotFound, UnknownProperty, BadRequest.
    """
    sheet = open_sheet(request.path)
    existing = await _existing(storage, call, request)
    known = columns_of_object(sheet, existing) if existing else [None] * len(sheet.columns)
    missing = [name for name, column in zip(sheet.columns, known, strict=True) if column is None]
    primary = existing.object.primary if existing else ""
    columns = [column for column in known if column]
    if missing:
        if existing and not request.creating:
            raise unknown_columns(missing, existing)
        evidence = evidence_of(sheet, progress=progress)
        name = None if existing else primary_of(sheet, evidence, request.primary)
        columns = new_columns(sheet, evidence, known=known, primary=name)
        if name is not None:
            primary = columns[sheet.columns.index(name)].key
    key = existing.object.key if existing else _full_key(request.object_key)
    schema = future_schema(existing, key, columns=columns, primary=primary)
    match = None if request.match is None else match_field(schema, columns, request.match)
    return Plan(
        sheet=sheet,
        object_key=key,
        primary=primary,
        columns=tuple(columns),
        schema=schema,
        exists=existing is not None,
        match=match,
        dry=request.dry,
    )


async def _existing(storage: Storage, call: Call, request: Import) -> CompiledObject | None:
    for key in dict.fromkeys((request.object_key, _full_key(request.object_key))):
        try:
            found = CompiledObject(await perform(storage, call, get_object, key))
        except ObjectNotFound:
            continue
        if found.object.key in ("contact", "opportunity"):
            raise NotSupported
        return found
    if request.creating:
        return None
    raise SheetError(
        f"Custom Object ({request.object_key}) not found",
        hint="Add --create-object to make it from the file's columns.",
    )


def _full_key(key: str) -> str:
    return key if key.startswith(CUSTOM_PREFIX) else CUSTOM_PREFIX + key


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
    folder = (await perform(storage, call, get_object, plan.object_key)).folders[0].id
    for column in plan.new_columns:
        field = NewField(
            object_key=plan.object_key,
            key=column.key,
            data_type=column.data_type.value,
            folder_id=folder,
            name=column.name,
            visible_in_forms=True,
            description=None,
            placeholder=None,
            options=[NewOption(label=o.label, key=o.key, url=None) for o in column.options] or None,
            accepted_formats=None,
            max_file_limit=None,
            custom_option_allowed=None,
            required=False,
            unique=False,
        )
        await perform(storage, call, create_field, field)


async def run_import(storage: Storage, call: Call, plan: Plan, *, progress: Progress) -> Summary:
    """Writes the rows of a file, or only checks them. What the plan lacks must have been created, unless it is dry.

    Each chunk of rows is written whole or not at all. Refused rows go to `<file>.errors.csv`.
    Raises SheetError, and StorageUnavailable naming the line up to which rows are stored.
    """
    async with _Run(storage, call, plan) as run:
        reading = converters(plan)
        chunk: list[SheetRow] = []
        properties: list[dict[str, Json]] = []
        for row in plan.sheet.rows():
            run.summary.rows += 1
            if row.fault is not None:
                run.refuse(row, row.fault)
                continue
            try:
                properties.append(
                    {
                        key: value if convert is None else convert(value)
                        for (key, convert), value in zip(reading, row.values, strict=True)
                        if value is not None and value != ""
                    }
                )
            except Refusal as refusal:
                run.refuse(row, refusal)
                continue
            chunk.append(row)
            if len(chunk) == CHUNK:
                await run.write(chunk, properties)
                chunk, properties = [], []
                progress(plan.sheet.position)
        if chunk:
            await run.write(chunk, properties)
        progress(plan.sheet.size)
    return run.summary


class _Run:
    """An import under way."""

    def __init__(self, storage: Storage, call: Call, plan: Plan) -> None:
        self.storage = storage
        self.call = call
        self.plan = plan
        self.summary = Summary()
        self._errors = ErrorFile(plan)
        self._known: dict[str, str] | None = None
        self._taken: set[tuple[int, str]] = set()
        self._stored_line = 0

    async def __aenter__(self) -> _Run:
        match = self.plan.match
        # A dry run may be about fields that are still to be created: then no record holds a value of theirs.
        if match is not None and not self.plan.schema.fields[match].unique:
            self._known = {}
            if self.plan.exists and not any(column.key == match and column.new for column in self.plan.columns):
                await self._learn(match)
        return self

    async def __aexit__(self, *_: Any) -> None:
        self._errors.close()
        if self._errors.written:
            self.summary.errors_path = self._errors.path

    async def _learn(self, match: str) -> None:
        """Finds out which record holds which value, by reading the whole object once."""
        known = self._known = {}
        after = ""
        while True:
            request = MatchKeysAfter(self.plan.object_key, match, after, _PAGE)
            pairs, after = await perform(self.storage, self.call, list_match_keys_after, request)
            for form, record_id in pairs:
                known[form] = SEVERAL if form in known else record_id
            if not after:
                return

    async def write(self, chunk: Sequence[SheetRow], properties: Sequence[dict[str, Json]]) -> None:
        request = NewRecords(self.plan.object_key, properties, self.plan.match, self._known)
        try:
            written = await self._outcome(request)
        except StorageUnavailable as problem:
            stored = f"the rows up to line {self._stored_line}" if self._stored_line else "none of the rows"
            raise StorageUnavailable(f"{problem.message}: {stored} are stored", hint=problem.advice) from problem
        self._stored_line = chunk[-1].line
        if self._known is not None:
            self._known.update(written.fresh)
        self.summary.created += written.created
        self.summary.updated += written.updated
        for index, refusal in written.errors:
            self.refuse(chunk[index], refusal)

    async def _outcome(self, request: NewRecords) -> Written:
        if not self.plan.dry:
            return await perform(self.storage, self.call, create_records, request)
        if self.plan.complete:
            written = await perform(self.storage, self.call, check_records, request)
        else:
            written = self._checked(request)
        return self._without_repeats(request, written)

    def _checked(self, request: NewRecords) -> Written:
        """The rows against an object that is not there yet."""
        errors: list[tuple[int, Refusal]] = []
        for index, row in enumerate(request.rows):
            try:
                self.plan.schema.validate_new(row, strict=self.call.strict)
            except Refusal as refusal:
                errors.append((index, refusal))
        return Written(len(request.rows) - len(errors), 0, errors, {})

    def _without_repeats(self, request: NewRecords, written: Written) -> Written:
        """Refuses unique values that an earlier chunk of this dry run would have taken."""
        schema = self.plan.schema
        if not schema.unique or request.match is not None:
            return written
        refused = dict(written.errors)
        created = written.created
        for index, row in enumerate(request.rows):
            if index in refused:
                continue
            wanted = set(schema.unique_values(schema.validate_new(row, strict=self.call.strict)).items())
            if repeated := wanted & self._taken:
                number = next(iter(repeated))[0]
                field = next(field for field in schema.unique if field.number == number)
                refused[index] = UniqueConflict(
                    f"{field.name} must be unique: an earlier row has this value", field_key=field.full_key
                )
                created -= 1
            else:
                self._taken |= wanted
        return Written(created, written.updated, sorted(refused.items(), key=lambda error: error[0]), written.fresh)

    def refuse(self, row: SheetRow, reason: Refusal | str) -> None:
        """Notes a row that was refused, or that cannot be read."""
        self.summary.refused += 1
        if isinstance(reason, str):
            self._errors.add(row, "", reason)
        else:
            self._errors.add(row, self.plan.schema.short_key(reason.field_key), reason.message)


class ErrorFile:
    """The refused rows as CSV: line, field, message and the row as it was. Exists only if a row was refused."""

    def __init__(self, plan: Plan) -> None:
        self.path = plan.sheet.path.with_name(plan.sheet.path.name + ".errors.csv")
        self.written = 0
        self._columns = plan.sheet.columns
        self._file: TextIOBase | None = None
        self._write: Callable[[Sequence[object]], Any] | None = None
        # What an earlier run left would be taken for the outcome of this one.
        try:
            self.path.unlink(missing_ok=True)
        except OSError as problem:
            raise SheetError(f"{self.path} cannot be replaced: {problem.strerror}") from problem

    def add(self, row: SheetRow, field: str, message: str) -> None:
        """Adds a refused row. Raises SheetError when the file cannot be written."""
        if self._write is None:
            try:
                file = self.path.open("w", encoding="utf-8", newline="")
            except OSError as problem:
                raise SheetError(f"{self.path} cannot be written: {problem.strerror}") from problem
            self._file = file
            self._write = csv.writer(file).writerow
            self._write(("line", "field", "message", *self._columns))
        values = [v if isinstance(v, str) else "" if v is None else msgspec.json.encode(v).decode() for v in row.values]
        self._write((row.line, field, message, *values))
        self.written += 1

    def close(self) -> None:
        """Finishes the file."""
        if self._file is not None:
            self._file.close()
