"""Numbers, whole or not, within what every client and engine holds exactly."""

from __future__ import annotations

import re

from groundlevel.kernel.fields.base import Comparison, FieldType, refuse, type_error
from groundlevel.kernel.model import MAX_SAFE_INTEGER, DataType, Field, Json

# As JSON writes numbers, and a plus sign, and no digit before the point; bounded so that a cell cannot ask for a number
# of a million digits.
_NUMERAL = re.compile(r"[+-]?(?:[0-9]{1,40}|(?=\.))(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")


def check_number(field: Field, value: Json) -> int | float:
    """`value` in its one canonical form: 5.0 is 5 and -0.0 is 0. Raises InvalidValue.

    Numeric strings are not coerced (docs/contract.md#decision-8); NaN, infinities and magnitudes above 2^53-1 are
    refused.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise type_error(field, value, "a number", hint="Send a JSON number, without quotes.")
    if not -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
        raise refuse(field, f"the number must lie between -{MAX_SAFE_INTEGER} and {MAX_SAFE_INTEGER}")
    return int(value) if isinstance(value, float) and value.is_integer() else value


def parse_number(field: Field, cell: str) -> int | float:
    """The number that a plain decimal numeral means; no thousands separators, which differ by country.

    Raises InvalidValue.
    """
    text = cell.strip()
    numeral = _NUMERAL.fullmatch(text)
    if numeral is None:
        raise refuse(field, "expected a plain decimal number", hint="Write 1234.5: no thousands separators, no units.")
    return float(text) if numeral[1] or numeral[2] else int(text)


class Number(FieldType):
    """A number."""

    name = DataType.NUMERICAL
    comparison = Comparison.NUMBER
    may_be_unique = True

    def normalise(self, field: Field, value: Json) -> Json:
        return check_number(field, value)

    def search_text(self, field: Field, stored: Json) -> str:
        return str(stored)

    def from_cell(self, field: Field, cell: str) -> Json:
        return parse_number(field, cell)

    def operand(self, field: Field, value: Json) -> Json:
        return check_number(field, value)
