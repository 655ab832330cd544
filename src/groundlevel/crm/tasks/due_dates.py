"""Reads when a task is due, in the forms of ISO 8601 that clients send."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from groundlevel.kernel.errors import InvalidShape

_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    r"(?:[Tt ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?(?:[Zz]|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_FIRST = (datetime(1000, 1, 1, tzinfo=UTC) - _EPOCH) // _MILLISECOND
_LAST = (datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC) - _EPOCH) // _MILLISECOND


def read_due_date(text: str) -> int:
    """Epoch milliseconds of a date or date-time. Without a zone it is in UTC, and a date alone is its beginning.

    Raises InvalidShape for any other text, and for a moment that cannot be written with four digits for the year.
    """
    written = text.strip()
    if _ISO.fullmatch(written):
        try:
            moment = datetime.fromisoformat(written.upper())
        except ValueError:
            pass  # Such as 30 February.
        else:
            due_at = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _MILLISECOND
            if _FIRST <= due_at <= _LAST:
                return due_at
    raise InvalidShape(["dueDate must be a valid ISO 8601 date string"])
