"""Exports the records of an object into a file, page by page."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from groundlevel.imports.private_file import create_private_file
from groundlevel.imports.reader import SheetError
from groundlevel.imports.rules import find_object
from groundlevel.imports.writer import make_writer
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, perform, scanning
from groundlevel.standard.ids import schema_with_records

PAGE = 1_000
"""Records read in one transaction."""


class Export(Struct, frozen=True, kw_only=True):
    """What is requested."""

    path: Path
    object_key: str
    overwrite: bool = False
    """Whether a file that exists is replaced."""


class RecordsAfter(Struct, frozen=True):
    """Asks for the records that follow one in id order; starts with an empty id."""

    object_key: str
    record_id: str
    limit: int


async def export_records(storage: Storage, call: Call, request: Export) -> tuple[str, int]:
    """Writes every record of an object, oldest first; returns the object's key and the number of records.

    The file appears when it is complete, for its owner alone. Records that are written meanwhile may be in it or not.
    Raises SheetError, ObjectNotFound, NotSupported, BadRequest.
    """
    path = request.path
    if path.exists() and not request.overwrite:
        raise SheetError(f"{path} exists already", hint="Name another file, or replace it with --overwrite.")
    schema = CompiledObject(await find_object(storage, call, request.object_key))
    first = await perform(storage, call, list_records_after, RecordsAfter(schema.object.key, "", PAGE))
    unfinished = path.with_name(path.name + ".part")
    try:
        with create_private_file(unfinished) as file:
            write = make_writer(path, schema, file)
            count = 0
            records, after = first
            while True:
                for values in records:
                    write(values)
                count += len(records)
                if not after:
                    break
                page = RecordsAfter(schema.object.key, after, PAGE)
                records, after = await perform(storage, call, list_records_after, page)
        unfinished.replace(path)
    except OSError as problem:
        raise SheetError(f"{path} cannot be written: {problem.strerror}") from problem
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return schema.object.key, count


@scanning
async def list_records_after(tx: Transaction, call: Call, request: RecordsAfter) -> tuple[list[dict[str, Json]], str]:
    """The values of the next records by property key, and the id to go on from; an empty one at the end.

    Raises ObjectNotFound, NotSupported.
    """
    schema = await schema_with_records(tx, request.object_key)
    records = await tx.records.list_after(schema, request.record_id, request.limit)
    values = [
        {schema.keys.get(key, key): value for key, value in schema.visible(decode_object(record.properties)).items()}
        for record in records
    ]
    return values, records[-1].id if len(records) == request.limit else ""
