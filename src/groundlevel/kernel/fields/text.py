"""Single-line and multi-line text."""

from __future__ import annotations

import hashlib

from groundlevel.kernel.errors import InvalidValue
from groundlevel.kernel.fields.base import Comparison, FieldType, check_text
from groundlevel.kernel.model import DataType, Field, Json

MAX_CHARACTERS = 12_000
"""Longest text in characters (docs/contract.md#field-types); no smaller limit is published for the other texts."""

_MAX_UNIQUE = 256


def check_length(field: Field, value: Json) -> str:
    """`value` if it is a text of at most MAX_CHARACTERS that every engine can hold. Raises InvalidValue."""
    text = check_text(field, value)
    if len(text) > MAX_CHARACTERS:
        raise InvalidValue(
            f"The value exceeds the {MAX_CHARACTERS:,} character limit for {field.name}.",
            hint=f"Send at most {MAX_CHARACTERS:,} characters; this text has {len(text):,}.",
            field_key=field.full_key,
        )
    return text


class Text(FieldType):
    """Single-line text, kept exactly as sent; a text of nothing but blanks is no value."""

    name = DataType.TEXT
    comparison = Comparison.TEXT
    may_be_unique = True

    def normalise(self, field: Field, value: Json) -> Json:
        return check_length(field, value)

    def search_text(self, field: Field, stored: Json) -> str:
        return str(stored)

    def from_cell(self, field: Field, cell: str) -> Json:
        return cell

    def unique_form(self, field: Field, stored: Json) -> str:
        # PostgreSQL refuses index rows above a third of a page, so a long text is unique by its digest.
        text = str(stored)
        return text if len(text) <= _MAX_UNIQUE else "sha256:" + hashlib.sha256(text.encode()).hexdigest()


class LargeText(Text):
    """Multi-line text."""

    name = DataType.LARGE_TEXT
    may_be_indexed = False
