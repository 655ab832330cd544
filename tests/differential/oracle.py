"""Answers a search in plain Python, one record at a time, so that it is plainly right however slow.

It knows the plan and the stored form of records, and nothing of how an engine finds them. What it takes as given
is what `query/ast.py` says: texts compare by code point, numbers as floats, missing values come last in both
directions, the id is the last key, `Not` holds for missing values, `Contains` minds case.
"""

from __future__ import annotations

from functools import cmp_to_key, partial
from typing import TypeAlias

from msgspec import Struct

from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.model import Json, Record
from groundlevel.kernel.query.ast import (
    Between,
    Column,
    ColumnOperand,
    Contains,
    Every,
    Not,
    Operand,
    Plan,
    Present,
    Related,
    Some,
    Test,
    TextMatch,
    Within,
)


class Link(Struct, frozen=True):
    """A relation, as the record sees it."""

    association: int
    """The number of the association."""
    association_id: str
    first: bool
    """Whether the record is the first of the two."""
    record_id: str
    """The record on the other side."""


class Row(Struct, frozen=True):
    """A record with what an engine keeps beside it."""

    record: Record
    stored: dict[str, Json]
    """`record.properties`, decoded."""
    text: str
    """The folded search text: `Shape.search_text(stored)`."""
    links: frozenset[Link] = frozenset()


Position: TypeAlias = tuple[str | float | None, ...]
"""Where a record stands in an order: its value for each key, None for a missing one, and its id."""


def search(plan: Plan, rows: list[Row]) -> tuple[list[str], int]:
    """The ids of the page in order, and the total: how many rows match, whatever the cursor and the page."""
    matching = [row for row in rows if matches_text(plan.text, row) and (plan.where is None or holds(plan.where, row))]
    rank = cmp_to_key(partial(compare, plan))
    positions = sorted((position_of(plan, row) for row in matching), key=rank)
    after = [position for position in positions if not plan.after or compare(plan, position, plan.after) > 0]
    return [str(position[-1]) for position in after[plan.offset : plan.offset + plan.limit]], len(matching)


def matches_text(text: TextMatch | None, row: Row) -> bool:
    """Whether one of the lines that count holds the needle."""
    if text is None:
        return True
    lines = enumerate(row.text.split("\n"), 1)
    return any(text.needle in line for number, line in lines if not text.lines or number in text.lines)


def holds(test: Test, row: Row) -> bool:
    """Whether the row passes the test."""
    match test:
        case Every(tests):
            return all(holds(each, row) for each in tests)
        case Some(tests):
            return any(holds(each, row) for each in tests)
        case Not(inner):
            return not holds(inner, row)
        case Present(operand):
            return value_of(operand, row) is not None
        case Within(operand, values):
            value = value_of(operand, row)
            members = value if isinstance(value, list) else [] if value is None else [value]
            return any(member in values for member in members)
        case Related(record_ids, as_first, as_second):
            return any(
                link.record_id in record_ids and link.association in (as_first if link.first else as_second)
                for link in row.links
            )
        case Contains(operand, needles):
            value = value_of(operand, row)
            return isinstance(value, str) and any(needle in value for needle in needles)
        case Between(operand, low, high):
            value = value_of(operand, row)
            if value is None:
                return False
            above = low is None or value > low.value or (low.inclusive and value == low.value)
            below = high is None or value < high.value or (high.inclusive and value == high.value)
            return above and below


def value_of(operand: Operand, row: Row) -> Json:
    """The compared value: None when missing, a float for numbers, a non-empty list for members."""
    if isinstance(operand, ColumnOperand):
        value: Json = {
            Column.ID: row.record.id,
            Column.CREATED_AT: row.record.created_at,
            Column.UPDATED_AT: row.record.updated_at,
            Column.OWNERS: list(row.record.owners),
            Column.FOLLOWERS: list(row.record.followers),
        }[operand.column]
    else:
        value = row.stored.get(operand.stored_key)
        for step in operand.path:
            value = None if value is None else value[step]
    if value is None or value == []:
        return None
    return float(value) if operand.comparison is Comparison.NUMBER else value


def position_of(plan: Plan, row: Row) -> Position:
    """Where the row stands in the plan's order."""
    return (*(value_of(key.operand, row) for key in plan.order), row.record.id)


def compare(plan: Plan, one: Position, other: Position) -> int:
    """Negative when `one` comes before `other` in the plan's order, positive when after, 0 when it is the same."""
    for key, a, b in zip(plan.order, one, other, strict=False):
        if a == b:
            continue
        if a is None or b is None:
            return 1 if a is None else -1
        return direction(a, b, descending=key.descending)
    a, b = one[-1], other[-1]
    return 0 if a == b else direction(a, b, descending=not plan.id_ascending)


def direction(a: Json, b: Json, *, descending: bool) -> int:
    """The sign of the comparison of two different values."""
    return (1 if a > b else -1) * (-1 if descending else 1)
