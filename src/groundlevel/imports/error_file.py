"""Writes the refused rows of an import into a file that can be corrected and imported."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from typing import Any, TextIO

import msgspec

from groundlevel.imports.journal import RefusedRow
from groundlevel.imports.mapping import ERROR_COLUMNS, ERROR_SUFFIX, Plan
from groundlevel.imports.reader import SheetError
from groundlevel.kernel.private_files import create_file_anew


class RefusedTable:
    """The refused rows of a plan's file as rows of a table: line, field, message and the row as it was."""

    def __init__(self, plan: Plan) -> None:
        # The columns of an error file that is imported again are written anew, not repeated.
        self._first = len(ERROR_COLUMNS) if plan.error_columns else 0
        self.header = (*ERROR_COLUMNS, *plan.sheet.columns[self._first :])

    def cells(self, row: RefusedRow) -> tuple[object, ...]:
        """The cells of a row."""
        values = [
            value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()
            for value in row.values[self._first :]
        ]
        return (row.line, row.field, row.message, *values)


class ErrorFile:
    """The refused rows as CSV: line, field, message and the row as it was. Exists only if a row was refused,
    and for its owner alone."""

    def __init__(self, plan: Plan) -> None:
        self.path = plan.sheet.path.with_name(plan.sheet.path.name + ERROR_SUFFIX)
        self.written = 0
        self._table = RefusedTable(plan)
        self._file: TextIO | None = None
        self._write: Callable[[Sequence[object]], Any] | None = None
        # A file that an earlier run left would be taken for the outcome of this one.
        try:
            self.path.unlink(missing_ok=True)
        except OSError as problem:
            raise SheetError(f"{self.path} cannot be replaced: {problem.strerror}") from problem

    def add(self, row: RefusedRow) -> None:
        """Adds a refused row. Raises SheetError when the file cannot be written."""
        if self._write is None:
            try:
                file = TextIOWrapper(create_file_anew(self.path), "utf-8", newline="")
            except OSError as problem:
                raise SheetError(f"{self.path} cannot be written: {problem.strerror}") from problem
            self._file = file
            self._write = csv.writer(file).writerow
            self._write(self._table.header)
        self._write(self._table.cells(row))
        self.written += 1

    def close(self) -> None:
        """Finishes the file."""
        if self._file is not None:
            self._file.close()
