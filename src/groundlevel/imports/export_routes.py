"""The operation that exports the records of an object: NDJSON, CSV or Parquet, sent while they are read."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable
from functools import partial

import msgspec
from msgspec import Raw, Struct

from groundlevel.imports.errors import ParquetMissing
from groundlevel.imports.parquet import has_parquet, parquet_parts
from groundlevel.imports.record_pages import (
    Columns,
    Selection,
    read_pages,
    resolve_columns,
)
from groundlevel.imports.writer import csv_row_maker
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import (
    InvalidField,
    InvalidFilter,
    InvalidShape,
    LimitExceeded,
    MalformedJson,
    NestingTooDeep,
    NotSupported,
    ObjectNotFound,
    UnknownProperty,
)
from groundlevel.kernel.http.decode import decode_json
from groundlevel.kernel.http.openapi import NDJSON
from groundlevel.kernel.http.params import ANYWHERE, read_choice, read_flag
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route, Stream
from groundlevel.kernel.model import Json, Record
from groundlevel.kernel.timestamps import iso
from groundlevel.kernel.usecase import perform
from groundlevel.records.routes import READ, TAG

Pages = AsyncIterator[list[Record]]
Form = Callable[[Columns, Pages], AsyncIterator[bytes]]


class ExportedRecord(Struct, rename="camel", gc=False):
    """A record in a line, as a bulk operation reads it."""

    id: str
    owners: tuple[str, ...]
    followers: tuple[str, ...]
    created_at: str
    updated_at: str
    properties: Raw | dict[str, Json]


async def ndjson_parts(columns: Columns, pages: Pages) -> AsyncIterator[bytes]:
    """A record in each line."""
    encode = msgspec.json.Encoder().encode_lines
    schema = columns.schema

    def properties_of(record: Record) -> Raw | dict[str, Json]:
        if not columns.chosen:
            return schema.to_wire(record.properties)
        stored = decode_object(record.properties)
        return {key: stored[prop.stored_key] for key, prop in columns.properties if prop.stored_key in stored}

    async for records in pages:
        yield encode(
            [
                ExportedRecord(
                    record.id,
                    record.owners,
                    record.followers,
                    iso(record.created_at),
                    iso(record.updated_at),
                    properties_of(record),
                )
                for record in records
            ]
        )


async def csv_parts(columns: Columns, pages: Pages, *, excel_safe: bool = False) -> AsyncIterator[bytes]:
    """A sheet in the form in which `groundlevel import` reads it: a column for each property."""
    buffer = io.StringIO(newline="")
    sheet = csv.writer(buffer)
    sheet.writerow([key for key, _ in columns.properties])
    make_row = csv_row_maker([prop for _, prop in columns.properties], excel_safe=excel_safe)
    async for records in pages:
        sheet.writerows([make_row(decode_object(record.properties)) for record in records])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


FORMS: dict[str, tuple[str, Form]] = {
    "ndjson": (NDJSON, ndjson_parts),
    "csv": ("text/csv; charset=utf-8", csv_parts),
    "parquet": ("application/vnd.apache.parquet", parquet_parts),
}


async def export_records(request: Request) -> Stream:
    """The records of an object, oldest first."""
    name = read_choice(request, "format", tuple(FORMS), default="ndjson")
    if name == "parquet" and not has_parquet():
        raise ParquetMissing
    excel_safe = read_flag(request, "excelSafe")
    if excel_safe and name != "csv":
        raise InvalidShape(["excelSafe goes with format=csv"])
    filters = request.query.get("filters")
    fields = tuple(filter(None, request.query.get("fields", "").split(",")))
    selection = Selection(request.key, decode_json(filters.encode()) if filters else None, fields)
    columns = await perform(request.context.storage, request.call(), resolve_columns, selection)
    media_type, form = FORMS[name]
    if excel_safe:
        form = partial(csv_parts, excel_safe=True)
    file = f"{columns.schema.object.key.rpartition('.')[2]}.{name}"
    disposition = (b"content-disposition", f'attachment; filename="{file}"'.encode())
    seconds = request.context.settings.request_timeout_seconds
    pages = read_pages(request.context.storage, request.call(), selection, seconds=seconds)
    return Stream(media_type, form(columns, pages), (disposition,))


ROUTES = (
    Route(
        method="GET",
        path="/x/objects/{schemaKey}/records/export",
        operation_id="export-object-records",
        tag=TAG,
        summary="Export records",
        doc="All records, or those that `filters` select, oldest first, sent while they are read: an object of any "
        "size. What is written meanwhile may be in it or not; no record comes twice. NDJSON has a record in each line, "
        "as a bulk operation reads it; CSV is what `groundlevel import` reads; Parquet asks for the extra "
        "`groundlevel[parquet]`. A reply that was cut off lacks its last HTTP chunk.",
        handler=export_records,
        placement=Placement.EITHER,
        scope=READ,
        query=(
            ANYWHERE,
            Parameter("format", "ndjson (if left out), csv or parquet.", example="csv"),
            Parameter(
                "filters",
                "The filters of a search, as JSON.",
                example='[{"field":"properties.age","operator":"exists"}]',
            ),
            Parameter(
                "excelSafe",
                "true: a cell of CSV that a spreadsheet would calculate has an apostrophe in front, which `groundlevel "
                "import --excel-safe` takes away.",
            ),
            Parameter("fields", "The keys of the properties to show, separated by commas; all if left out."),
        ),
        media_type=NDJSON,
        refusals=(
            ObjectNotFound,
            NotSupported,
            UnknownProperty,
            InvalidField,
            InvalidFilter,
            LimitExceeded,
            MalformedJson,
            NestingTooDeep,
            ParquetMissing,
        ),
        extension=True,
    ),
)
