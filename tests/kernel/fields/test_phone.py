"""A number that is in E.164 already is told without parsing it, and never another than the library would leave."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, NumberParseException, PhoneNumberFormat, ValidationResult

from groundlevel.kernel.fields.phone import is_e164

LENGTHS = range(1, 16)
OF_EACH = 12
"""Numbers of each length, for each calling code."""


@pytest.mark.parametrize("code", COUNTRY_CODE_TO_REGION_CODE)
def test_what_is_told_without_parsing_is_what_the_library_leaves(code: int) -> None:
    chance = random.Random(code)
    numbers = [f"+{code}{_digits(chance, length)}" for length in LENGTHS for _ in range(OF_EACH)]

    told = [number for number in numbers if is_e164(number)]

    assert [parsed(number) for number in told] == told
    left = [number for number in numbers if parsed(number) == number]
    assert bool(told) == bool(left)


@pytest.mark.parametrize(
    "number",
    ["+12025550123", "+917000000000", "+442079460018", "+33142685300", "+79123456789", "+3531234567", "+80012345678"],
)
def test_common_numbers_need_no_parsing(number: str) -> None:
    assert parsed(number) == number
    assert is_e164(number)


@pytest.mark.parametrize(
    "number",
    [
        "+4402079460018",  # a trunk prefix
        "+390669882000",  # a zero that belongs to it, which the library has to tell from a trunk prefix
        "+210555123456",  # no calling code
        "+9990000000000",
        "+1202555012",  # too short
        "+120255501234",  # too long
        "+78123456789",  # an 8, which may be a trunk prefix
        "12025550123",
        "+1 2025550123",
        "+12025550123\n",
        "+\u0661\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0662\u0663",
        "+",
        "",
    ],
)
def test_what_has_to_be_looked_at_closely_is_left_to_the_library(number: str) -> None:
    assert not is_e164(number)


def _digits(chance: random.Random, length: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(length))


def parsed(text: str) -> str | None:
    """The E.164 form of a possible number by the library alone."""
    try:
        number = phonenumbers.parse(text, None)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
