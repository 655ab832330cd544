"""Examples of amounts of money."""

from __future__ import annotations

from groundlevel.kernel.errors import InvalidValue
from groundlevel.kernel.model import DataType
from tests.kernel.fields.rows.base import Examples, RefusedChange, field_of
from tests.kernel.fields.rows.number import NO_JSON_NUMBERS, NOT_NUMBERS, NUMBERS

MONETARY = Examples(
    field=field_of(DataType.MONETARY),
    accepted=(
        *(({"currency": "default", "value": wire}, {"currency": "default", "value": form}) for wire, form in NUMBERS),
        ({"value": 12.5, "currency": "EUR"}, {"currency": "EUR", "value": 12.5}),
        ({"currency": "JPY", "value": -100.0}, {"currency": "JPY", "value": -100}),
    ),
    refused=(
        *(({"currency": "default", "value": wire}, message) for wire, message in NOT_NUMBERS),
        ({"currency": "default", "value": None}, "expected a number, got null"),
        (100, "expected an object of currency and value, got a number"),
        ("100", "expected an object of currency and value, got a string"),
        (["EUR", 100], "expected an object of currency and value, got an array"),
        (True, "expected an object of currency and value, got a boolean"),
        ({}, "exactly currency and value"),
        ({"value": 100}, "exactly currency and value"),
        ({"currency": "EUR"}, "exactly currency and value"),
        ({"currency": "EUR", "value": 100, "note": "x"}, "exactly currency and value"),
        ({"currency": "eur", "value": 100}, "ISO 4217 code in upper case"),
        ({"currency": "Default", "value": 100}, "ISO 4217 code in upper case"),
        ({"currency": "XXQ", "value": 100}, "ISO 4217 code in upper case"),
        ({"currency": "$", "value": 100}, "ISO 4217 code in upper case"),
        ({"currency": "", "value": 100}, "ISO 4217 code in upper case"),
        ({"currency": None, "value": 100}, "expected a string, got null"),
        ({"currency": ["EUR"], "value": 100}, "expected a string, got an array"),
    ),
    refused_beyond_json=tuple(({"currency": "default", "value": wire}, message) for wire, message in NO_JSON_NUMBERS),
    changed=(
        (None, {"currency": "default", "value": 1}, {"currency": "default", "value": 1}),
        ({"currency": "EUR", "value": 1}, {"currency": "USD", "value": 2}, {"currency": "USD", "value": 2}),
    ),
    strictly_changed=(
        ({"currency": "EUR", "value": 1}, {"currency": "EUR", "value": 2}, {"currency": "EUR", "value": 2}),
    ),
    refused_changes=(
        RefusedChange({"currency": "EUR", "value": 1}, {"value": 2}, False, InvalidValue, "exactly currency"),
    ),
    cells=(
        ("12.50", {"currency": "default", "value": 12.5}),
        ("12.50 EUR", {"currency": "EUR", "value": 12.5}),
        ("EUR 12.50", {"currency": "EUR", "value": 12.5}),
        ("12EUR", {"currency": "EUR", "value": 12}),
        ("eur -3", {"currency": "EUR", "value": -3}),
        ("100 default", {"currency": "default", "value": 100}),
        (".5 EUR", {"currency": "EUR", "value": 0.5}),
        ("1e-07", {"currency": "default", "value": 1e-07}),
    ),
    refused_cells=("$12.50", "12.50 €", "1,250.00", "EUR", "12 XXQ", "EUR 12 USD", "12 13", "free"),
    search=(
        ({"currency": "EUR", "value": 12.5}, "12.5 EUR"),
        ({"currency": "default", "value": 100}, "100"),
    ),
    operands=((100, 100), (12.0, 12), (0.5, 0.5)),
    refused_operands=("100", {"currency": "EUR", "value": 100}, True, None),
)
