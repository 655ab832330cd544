"""What a scenario is, and how one is run: requests with what their replies hold and do not hold."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from msgspec import Struct

from groundlevel.kernel.model import Json
from tests.kernel.http.world import VERSION, World

Variables: TypeAlias = dict[str, Json]

_VARIABLE = re.compile(r"\{(\w+)\}")


class Step(Struct, frozen=True):
    """One request. `{name}` in any text stands for a variable; a text that is nothing else keeps the value's type."""

    method: str
    path: str
    status: int
    body: Json = None
    has: Json = None
    """What the reply's JSON holds: see `mismatch`."""
    absent: tuple[str, ...] = ()
    """Paths, their parts separated by slashes, that the reply does not have."""
    keep: dict[str, str] = {}
    """Variables to set, each from the path behind it."""
    token: str = "own"
    version: str | None = VERSION
    headers: dict[str, Any] = {}
    """Headers of the reply, by lower-case name."""


class Scenario(Struct, frozen=True):
    """One check of a row of the conformance table (docs/contract.md#conformance)."""

    row: str
    """The name of the row there: `O1` to `O9`, `F1` to `F8`, `A1` to `A5`, …; or the Roman number of a common check."""
    check: str
    steps: tuple[Step, ...]
    profiles: tuple[str, ...] = ("spec", "live")

    @property
    def name(self) -> str:
        """A name for the report of a test."""
        return f"{self.row} {self.check}"


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


async def play(scenario: Scenario, world: World, variables: Variables) -> None:
    """Runs the steps in order. Raises AssertionError that says which one went wrong and how."""
    for number, step in enumerate(scenario.steps, 1):
        await _take(step, world, variables, where=f"{scenario.name}, step {number}")


async def _take(step: Step, world: World, variables: Variables, *, where: str) -> None:
    path = filled(step.path, variables)
    body = None if step.body is None else filled(step.body, variables)
    reply = await world.client.request(
        step.method, path, json=body, headers=world.headers(step.token, step.version), follow_redirects=False
    )
    said = (
        f"{where}: {step.method} {path} {body if body is not None else ''}\nanswered {reply.status_code} {reply.text}"
    )
    assert reply.status_code == step.status, f"{said}\nexpected {step.status}"
    for name, expected in step.headers.items():
        problem = mismatch(filled(expected, variables), reply.headers.get(name), name)
        assert not problem, f"{said}\nheader {problem}"
    if not reply.headers.get("content-type", "").startswith("application/json"):
        return
    value = reply.json()
    assert value["traceId"] == reply.headers["x-trace-id"], said
    problem = mismatch(filled(step.has, variables), value, "body") if step.has is not None else ""
    assert not problem, f"{said}\n{problem}"
    for missing in step.absent:
        assert _at(value, filled(missing, variables)) is _NOTHING, f"{said}\n{missing} should be absent"
    for name, source in step.keep.items():
        found = _at(value, source)
        assert found is not _NOTHING, f"{said}\n{source} is absent"
        variables[name] = found


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


_NOTHING = object()


def _at(value: Any, path: str) -> Any:
    """The value at a path whose parts are separated by slashes, numbers being indexes of lists; or _NOTHING."""
    for part in path.split("/"):
        if isinstance(value, list) and part.lstrip("-").isdigit():
            index = int(part)
            value = value[index] if -len(value) <= index < len(value) else _NOTHING
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return _NOTHING
    return value
