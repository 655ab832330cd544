"""Reads what the cells of a file mean for the fields that they fill."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from enum import Enum

import msgspec
from msgspec import Struct

from groundlevel.imports.reader import compose
from groundlevel.kernel.errors import BadRequest, InvalidValue
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.base import Comparison, is_empty, refuse
from groundlevel.kernel.fields.money import DEFAULT_CURRENCY
from groundlevel.kernel.fields.phone import is_calling_country, national_number
from groundlevel.kernel.model import DataType, Field, Json

_SEVERAL = (DataType.MULTIPLE_OPTIONS, DataType.CHECKBOX)
_TEXTS = (DataType.TEXT, DataType.LARGE_TEXT, DataType.TEXTBOX_LIST)
_SEPARATOR = re.compile("[;|]")
_TIME = r"(?:,? +[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[AaPp][Mm])?)?"
_MIDNIGHT = r"(?:,? +(?:0?0:00(?::00(?:\.0+)?)?|12:00(?::00)? ?[Aa][Mm]))?"
_DAY = r"([0-9]{1,4})([./-])([0-9]{1,2})\2([0-9]{1,4})"
_WRITTEN = re.compile(_DAY + _TIME)
_WRITTEN_DAY = re.compile(_DAY + _MIDNIGHT)
_ISO_LIKE = re.compile(r"[0-9]{4}-")
_SERIAL = re.compile(r"([0-9]{1,7})(?:\.[0-9]+)?")

Convert = Callable[[Json], Json]
"""Turns a value of the file, which is not empty, into a wire value. Raises InvalidValue."""


class DateForm(Enum):
    """A way to write days, besides the ISO form, which is always understood."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"
    EXCEL = "excel"
    """Days since 1900, as spreadsheets count; the 29th of February 1900, which they take for a day, is refused."""
    EXCEL_1904 = "excel-1904"
    """Days since 1904, as old spreadsheets of the Macintosh count."""


_ORDERS = {DateForm.DMY: (4, 3, 1), DateForm.MDY: (4, 1, 3), DateForm.YMD: (1, 3, 4)}
"""Where in a match of `_DAY` year, month and day stand."""


class Conventions(Struct, frozen=True, kw_only=True):
    """How a file writes what is written differently from country to country."""

    country: str | None = None
    """Two letters of the country whose numbers have no country code."""
    dates: tuple[DateForm, ...] = ()

    def check(self) -> None:
        """Raises BadRequest for a country that is not known and for forms of dates that contradict each other."""
        if self.country is not None and not is_calling_country(self.country):
            raise BadRequest(
                f"--country {self.country}: there is no such country", hint="Two capital letters, such as US or SE."
            )
        for one, other in ((DateForm.DMY, DateForm.MDY), (DateForm.EXCEL, DateForm.EXCEL_1904)):
            if one in self.dates and other in self.dates:
                raise BadRequest(f"--dates {one.value} and {other.value}: a date can only mean one of them")


def split_values(text: str) -> list[str]:
    """The parts of a cell with several options: a JSON array of texts, else what `;` or `|` separate, else commas."""
    if (listed := json_texts(text)) is not None:
        return listed
    parts = _SEPARATOR.split(text) if ";" in text or "|" in text else text.split(",")
    return [part for part in map(str.strip, parts) if part]


def json_texts(text: str) -> list[str] | None:
    """The texts in a cell that is a JSON array of texts, without blank ones; None for any other cell."""
    if not text.startswith("["):
        return None
    try:
        return [part for part in msgspec.json.decode(text, type=list[str]) if not is_empty(part)]
    except (msgspec.DecodeError, UnicodeError):
        return None


def parse_day(text: str, forms: Sequence[DateForm], *, midnight: bool = False) -> str | None:
    """The ISO form of a day written in one of the forms; None for anything else. A time of day is left out.

    `midnight` asks for days alone: without a time of day, and not as a number, which could be anything.
    """
    for form in forms:
        if form in _ORDERS:
            written = (_WRITTEN_DAY if midnight else _WRITTEN).fullmatch(text)
            day = None if written is None else _day_of(*(written[group] for group in _ORDERS[form]))
        else:
            serial = None if midnight else _SERIAL.fullmatch(text)
            day = None if serial is None else _day_of_serial(int(serial[1]), form)
        if day is not None:
            return day.isoformat()
    return None


def _day_of(year: str, month: str, day: str) -> date | None:
    if len(year) not in (2, 4) or len(month) > 2 or len(day) > 2:
        return None
    # As spreadsheets read two digits: 29 is 2029 and 30 is 1930.
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 30 else 1900)
    try:
        return date(full, int(month), int(day))
    except ValueError:
        return None


def _day_of_serial(serial: int, form: DateForm) -> date | None:
    if form is DateForm.EXCEL_1904:
        first = date(1904, 1, 1)
    elif serial in (0, 60):
        return None
    else:
        first = date(1899, 12, 31) if serial < 60 else date(1899, 12, 30)
    try:
        return first + timedelta(days=serial)
    except OverflowError:
        return None


def make_converter(field: Field, conventions: Conventions, *, typed: bool) -> Convert | None:
    """What turns a value of the file into a wire value of the field; None where it already is one.

    `typed` says whether the values have JSON types.
    """
    plain = field.data_type in _TEXTS
    if plain and not typed:
        return None
    from_text = _text_converter(field, conventions)
    if not typed:
        return from_text
    kind = type_of(field.data_type)

    def from_json(value: Json) -> Json:
        match value:
            case str():
                # A text is a text here: it never stands for a number (docs/contract.md#decision-8).
                return value if plain or kind.comparison is Comparison.NUMBER else from_text(value)
            case bool() if plain or kind.has_options:
                return "true" if value else "false"
            case int() | float() if not isinstance(value, bool):
                if field.data_type is DataType.MONETARY:
                    return {"currency": DEFAULT_CURRENCY, "value": value}
                if plain or kind.has_options:
                    return msgspec.json.encode(value).decode()
                return from_text(str(value)) if field.data_type is DataType.DATE and conventions.dates else value
            case dict() | list() if plain:
                return msgspec.json.encode(value).decode()
        return value

    return from_json


def _text_converter(field: Field, conventions: Conventions) -> Callable[[str], Json]:
    kind = type_of(field.data_type)
    match field.data_type:
        case DataType.DATE:
            return lambda text: _read_day(field, text.strip(), conventions.dates)
        case DataType.PHONE:
            return lambda text: _read_phone(field, text.strip(), conventions.country)
        case DataType.MONETARY | DataType.FILE_UPLOAD:
            return lambda text: _decode_json(text) or kind.from_cell(field, text)
    if not kind.has_options:
        return lambda text: kind.from_cell(field, text)
    names = {compose(name): name for option in field.options for name in (option.label, option.key)}

    def named(text: str) -> str:
        return names.get(text, text)

    if field.data_type not in _SEVERAL:
        return lambda text: names[text] if text in names else named(str(kind.from_cell(field, text)))

    def read_several(text: str) -> Json:
        if text in names or (text := text.strip()) in names:
            return [named(text)]
        return [named(part) for part in split_values(text)]

    return read_several


def _read_day(field: Field, text: str, forms: Sequence[DateForm]) -> Json:
    day = parse_day(text, forms)
    if day is not None:
        return day
    try:
        return type_of(DataType.DATE).from_cell(field, text)
    except InvalidValue:
        if _ISO_LIKE.match(text) or not text[:1].isdigit():
            raise
        known = "".join(f" or {form.value}" for form in forms)
        raise refuse(field, f"expected a date such as 2024-07-11{known}; --dates says how others are written") from None


def _read_phone(field: Field, text: str, country: str | None) -> Json:
    if text.startswith("+"):
        return text
    if country is not None:
        return national_number(text, country) or text
    if text[:1].isdigit() or text.startswith("("):
        raise refuse(field, "expected an international phone number; --country says where others are dialled")
    return text


def read_object(value: Json) -> Json:
    """A cell as the JSON object that it holds; as it stands if it holds none."""
    return (_decode_json(value) if isinstance(value, str) else None) or value


def _decode_json(text: str) -> Json:
    """The object or array that a cell holds as JSON; None if it holds neither."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        value: Json = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        return None
    return value
