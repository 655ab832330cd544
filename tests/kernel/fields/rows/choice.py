"""Examples of choices among options."""

from __future__ import annotations

from groundlevel.kernel.errors import InvalidUpdate, InvalidValue, Refusal
from groundlevel.kernel.model import DataType, Json, Option
from tests.kernel.fields.rows.base import EMPTY, NUL, UNEXPECTED, UNSAVED, Examples, RefusedChange, field_of
from tests.kernel.fields.rows.text import LIMIT, LONGEST

COLOURS = (
    Option("red", "Red"),
    Option("dark_blue", "Dark blue"),
    Option("green", "Grün"),
    Option("twin_1", "Twin"),
    Option("twin_2", "Twin"),
    Option("crossed_1", "crossed_2"),
    Option("crossed_2", "crossed_1"),
)
"""Options with the awkward cases: two with one label, and two whose labels are each other's keys."""


ONE_CHOICE = (
    ("red", "red"),
    ("Red", "red"),
    ("Dark blue", "dark_blue"),
    ("Grün", "green"),
    ("twin_2", "twin_2"),
    ("crossed_1", "crossed_1"),
)
NO_CHOICE = (
    (5, "expected a string, got a number"),
    (True, "expected a string, got a boolean"),
    (["red"], "expected a string, got an array"),
    ({"key": "red"}, "expected a string, got an object"),
    ("red\x00", NUL),
)
UNKNOWN_CHOICE = (
    ("purple", '"purple" is not one of the options'),
    ("RED", '"RED" is not one of the options'),
    (" red", '" red" is not one of the options'),
    ("Twin", '"Twin" is not one of the options'),
    ("x" * 50, '"' + "x" * 39 + '…" is not one of the options'),
)

MANY_CHOICES: tuple[tuple[Json, Json], ...] = (
    (["red"], ["red"]),
    (["green", "red"], ["green", "red"]),
    (["red", "red", "Red"], ["red"]),
    (["Dark blue", "red"], ["dark_blue", "red"]),
    ([], None),
)
NOT_MANY_CHOICES: tuple[tuple[Json, str], ...] = (
    ("red", "expected an array of option keys, got a string"),
    (5, "expected an array of option keys, got a number"),
    (False, "expected an array of option keys, got a boolean"),
    ({"add": ["red"]}, "expected an array of option keys, got an object"),
    (["purple"], '"purple" is not one of the options'),
    (["red", "Twin"], '"Twin" is not one of the options'),
    (["red", ""], EMPTY),
    (["red", None], "expected a string, got null"),
    (["red", 5], "expected a string, got a number"),
    ([["red"]], "expected a string, got an array"),
    ([{"key": "red"}], "expected a string, got an object"),
    (["red\x00"], NUL),
)
CHOICE_DELTAS: tuple[tuple[Json, Json, Json], ...] = (
    (None, {"add": ["red"]}, ["red"]),
    (None, {}, None),
    (["red"], {}, ["red"]),
    (["red"], {"add": [], "remove": []}, ["red"]),
    (["red"], {"add": ["green", "red", "green"]}, ["red", "green"]),
    (["red", "green"], {"remove": ["red"]}, ["green"]),
    (["red", "green"], {"remove": ["red", "red"]}, ["green"]),
    (["red"], {"remove": ["red"]}, None),
    (["red", "green"], {"add": ["dark_blue"], "remove": ["red"]}, ["green", "dark_blue"]),
    (["red", "green"], {"add": ["red"], "remove": ["red"]}, ["green", "red"]),
    (["an_old_key", "red"], {"remove": ["an_old_key"]}, ["red"]),
)
CHOICE_REPLACEMENTS: tuple[tuple[Json, Json, Json], ...] = (
    (["red"], ["green"], ["green"]),
    (["red"], ["Dark blue"], ["dark_blue"]),
    (["red"], [], None),
    (None, ["red", "red"], ["red"]),
)
LABEL_DELTAS: tuple[tuple[Json, Json, Json], ...] = (
    (["red"], {"add": ["Dark blue"]}, ["red", "dark_blue"]),
    (["red", "dark_blue"], {"remove": ["Dark blue"]}, ["red"]),
)


def refused_changes_of(name: str) -> tuple[RefusedChange, ...]:
    unexpected = UNEXPECTED.format(name)
    either: tuple[tuple[Json, Json, type[Refusal], str], ...] = (
        (["red"], {"set": ["green"]}, InvalidUpdate, unexpected),
        (["red"], {"add": ["green"], "replace": []}, InvalidUpdate, unexpected),
        (["red"], {"add": "green"}, InvalidUpdate, unexpected),
        (["red"], {"add": None}, InvalidUpdate, unexpected),
        (["red"], {"remove": {"red": True}}, InvalidUpdate, unexpected),
        (["red"], {"remove": ["green"]}, InvalidValue, f"{name} {UNSAVED}"),
        (["red"], {"remove": ["red", "purple"]}, InvalidValue, f"{name} {UNSAVED}"),
        (None, {"remove": ["red"]}, InvalidValue, f"{name} {UNSAVED}"),
        (["red"], {"add": ["purple"]}, InvalidValue, '"purple" is not one of the options'),
        (["red"], {"add": ["Twin"]}, InvalidValue, '"Twin" is not one of the options'),
        (["red"], {"add": [["green"]]}, InvalidValue, "expected a string, got an array"),
        (["red"], {"remove": [["red"]]}, InvalidValue, "expected a string, got an array"),
        (["red"], {"remove": [None]}, InvalidValue, "expected a string, got null"),
    )
    rows = [
        RefusedChange(stored, update, strict, refusal, message)
        for stored, update, refusal, message in either
        for strict in (False, True)
    ]
    rows += [RefusedChange(["red"], update, True, InvalidUpdate, unexpected) for update in (["green"], [], "green", 5)]
    rows += [RefusedChange(["red"], update, False, InvalidValue, "expected an array") for update in ("green", "", 5)]
    return tuple(rows)


CHECKBOX = Examples(
    field=field_of(DataType.CHECKBOX, options=COLOURS),
    accepted=MANY_CHOICES,
    refused=NOT_MANY_CHOICES,
    refused_beyond_json=((["\ud800"], NUL),),
    changed=(*CHOICE_DELTAS, *CHOICE_REPLACEMENTS, *LABEL_DELTAS),
    strictly_changed=(*CHOICE_DELTAS, *LABEL_DELTAS),
    refused_changes=refused_changes_of("Checkbox"),
    cells=(("red", ["red"]), ("red; Dark blue;", ["red", "Dark blue"])),
    refused_cells=("red, green", "red;Twin"),
    search=((["dark_blue", "green"], "Dark blue, Grün"), (["an_old_key"], "an_old_key")),
    operands=(("red", "red"), ("Dark blue", "dark_blue")),
    refused_operands=(5, None, {"add": ["red"]}),
)

SINGLE_OPTIONS = Examples(
    field=field_of(DataType.SINGLE_OPTIONS, options=COLOURS),
    accepted=ONE_CHOICE,
    refused=(*NO_CHOICE, *UNKNOWN_CHOICE),
    refused_beyond_json=(("\ud800", NUL),),
    changed=((None, "red", "red"), ("red", "Dark blue", "dark_blue")),
    strictly_changed=(("red", "Dark blue", "dark_blue"),),
    refused_changes=(
        RefusedChange("red", "purple", False, InvalidValue, '"purple" is not one of the options'),
        RefusedChange("red", {"add": ["green"]}, False, InvalidValue, "expected a string, got an object"),
    ),
    cells=((" red ", "red"), ("Dark blue", "Dark blue")),
    refused_cells=("purple", "red;green", "   "),
    search=(("dark_blue", "Dark blue"), ("an_old_key", "an_old_key")),
    operands=(("red", "red"), ("Red", "red"), ("purple", "purple")),
    refused_operands=(5, None),
)

MULTIPLE_OPTIONS = Examples(
    field=field_of(DataType.MULTIPLE_OPTIONS, options=COLOURS),
    accepted=MANY_CHOICES,
    refused=NOT_MANY_CHOICES,
    refused_beyond_json=((["\ud800"], NUL),),
    changed=(*CHOICE_DELTAS, *CHOICE_REPLACEMENTS, *LABEL_DELTAS),
    strictly_changed=(
        *CHOICE_DELTAS,
        (["red"], {"add": ["Dark blue"]}, ["red"]),
        (["red"], {"add": ["Dark blue", "green"]}, ["red", "green"]),
        (None, {"add": ["Dark blue"]}, None),
    ),
    refused_changes=(
        *refused_changes_of("Multiple options"),
        RefusedChange(["red"], {"remove": ["Red"]}, True, InvalidValue, f"Multiple options {UNSAVED}"),
    ),
    cells=(("red|green", ["red", "green"]), (" ; ", [])),
    refused_cells=("red, green", "purple"),
    search=((["red", "twin_1"], "Red, Twin"),),
    operands=(("red", "red"),),
    refused_operands=(5, None),
)

RADIO = Examples(
    field=field_of(DataType.RADIO, options=COLOURS),
    accepted=ONE_CHOICE,
    refused=(*NO_CHOICE, *UNKNOWN_CHOICE),
    refused_beyond_json=(("\ud800", NUL),),
    changed=((None, "red", "red"), ("red", "green", "green")),
    strictly_changed=(("red", "green", "green"),),
    refused_changes=(RefusedChange("red", "purple", True, InvalidValue, '"purple" is not one of the options'),),
    cells=((" red ", "red"),),
    refused_cells=("purple",),
    search=(("green", "Grün"),),
    operands=(("red", "red"), ("purple", "purple")),
    refused_operands=(5, None),
)

CUSTOM_RADIO = Examples(
    field=field_of(DataType.RADIO, options=COLOURS, custom_option_allowed=True),
    accepted=(
        *ONE_CHOICE,
        ("purple", "purple"),
        (" as sent ", " as sent "),
        ("Twin", "Twin"),
        (LONGEST, LONGEST),
    ),
    refused=(*NO_CHOICE, (LONGEST + "!", LIMIT + "Radio.")),
    refused_beyond_json=(("\ud800", NUL),),
    changed=(("red", "purple", "purple"), ("purple", "Red", "red")),
    cells=((" purple ", " purple "), (" red ", "red")),
    search=(("purple", "purple"), ("red", "Red")),
)

TAGS = Examples(
    field=field_of(DataType.MULTIPLE_OPTIONS, options=COLOURS, custom_option_allowed=True),
    accepted=(
        *MANY_CHOICES,
        (["purple", "Red", "purple"], ["purple", "red"]),
        ([" as sent "], [" as sent "]),
        (["Twin"], ["Twin"]),
        ([LONGEST], [LONGEST]),
    ),
    refused=(
        ("purple", "expected an array of option keys, got a string"),
        (["purple", ""], EMPTY),
        (["purple", 5], "expected a string, got a number"),
        ([LONGEST + "!"], LIMIT + "Multiple options."),
    ),
    refused_beyond_json=((["\ud800"], NUL),),
    changed=(
        *CHOICE_DELTAS,
        (["red"], {"add": ["purple"]}, ["red", "purple"]),
        (["red", "purple"], {"remove": ["purple"]}, ["red"]),
        (["red"], ["purple"], ["purple"]),
    ),
    strictly_changed=((["red"], {"add": ["purple"]}, ["red", "purple"]),),
    cells=(("red; purple", ["red", "purple"]),),
    search=((["purple", "dark_blue"], "purple, Dark blue"),),
)

WITHOUT_OPTIONS = Examples(
    field=field_of(DataType.SINGLE_OPTIONS),
    accepted=(),
    refused=(("red", '"red" is not one of the options'),),
    search=(("an_old_key", "an_old_key"),),
)
