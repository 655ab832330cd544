"""What replies are expected to hold: values and patterns with variables in them, and why a reply does not hold them."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

from msgspec import Struct

from groundlevel.kernel.model import Json

Variables: TypeAlias = dict[str, Json]

_VARIABLE = re.compile(r"\{(\w+)\}")


class Like(Struct, frozen=True):
    """Matches a text that has the pattern from its beginning to its end."""

    pattern: str


class Holds(Struct, frozen=True):
    """Matches a list that has every item somewhere, or a text that has every part."""

    items: tuple[Any, ...]


class Lacks(Struct, frozen=True):
    """Matches a list that has no such item, or a text without the part."""

    item: Any


class Sized(Struct, frozen=True):
    """Matches a list of this length."""

    length: int


class Kind(Struct, frozen=True):
    """Matches any value of this type; True and False are no numbers."""

    type: type


class Not(Struct, frozen=True):
    """Matches any value but this."""

    value: Any


def holds(*items: Any) -> Holds:
    """A list or text that has all of these."""
    return Holds(items)


TEXT = Kind(str)
MOMENT = Like(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
UUID = Like(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HEX_ID = Like(r"[0-9a-f]{24}")
SHORT_ID = Like(r"[A-Za-z0-9]{20}")


def mismatch(expected: Any, actual: Any, path: str) -> str:
    """Why `actual` is not as expected; empty when it is.

    An object holds at least the expected members; a list has exactly the expected items; anything else is equal.
    """
    match expected:
        case dict():
            if not isinstance(actual, dict):
                return f"{path}: expected an object, got {actual!r}"
            for name, value in expected.items():
                if name not in actual:
                    return f"{path}.{name}: is missing"
                if problem := mismatch(value, actual[name], f"{path}.{name}"):
                    return problem
            return ""
        case list():
            if not isinstance(actual, list) or len(actual) != len(expected):
                return f"{path}: expected {expected!r}, got {actual!r}"
            found = [mismatch(*pair, f"{path}[{n}]") for n, pair in enumerate(zip(expected, actual, strict=True))]
            return next((problem for problem in found if problem), "")
        case _:
            return "" if _matches(expected, actual) else f"{path}: expected {expected!r}, got {actual!r}"


def _matches(expected: Any, actual: Any) -> bool:
    match expected:
        case Like(pattern):
            return isinstance(actual, str) and re.fullmatch(pattern, actual) is not None
        case Holds(items):
            return all(_has(actual, item) for item in items)
        case Lacks(item):
            return isinstance(actual, list | str) and not _has(actual, item)
        case Sized(length):
            return isinstance(actual, list) and len(actual) == length
        case Kind(type=kind):
            return isinstance(actual, kind) and isinstance(actual, bool) == (kind is bool)
        case Not(value):
            return bool(actual != value)
        case _:
            return type(expected) is type(actual) and bool(expected == actual)


def _has(actual: Any, item: Any) -> bool:
    if isinstance(actual, str):
        return isinstance(item, str) and item in actual
    return isinstance(actual, list) and any(not mismatch(item, each, "") for each in actual)


def filled(value: Any, variables: Variables) -> Any:
    """`value` with its variables put in."""
    if isinstance(value, str):
        if (whole := _VARIABLE.fullmatch(value)) and whole[1] in variables:
            return variables[whole[1]]
        return _VARIABLE.sub(lambda found: str(variables.get(found[1], found[0])), value)
    if isinstance(value, list):
        return [filled(item, variables) for item in value]
    if isinstance(value, dict):
        return {filled(name, variables): filled(item, variables) for name, item in value.items()}
    if isinstance(value, Like):
        return value
    if isinstance(value, Holds):
        return Holds(tuple(filled(item, variables) for item in value.items))
    if isinstance(value, Lacks):
        return Lacks(filled(value.item, variables))
    if isinstance(value, Not):
        return Not(filled(value.value, variables))
    return value


NOTHING = object()
"""What is not there, which null is."""


def value_at(value: Any, path: str) -> Any:
    """The value at a path, or NOTHING.

    Its parts are separated by slashes. In a list a number is an index, and `name=pattern` the first item whose member
    of that name has the pattern of a file name: `objects/key=custom_objects.*/id`.
    """
    for part in path.split("/"):
        name, is_choice, pattern = part.partition("=")
        if isinstance(value, list) and part.lstrip("-").isdigit():
            index = int(part)
            value = value[index] if -len(value) <= index < len(value) else NOTHING
        elif isinstance(value, list) and is_choice:
            named = (each for each in value if isinstance(each, dict) and fnmatchcase(str(each.get(name)), pattern))
            value = next(named, NOTHING)
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return NOTHING
    return value
