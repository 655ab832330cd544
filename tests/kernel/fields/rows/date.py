"""Examples of days."""

from __future__ import annotations

from groundlevel.kernel.errors import InvalidValue
from groundlevel.kernel.model import DataType
from tests.kernel.fields.rows.base import NUL, Examples, RefusedChange, field_of

DATE = Examples(
    field=field_of(DataType.DATE),
    accepted=(
        ("2024-07-11", "2024-07-11"),
        ("2024-02-29", "2024-02-29"),
        ("0001-01-01", "0001-01-01"),
        ("9999-12-31", "9999-12-31"),
        ("2024-07-11T23:59:59.999Z", "2024-07-11"),
        ("2024-07-11T00:30:00+05:30", "2024-07-11"),
        ("2024-07-11T23:30:00-0800", "2024-07-11"),
        ("2024-07-11T10:00", "2024-07-11"),
        ("2024-07-11 10:00:60", "2024-07-11"),
        ("2024-07-11t10:00:00,5z", "2024-07-11"),
    ),
    refused=(
        ("2023-02-29", "not in the calendar"),
        ("2024-13-01", "not in the calendar"),
        ("2024-00-10", "not in the calendar"),
        ("0000-01-01", "not in the calendar"),
        ("11/07/2024", "expected a date"),
        ("11.07.2024", "expected a date"),
        ("July 11, 2024", "expected a date"),
        ("20240711", "expected a date"),
        ("2024-W28-4", "expected a date"),
        ("2024-7-1", "expected a date"),
        ("24-07-11", "expected a date"),
        ("12024-07-11", "expected a date"),
        ("-2024-07-11", "expected a date"),
        ("2024-07", "expected a date"),
        ("2024-07-11T", "expected a date"),
        ("2024-07-11T25:00", "expected a date"),
        ("2024-07-11T10:60", "expected a date"),
        ("2024-07-11T10:00:00+25:00", "expected a date"),
        ("2024-07-11Z", "expected a date"),
        ("2024-07-11\n", "expected a date"),
        (" 2024-07-11", "expected a date"),
        ("\u0662\u0660\u0662\u0664-\u0660\u0667-\u0661\u0661", "expected a date"),
        ("today", "expected a date"),
        ("2024-07-11\x00", NUL),
        (1720656000000, "expected a string, got a number"),
        (True, "expected a string, got a boolean"),
        (["2024-07-11"], "expected a string, got an array"),
        ({"date": "2024-07-11"}, "expected a string, got an object"),
    ),
    refused_beyond_json=(("2024-07-1\ud800", NUL),),
    changed=((None, "2024-07-11", "2024-07-11"), ("2024-07-11", "2024-07-12T00:00:00Z", "2024-07-12")),
    strictly_changed=(("2024-07-11", "2024-07-12", "2024-07-12"),),
    refused_changes=(RefusedChange("2024-07-11", "soon", False, InvalidValue, "expected a date"),),
    cells=((" 2024-07-11 ", "2024-07-11"), ("2024-07-11T10:00:00Z", "2024-07-11")),
    refused_cells=("07/11/2024", "45484", "2023-02-29", " "),
    search=(("2024-07-11", "2024-07-11"),),
    operands=(("2024-07-11", "2024-07-11"), ("2024-07-11T10:00:00Z", "2024-07-11")),
    refused_operands=(1720656000000, "yesterday", "", None),
)
