"""The page of data types, from the table of field types and the examples that its tests run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from groundlevel.kernel.fields import TYPES
from groundlevel.kernel.fields.base import OPERATORS, FieldType, Operator
from groundlevel.kernel.model import DataType, Json
from pages.markdown import anchor, code, first_paragraph, json_line, plain, table
from pages.markdown import page as whole
from tests.kernel.fields.examples import EXAMPLES, Examples

Row = TypeVar("Row")

MOST = 6
"""How many examples of a kind a page shows."""
LONGEST = 90
"""Longest example, in characters of JSON."""


def page() -> str:
    """The page."""
    parts = [
        (
            "The data type of a field says which JSON values a property takes, how they are stored and shown, and how "
            "they compare. `null` clears a property on update and is the same as leaving it out on creation. A refused"
            " value is answered with [invalid_value](errors/invalid_value.md), and nothing of the request is stored."
        ),
        table(
            ("dataType", "value"),
            ((f"[{code(name)}](#{anchor(name)})", first_paragraph(type(kind).__doc__)) for name, kind in TYPES.items()),
        ),
    ]
    for name, kind in TYPES.items():
        parts += _section(name, kind, EXAMPLES[name])
    return whole("Data types", *parts)


def _section(name: DataType, kind: FieldType, examples: Examples) -> list[str]:
    # a paragraph that names a module is for those who read the code
    docs = [plain(part) for part in (type(kind).__doc__ or "").split("\n\n") if ".py" not in part]
    operators = [each for each in Operator if each in OPERATORS[kind.comparison]]
    facts = [
        ("search operators", ", ".join(f"[{code(each.value)}](search.md#{anchor(each.value)})" for each in operators)),
        ("may be unique", _yes(kind.may_be_unique)),
        ("may be searchable", _yes(kind.may_be_searchable)),
        ("has options", _yes(kind.has_options or name is DataType.TEXTBOX_LIST)),
    ]
    return [
        f"## {name}",
        *docs,
        table(("", ""), facts),
        _note(name, examples),
        table(("sent", "stored and shown"), _accepted(examples)),
        table(("refused", "because"), _refused(examples)),
        table(("before", "update", "after"), _changes(examples)),
        table(("cell of an imported file", "means"), ((code(c), code(json_line(v))) for c, v in _cells(examples))),
    ]


def _note(name: DataType, examples: Examples) -> str:
    options = ", ".join(f"{code(option.key)} ({option.label})" for option in examples.field.options[:3])
    if name is DataType.TEXTBOX_LIST:
        return (
            f'A box is addressed as `"<field>.<option>"`: `{{"emergency.name": "Ann"}}`. The nested form '
            f'`{{"emergency": {{"name": "Ann"}}}}` is taken too and shown flat. The options here are {options}; the '
            "values below are those of one box."
        )
    return f"The options in these examples include {options}." if options else ""


def _accepted(examples: Examples) -> Iterable[tuple[str, str]]:
    rows = [(sent, stored) for sent, stored in examples.accepted if _fits(sent, stored)]
    for sent, stored in _chosen(rows):
        yield code(json_line(sent)), "no value" if stored is None else code(json_line(stored))


def _refused(examples: Examples) -> Iterable[tuple[str, str]]:
    rows = [(sent, why) for sent, why in examples.refused if _fits(sent)]
    for sent, why in _one_for_each_reason(rows):
        yield code(json_line(sent)), why


def _one_for_each_reason(rows: list[tuple[Json, str]]) -> list[tuple[Json, str]]:
    """The first examples, those with a reason of their own before those that repeat one."""
    firsts: dict[str, tuple[Json, str]] = {}
    for sent, why in rows:
        firsts.setdefault(why, (sent, why))
    return list(firsts.values())[:MOST]


def _changes(examples: Examples) -> Iterable[tuple[str, str, str]]:
    rows = [
        row
        for row in examples.changed
        if _fits(*row) and isinstance(row[1], dict) and row[1].keys() & {"add", "remove"}
    ]
    for before, update, after in _chosen(rows):
        yield _or_none(before), code(json_line(update)), _or_none(after)


def _cells(examples: Examples) -> Iterable[tuple[str, Json]]:
    return ((cell, value) for cell, value in _chosen([row for row in examples.cells if _fits(*row)]))


def _chosen(rows: list[Row]) -> list[Row]:
    return rows[:MOST]


def _or_none(value: Json) -> str:
    return "no value" if value is None else code(json_line(value))


def _fits(*values: Json) -> bool:
    return all(
        len(text := msgspec.json.encode(value).decode()) <= LONGEST and text.isprintable() and "\\u" not in text
        for value in values
    )


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"
