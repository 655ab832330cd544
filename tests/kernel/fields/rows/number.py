"""Examples of numbers."""

from __future__ import annotations

from groundlevel.kernel.errors import InvalidValue
from groundlevel.kernel.model import MAX_SAFE_INTEGER, DataType
from tests.kernel.fields.rows.base import Examples, RefusedChange, field_of

NUMBERS = (
    (5, 5),
    (0, 0),
    (-3, -3),
    (1424.0, 1424),
    (-0.0, 0),
    (0.1, 0.1),
    (-2.5, -2.5),
    (1e-7, 1e-7),
    (5e-324, 5e-324),
    (1e15, 10**15),
    (MAX_SAFE_INTEGER, MAX_SAFE_INTEGER),
    (-MAX_SAFE_INTEGER, -MAX_SAFE_INTEGER),
    (float(MAX_SAFE_INTEGER), MAX_SAFE_INTEGER),
)
NOT_NUMBERS = (
    (True, "expected a number, got a boolean"),
    (False, "expected a number, got a boolean"),
    ("5", "expected a number, got a string"),
    ([5], "expected a number, got an array"),
    ({"value": 5}, "expected a number, got an object"),
    (MAX_SAFE_INTEGER + 1, "must lie between"),
    (-MAX_SAFE_INTEGER - 1, "must lie between"),
    (1e22, "must lie between"),
    (-1e308, "must lie between"),
)
NO_JSON_NUMBERS = (
    (float("nan"), "must lie between"),
    (float("inf"), "must lie between"),
    (float("-inf"), "must lie between"),
    (10**400, "must lie between"),
)


NUMERICAL = Examples(
    field=field_of(DataType.NUMERICAL),
    accepted=NUMBERS,
    refused=NOT_NUMBERS,
    refused_beyond_json=NO_JSON_NUMBERS,
    changed=((None, 5, 5), (5, 6.0, 6), (5, 0, 0)),
    strictly_changed=((5, 6.5, 6.5),),
    refused_changes=(RefusedChange(5, "6", False, InvalidValue, "expected a number, got a string"),),
    cells=(
        ("5", 5),
        (" -12.50 ", -12.5),
        ("+3", 3),
        ("007", 7),
        ("1e-07", 1e-07),
        (".5", 0.5),
        ("-.25", -0.25),
        ("+.5e1", 5.0),
        ("9007199254740991", MAX_SAFE_INTEGER),
    ),
    refused_cells=(
        "five",
        "1,234",
        "1.234,5",
        "1 000",
        "1_000",
        "0x10",
        ".",
        "-.e1",
        "5.",
        "--5",
        "NaN",
        "inf",
        "\u0663",
        "5%",
        "1e999",
        "9007199254740992",
        "9" * 5_000,
        "5\x00",
    ),
    search=((5, "5"), (-2.5, "-2.5"), (MAX_SAFE_INTEGER, "9007199254740991")),
    operands=((5, 5), (5.0, 5), (-0.0, 0), (0.1, 0.1)),
    refused_operands=("5", True, None, [5], MAX_SAFE_INTEGER + 1, float("nan"), float("inf")),
    distinct=((5, 5, False), (5, 5.5, True), (0.1, 0.1, False), (5, -5, True)),
)
