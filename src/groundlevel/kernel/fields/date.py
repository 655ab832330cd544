"""Calendar days."""

from __future__ import annotations

import re
from datetime import date

from groundlevel.kernel.fields.base import Comparison, FieldType, check_filled_text, refuse
from groundlevel.kernel.model import DataType, Field, Json

_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::(?:[0-5][0-9]|60)(?:[.,][0-9]{1,9})?)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])?)?"
)


class Date(FieldType):
    """A day, sent as an ISO date or date-time and kept as YYYY-MM-DD (docs/contract.md#decision-10).

    The day is the one written: a date-time is not moved to another time zone, which could change the day.
    """

    name = DataType.DATE
    comparison = Comparison.DAY

    def normalise(self, field: Field, value: Json) -> Json:
        written = _ISO.fullmatch(check_filled_text(field, value))
        if written is None:
            raise refuse(field, "expected a date", hint="Send YYYY-MM-DD or an ISO 8601 date-time, as a string.")
        try:
            return date.fromisoformat(written[1]).isoformat()
        except ValueError:
            raise refuse(field, "the date is not in the calendar", hint="Send a day that exists, YYYY-MM-DD.") from None

    def search_text(self, field: Field, stored: Json) -> str:
        return str(stored)

    def from_cell(self, field: Field, cell: str) -> Json:
        """ISO forms only: 03/04/2024 is a different day in different countries."""
        return self.normalise(field, cell.strip())

    def operand(self, field: Field, value: Json) -> Json:
        return self.normalise(field, value)
