"""Imports a file of records: plans, creates what is missing, then writes chunk by chunk."""

from __future__ import annotations

import asyncio
from pathlib import Path

from msgspec import Struct

from groundlevel.imports.cells import Conventions
from groundlevel.imports.files import open_sheet
from groundlevel.imports.inference import evidence_of
from groundlevel.imports.mapping import (
    ColumnChoices,
    Plan,
    choose_columns,
    columns_of_object,
    future_schema,
    has_error_columns,
    labels_of,
    match_field,
    new_columns,
    primary_of,
    unknown_columns,
)
from groundlevel.imports.reader import Progress, Reading, SheetError
from groundlevel.kernel.errors import NotSupported, ObjectNotFound
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import CUSTOM_PREFIX, Object
from groundlevel.kernel.names import short_object_key
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import Call, perform
from groundlevel.schema.field_rules import NewField, NewOption, create_fields
from groundlevel.schema.object_rules import NewObject, create_object, get_object
from groundlevel.standard.ids import WITHOUT_RECORDS


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
