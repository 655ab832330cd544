"""Writes the refused rows of an import into a file that can be corrected and imported."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from typing import Any, BinaryIO, TextIO

import msgspec

from groundlevel.imports.formulas import guard_cell
from groundlevel.imports.mapping import ERROR_COLUMNS, ERROR_SUFFIX, Plan
from groundlevel.imports.reader import SheetError, SheetRow
from groundlevel.kernel.private_files import create_file_anew


class RefusedTable:
    """The refused rows of a plan's file as rows of a table: line, field, message and the row as it was."""

    def __init__(self, plan: Plan) -> None:
        self._excel_safe = plan.sheet.reading.excel_safe
        # The columns of an error file that is imported again are written anew, not repeated.
        self._first = len(ERROR_COLUMNS) if plan.error_columns else 0
        self.header = (*ERROR_COLUMNS, *plan.sheet.columns[self._first :])

    def cells(self, row: SheetRow, field: str, message: str) -> tuple[object, ...]:
        """The cells of a row."""
        values = [
            value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()
            for value in row.values[self._first :]
        ]
        if self._excel_safe:
            values = [guard_cell(value) for value in values]
            message = guard_cell(message)
        return (row.line, field, message, *values)


class ErrorFile:
    """The refused rows as CSV: line, field, message and the row as it was. Exists only if a row was refused,
    and for its owner alone."""

    def __init__(self, plan: Plan, *, size: int = 0) -> None:
        """Begins a new file, or goes on behind the first `size` bytes of the one that is there. Raises SheetError."""
        self.path = plan.sheet.path.with_name(plan.sheet.path.name + ERROR_SUFFIX)
        self._table = RefusedTable(plan)
        self._size = size
        self._raw: BinaryIO | None = None
        self._file: TextIO | None = None
        self._write: Callable[[Sequence[object]], Any] | None = None
        try:
            if size:
                self._go_on()
            else:
                # A file that an earlier run left would be taken for the outcome of this one.
                self.path.unlink(missing_ok=True)
        except OSError as problem:
            raise SheetError(f"{self.path} cannot be replaced: {problem.strerror}") from problem

    def _go_on(self) -> None:
        if not self.path.exists() or self.path.stat().st_size < self._size:
            raise SheetError(
                f"{self.path}, which the import has written so far, is gone",
                hint="With --restart the import begins again, and writes again what it has written.",
            )
        raw = self.path.open("r+b")
        raw.truncate(self._size)
        raw.seek(self._size)
        self._open(raw)

    def _open(self, raw: BinaryIO) -> Callable[[Sequence[object]], Any]:
        self._raw, self._file = raw, TextIOWrapper(raw, "utf-8", newline="")
        self._write = csv.writer(self._file).writerow
        return self._write

    @property
    def written(self) -> bool:
        """Whether it has any row."""
        return self._file is not None

    def add(self, row: SheetRow, field: str, message: str) -> None:
        """Adds a refused row. Raises SheetError when the file cannot be written."""
        write = self._write or self._begin()
        write(self._table.cells(row, field, message))
        self._size = -1

    def _begin(self) -> Callable[[Sequence[object]], Any]:
        try:
            write = self._open(create_file_anew(self.path))
        except OSError as problem:
            raise SheetError(f"{self.path} cannot be written: {problem.strerror}") from problem
        write(self._table.header)
        return write

    def sync(self) -> int:
        """Makes what was added durable, and returns the size of the file in bytes."""
        if self._file is not None and self._raw is not None and self._size < 0:
            self._file.flush()
            os.fsync(self._raw.fileno())
            self._size = self._raw.tell()
        return self._size

    def close(self) -> None:
        """Finishes the file."""
        if self._file is not None:
            self._file.close()
