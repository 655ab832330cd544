"""E-mail addresses."""

from __future__ import annotations

import re
from functools import cache

from groundlevel.kernel.fields.base import Comparison, FieldType, check_filled_text, check_text, refuse
from groundlevel.kernel.model import DataType, Field, Json

MAX_CHARACTERS = 254
"""Longest address that mail systems carry (RFC 5321, 4.5.3.1)."""

# Dot-atoms and host names, with letters of every script; no quoted local parts, no comments, no address literals.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+"
_LABEL = r"[A-Za-z0-9\x80-\U0010ffff](?:[A-Za-z0-9\x80-\U0010ffff-]{0,61}[A-Za-z0-9\x80-\U0010ffff])?"


@cache
def _address() -> re.Pattern[str]:
    """An address. Compiled with the first one, since that takes longer than most modules take to load."""
    return re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?![0-9]+\Z){_LABEL}")


class Email(FieldType):
    """One address, kept in lower case and without blanks around it; filters leave case aside too."""

    name = DataType.EMAIL
    comparison = Comparison.TEXT
    may_be_unique = True

    def normalise(self, field: Field, value: Json) -> Json:
        address = check_filled_text(field, value).strip().lower()
        if len(address) > MAX_CHARACTERS or address.split() != [address] or not _address().fullmatch(address):
            raise refuse(field, "expected an e-mail address", hint="Send one address, such as ann@example.com.")
        return address

    def search_text(self, field: Field, stored: Json) -> str:
        return str(stored)

    def from_cell(self, field: Field, cell: str) -> Json:
        return cell.strip()

    def operand(self, field: Field, value: Json) -> Json:
        return check_text(field, value).lower()

    def fragment(self, text: str) -> str:
        return text.lower()

    def unique_form(self, field: Field, stored: Json) -> str:
        return str(stored).lower()
