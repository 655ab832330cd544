"""Reads the dates that people write, in the forms that contacts are published to take (contacts.json)."""

from __future__ import annotations

import re

_YEAR_FIRST = re.compile(r"(\d{4})([/._-])(\d{1,2})\2(\d{1,2})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([/._-])(\d{1,2})\2(\d{4})", re.ASCII)


def iso_day(text: str) -> str:
    """YYYY-MM-DD for a day written with the year in front, or behind month and day; any other text as it is."""
    if match := _YEAR_FIRST.fullmatch(text.strip()):
        year, _, month, day = match.groups()
    elif match := _YEAR_LAST.fullmatch(text.strip()):
        month, _, day, year = match.groups()
    else:
        return text
    return f"{year}-{int(month):02}-{int(day):02}"
