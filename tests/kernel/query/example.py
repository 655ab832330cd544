"""What an example of a search is, and short ways to write one."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct, structs

from groundlevel.kernel.errors import Refusal
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.ast import Order, Plan, Test, TextMatch
from tests.kernel.query import pets

Body: TypeAlias = dict[str, Json]

RECORD = "65a1b2c3d4e5f60718293a4b"
DAY = 1_720_656_000_000
"""2024-07-11T00:00:00Z."""
PLAIN = Plan(text=None, where=None, order=(), id_ascending=False, after=(), offset=0, limit=20)


class Refused(Struct, frozen=True):
    """A refusal and a part of its message."""

    kind: type[Refusal]
    text: str


class Example(Struct, frozen=True):
    """One search."""

    name: str
    body: Body
    outcome: Plan | Refused
    strict: bool = False


def where(test: Test) -> Plan:
    """A plan of nothing but a test."""
    return structs.replace(PLAIN, where=test)


def ordered(*order: Order, id_ascending: bool = False) -> Plan:
    """A plan of nothing but an order."""
    return structs.replace(PLAIN, order=order, id_ascending=id_ascending)


def found(needle: str, *lines: int) -> Plan:
    """A plan of nothing but a text search."""
    return structs.replace(PLAIN, text=TextMatch(needle, lines))


def ask(field: str, operator: str, value: Json = None) -> Body:
    """A body with one condition."""
    return {"filters": [condition(field, operator, value)]}


def condition(field: str, operator: str, value: Json = None) -> Body:
    """A node."""
    node = {"field": f"properties.{field}" if field in pets.PET.properties_by_key else field, "operator": operator}
    return node if value is None else {**node, "value": value}


def nested(depth: int) -> Body:
    """A condition inside `depth` groups."""
    node = condition("age", "eq", 1)
    for _ in range(depth):
        node = {"group": "AND", "filters": [node]}
    return {"filters": [node]}


def sort(*keys: Json) -> Body:
    """A body with sort keys."""
    return {"sort": list(keys)}


def by(field: str, direction: str = "asc") -> Body:
    """A sort key."""
    return {"field": f"properties.{field}" if field in pets.PET.properties_by_key else field, "direction": direction}
