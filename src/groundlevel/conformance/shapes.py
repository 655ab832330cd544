"""Shapes of replies: the names and types of their members, without a value."""

from __future__ import annotations

from typing import Any, TypeAlias

Shape: TypeAlias = dict[str, list[str]]
"""By path, as in `records[].owner`: the types that are there, sorted. `absent` is one where only some items have it."""

ABSENT, NULL = "absent", "null"

_OPAQUE = ("properties",)
"""Members whose own members are named by the location's fields, and not by the platform."""


def shape_of(value: Any) -> Shape:
    """The shape of a JSON value."""
    found: dict[str, set[str]] = {}
    _describe(value, "", found)
    return {path: sorted(types) for path, types in sorted(found.items())}


def _describe(value: Any, path: str, found: dict[str, set[str]]) -> None:
    found.setdefault(path, set()).add(_type_of(value))
    match value:
        case dict() if path.rpartition(".")[2].removesuffix("[]") not in _OPAQUE:
            for name, member in value.items():
                _describe(member, f"{path}.{name}" if path else name, found)
        case list():
            _describe_items(value, f"{path}[]", found)


def _describe_items(items: list[Any], path: str, found: dict[str, set[str]]) -> None:
    each: list[dict[str, set[str]]] = []
    for item in items:
        of_item: dict[str, set[str]] = {}
        _describe(item, path, of_item)
        each.append(of_item)
    for name in {name for of_item in each for name in of_item}:
        types = {kind for of_item in each for kind in of_item.get(name, ())}
        # An item of another parent is not there either, which says nothing about the member itself.
        if any(name not in of_item and parent_of(name) in of_item for of_item in each):
            types.add(ABSENT)
        found.setdefault(name, set()).update(types)


def parent_of(path: str) -> str:
    """The path of what a member or an item is in."""
    return path.removesuffix("[]") if path.endswith("[]") else path.rpartition(".")[0]


def _type_of(value: Any) -> str:
    match value:
        case None:
            return NULL
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return "object"
