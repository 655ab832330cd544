"""Turns records into the columns of Parquet, by the types of their fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate
from typing import Any

import msgspec
from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema, list_array, struct_array
from arro3.io import write_parquet

from groundlevel.imports.record_pages import Columns
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.fields.compiled import Property
from groundlevel.kernel.model import DataType as FieldKind
from groundlevel.kernel.model import Json, Record

_EPOCH = date(1970, 1, 1).toordinal()


ROW_GROUP = 10_000
"""Records of a row group: what is held at once."""


def write_row_groups(columns: Columns, groups: Iterator[list[Record]], file: Any) -> None:
    """Writes a file of a row group for each ROW_GROUP records: id and times, and a column for each property."""
    names = ["recordId", "createdAt", "updatedAt", *(key for key, _ in columns.properties)]
    kinds = [array.type for array in _arrays(columns, [])]
    schema = Schema([Field(name, kind, nullable=True) for name, kind in zip(names, kinds, strict=True)])
    batches = (RecordBatch.from_arrays(_arrays(columns, records), schema=schema) for records in groups)
    write_parquet(
        RecordBatchReader.from_batches(schema, batches), file, compression="zstd(1)", max_row_group_size=ROW_GROUP
    )


def _arrays(columns: Columns, records: Sequence[Record]) -> list[Array]:
    stored = [decode_object(record.properties) for record in records]
    return [
        _texts([record.id for record in records]),
        _instants([record.created_at for record in records]),
        _instants([record.updated_at for record in records]),
        *(_column(prop, [each.get(prop.stored_key) for each in stored]) for _, prop in columns.properties),
    ]


def _column(prop: Property, values: Sequence[Json]) -> Array:
    """The values of a property: None where a record has none."""
    match prop.field.data_type:
        case FieldKind.NUMERICAL:
            return _numbers(values)
        case FieldKind.MONETARY:
            return _amounts(values)
        case FieldKind.DATE:
            return _days(values)
        case FieldKind.MULTIPLE_OPTIONS | FieldKind.CHECKBOX:
            return _lists(values)
        case FieldKind.FILE_UPLOAD:
            return _texts([None if value is None else msgspec.json.encode(value).decode() for value in values])
    return _texts(values)


def _texts(values: Sequence[Json]) -> Array:
    return Array(values, DataType.string())


def _numbers(values: Sequence[Json]) -> Array:
    return Array([None if value is None else float(value) for value in values], DataType.float64())


def _instants(milliseconds: Sequence[int]) -> Array:
    return Array(milliseconds, DataType.int64()).cast(DataType.timestamp("ms", tz="UTC"))


def _days(values: Sequence[Json]) -> Array:
    days = [None if value is None else date.fromisoformat(value).toordinal() - _EPOCH for value in values]
    return Array(days, DataType.int32()).cast(DataType.date32())


def _lists(values: Sequence[Json]) -> Array:
    ends = accumulate((len(value or ()) for value in values), initial=0)
    flat = [each for value in values for each in value or ()]
    missing = Array([value is None for value in values], DataType.bool())
    return list_array(Array(list(ends), DataType.int32()), _texts(flat), mask=missing)


def _amounts(values: Sequence[Json]) -> Array:
    amounts = _numbers([None if value is None else value["value"] for value in values])
    currencies = _texts([None if value is None else value["currency"] for value in values])
    fields = [Field("value", DataType.float64(), nullable=True), Field("currency", DataType.string(), nullable=True)]
    missing = Array([value is None for value in values], DataType.bool())
    return struct_array([amounts, currencies], fields=fields, mask=missing)
