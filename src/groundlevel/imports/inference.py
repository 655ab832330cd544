"""Guesses what kind of values the columns of a file hold, so that an object can be made for them.

A type is guessed only if every value of the column fits it and nothing would be lost by it: `007` stays text because
the number would be 7, and so do timestamps with a time of day because a date has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

import msgspec
from msgspec import Struct

from groundlevel.imports.cells import Conventions, json_texts, parse_day, split_values
from groundlevel.imports.reader import Progress, Sheet
from groundlevel.kernel.errors import InvalidValue
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.base import is_empty
from groundlevel.kernel.fields.text import MAX_CHARACTERS
from groundlevel.kernel.model import MAX_SAFE_INTEGER, DataType, Field, Json, Option
from groundlevel.kernel.names import key_stem, option_keys

MAX_OPTIONS = 64
"""A column with more different values is not taken for a choice."""

_SAMPLE = 2_000
_REPEATED = 4
_LONG = 255
_LONGEST_OPTION = 60
_LONGEST_KEY = 60
_NUMERAL = re.compile(r"-?(?:0|[1-9][0-9]{0,15}|(?=\.))(?:\.[0-9]{1,17})?")
_MIDNIGHT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?")


class Guess(Struct, frozen=True):
    """What a column seems to hold."""

    data_type: DataType
    options: tuple[Option, ...]
    reason: str
    """Why this type and no narrower one, for people."""


def _probe(data_type: DataType) -> Callable[[str], bool]:
    """Whether a text is a value of the type, as the type itself says."""
    kind = type_of(data_type)
    field = Field("", 0, "", "", "", data_type, "", 0, 0)

    def fits(text: str) -> bool:
        try:
            kind.normalise(field, kind.from_cell(field, text))
        except InvalidValue:
            return False
        return True

    return fits


def _is_number(text: str) -> bool:
    # Beyond 15 digits a double no longer gives every decimal fraction back as it was written.
    if _NUMERAL.fullmatch(text) is None or text == "-0":
        return False
    return len(text) <= 16 if "." in text else abs(int(text)) <= MAX_SAFE_INTEGER


_is_day = _probe(DataType.DATE)
_is_address = _probe(DataType.EMAIL)
_is_phone = _probe(DataType.PHONE)

Narrow = dict[DataType, Callable[[str], bool]]
"""The types recognised by how a single text looks. No text fits two of them."""


def narrow_types(conventions: Conventions) -> Narrow:
    """The tests of a text by type, for a file with these conventions.

    A national number is no telephone number here, nor a serial number a date: either could be something else.
    """

    def is_day(text: str) -> bool:
        if _MIDNIGHT.fullmatch(text) is not None and _is_day(text):
            return True
        return parse_day(text, conventions.dates, midnight=True) is not None

    return {
        DataType.NUMERICAL: _is_number,
        DataType.DATE: is_day,
        DataType.EMAIL: _is_address,
        DataType.PHONE: _is_phone,
    }


_AMOUNTS = {DataType.NUMERICAL, DataType.MONETARY}
_NOUNS = {
    DataType.NUMERICAL: "number",
    DataType.DATE: "date",
    DataType.EMAIL: "e-mail address",
    DataType.PHONE: "phone number",
    DataType.MONETARY: "amount of money",
}


class Evidence:
    """What has been seen of one column."""

    __slots__ = (
        "_broken", "_narrow", "_narrow_types", "_parts", "_split", "_typed", "_values",
        "filled", "longest", "repeated", "seen", "wide",
    )  # fmt: skip

    def __init__(self, narrow_types: Narrow, *, typed: bool) -> None:
        """`typed` says whether values have JSON types, so that a text is never a number."""
        self._narrow_types = narrow_types
        self.seen = 0
        """Rows looked at."""
        self.filled = 0
        """Rows with a value."""
        self.longest = 0
        """Characters of the longest text."""
        self.repeated = False
        """Whether a value came twice among the first rows."""
        self.wide = False
        """Whether some text has several lines or is long."""
        self._typed = typed
        self._narrow: DataType | None = None
        self._broken = ""
        self._values: dict[str, int] | None = {}
        self._parts: dict[str, int] | None = {}
        self._split = 0

    def add(self, value: Json, line: int) -> None:
        """Takes one value into account. Nothing is learnt from an absent one."""
        self.seen += 1
        if is_empty(value):
            return
        if not isinstance(value, str):
            self._add_typed(value, line)
            return
        text = value.strip()
        if (listed := json_texts(text)) is not None:
            self._add_typed(listed, line)
            return
        if len(value) > self.longest:
            self.longest = len(value)
        if not self.wide and (len(text) > _LONG or "\n" in text or "\r" in text):
            self.wide = True
        self._settle(self._narrow_type(text), text, line)
        if self._values is not None:
            self._count(text)
        if self._parts is not None:
            self._count_parts(split_values(text))

    def _add_typed(self, value: Json, line: int) -> None:
        """A JSON value that is not a text."""
        match value:
            case bool():
                self._settle(DataType.SINGLE_OPTIONS, "", line)
                self._count("true" if value else "false")
                self._parts = None
            case int() | float():
                exact = -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER
                self._settle(DataType.NUMERICAL if exact else None, str(value), line)
                self._count(msgspec.json.encode(value).decode())
                self._parts = None
            case [*items] if items and all(isinstance(item, str) and item.strip() for item in items):
                self._settle(DataType.MULTIPLE_OPTIONS, "", line)
                self._values = None
                self._split += 1
                self._count_parts([item.strip() for item in items])
            case {"currency": _, "value": _}:
                self._settle(DataType.MONETARY, str(value), line)
                self._values = self._parts = None
            case []:
                pass
            case _:
                self._settle(None, msgspec.json.encode(value).decode(), line)
                self._values = self._parts = None
                self.wide = True

    def _narrow_type(self, text: str) -> DataType | None:
        if self._broken:
            return None
        if self._narrow is not None:
            fits = self._narrow_types.get(self._narrow)
            found = self._narrow if fits is not None and fits(text) else None
        else:
            found = next((data_type for data_type, fits in self._narrow_types.items() if fits(text)), None)
        return None if self._typed and found is DataType.NUMERICAL else found

    def _settle(self, narrow: DataType | None, text: str, line: int) -> None:
        """Keeps the narrow type as long as every value has the same one; notes the value that ended it."""
        self.filled += 1
        if self._broken:
            return
        if self.filled == 1:
            self._narrow = narrow
            self._broken = "" if narrow else " "
        elif {narrow, self._narrow} == _AMOUNTS:
            self._narrow = DataType.MONETARY
        elif narrow is not self._narrow:
            noun = _NOUNS.get(self._narrow) if self._narrow else None
            shown = text if len(text) <= 24 else text[:23] + "…"
            self._broken = f'line {line}: "{shown}" is not a {noun}' if noun and text else " "
            self._narrow = None

    def _count(self, text: str) -> None:
        values = self._values
        if values is None:
            return
        count = values.get(text, 0)
        values[text] = count + 1
        if count:
            self.repeated = True
        elif len(values) > (_SAMPLE if self.seen <= _SAMPLE else MAX_OPTIONS):
            self._values = None

    def _count_parts(self, parts: Sequence[str]) -> None:
        vocabulary = self._parts
        if vocabulary is None:
            return
        if len(parts) > 1:
            self._split += 1
        for part in parts:
            vocabulary[part] = vocabulary.get(part, 0) + 1
        if len(vocabulary) > MAX_OPTIONS:
            self._parts = None

    @property
    def complete(self) -> bool:
        """Whether every row had a value."""
        return self.filled == self.seen > 0

    def guess(self) -> Guess:
        """The narrowest type that fits all that was seen."""
        if not self.filled:
            return Guess(DataType.TEXT, (), "the column is empty")
        if self._narrow in self._narrow_types or self._narrow is DataType.MONETARY:
            return Guess(self._narrow, (), f"all {self.filled:,} values")
        values, parts = self._chosen(self._values), self._chosen(self._parts)
        # Lists combine few words in many ways; "Doe, Jane" and "Roe, John" are no lists, although a comma is in each.
        if parts and self._split * 10 >= self.filled and (not values or len(parts) < len(values)):
            options = options_of(parts)
            return Guess(DataType.MULTIPLE_OPTIONS, options, f"lists of {len(options)} values, repeated")
        if values:
            options = options_of(values)
            return Guess(DataType.SINGLE_OPTIONS, options, f"{len(options)} values, repeated")
        data_type = DataType.LARGE_TEXT if self.wide or self._narrow is DataType.MULTIPLE_OPTIONS else DataType.TEXT
        reason = self._broken.strip() or f"up to {self.longest:,} characters"
        if self.longest > MAX_CHARACTERS:
            reason = f"texts above {MAX_CHARACTERS:,} characters will be refused"
        return Guess(data_type, (), reason)

    def _chosen(self, values: dict[str, int] | None) -> list[str]:
        """The values if they look like picks from a list: few, short, and each of them about four times or more."""
        if values is None or self.wide or not 1 < len(values) <= MAX_OPTIONS:
            return []
        if sum(values.values()) < _REPEATED * len(values) or max(map(len, values)) > _LONGEST_OPTION:
            return []
        return list(values)


def evidence_of(sheet: Sheet, conventions: Conventions, progress: Progress) -> list[Evidence]:
    """What the whole file shows of each column; faulty and blank rows show nothing. Raises SheetError."""
    types = narrow_types(conventions)
    columns = [Evidence(types, typed=sheet.typed) for _ in sheet.columns]
    for count, row in enumerate(sheet.rows()):
        if not count & 0x3FF:
            progress(sheet.position)
        if row.fault is None and not row.blank:
            for column, value in zip(columns, row.values, strict=True):
                column.add(value, row.line)
    return columns


def key_of(name: str, *, taken: AbstractSet[str] = frozenset()) -> str:
    """A key for the field of a column, made from its name; different from those taken.

    See docs/contract.md#decision-19.
    """
    stem = key_stem(name)[:_LONGEST_KEY].rstrip("_")
    if not stem or stem[0].isdigit():
        stem = f"column_{stem}" if stem else "column"
    key, number = stem, 1
    while key in taken:
        number += 1
        key = f"{stem}_{number}"
    return key


def options_of(labels: Sequence[str]) -> tuple[Option, ...]:
    """Options with these labels, with the keys that the API would make for them."""
    return tuple(Option(key, label) for key, label in zip(option_keys(labels), labels, strict=True))
