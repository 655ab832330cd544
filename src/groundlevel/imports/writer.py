"""Writes records as CSV or JSON Lines, in the form in which an import reads them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

import msgspec

from groundlevel.imports.formulas import guard_cell
from groundlevel.kernel.errors import BadRequest
from groundlevel.kernel.fields.compiled import CompiledObject, Property
from groundlevel.kernel.fields.money import DEFAULT_CURRENCY
from groundlevel.kernel.model import DataType, Json

_SPECIAL = frozenset(';|,["')
_encode = msgspec.json.Encoder(order="sorted").encode
WriteRecord = Callable[[Mapping[str, Json]], None]
"""Writes one record, given its values by property key."""


def make_writer(path: Path, schema: CompiledObject, file: TextIO, *, excel_safe: bool = False) -> WriteRecord:
    """What writes records of an object to an open file of the kind that the path's name says.

    `excel_safe` keeps spreadsheets from calculating cells. Raises BadRequest.
    """
    match path.suffix.lower():
        case ".csv":
            return _csv_writer(schema, csv.writer(file).writerow, excel_safe=excel_safe)
        case ".tsv":
            return _csv_writer(schema, csv.writer(file, delimiter="\t").writerow, excel_safe=excel_safe)
        case ".jsonl" | ".ndjson" if excel_safe:
            raise BadRequest("Only CSV can be safe for Excel", hint="Name the file *.csv, or leave --excel-safe out.")
        case ".jsonl" | ".ndjson":
            return lambda values: print(_line(schema, values), file=file)
    raise BadRequest(f"{path} is neither CSV nor JSON Lines", hint="Name the file *.csv or *.jsonl.")


def _line(schema: CompiledObject, values: Mapping[str, Json]) -> str:
    """An object of the values in the order of the fields, which is the same on every engine."""
    members = (f"{_json(key)}:{_json(values[key])}" for key in schema.properties_by_key if key in values)
    return f"{{{','.join(members)}}}"


def _csv_writer(
    schema: CompiledObject, write_row: Callable[[Sequence[str]], object], *, excel_safe: bool
) -> WriteRecord:
    properties = tuple(schema.properties_by_key.values())
    keys = tuple(schema.properties_by_key)
    write_row(keys)
    make_row = csv_row_maker(properties, keys, excel_safe=excel_safe)

    def write(values: Mapping[str, Json]) -> None:
        write_row(make_row(values))

    return write


def csv_row_maker(
    properties: Sequence[Property], names: Sequence[str] | None = None, *, excel_safe: bool = False
) -> Callable[[Mapping[str, Json]], list[str]]:
    """What makes a row of a sheet with a column for each property, given the values by name, or by stored key.

    `excel_safe` keeps spreadsheets from calculating cells.
    """
    names = names or [prop.stored_key for prop in properties]
    columns = [(name, cell_maker(prop)) for name, prop in zip(names, properties, strict=True)]

    def make_row(values: Mapping[str, Json]) -> list[str]:
        return ["" if (value := values.get(name)) is None else make_cell(value) for name, make_cell in columns]

    def make_safe_row(values: Mapping[str, Json]) -> list[str]:
        return [guard_cell(cell) for cell in make_row(values)]

    return make_safe_row if excel_safe else make_row


def cell_maker(prop: Property) -> Callable[[Json], str]:
    """What makes the cell that means a stored value of a property."""
    match prop.field.data_type:
        case DataType.MONETARY:
            return _amount_cell
        case DataType.MULTIPLE_OPTIONS | DataType.CHECKBOX:
            names = {name for option in prop.field.options for name in (option.key, option.label)}
            return lambda value: _list_cell(value, names)
        case DataType.FILE_UPLOAD:
            return _json
    return str


def _amount_cell(value: Json) -> str:
    amount = str(value["value"])
    if value["currency"] == DEFAULT_CURRENCY:
        return amount
    # An exponent beside letters could be read as a part of the currency.
    return _json(value) if "e" in amount else f"{amount} {value['currency']}"


def _list_cell(value: Json, names: set[str]) -> str:
    joined = "; ".join(value)
    plain = all(text == text.strip() and _SPECIAL.isdisjoint(text) for text in value)
    return joined if plain and (len(value) == 1 or joined not in names) else _json(value)


def _json(value: Json) -> str:
    return _encode(value).decode()
