"""Writes records as CSV or JSON Lines, in the form in which an import reads them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

import msgspec

from groundlevel.kernel.errors import BadRequest
from groundlevel.kernel.fields.compiled import CompiledObject, Property
from groundlevel.kernel.fields.money import DEFAULT_CURRENCY
from groundlevel.kernel.model import DataType, Json

WriteRecord = Callable[[Mapping[str, Json]], None]
"""Writes one record, given its values by property key."""


def make_writer(path: Path, schema: CompiledObject, file: TextIO) -> WriteRecord:
    """What writes records of an object to an open file of the kind that the path's name says. Raises BadRequest."""
    match path.suffix.lower():
        case ".csv":
            return _csv_writer(schema, csv.writer(file).writerow)
        case ".tsv":
            return _csv_writer(schema, csv.writer(file, delimiter="\t").writerow)
        case ".jsonl" | ".ndjson":
            return lambda values: print(msgspec.json.encode(values).decode(), file=file)
    raise BadRequest(f"{path} is neither CSV nor JSON Lines", hint="Name the file *.csv or *.jsonl.")


def _csv_writer(schema: CompiledObject, write_row: Callable[[Sequence[str]], object]) -> WriteRecord:
    properties = tuple(schema.properties_by_key.items())
    write_row([key for key, _ in properties])

    def write(values: Mapping[str, Json]) -> None:
        write_row(["" if (value := values.get(key)) is None else cell_of(prop, value) for key, prop in properties])

    return write


def cell_of(prop: Property, value: Json) -> str:
    """The cell that means a stored value."""
    match prop.field.data_type:
        case DataType.MONETARY:
            amount = str(value["value"])
            if value["currency"] == DEFAULT_CURRENCY:
                return amount
            # An exponent beside letters could be read as a part of the currency.
            return _json(value) if "e" in amount else f"{amount} {value['currency']}"
        case DataType.MULTIPLE_OPTIONS | DataType.CHECKBOX:
            names = {name for option in prop.field.options for name in (option.key, option.label)}
            joined = "; ".join(value)
            plain = all(text == text.strip() and not {*text} & {*';|,["'} for text in value)
            return joined if plain and (len(value) == 1 or joined not in names) else _json(value)
        case DataType.FILE_UPLOAD:
            return _json(value)
    return str(value)


def _json(value: Json) -> str:
    return msgspec.json.encode(value).decode()
