"""Says everything that is wrong with a decoded body, in the words of the platform's validator.

See docs/contract.md#record-bodies.

The decoder stops at the first fault and has words of its own, which no client is shown. So a body that it refused is
looked at again here, by the types of its Struct: every fault is named, by the member as the client spells it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.inspect import (
    AnyType,
    BoolType,
    CollectionType,
    DictType,
    EnumType,
    FloatType,
    IntType,
    LiteralType,
    Metadata,
    NoneType,
    RawType,
    StrType,
    StructType,
    Type,
    UnionType,
)

from groundlevel.kernel.errors.request import MOST_FAULTS
from groundlevel.kernel.errors.wording import NOT_A_NUMBER, NOT_AN_INTEGER, choice_error, text_errors
from groundlevel.kernel.model import Json

SHOWN_NAME = 100
"""How many characters of a client's own member name a message repeats."""
NOT_DOCUMENTED = "does not have the documented form"

_PATH = re.compile(r" - at `\$\.?(.*)`$")
_ITEM = re.compile(r"\[(\d*|\.\.\.)\]")
_types: dict[type[Struct], StructType] = {}


def validation_errors(
    body: type[Struct], value: Json, *, location_required: bool, spell: Callable[[str], str] = str
) -> list[str]:
    """Every fault of `value` as a `body`, unknown members first; empty when there is none.

    `location_required` asks for a `locationId` where the Struct leaves it open because the query may hold it. `spell`
    says how the client spells a member of the body.
    """
    if body not in _types:
        described = msgspec.inspect.type_info(body)
        assert isinstance(described, StructType)  # narrows for the type checker; bodies are Structs
        _types[body] = described
    if not isinstance(value, dict):
        return ["the request body must be an object"]
    faults = _object_errors(_types[body], value, "", spell)
    if location_required and value.get("locationId") is None:
        faults += text_errors(spell("locationId"))
    return faults


def undocumented_error(problem: msgspec.ValidationError) -> str:
    """What is said of a fault that only the decoder has noticed: where it is, without the decoder's words."""
    found = _PATH.search(str(problem))
    named = _ITEM.sub(lambda item: f".{item[1]}" if item[1].isdigit() else "", found[1]) if found else ""
    return f"{named or 'the request body'} {NOT_DOCUMENTED}"


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


def _object_errors(
    expected: StructType, value: dict[str, Json], prefix: str, spell: Callable[[str], str] = str
) -> list[str]:
    known = {field.encode_name: field for field in expected.fields}
    unknown = islice((name for name in value if name not in known), MOST_FAULTS + 1)
    faults = [f"{prefix}property {spell(name)[:SHOWN_NAME]} should not exist" for name in unknown]
    for name, field in known.items():
        if name not in value and not field.required:
            continue
        if name in value and value[name] is None and _takes_null(field.type):
            continue
        faults += _errors(field.type, value.get(name), spell(name), prefix)
    return faults


def _bare(expected: Type) -> Type:
    """A type without what documents it."""
    while isinstance(expected, Metadata):
        expected = expected.type
    return expected


def _takes_null(expected: Type) -> bool:
    expected = _bare(expected)
    if isinstance(expected, UnionType):
        return any(_takes_null(branch) for branch in expected.types)
    return isinstance(expected, NoneType | AnyType | RawType)


def _errors(expected: Type, value: Json, name: str, prefix: str) -> list[str]:
    """The faults of one member that was sent, or is required and was not (then `value` is None)."""
    expected = _branch(expected, value)
    if isinstance(expected, StructType) and isinstance(value, dict):
        return _object_errors(expected, value, f"{prefix}{name}.")
    faults = [f"{prefix}{name} {wrong}" for wrong in _wrongs(expected, value)]
    if value is None:
        faults.append(f"{prefix}{name} should not be empty")
    elif not faults and isinstance(expected, CollectionType):
        return _item_errors(expected.item_type, value, name, prefix)
    elif not faults and isinstance(expected, DictType):
        return [
            fault
            for key, item in value.items()
            for fault in _errors(expected.value_type, item, key[:SHOWN_NAME], f"{prefix}{name}.")
        ]
    return faults


def _item_errors(expected: Type, items: list[Json], name: str, prefix: str) -> list[str]:
    """The faults of the members of a list: of plain values together, of objects and lists one by one."""
    faults: list[str] = []
    wrongs: list[str] = []
    for n, item in enumerate(items):
        branch = _branch(expected, item)
        if isinstance(branch, StructType | CollectionType | DictType):
            if item is None:
                faults += [f"{prefix}{name}.{n} {wrong}" for wrong in _wrongs(branch, item)]
            else:
                faults += _errors(branch, item, f"{name}.{n}", prefix)
        elif item is not None or not _takes_null(expected):
            wrongs += _wrongs(branch, item)
    return [*faults, *(f"{prefix}each value in {name} {wrong}" for wrong in sorted(set(wrongs)))]


_KINDS: tuple[tuple[type | tuple[type, ...], tuple[type[Type], ...]], ...] = (
    (dict, (StructType, DictType)),
    (list, (CollectionType,)),
    (bool, (BoolType,)),
    (int, (IntType, FloatType)),
    (float, (FloatType, IntType)),
    (str, (StrType, EnumType, LiteralType)),
)
"""Which types a JSON value may be meant for, the best first. A boolean is no number."""


def _branch(expected: Type, value: Json) -> Type:
    """A type without what documents it; of a union the member that fits the kind of `value`, or its first."""
    expected = _bare(expected)
    if not isinstance(expected, UnionType):
        return expected
    branches = [branch for branch in map(_bare, expected.types) if not isinstance(branch, NoneType)]
    for kind, fitting in _KINDS:
        if isinstance(value, kind):
            for wanted in fitting:
                for branch in branches:
                    if isinstance(branch, wanted):
                        return branch
            break
    return branches[0]


def _wrongs(expected: Type, value: Any) -> list[str]:
    """What `value` must be and is not, without its members; empty when it fits."""
    match expected:
        case AnyType() | RawType():
            return []
        case StrType():
            return _wrong_text(expected, value) if isinstance(value, str) else ["must be a string"]
        case BoolType():
            return [] if isinstance(value, bool) else ["must be a boolean value"]
        case IntType() | FloatType():
            return _wrong_number(expected, value)
        case EnumType(cls=cls):
            return _wrong_choice([each.value for each in cls], value)
        case LiteralType(values=values):
            return _wrong_choice(list(values), value)
        case CollectionType():
            return _wrong_length(expected, value) if isinstance(value, list) else ["must be an array"]
        case DictType() | StructType():
            return [] if isinstance(value, dict) else ["must be an object"]
    return [NOT_DOCUMENTED]


def _wrong_choice(choices: list[Any], value: Any) -> list[str]:
    # 1 equals True in Python, and no choice is either.
    if value in choices and not isinstance(value, bool):
        return []
    return [choice_error("", map(str, choices)).strip()]


def _wrong_text(expected: StrType, value: str) -> list[str]:
    least, most = expected.min_length, expected.max_length
    wrongs = []
    if least is not None and len(value) < least:
        wrongs.append(
            "should not be empty" if not value else f"must be longer than or equal to {_count(least, 'character')}"
        )
    if most is not None and len(value) > most:
        wrongs.append(f"must be shorter than or equal to {_count(most, 'character')}")
    if expected.pattern is not None and not re.search(expected.pattern, value):
        wrongs.append(f"must match {expected.pattern} regular expression")
    return wrongs


def _wrong_length(expected: CollectionType, value: list[Json]) -> list[str]:
    least, most = expected.min_length, expected.max_length
    if least is not None and len(value) < least:
        return ["should not be empty" if not value else f"must contain at least {_count(least, 'element')}"]
    if most is not None and len(value) > most:
        return [f"must contain no more than {_count(most, 'element')}"]
    return []


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _wrong_number(expected: IntType | FloatType, value: Any) -> list[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [NOT_A_NUMBER]
    if isinstance(expected, IntType) and not isinstance(value, int):
        return [NOT_AN_INTEGER]
    if expected.ge is not None and value < expected.ge:
        return [f"must not be less than {expected.ge}"]
    if expected.le is not None and value > expected.le:
        return [f"must not be greater than {expected.le}"]
    if expected.gt is not None and value <= expected.gt:
        return [f"must be greater than {expected.gt}"]
    if expected.lt is not None and value >= expected.lt:
        return [f"must be less than {expected.lt}"]
    if expected.multiple_of is not None and value % expected.multiple_of:
        return [f"must be divisible by {expected.multiple_of}"]
    return []
