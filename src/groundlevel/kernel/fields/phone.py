"""Telephone numbers."""

from __future__ import annotations

import re
from functools import lru_cache

from groundlevel.kernel.fields.base import Comparison, FieldType, check_filled_text, check_text, refuse
from groundlevel.kernel.model import DataType, Field, Json

# No letters: the library would take an extension and E.164 would silently lose it.
_WRITTEN = re.compile(r"\+[0-9][0-9\s().\-\u2010-\u2015/]{1,38}")


_NATIONAL = re.compile(r"[0-9(][0-9\s().\-\u2010-\u2015/]{1,38}")


def is_calling_country(country: str) -> bool:
    """Whether the numbers of a country, as two letters of ISO 3166, are known."""
    # Imported here and below, since its tables are needed with the first number and not by every start.
    from phonenumbers import SUPPORTED_REGIONS

    return country in SUPPORTED_REGIONS


@lru_cache(maxsize=16_384)
def _e164(text: str) -> str | None:
    """The E.164 form of an international number, None if it is not one. Cached because parsing is slow."""
    if not _WRITTEN.fullmatch(text):
        return None
    import phonenumbers

    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    form = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    # A zero in excess is taken for a trunk prefix: such a form would be another number when it is sent back.
    return form if form == text or _e164(form) == form else None


@lru_cache(maxsize=16_384)
def national_number(text: str, country: str) -> str | None:
    """The E.164 form of a number as it is dialled in a calling country, None if it is none."""
    if not _NATIONAL.fullmatch(text):
        return None
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return _e164(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


class Phone(FieldType):
    """An international number, kept as E.164 (docs/contract.md#field-types).

    It has to be of a possible length for its country, not assigned: the contract's own example is not.
    """

    name = DataType.PHONE
    comparison = Comparison.TEXT
    may_be_unique = True

    def normalise(self, field: Field, value: Json) -> Json:
        number = _e164(check_filled_text(field, value).strip())
        if number is None:
            raise refuse(field, "expected an international phone number", hint="Send E.164, such as +917000000000.")
        return number

    def search_text(self, field: Field, stored: Json) -> str:
        return str(stored)

    def from_cell(self, field: Field, cell: str) -> Json:
        return cell.strip()

    def operand(self, field: Field, value: Json) -> Json:
        """A whole number as E.164; a part of one, as `contains` asks for, as it stands."""
        text = check_text(field, value)
        return _e164(text.strip()) or text
