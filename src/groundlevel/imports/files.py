"""Opens a file as a sheet of rows, by the end of its name."""

from __future__ import annotations

from pathlib import Path

from groundlevel.imports.csv_reader import CsvSheet
from groundlevel.imports.json_reader import JsonLinesSheet
from groundlevel.imports.reader import Reading, Sheet, SheetError

KINDS: dict[str, type[Sheet]] = {
    ".csv": CsvSheet,
    ".tsv": CsvSheet,
    ".jsonl": JsonLinesSheet,
    ".ndjson": JsonLinesSheet,
}
"""The kind of sheet for each end of a name."""


def open_sheet(path: Path, reading: Reading | None = None) -> Sheet:
    """The file as a sheet. Raises SheetError."""
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise SheetError(f"{path} is neither CSV nor JSON Lines", hint="Name the file *.csv or *.jsonl.")
    return kind(path, reading or Reading())
