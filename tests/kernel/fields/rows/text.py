"""Examples of texts."""

from __future__ import annotations

from groundlevel.kernel.errors import InvalidValue
from groundlevel.kernel.model import DataType, Option
from tests.kernel.fields.rows.base import NUL, Examples, RefusedChange, field_of

BOXES = (Option("option_a", "Option A"), Option("option_b", "Option B"))


LIMIT = "exceeds the 12,000 character limit for "
LONGEST = "é" * 12_000

TEXTS = (
    ("Rex", "Rex"),
    ("  blanks stay  ", "  blanks stay  "),
    ("two\nlines\r\nand a tab\t", "two\nlines\r\nand a tab\t"),
    ("12", "12"),
    ("null", "null"),
    ("'; DROP TABLE records; --", "'; DROP TABLE records; --"),
    ("<b>&amp;</b>", "<b>&amp;</b>"),
    ("Zoë 日本語 🐕‍🦺 العربية", "Zoë 日本語 🐕‍🦺 العربية"),
    ("e\u0301 is not \u00e9", "e\u0301 is not \u00e9"),
    ("\x01\x7f\u200b\ufeff\uffff", "\x01\x7f\u200b\ufeff\uffff"),
    (LONGEST, LONGEST),
    ("🐕" * 12_000, "🐕" * 12_000),
)
NOT_TEXTS = (
    (5, "expected a string, got a number"),
    (1.5, "expected a string, got a number"),
    (True, "expected a string, got a boolean"),
    (["Rex"], "expected a string, got an array"),
    ({"a": "Rex"}, "expected a string, got an object"),
    ("a\x00b", NUL),
    ("\x00", NUL),
)
SURROGATES = (("\ud83d", NUL), ("a\udc00b", NUL))
TEXT_CHANGES = (
    (None, "new", "new"),
    ("old", "new", "new"),
    ("same", "same", "same"),
)


TEXT = Examples(
    field=field_of(DataType.TEXT),
    accepted=TEXTS,
    refused=(*NOT_TEXTS, (LONGEST + "!", LIMIT + "Text.")),
    refused_beyond_json=SURROGATES,
    changed=TEXT_CHANGES,
    strictly_changed=TEXT_CHANGES,
    refused_changes=(
        RefusedChange("old", 5, False, InvalidValue, "expected a string"),
        RefusedChange("old", {"add": ["x"]}, True, InvalidValue, "expected a string"),
    ),
    cells=(("Rex", "Rex"), (" 12 ", " 12 ")),
    refused_cells=("a\x00",),
    search=(("Zoë\nSmith", "Zoë\nSmith"), ("", "")),
    operands=(("Rex", "Rex"), ("", ""), (LONGEST + "!", LONGEST + "!")),
    refused_operands=(5, None, True, ["Rex"], "a\x00"),
    distinct=(
        ("a", "a", False),
        ("a", "A", True),
        ("a", "a ", True),
        (LONGEST, LONGEST, False),
        (LONGEST, LONGEST[:-1] + "e", True),
        ("a" * 256, "a" * 257, True),
    ),
)

LARGE_TEXT = Examples(
    field=field_of(DataType.LARGE_TEXT),
    accepted=TEXTS,
    refused=(*NOT_TEXTS, (LONGEST + "!", LIMIT + "Large text.")),
    refused_beyond_json=SURROGATES,
    changed=TEXT_CHANGES,
    strictly_changed=TEXT_CHANGES,
    refused_changes=(RefusedChange("old", LONGEST + "!", False, InvalidValue, LIMIT + "Large text."),),
    cells=(("two\nlines", "two\nlines"),),
    refused_cells=("a\x00", LONGEST + "!"),
    search=(("two\nlines", "two\nlines"),),
    operands=(("Rex", "Rex"),),
    refused_operands=(5, ["Rex"]),
    distinct=(("a", "a", False), ("a", "b", True)),
)

TEXTBOX_LIST = Examples(
    field=field_of(DataType.TEXTBOX_LIST, options=BOXES),
    accepted=TEXTS,
    refused=(*NOT_TEXTS, (LONGEST + "!", LIMIT + "Textbox list.")),
    refused_beyond_json=SURROGATES,
    changed=TEXT_CHANGES,
    strictly_changed=TEXT_CHANGES,
    refused_changes=(RefusedChange("old", 5, False, InvalidValue, "expected a string"),),
    cells=(("Value 1", "Value 1"),),
    refused_cells=("a\x00",),
    search=(("Value 1", "Value 1"),),
    operands=(("Value 1", "Value 1"),),
    refused_operands=(5, None),
)
