"""Files of rows: how their text is decoded, how columns get their names, and what every kind of file offers."""

from __future__ import annotations

import codecs
import io
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from msgspec import Struct

from groundlevel.kernel.errors import InputError
from groundlevel.kernel.fields.base import is_empty
from groundlevel.kernel.model import Json

_BEGINNING = 4 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks; the one of UTF-32 begins with that of UTF-16, so it is looked for first."""

Progress = Callable[[int], None]
"""Called from time to time with the bytes of the file that have been read."""


class SheetError(InputError):
    """The file as a whole cannot be read."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.advice = hint


class Reading(Struct, frozen=True, kw_only=True):
    """How a file is to be read."""

    encoding: str | None = None
    """Name of the encoding; None for UTF-8, or what the file's beginning shows. A byte order mark outranks it."""
    header: bool = True
    """Whether the first row of a CSV file names the columns."""
    excel_safe: bool = False
    """Whether cells of a CSV file that would be formulas have an apostrophe in front, which is no part of them."""


class SheetRow(Struct, frozen=True, gc=False):
    """One row of a file."""

    line: int
    """The line on which it starts, from 1."""
    values: Sequence[Json]
    """One value for each column, None where the row has none; of a faulty row, whatever could be read."""
    fault: str | None = None
    """Why the row cannot be used, if it cannot."""
    lines: int = 1
    """Physical lines it takes: more than one where cells hold line breaks."""

    @property
    def blank(self) -> bool:
        """Whether the row has no value at all."""
        return all(map(is_empty, self.values))


class Sheet(ABC):
    """A file of rows. Reading may be repeated; every method may raise SheetError."""

    typed: ClassVar[bool]
    """Whether values have JSON types; else every value is the text of a cell."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self.path = path
        self.reading = reading
        self.size = _size_of(path)
        """Bytes in the file."""
        self.position = 0
        """Bytes read so far by the latest reading, for showing progress."""
        self.lines = 0
        """Physical lines in the file, once it has been read to its end."""
        self.header_lines = 0
        """Physical lines before the first row."""
        self.warnings: list[str] = []
        """What looks like a mistake in the file, once it has been checked."""
        self.encoding = encoding_of(path, reading.encoding)
        self.columns = self._find_columns()
        """The names of the columns, in order, each different from the others."""

    @abstractmethod
    def _find_columns(self) -> tuple[str, ...]:
        """Reads as much as it takes to know the columns."""

    @abstractmethod
    def rows(self) -> Iterator[SheetRow]:
        """Every row, blank ones too: the lines of all rows and of the header are those of the file."""

    @abstractmethod
    def check(self, progress: Progress) -> frozenset[int]:
        """Reads the whole file, so that nothing is written from one that cannot be read to its end.

        Returns the columns, by index, that have neither a name nor a value.
        """

    def _lines(self) -> Generator[str, None, None]:
        """The lines of the file with their ends, which may be LF, CRLF or CR inside cells."""
        self.position = self.lines = 0
        number = 0
        try:
            with self.path.open("rb") as binary, io.TextIOWrapper(binary, self.encoding, newline="") as text:
                for number, line in enumerate(text, 1):
                    if not number & 0xFF:
                        self.position = binary.tell()
                    yield line
        except UnicodeError:
            raise self._not_decodable() from None
        except OSError as problem:
            raise SheetError(f"{self.path} cannot be read: {problem.strerror}") from problem
        self.position = self.size
        self.lines = number

    def _not_decodable(self) -> SheetError:
        name = "UTF-8" if self.encoding == "utf-8-sig" else self.encoding
        hint = "--encoding names another one."
        if name == "UTF-8":
            hint = "Save the file as UTF-8, or name its encoding: --encoding windows-1252 is what Excel often writes."
        return SheetError(f"{self.path}, line {self._undecodable_line()}: this is not {name} text", hint=hint)

    def _undecodable_line(self) -> int:
        decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(self.encoding)(), translate=True)
        line = 1
        with self.path.open("rb") as binary:
            for raw in binary:
                state = decoder.getstate()
                try:
                    line += decoder.decode(raw).count("\n")
                except UnicodeError:
                    decoder.setstate(state)
                    return line + _line_ends_before_fault(decoder, raw)
        return line


def _line_ends_before_fault(decoder: io.IncrementalNewlineDecoder, raw: bytes) -> int:
    ends = 0
    for byte in raw:
        try:
            ends += decoder.decode(bytes((byte,))).count("\n")
        except UnicodeError:
            break
    return ends


def encoding_of(path: Path, chosen: str | None) -> str:
    """The encoding of a file: what its byte order mark says, else the chosen one, else what its beginning looks like.

    Raises SheetError for a file that cannot be opened and for an encoding that there is not.
    """
    if chosen is not None:
        try:
            "".encode(chosen)
        except (LookupError, ValueError):
            raise SheetError(
                f"--encoding {chosen}: there is no such encoding",
                hint="Known are utf-8, utf-16, windows-1252, iso-8859-1, mac-roman, shift_jis and many others.",
            ) from None
    try:
        with path.open("rb") as file:
            beginning = file.read(_BEGINNING)
    except OSError as problem:
        raise SheetError(f"{path} cannot be read: {problem.strerror}") from problem
    for mark, encoding in _MARKS:
        if beginning.startswith(mark):
            return encoding
    if chosen is not None:
        return "utf-8-sig" if codecs.lookup(chosen).name == "utf-8" else chosen
    # In UTF-16 without a mark every other byte of what is written in Latin letters is zero.
    pairs = len(beginning) // 2
    for encoding, zeros in (("utf-16-le", beginning[1::2]), ("utf-16-be", beginning[::2])):
        if pairs and zeros.count(0) * 2 > pairs:
            return encoding
    return "utf-8-sig"


def compose(text: str) -> str:
    """A text in the composed Unicode form (NFC), in which keyboards write and filters ask."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def column_names(header: Sequence[str]) -> tuple[str, ...]:
    """The names in a header without blanks around them: `column 2` for a nameless one, `Name 2` for a second `Name`."""
    names = [compose(name).strip() for name in header]
    taken = {name.casefold() for name in names}
    seen: set[str] = set()
    numbers: dict[str, int] = {}
    found = []
    for position, name in enumerate(names, 1):
        stem = name or "column"
        unique = name or f"column {position}"
        number = numbers.get(stem.casefold(), 1)
        while unique.casefold() in seen or (unique != name and unique.casefold() in taken):
            number += 1
            unique = f"{stem} {number}"
        numbers[stem.casefold()] = number
        seen.add(unique.casefold())
        found.append(unique)
    return tuple(found)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as problem:
        raise SheetError(f"{path} cannot be read: {problem.strerror}") from problem
