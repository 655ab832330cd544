"""Reads comma-separated values, and says in which line a quotation mark is out of place."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from groundlevel.imports.formulas import unguard_cell
from groundlevel.imports.reader import Progress, Sheet, SheetError, SheetRow, column_names, compose
from groundlevel.kernel.fields.base import is_empty

DELIMITERS = ",;\t|"
"""What may stand between the cells of a file; which one does is found out from its beginning."""

_BEGINNING = 64 * 1024
_LONGEST_CELL = 16 * 1024 * 1024
_SHOWN_WARNINGS = 3
_SEPARATOR_LINE = re.compile(r'("?)sep=(.)\1[\r\n]*', re.IGNORECASE)
_HINT = 'Inside a cell between quotation marks, write each of its own twice: "say ""hi""".'


class CsvSheet(Sheet):
    """Cells separated by one character. Cells between quotation marks may hold line breaks; the first row names the
    columns, unless there is no header. A first line `sep=;` names the separator, as Excel writes it."""

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
        named = _SEPARATOR_LINE.fullmatch(beginning[0]) if beginning else None
        self._before = 1 if named else 0
        self.delimiter = named[2] if named else delimiter_of(beginning)
        found = next((row for row in self._rows() if row[2]), None)
        if found is None:
            raise SheetError(f"{self.path} is empty", hint="The first row must name the columns.")
        start, taken, first = found
        self._nameless: tuple[int, ...] = ()
        self.header_lines = self._before
        if not self.reading.header:
            return column_names([""] * len(first))
        self.header_lines = start + taken - 1
        self._nameless = tuple(index for index, name in enumerate(first) if is_empty(name))
        return column_names(first)

    def _rows(self) -> Iterator[tuple[int, int, list[str]]]:
        """Of every row, that of the header too, the line on which it starts, its physical lines and its cells."""
        csv.field_size_limit(_LONGEST_CELL)
        before = self._before
        reader = csv.reader(self._behind(before), delimiter=self.delimiter, strict=True)
        start = 1
        try:
            for cells in reader:
                end = reader.line_num
                yield before + start, end - start + 1, cells
                start = end + 1
        except csv.Error as problem:
            raise self._quotation_error(before + start, str(problem)) from None

    def _behind(self, count: int) -> Iterator[str]:
        return islice(self._lines(), count, None) if count else self._lines()

    def rows(self) -> Iterator[SheetRow]:
        width = len(self.columns)
        for line, lines, cells in self._rows():
            if line <= self.header_lines:
                continue
            if self.reading.excel_safe:
                cells = [unguard_cell(cell) for cell in cells]
            if not "".join(cells).isascii():
                cells = [compose(cell) for cell in cells]
            if len(cells) == width:
                yield SheetRow(line, cells, None, lines)
            elif all(map(is_empty, cells)):
                yield SheetRow(line, [], None, lines)
            elif len(cells) > width and all(map(is_empty, cells[width:])):
                yield SheetRow(line, cells[:width], None, lines)
            else:
                yield SheetRow(line, cells, f"the row has {len(cells)} cells, the first row has {width}", lines)

    def check(self, progress: Progress) -> frozenset[int]:
        self.warnings = []
        nameless = set(self._nameless)
        suspects = []
        for line, lines, cells in self._rows():
            if not line & 0x3FF:
                progress(self.position)
            if lines > 1 and self._looks_like_rows(cells):
                suspects.append((line, lines))
            if nameless and line > self.header_lines:
                nameless -= {index for index in nameless if index < len(cells) and not is_empty(cells[index])}
        for line, lines in suspects[:_SHOWN_WARNINGS]:
            self.warnings.append(
                f"line {line}: one row takes {lines} lines, and the further ones look like rows of their own; "
                "is a quotation mark left over?"
            )
        if (more := len(suspects) - _SHOWN_WARNINGS) > 0:
            self.warnings.append(f"{more:,} further rows look like that")
        return frozenset(nameless)

    def _looks_like_rows(self, cells: Sequence[str]) -> bool:
        """Whether a cell holds whole rows: a quotation mark left over in one row and another one further down."""
        commas = len(self.columns) - 1
        for behind, cell in enumerate(reversed(cells)):
            further = cell.splitlines()[1:]
            if further and (in_last := further[-1].count(self.delimiter)) and in_last + behind == commas:
                return all(line.count(self.delimiter) == commas for line in further[:-1])
        return False

    def _quotation_error(self, line: int, problem: str) -> SheetError:
        """Why the row that starts in a line cannot be read, with the line in which its quotation mark opens."""
        opened, followed = self._find_quote(line)
        if "limit" in problem:
            fault = f"a cell of more than {_LONGEST_CELL >> 20} MiB begins; is a quotation mark never closed?"
        elif followed is None:
            fault = "a quotation mark opens a cell and is never closed"
        else:
            where = "" if followed == opened else f" in line {followed}"
            fault = f"a quotation mark opens a cell, and text follows the one that closes it{where}"
        return SheetError(f"{self.path}, line {opened}: {fault}", hint=_HINT)

    def _find_quote(self, start: int) -> tuple[int, int | None]:
        """The line in which the last quoted cell of a broken row opens, and the one where text follows its end."""
        opened, state = start, "begin"
        for number, line in enumerate(self._behind(start - 1), start):
            at = 0
            while at < len(line):
                if state == "quoted":
                    at = line.find('"', at)
                    if at < 0:
                        break
                character = line[at]
                ends = character == self.delimiter or character in "\r\n"
                if state == "quoted":
                    state = "closed"
                elif state == "closed" and character == '"':
                    state = "quoted"
                elif state == "closed" and not ends:
                    return opened, number
                elif state == "begin" and character == '"':
                    opened, state = number, "quoted"
                else:
                    state = "begin" if ends else "plain"
                at += 1
        return opened, None


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
