"""What is wrong with a body is said by the member that was sent, in the platform's words, whatever the type."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from enum import Enum
from random import Random
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import UNSET, Meta, Raw, Struct, UnsetType
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

from groundlevel.api import ROUTES
from groundlevel.kernel.errors import InvalidShape
from groundlevel.kernel.errors.request import MOST_FAULTS
from groundlevel.kernel.http.bodies import Body
from groundlevel.kernel.http.decode import camel_form, decode_body
from groundlevel.kernel.http.routing import Endpoint
from groundlevel.kernel.http.validation import undocumented_error, validation_errors
from groundlevel.kernel.model import Json

NUMBER = "must be a number conforming to the specified constraints"
FORM = b"application/x-www-form-urlencoded"


class Colour(Enum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


class Part(Body, kw_only=True):
    """A part of the body."""

    label: Annotated[str, Meta(min_length=1)]
    size: int | UnsetType = UNSET


class Every(Body, kw_only=True):
    """A member of every kind of type, with every constraint."""

    text: str | UnsetType = UNSET
    filled: Annotated[str, Meta(min_length=1)] | UnsetType = UNSET
    bounded: Annotated[str, Meta(min_length=2, max_length=3)] | UnsetType = UNSET
    pattern: Annotated[str, Meta(pattern="^[a-z]+$")] | UnsetType = UNSET
    flag: bool | UnsetType = UNSET
    whole: Annotated[int, Meta(ge=1, le=9)] | UnsetType = UNSET
    inner: Annotated[int, Meta(gt=1, lt=9)] | UnsetType = UNSET
    even: Annotated[int, Meta(multiple_of=2)] | UnsetType = UNSET
    number: int | float | UnsetType = UNSET
    colour: Colour | UnsetType = UNSET
    word: Literal["a", "b"] | UnsetType = UNSET
    digit: Literal[1, 2] | UnsetType = UNSET
    described: Annotated[list[str], Meta(description="Texts.")] | UnsetType = UNSET
    texts: list[Annotated[str, Meta(min_length=1)]] | UnsetType = UNSET
    few: Annotated[list[int], Meta(min_length=1, max_length=2)] | UnsetType = UNSET
    pair: Annotated[list[int], Meta(min_length=2)] | UnsetType = UNSET
    rows: list[list[str]] | UnsetType = UNSET
    flags: list[bool | None] | UnsetType = UNSET
    part: Part | UnsetType = UNSET
    parts: list[Part] | UnsetType = UNSET
    by_name: dict[str, int] | UnsetType = UNSET
    either: list[str] | Part | UnsetType = UNSET
    anything: Json | UnsetType = UNSET
    raw: Raw | UnsetType = UNSET
    nullable: str | None | UnsetType = UNSET


FAULTS: tuple[tuple[str, Json, list[str]], ...] = (
    ("text", 1, ["text must be a string"]),
    ("text", None, ["text must be a string", "text should not be empty"]),
    ("filled", "", ["filled should not be empty"]),
    ("bounded", "a", ["bounded must be longer than or equal to 2 characters"]),
    ("bounded", "abcd", ["bounded must be shorter than or equal to 3 characters"]),
    ("pattern", "A", ["pattern must match ^[a-z]+$ regular expression"]),
    ("flag", 1, ["flag must be a boolean value"]),
    ("whole", "1", [f"whole {NUMBER}"]),
    ("whole", True, [f"whole {NUMBER}"]),
    ("whole", 1.5, ["whole must be an integer number"]),
    ("whole", 2.0, ["whole must be an integer number"]),
    ("whole", 0, ["whole must not be less than 1"]),
    ("whole", 10, ["whole must not be greater than 9"]),
    ("inner", 1, ["inner must be greater than 1"]),
    ("inner", 9, ["inner must be less than 9"]),
    ("even", 3, ["even must be divisible by 2"]),
    ("number", "x", [f"number {NUMBER}"]),
    ("colour", "green", ["colour must be one of the following values: red, blue"]),
    ("colour", ["red"], ["colour must be one of the following values: red, blue"]),
    ("word", "c", ["word must be one of the following values: a, b"]),
    ("digit", True, ["digit must be one of the following values: 1, 2"]),
    ("described", "a", ["described must be an array"]),
    ("described", [1], ["each value in described must be a string"]),
    ("texts", "a", ["texts must be an array"]),
    ("texts", ["a", ""], ["each value in texts should not be empty"]),
    ("texts", ["a", 1, None], ["each value in texts must be a string"]),
    ("few", [], ["few should not be empty"]),
    ("few", [1, 2, 3], ["few must contain no more than 2 elements"]),
    ("few", ["a"], [f"each value in few {NUMBER}"]),
    ("pair", [1], ["pair must contain at least 2 elements"]),
    ("rows", [["a"], "b", [1]], ["rows.1 must be an array", "each value in rows.2 must be a string"]),
    ("rows", [None], ["rows.0 must be an array"]),
    ("flags", [True, None, "x"], ["each value in flags must be a boolean value"]),
    ("part", "x", ["part must be an object"]),
    ("part", {"size": "x"}, ["part.label must be a string", "part.label should not be empty", f"part.size {NUMBER}"]),
    ("parts", [{"label": "a"}, {"label": ""}], ["parts.1.label should not be empty"]),
    ("parts", [{"label": "a", "b": 1}], ["parts.0.property b should not exist"]),
    ("parts", [1], ["parts.0 must be an object"]),
    ("byName", {"a": 1, "b": "x"}, [f"byName.b {NUMBER}"]),
    ("either", 1, ["either must be an array"]),
    ("either", {}, ["either.label must be a string", "either.label should not be empty"]),
    ("either", [1], ["each value in either must be a string"]),
    ("nullable", 1, ["nullable must be a string"]),
    ("unknown", 1, ["property unknown should not exist"]),
)  # fmt: skip
"""A member, a wrong value of it, and what is said."""


@pytest.mark.parametrize(("member", "value", "said"), FAULTS)
def test_a_fault_of_every_kind(member: str, value: Json, said: list[str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({member: value}, Every)

    assert validation_errors(Every, {member: value}, location_required=False) == said


def test_no_more_faults_are_said_than_anybody_reads() -> None:
    sent = {f"k{n}": n for n in range(10 * MOST_FAULTS)}
    refusal = InvalidShape(validation_errors(Body, sent, location_required=False))
    assert refusal.messages[:MOST_FAULTS] == [f"property k{n} should not exist" for n in range(MOST_FAULTS)]
    assert refusal.messages[MOST_FAULTS:] == ["and more"]
    assert refusal.message.endswith("should not exist; and more")
    assert InvalidShape(refusal.messages[:MOST_FAULTS]).messages == refusal.messages[:MOST_FAULTS]


def test_every_kind_has_a_fault() -> None:
    members = {field.encode_name for field in msgspec.structs.fields(Every)}

    assert members - {member for member, *_ in FAULTS} == {"anything", "raw"}, "these take whatever is sent"


def test_what_fits_has_no_fault() -> None:
    fine = {
        "filled": "a", "bounded": "abc", "pattern": "a", "flag": False, "whole": 9, "inner": 2, "even": 4,
        "number": 1.5, "colour": "red", "word": "a", "digit": 1, "texts": ["a"], "few": [1], "pair": [1, 2],
        "rows": [[], ["a"]], "flags": [None], "part": {"label": "a"}, "parts": [], "byName": {"a": 1},
        "either": {"label": "a"}, "anything": None, "nullable": None,
    }  # fmt: skip
    msgspec.convert(fine, Every)

    assert validation_errors(Every, fine, location_required=False) == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("$.parts[0].label", "parts.0.label"),
        ("$.tags[...]", "tags"),
        ("$", "the request body"),
        (None, "the request body"),
    ],
)
def test_what_only_the_decoder_notices_has_no_words_of_its_own(path: str | None, said: str) -> None:
    problem = msgspec.ValidationError("Expected `str`" + (f" - at `{path}`" if path else ""))

    assert undocumented_error(problem) == f"{said} does not have the documented form"


# --- the bodies of all operations --------------------------------------------------------------------------------

BODIES = {
    endpoint.body: endpoint
    for route in ROUTES
    if route.body is not None
    for strict in (False, True)
    if (endpoint := Endpoint(route, strict=strict)).body is not None
}
IDS = [body.__name__ for body in BODIES if body is not None]
WRONG: tuple[Json, ...] = (None, True, 0, -1, 1.5, 10**9, "", "x", [], {}, [None], [""], [[]], [{}], [1], {"x": 1})


def _fitting(expected: Type) -> Json:
    """A value of a type."""
    match expected:
        case AnyType() | RawType():
            return {}
        case NoneType():
            return None
        case Metadata(type=inner):
            return _fitting(inner)
        case UnionType(types=types):
            return _fitting(next(each for each in types if not isinstance(each, NoneType)))
        case StructType(fields=fields):
            return {field.encode_name: _fitting(field.type) for field in fields}
        case DictType():
            return {}
        case CollectionType(item_type=item):
            return [_fitting(item)]
        case BoolType():
            return True
        case IntType() | FloatType():
            return expected.ge or 1
        case EnumType(cls=cls):
            return next(iter(cls)).value
        case LiteralType(values=values):
            return values[0]
    assert isinstance(expected, StrType)
    return "US" if expected.pattern == "^[A-Z]{2}$" else "x" * (expected.min_length or 1)


def _paths(value: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to every value inside another."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield (*path, name)
        yield from _paths(item, (*path, name))


def _with(value: Json, path: tuple[Any, ...], new: Json) -> Json:
    whole = copy.deepcopy(value)
    inside = whole
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = new
    return whole


@pytest.mark.parametrize("body", BODIES, ids=IDS)
def test_no_operation_shows_words_of_the_decoder(body: type[Struct]) -> None:
    whole = _fitting(msgspec.inspect.type_info(body))
    raw = json.dumps(whole).encode()
    decode_body(BODIES[body], raw, located=True)
    random = Random(body.__name__)
    for path in _paths(whole):
        for wrong in WRONG:
            sent = _with(whole, path, random.choice((wrong, [wrong], {"x": wrong})) if random.random() < 0.2 else wrong)
            try:
                decode_body(BODIES[body], json.dumps(sent).encode(), located=True)
            except InvalidShape as refusal:
                for message in refusal.messages:
                    assert not re.search(r"`|Expected|Invalid enum|does not have the documented form", message), sent


@pytest.mark.parametrize("body", BODIES, ids=IDS)
def test_optional_members_take_null(body: type[Struct]) -> None:
    def check(struct: Type) -> None:
        match struct:
            case StructType(fields=fields, cls=cls):
                for field in fields:
                    if not field.required and issubclass(cls, Body):
                        types = field.type.types if isinstance(field.type, UnionType) else (field.type,)
                        assert any(isinstance(each, NoneType | AnyType) for each in types), (cls, field.name)
                    check(field.type)
            case UnionType(types=types):
                for each in types:
                    check(each)
            case CollectionType(item_type=item):
                check(item)

    check(msgspec.inspect.type_info(body))


# --- spelling ----------------------------------------------------------------------------------------------------

TOKEN = Endpoint(next(route for route in ROUTES if route.path == "/oauth/token"), strict=False)
SPELLINGS: tuple[tuple[bytes, bytes, set[str]], ...] = (
    (b"", FORM, {"client_id", "client_secret", "grant_type"}),
    (b"client_id=a", FORM, {"client_secret", "grant_type"}),
    (b'{"client_id": 5}', b"application/json", {"client_id", "client_secret", "grant_type"}),
    (b'{"clientId": 5}', b"application/json", {"clientId", "clientSecret", "grantType"}),
    (b'{"clientId": 5, "grant_type": "x"}', b"application/json", {"clientId", "client_secret", "grant_type"}),
    (b'{"code": 5}', b"application/json", {"code", "client_id", "client_secret", "grant_type"}),
    (b"client_id=a&client_secret=b&grant_type=refresh_token&some_thing=c", FORM, {"some_thing"}),
)
"""A body, its media type, and the members that its refusal names."""


@pytest.mark.parametrize(("raw", "media_type", "named"), SPELLINGS)
def test_members_are_named_as_they_are_spelled(raw: bytes, media_type: bytes, named: set[str]) -> None:
    body, spelling = camel_form(raw, media_type)
    with pytest.raises(InvalidShape) as refused:
        decode_body(TOKEN, body, located=True, spelling=spelling)

    assert {message.removeprefix("property ").split()[0] for message in refused.value.messages} == named
