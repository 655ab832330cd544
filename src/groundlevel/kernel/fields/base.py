"""What every field type must do, and how the values of each kind compare."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from enum import Enum
from typing import ClassVar

from groundlevel.kernel.errors import InvalidUpdate, InvalidValue
from groundlevel.kernel.model import DataType, Field, Json


class Comparison(Enum):
    """How values compare in filters and sorts. An engine spells each of these in its own SQL."""

    TEXT = "text"
    """By code point; supports equality and substring."""
    NUMBER = "number"
    """As float8."""
    DAY = "day"
    """ISO dates YYYY-MM-DD, which order as text."""
    MEMBERS = "members"
    """A list of texts; equality means membership."""
    FILES = "files"
    """A list of files; can only be asked for presence."""


class Operator(Enum):
    """A search operator, by its wire name (docs/contract.md#search-filters)."""

    EQ = "eq"
    NOT_EQ = "not_eq"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    RANGE = "range"
    EXISTS = "exists"
    NOT_EXISTS = "not_exists"


PRESENCE = (Operator.EXISTS, Operator.NOT_EXISTS)
OPERATORS: dict[Comparison, frozenset[Operator]] = {
    Comparison.TEXT: frozenset((Operator.EQ, Operator.NOT_EQ, Operator.CONTAINS, Operator.NOT_CONTAINS, *PRESENCE)),
    Comparison.NUMBER: frozenset((Operator.EQ, Operator.NOT_EQ, Operator.RANGE, *PRESENCE)),
    Comparison.DAY: frozenset((Operator.RANGE, *PRESENCE)),
    Comparison.MEMBERS: frozenset((Operator.EQ, Operator.NOT_EQ, *PRESENCE)),
    Comparison.FILES: frozenset(PRESENCE),
}
"""Which operators apply to which comparison (docs/contract.md#search-filters)."""

CLEAR = "Leave it out; null or an empty string clears the whole property."
"""The advice for an empty string inside a list or an object."""

_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")


class FieldType(ABC):
    """One data type: what it accepts, stores, shows, and how its values compare.

    The table of types has one of each, without state; `field` carries the settings of the definition at hand.
    """

    name: ClassVar[DataType]
    comparison: ClassVar[Comparison]
    path: ClassVar[tuple[str, ...]] = ()
    """Where inside the stored value the compared part lies; money compares by its `value`."""
    has_options: ClassVar[bool] = False
    """Whether the definition lists options, and must."""
    may_be_unique: ClassVar[bool] = False
    """Whether a definition may be marked unique (docs/contract.md#product-limits)."""
    may_be_indexed: ClassVar[bool] = True
    """Whether an index over its values can serve filters and sorts."""
    may_be_searchable: ClassVar[bool] = True
    """Whether plain text search may look at it."""

    def compiled_for(self, field: Field) -> FieldType:
        """This type for the values of one definition alone, with what can be worked out from that beforehand."""
        return self

    @abstractmethod
    def normalise(self, field: Field, value: Json) -> Json:
        """The stored form of a wire value; None when the value is empty and the property should be absent.

        `value` is never empty (`is_empty`). The stored form is also the form shown on the wire.
        Raises InvalidValue naming the field.
        """

    def change(self, field: Field, stored: Json, value: Json, *, strict: bool) -> Json:
        """The stored form after an update with a value that is not empty; `stored` is None if the property was absent.

        `strict` asks for the live platform's refusals instead of tolerance (docs/contract.md#decision-7).
        Raises InvalidValue or InvalidUpdate.
        """
        return self.normalise(field, value)

    @abstractmethod
    def search_text(self, field: Field, stored: Json) -> str:
        """What plain text search sees of a stored value, unfolded."""

    @abstractmethod
    def from_cell(self, field: Field, cell: str) -> Json:
        """The wire value meant by the non-empty text of a spreadsheet cell. Raises InvalidValue."""

    def operand(self, field: Field, value: Json) -> Json:
        """The form in which a filter's value is compared. Raises InvalidValue.

        Texts are compared as they stand, so that a filter may ask for a value no record can have.
        """
        return check_text(field, value)

    def fragment(self, text: str) -> str:
        """The form in which a text is looked for inside values."""
        return text

    def unique_form(self, field: Field, stored: Json) -> str:
        """The text by which a stored value is unique. Only called when `may_be_unique`."""
        return str(stored)


def is_empty(value: Json) -> bool:
    """Whether a value is no value of any type: null, or a text of nothing but white space of any kind."""
    # JSON texts are of no subclass of str, and this is asked of every property of every write.
    return value is None or (value.__class__ is str and (not value or value.isspace()))


def refuse(field: Field, problem: str, *, hint: str | None = None) -> InvalidValue:
    """The refusal of a value of `field`, in one form for all types: `<name>: <problem>`."""
    return InvalidValue(f"{field.name}: {problem}", hint=hint, field_key=field.full_key)


def type_error(field: Field, value: Json, expected: str, *, hint: str | None = None) -> InvalidValue:
    """The refusal of a value that is not of the JSON type `expected`, such as "an array of option keys"."""
    return refuse(field, f"expected {expected}, got {kind_of(value)}", hint=CLEAR if value == "" else hint)


def check_text(field: Field, value: Json) -> str:
    """`value` if it is a text every engine can hold: no NUL, no unpaired surrogate. Raises InvalidValue."""
    if not isinstance(value, str):
        raise refuse(field, f"expected a string, got {kind_of(value)}")
    if not is_holdable(value):
        raise refuse(field, "the text holds a NUL character or an unpaired surrogate")
    return value


def is_holdable(text: str) -> bool:
    """Whether every engine can hold a text: it has no NUL and no unpaired surrogate."""
    # Most texts are ASCII, which is told at once and rules the surrogates out.
    return "\0" not in text if text.isascii() else _UNHOLDABLE.search(text) is None


def check_filled_text(field: Field, value: Json) -> str:
    """`value` if it is a text that is not empty and that every engine can hold. Raises InvalidValue."""
    text = check_text(field, value)
    if not text:
        raise refuse(field, "an empty string is not a value of this field", hint=CLEAR)
    return text


def update_refusal(field: Field) -> InvalidUpdate:
    """The refusal of an update of a field with many values that has none of the known forms.

    See docs/contract.md#field-types.
    """
    return InvalidUpdate(
        f"We couldn't apply updates to {field.name} due to an unexpected format", field_key=field.full_key
    )


def not_saved_refusal(field: Field) -> InvalidValue:
    """The refusal to remove what the record does not hold (docs/contract.md#field-types)."""
    return InvalidValue(
        f"{field.name} includes values that don't match what's saved.",
        hint="Remove only values that the record holds now: read it first.",
        field_key=field.full_key,
    )


def delta(field: Field, value: Json) -> tuple[list[Json], list[Json]]:
    """What `{"add": [...], "remove": [...]}` adds and removes; either may be left out. Raises InvalidUpdate."""
    if not isinstance(value, dict) or not value.keys() <= {"add", "remove"}:
        raise update_refusal(field)
    added, removed = value.get("add", []), value.get("remove", [])
    if not isinstance(added, list) or not isinstance(removed, list):
        raise update_refusal(field)
    return added, removed


def kind_of(value: Json) -> str:
    """What a JSON value is called in messages."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
    return "an object"
