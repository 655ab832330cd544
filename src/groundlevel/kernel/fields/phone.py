"""Telephone numbers."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from msgspec import Struct

from groundlevel.kernel.fields.base import Comparison, FieldType, check_filled_text, check_text, refuse
from groundlevel.kernel.model import DataType, Field, Json

# No letters: the library would take an extension and E.164 would silently lose it.
_WRITTEN = re.compile(r"\+[0-9][0-9\s().\-\u2010-\u2015/]{1,38}")
_E164 = re.compile(r"\+[1-9][0-9]{2,17}")
_NATIONAL = re.compile(r"[0-9(][0-9\s().\-\u2010-\u2015/]{1,38}")


def is_calling_country(country: str) -> bool:
    """Whether the numbers of a country, as two letters of ISO 3166, are known."""
    # Imported here and below, since its tables are needed with the first number and not by every start.
    from phonenumbers import SUPPORTED_REGIONS

    return country in SUPPORTED_REGIONS


class _CallingCode(Struct, frozen=True):
    """How national numbers behind a calling code look."""

    lengths: frozenset[int]
    """How many digits they may have."""
    prefix: re.Pattern[str] | None
    """What some of them begin with and is no part of them, or stands for another beginning; it may be nothing."""

    def leaves(self, number: str) -> bool:
        """Whether a national number is a possible one, and certain to stay as it is."""
        if len(number) not in self.lengths or number[0] == "0":
            return False
        found = None if self.prefix is None else self.prefix.match(number)
        return found is None or (found.end() == 0 and found.lastindex is None)


@cache
def _calling_code(code: str) -> _CallingCode | None:
    """What the library knows of a calling code; None where there is none."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code))
    known = PhoneMetadata.metadata_for_region_or_calling_code(int(code), regions[0]) if regions else None
    if known is None or known.general_desc is None:
        return None
    lengths = frozenset(known.general_desc.possible_length) - {*known.general_desc.possible_length_local_only}
    prefix = known.national_prefix_for_parsing
    return _CallingCode(lengths, re.compile(prefix) if prefix else None)


def is_e164(text: str) -> bool:
    """Whether the library would leave a number as it is, told without parsing it, which takes twenty times as long.

    Not where it would have to look closer: at a zero, or at what may be a trunk prefix.
    """
    if not _E164.fullmatch(text):
        return False
    # No calling code begins with another one.
    for digits in (1, 2, 3):
        code = _calling_code(text[1 : 1 + digits])
        if code is not None:
            return code.leaves(text[1 + digits :])
    return False


@lru_cache(maxsize=16_384)
def _e164(text: str) -> str | None:
    """The E.164 form of an international number, None if it is not one. Cached because parsing is slow."""
    if is_e164(text):
        return text
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
