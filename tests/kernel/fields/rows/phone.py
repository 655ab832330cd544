"""Examples of telephone numbers."""

from __future__ import annotations

from groundlevel.kernel.errors import InvalidValue
from groundlevel.kernel.model import DataType
from tests.kernel.fields.rows.base import NUL, Examples, RefusedChange, field_of

PHONE = Examples(
    field=field_of(DataType.PHONE),
    accepted=(
        ("+917000000000", "+917000000000"),
        ("+12025550123", "+12025550123"),
        ("+1 202-555-0123", "+12025550123"),
        ("+1 (202) 555.0123", "+12025550123"),
        ("  +12025550123\n", "+12025550123"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("+49/30/901820", "+4930901820"),
        ("+39 06 698 82 000", "+390669882000"),
        ("+33\u00a01\u201142\u201168\u201153\u201100", "+33142685300"),
    ),
    refused=(
        ("7000000000", "expected an international phone number"),
        ("00917000000000", "expected an international phone number"),
        ("+", "expected an international phone number"),
        ("+1", "expected an international phone number"),
        ("+12", "expected an international phone number"),
        ("+1 202 555", "expected an international phone number"),
        ("+1 555 0123", "expected an international phone number"),
        ("+9990000000000", "expected an international phone number"),
        ("+1202555012345678", "expected an international phone number"),
        ("+1 202 555 0123 ext. 5", "expected an international phone number"),
        ("+1 800 FLOWERS", "expected an international phone number"),
        ("tel:+12025550123", "expected an international phone number"),
        ("+12025550123, +12025550124", "expected an international phone number"),
        (
            "+\u0669\u0661\u0667\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660",
            "expected an international phone number",
        ),
        ("+640099095", "expected an international phone number"),
        ("+1" + " " * 60 + "2025550123", "expected an international phone number"),
        ("+917000000000\x00", NUL),
        (917000000000, "expected a string, got a number"),
        (True, "expected a string, got a boolean"),
        (["+917000000000"], "expected a string, got an array"),
    ),
    refused_beyond_json=(("+91700000000\ud800", NUL),),
    changed=((None, "+917000000000", "+917000000000"), ("+12025550123", "+91 70000 00000", "+917000000000")),
    strictly_changed=(("+12025550123", "+917000000000", "+917000000000"),),
    refused_changes=(RefusedChange("+12025550123", "12", False, InvalidValue, "expected an international"),),
    cells=((" +1 202 555 0123 ", "+1 202 555 0123"),),
    refused_cells=("12025550123", "n/a"),
    search=(("+917000000000", "+917000000000"),),
    operands=(
        ("+91 70000 00000", "+917000000000"),
        ("+917000000000", "+917000000000"),
        ("+9170", "+9170"),
        ("7000", "7000"),
        ("anything", "anything"),
        ("", ""),
    ),
    refused_operands=(917000000000, None, "\x00"),
    distinct=(("+12025550123", "+12025550123", False), ("+12025550123", "+12025550124", True)),
)
