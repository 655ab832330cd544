"""Says everything that is wrong with a decoded body, in the words of the platform's validator (contract 2.1)."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct
from msgspec.inspect import (
    AnyType,
    BoolType,
    DictType,
    EnumType,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
)

from groundlevel.kernel.model import Json

NOT_A_NUMBER = "must be a number conforming to the specified constraints"
SHOWN_NAME = 100
"""How many characters of a client's own member name a message repeats."""

_types: dict[type[Struct], StructType] = {}


def validation_errors(body: type[Struct], value: Json, *, location_required: bool) -> list[str]:
    """Every fault of `value` as a `body`, unknown members first; empty when there is none.

    `location_required` asks for a `locationId` where the Struct leaves it open because the query may hold it.
    """
    if body not in _types:
        described = msgspec.inspect.type_info(body)
        assert isinstance(described, StructType)  # narrows for the type checker; bodies are Structs
        _types[body] = described
    if not isinstance(value, dict):
        return ["the request body must be an object"]
    faults = _object_errors(_types[body], value, "")
    if location_required and value.get("locationId") is None:
        faults += text_errors("locationId")
    return faults


def text_errors(name: str) -> list[str]:
    """What is said of a required text that is missing."""
    return [f"{name} must be a string", f"{name} should not be empty"]


def nul_errors(value: Json, path: str = "") -> list[str]:
    """The members, outside of property values, that hold a NUL character, which no engine need accept in a text."""
    faults: list[str] = []
    if isinstance(value, str) and "\0" in value:
        faults.append(f"{path} must not hold NUL characters")
    elif isinstance(value, list):
        for n, item in enumerate(value):
            faults += nul_errors(item, f"{path}.{n}")
    elif isinstance(value, dict):
        for name, item in value.items():
            if path or name != "properties":
                faults += nul_errors(item, f"{path}.{name}" if path else name)
    return faults


def _object_errors(expected: StructType, value: dict[str, Json], prefix: str) -> list[str]:
    known = {field.encode_name: field for field in expected.fields}
    faults = [f"{prefix}property {name[:SHOWN_NAME]} should not exist" for name in value if name not in known]
    for name, field in known.items():
        sent = value.get(name)
        if sent is None and not field.required:
            continue
        faults += _errors(field.type, sent, name, prefix)
    return faults


def _errors(expected: Type, value: Json, name: str, prefix: str) -> list[str]:
    """The faults of one member that was sent, or is required and was not (then `value` is None)."""
    if isinstance(expected, UnionType):
        expected = _branch(expected, value)
    if isinstance(expected, StructType) and isinstance(value, dict):
        return _object_errors(expected, value, f"{prefix}{name}.")
    if isinstance(expected, ListType) and isinstance(value, list):
        return _item_errors(expected.item_type, value, name, prefix)
    wrong = _wrong(expected, value)
    faults = [f"{name} {wrong}"] if wrong else []
    if value is None or (value == "" and isinstance(expected, StrType) and expected.min_length):
        faults.append(f"{name} should not be empty")
    return [prefix + fault for fault in faults]


def _item_errors(expected: Type, items: list[Json], name: str, prefix: str) -> list[str]:
    if isinstance(expected, StructType):
        faults = []
        for n, item in enumerate(items):
            if isinstance(item, dict):
                faults += _object_errors(expected, item, f"{prefix}{name}.{n}.")
            else:
                faults.append(f"{prefix}{name}.{n} must be an object")
        return faults
    wrongs = {_wrong(expected, item) for item in items} - {""}
    return [f"{prefix}each value in {name} {wrong}" for wrong in sorted(wrongs)]


def _branch(union: UnionType, value: Json) -> Type:
    """The member of a union that fits the kind of `value`, or its first."""
    if isinstance(value, dict):
        for branch in union.types:
            if isinstance(branch, StructType | DictType):
                return branch
    if isinstance(value, int | float) and not isinstance(value, bool):
        for branch in union.types:
            if isinstance(branch, FloatType):
                return branch
    return next(branch for branch in union.types if not isinstance(branch, NoneType))


def _wrong(expected: Type, value: Any) -> str:
    """What `value` must be and is not; empty when it fits."""
    match expected:
        case AnyType():
            return ""
        case StrType():
            return "" if isinstance(value, str) else "must be a string"
        case BoolType():
            return "" if isinstance(value, bool) else "must be a boolean value"
        case IntType() | FloatType():
            return _wrong_number(expected, value)
        case EnumType(cls=cls):
            choices = [each.value for each in cls]
            return "" if value in choices else f"must be one of the following values: {', '.join(choices)}"
        case LiteralType(values=values):
            return "" if value in values else f"must be one of the following values: {', '.join(map(str, values))}"
        case ListType():
            return "" if isinstance(value, list) else "must be an array"
        case _:
            return "" if isinstance(value, dict) else "must be an object"


def _wrong_number(expected: IntType | FloatType, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return NOT_A_NUMBER
    if isinstance(expected, IntType) and not isinstance(value, int):
        return "must be an integer number"
    if expected.ge is not None and value < expected.ge:
        return f"must not be less than {expected.ge}"
    if expected.le is not None and value > expected.le:
        return f"must not be greater than {expected.le}"
    return ""
