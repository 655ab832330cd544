"""Reads CSV and JSON Lines files row by row."""

from __future__ import annotations

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec
from msgspec import Struct

from groundlevel.kernel.errors import InputError
from groundlevel.kernel.model import Json

DELIMITERS = ",;\t|"
"""What may stand between the cells of a CSV file; which one does is found out from its beginning."""

_BEGINNING = 64 * 1024
_LONGEST_CELL = 16 * 1024 * 1024
_decode = msgspec.json.Decoder().decode


class SheetError(InputError):
    """The file as a whole cannot be read."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.advice = hint


class SheetRow(Struct, frozen=True, gc=False):
    """One row of a file."""

    line: int
    """The line on which it starts, from 1."""
    values: Sequence[Json]
    """One value for each column, None where the row has none; of a faulty row, whatever could be read."""
    fault: str | None = None
    """Why the row cannot be used, if it cannot."""


class Sheet(ABC):
    """A file of rows. Reading may be repeated; every method may raise SheetError."""

    typed: ClassVar[bool]
    """Whether values have JSON types; else every value is the text of a cell."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = _size_of(path)
        """Bytes in the file."""
        self.position = 0
        """Bytes read so far by the latest reading, for showing progress."""
        self.columns = self._find_columns()
        """The names of the columns, in order."""

    @abstractmethod
    def _find_columns(self) -> tuple[str, ...]:
        """Reads as much as it takes to know the columns."""

    @abstractmethod
    def rows(self) -> Iterator[SheetRow]:
        """Every row that is not blank, from the first."""

    def _lines(self) -> Generator[str, None, None]:
        """The lines of the file with their ends, which may be LF, CRLF or CR inside cells."""
        number = 0
        self.position = 0
        try:
            with self.path.open("rb") as binary, io.TextIOWrapper(binary, "utf-8-sig", newline="") as text:
                for number, line in enumerate(text, 1):
                    if not number & 0xFF:
                        self.position = binary.tell()
                    yield line
        except UnicodeDecodeError:
            raise SheetError(
                f"{self.path} is not UTF-8 text (after line {number})",
                hint=f"Convert it first, for instance: iconv -f WINDOWS-1252 -t UTF-8 {self.path.name}",
            ) from None
        except OSError as problem:
            raise SheetError(f"{self.path} cannot be read: {problem.strerror}") from problem
        self.position = self.size


class CsvSheet(Sheet):
    """Comma-separated values: quoted cells may hold line breaks, the first row names the columns."""

    typed = False

    def _find_columns(self) -> tuple[str, ...]:
        lines = self._lines()
        beginning: list[str] = []
        length = 0
        for line in lines:
            beginning.append(line)
            length += len(line)
            if length > _BEGINNING:
                break
        lines.close()
        self.delimiter = delimiter_of(beginning)
        header = next((cells for _, cells in self._cells() if cells), None)
        if header is None:
            raise SheetError(f"{self.path} is empty", hint="The first row must name the columns.")
        return tuple(name.strip() or f"column {number}" for number, name in enumerate(header, 1))

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(_LONGEST_CELL)
        reader = csv.reader(self._lines(), delimiter=self.delimiter)
        line = 1
        try:
            for cells in reader:
                yield line, cells
                line = reader.line_num + 1
        except csv.Error as problem:
            raise SheetError(f"{self.path}, line {line}: {problem}", hint="Is a quotation mark unclosed?") from None

    def rows(self) -> Iterator[SheetRow]:
        width = len(self.columns)
        cells_of_rows = ((line, cells) for line, cells in self._cells() if cells)
        next(cells_of_rows, None)
        for line, cells in cells_of_rows:
            if not any(cells):
                continue
            if len(cells) == width:
                yield SheetRow(line, cells)
            else:
                yield SheetRow(line, cells, f"the row has {len(cells)} cells, the first row has {width}")


class JsonLinesSheet(Sheet):
    """One JSON object on each line; the columns are all members, in the order in which they first appear."""

    typed = True

    def _find_columns(self) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for _, value in self._values():
            if isinstance(value, dict):
                names.update(dict.fromkeys(value))
        if not names:
            raise SheetError(f"{self.path} holds no JSON objects", hint="Write one JSON object on each line.")
        return tuple(names)

    def _values(self) -> Iterator[tuple[int, Json]]:
        for number, line in enumerate(self._lines(), 1):
            if not line.isspace():
                try:
                    value = _decode(line)
                except (msgspec.DecodeError, UnicodeError):
                    value = line.rstrip("\r\n")
                yield number, value

    def rows(self) -> Iterator[SheetRow]:
        columns = self.columns
        for number, value in self._values():
            if isinstance(value, dict):
                yield SheetRow(number, [value.get(name) for name in columns])
            else:
                yield SheetRow(number, [value], "the line is not a JSON object")


_KINDS: dict[str, type[Sheet]] = {
    ".csv": CsvSheet,
    ".tsv": CsvSheet,
    ".jsonl": JsonLinesSheet,
    ".ndjson": JsonLinesSheet,
}


def open_sheet(path: Path) -> Sheet:
    """The file as a sheet, by the end of its name. Raises SheetError."""
    kinds: dict[str, type[Sheet]] = {
        ".csv": CsvSheet,
        ".tsv": CsvSheet,
        ".jsonl": JsonLinesSheet,
        ".ndjson": JsonLinesSheet,
    }
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise SheetError(f"{path} is neither CSV nor JSON Lines", hint="Name the file *.csv or *.jsonl.")
    return kind(path)


def delimiter_of(lines: Sequence[str]) -> str:
    """The delimiter that gives most rows as many cells as the first row; a comma when none splits it."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        try:
            rows = [cells for cells in csv.reader(lines, delimiter=delimiter) if cells]
        except csv.Error:
            continue
        if len(rows) > 1:
            rows = rows[:-1] if len(rows) > 2 else rows
        width = len(rows[0]) if rows else 0
        if width > 1:
            score = (sum(len(cells) == width for cells in rows) / len(rows), width)
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as problem:
        raise SheetError(f"{path} cannot be read: {problem.strerror}") from problem
