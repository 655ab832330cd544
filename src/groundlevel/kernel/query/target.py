"""What a field name of a filter or a sort leads to, and how values for it are read.

See docs/contract.md#search-filters.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from msgspec import Struct

from groundlevel.kernel.errors import InvalidField, InvalidValue
from groundlevel.kernel.fields.base import OPERATORS, PRESENCE, Comparison, Operator, is_holdable, kind_of
from groundlevel.kernel.fields.compiled import CompiledObject, Property
from groundlevel.kernel.ids import is_record_id
from groundlevel.kernel.model import MAX_SAFE_INTEGER, Json
from groundlevel.kernel.query.ast import Bound, Column, ColumnOperand, Operand, PropertyOperand

NO_RECORD: Final = "0" * 24
"""A well-formed record id that no record has, instead of a value that cannot be an id."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?"
)
_DIGITS = re.compile(r"-?[0-9]{1,16}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS = 86_400_000
_BEFORE_ALL_DAYS = "0000-12-31"
"""The day before the first of the calendar, where a moment of that first day may lie in UTC."""
_SHOWN = 100


class Target(Struct, frozen=True):
    """A field name, resolved."""

    name: str
    """As the client wrote it."""
    kind: str
    """What messages call its type: the dataType, or a word for a column."""
    operand: Operand
    operators: frozenset[Operator]
    prop: Property | None = None
    """The property; None for a column."""

    @property
    def sortable(self) -> bool:
        """Whether its values have an order."""
        return self.operand.comparison not in (Comparison.MEMBERS, Comparison.FILES)

    def read(self, value: Json) -> str | float:
        """The form in which `value` is compared for equality. Raises InvalidValue."""
        if self.prop is None:
            return _record_id(value) if self.operand == _ID else text_of(value)
        if value is None:
            raise InvalidValue("a value is required")
        field = self.prop.field
        try:
            typed: str | float = self.prop.type.operand(field, value)
        except InvalidValue as error:
            # the client wrote the field's path, so the refusal names that and not the field's label
            raise InvalidValue(error.message.removeprefix(f"{field.name}: ")) from error
        return float(typed) if self.operand.comparison is Comparison.NUMBER else typed

    def read_bound(self, value: Json, *, low: bool, inclusive: bool) -> Bound:
        """The end of a range that `value` means. Raises InvalidValue.

        A date without time means its whole day: `lte` a day includes it and `gt` a day excludes it.
        """
        if self.kind == _TIMESTAMP_KIND:
            return Bound(read_timestamp(value, late=low is not inclusive), inclusive)
        read = self.read(value)
        if self.operand.comparison is Comparison.DAY and isinstance(value, str) and not _DATE.fullmatch(value):
            return _day_bound(read_timestamp(value), low=low, inclusive=inclusive)
        return Bound(read, inclusive)

    def read_fragment(self, value: Json) -> str:
        """A text to be looked for inside the property's. Not an operand: a part of a value need not be one.

        Raises InvalidValue.
        """
        text = text_of(value)
        if not text:
            raise InvalidValue("the text must not be empty")
        return text if self.prop is None else self.prop.type.fragment(text)


_TIMESTAMP_KIND = "date-time"
_ID = ColumnOperand(Column.ID, Comparison.TEXT)


def _timestamps(name: str, column: Column) -> Target:
    operators = frozenset((Operator.RANGE, *PRESENCE))
    return Target(name, _TIMESTAMP_KIND, ColumnOperand(column, Comparison.NUMBER), operators)


def _users(name: str, column: Column) -> Target:
    return Target(name, "user ids", ColumnOperand(column, Comparison.MEMBERS), OPERATORS[Comparison.MEMBERS])


COLUMNS: Final[dict[str, Target]] = {
    target.name: target
    for target in (
        Target("id", "record id", _ID, frozenset((Operator.EQ, Operator.NOT_EQ, *PRESENCE))),
        _timestamps("createdAt", Column.CREATED_AT),
        _timestamps("dateAdded", Column.CREATED_AT),
        _timestamps("updatedAt", Column.UPDATED_AT),
        _timestamps("dateUpdated", Column.UPDATED_AT),
        _users("owners", Column.OWNERS),
        _users("followers", Column.FOLLOWERS),
    )
}
"""The names of what every record has besides its properties. Timestamps are whole epoch milliseconds."""


def target_of(name: str, schema: CompiledObject, *, strict: bool) -> Target:
    """What `name` leads to: a column, `properties.<key>` or `customFields.<field id>`.

    `properties.` takes the short key (of a text-box list `<key>.<option>`), and unless `strict` the full one.
    Raises InvalidField with the live platform's text (docs/contract.md#search-filters).
    """
    column = COLUMNS.get(name)
    if column is not None:
        return column
    space, _, rest = name.partition(".")
    key = ""
    if space == "properties":
        key = rest if strict else schema.short_key(rest)
    elif space == "customFields":
        key = _key_of_id(rest, schema)
    prop = schema.properties_by_key.get(key)
    if prop is None:
        raise InvalidField(f"Invalid field - {name[:_SHOWN]}", hint=_advice(name, key, schema))
    kind = prop.type
    operand = PropertyOperand(prop.stored_key, kind.path, kind.comparison, prop.field.number, prop.indexed)
    return Target(name, kind.name.value, operand, OPERATORS[kind.comparison], prop)


def _key_of_id(rest: str, schema: CompiledObject) -> str:
    """The property key meant by `<field id>` or, for a text-box list, `<field id>.<option>`."""
    field_id, dot, option = rest.partition(".")
    for field in schema.fields.values():
        if field.id == field_id:
            return field.key + dot + option
    return ""


def _advice(name: str, key: str, schema: CompiledObject) -> str | None:
    """A hint for the two usual slips; it repeats only keys that exist, since hints travel in a header."""
    bare = schema.short_key(name)
    if bare in schema.properties_by_key:
        return f"Write properties.{bare}."
    if key in schema.fields:
        return f"A text-box list is asked for one option at a time: properties.{key}.<option key>."
    return None


def text_of(value: Json) -> str:
    """`value` if it is a text every engine can hold. Raises InvalidValue."""
    if not isinstance(value, str):
        raise InvalidValue(f"expected a string, got {kind_of(value)}")
    if not is_holdable(value):
        raise InvalidValue("the text holds a NUL character or an unpaired surrogate")
    return value


def _record_id(value: Json) -> str:
    """A record id; a text that is none equals no record's, which asking for `NO_RECORD` says to every engine."""
    text = text_of(value).lower()
    return text if is_record_id(text) else NO_RECORD


def read_timestamp(value: Json, *, late: bool = False) -> int:
    """Epoch milliseconds of an ISO date-time or date, or of epoch milliseconds as a number or digits.

    Without an offset UTC is meant; digits beyond milliseconds do not count. A date alone is its first
    millisecond, or when `late` its last, so that `lte` a day includes it and `gt` a day excludes it.
    Raises InvalidValue.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidValue(f"expected a date-time or epoch milliseconds, got {kind_of(value)}")
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        return _timestamp_of_text(value, late=late)
    if isinstance(value, float) and not value.is_integer():
        raise InvalidValue("epoch milliseconds must be whole")
    timestamp = int(value)
    if abs(timestamp) > MAX_SAFE_INTEGER:
        raise InvalidValue("epoch milliseconds are out of range")
    return timestamp


def _day_bound(timestamp: int, *, low: bool, inclusive: bool) -> Bound:
    """The end among days that a moment means, when a day is the midnight, in UTC, with which it begins.

    So no day lies between a moment after midnight and the end of its day: that day is before it.
    """
    days, past_midnight = divmod(timestamp, _DAY_MS)
    if past_midnight:
        inclusive = not low
    ordinal = days + _EPOCH.toordinal()
    if ordinal < 1:
        return Bound(_BEFORE_ALL_DAYS, inclusive)
    return Bound(date.fromordinal(min(ordinal, date.max.toordinal())).isoformat(), inclusive)


def _timestamp_of_text(text: str, *, late: bool) -> int:
    is_date = bool(_DATE.fullmatch(text))
    try:
        if not is_date and not _TIMESTAMP.fullmatch(text):
            raise ValueError("neither a date nor a date-time")
        at = datetime.fromisoformat(text.upper())
    except ValueError:
        raise InvalidValue("expected an ISO date-time, such as 2024-07-11T09:30:00Z, or a date") from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    timestamp = (at - _EPOCH) // timedelta(milliseconds=1)
    return timestamp + _DAY_MS - 1 if is_date and late else timestamp
