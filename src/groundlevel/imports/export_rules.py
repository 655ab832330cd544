"""Exports the records of an object into a file, page by page."""

from __future__ import annotations

from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from msgspec import Struct

from groundlevel.imports.reader import SheetError
from groundlevel.imports.record_pages import Selection, read_pages, resolve_columns
from groundlevel.imports.rules import find_object
from groundlevel.imports.writer import make_writer
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.private_files import create_file_anew
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import Call, perform


class Export(Struct, frozen=True, kw_only=True):
    """What is requested."""

    path: Path
    object_key: str
    overwrite: bool = False
    """Whether a file that exists is replaced."""
    excel_safe: bool = False
    """Whether spreadsheets are kept from calculating the cells of a CSV file."""


async def export_records(storage: Storage, call: Call, request: Export) -> tuple[str, int]:
    """Writes every record of an object, oldest first; returns the object's key and the number of records.

    The file appears when it is complete, for its owner alone. Records that are written meanwhile may be in it or not.
    Raises SheetError, ObjectNotFound, NotSupported, BadRequest.
    """
    path = request.path
    if path.exists() and not request.overwrite:
        raise SheetError(f"{path} exists already", hint="Name another file, or replace it with --overwrite.")
    selection = Selection((await find_object(storage, call, request.object_key)).key)
    schema = (await perform(storage, call, resolve_columns, selection)).schema
    unfinished = path.with_name(path.name + ".part")
    try:
        with TextIOWrapper(create_file_anew(unfinished), "utf-8", newline="") as file:
            write = make_writer(path, schema, file, excel_safe=request.excel_safe)
            count = 0
            async for records in read_pages(storage, call, selection):
                for record in records:
                    stored = schema.visible(decode_object(record.properties))
                    write({schema.keys.get(key, key): value for key, value in stored.items()})
                count += len(records)
        unfinished.replace(path)
    except OSError as problem:
        raise SheetError(f"{path} cannot be written: {problem.strerror}") from problem
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return schema.object.key, count
