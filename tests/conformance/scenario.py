"""What a scenario is, and how one is run: requests with what their replies hold and do not hold."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from groundlevel.conformance.matching import (
    HEX_ID,
    MOMENT,
    NOTHING,
    SHORT_ID,
    TEXT,
    UUID,
    Holds,
    Kind,
    Lacks,
    Like,
    Not,
    Sized,
    Variables,
    filled,
    holds,
    mismatch,
    value_at,
)
from groundlevel.kernel.model import Json
from tests.kernel.http.world import VERSION, World

__all__ = [
    "HEX_ID",
    "MOMENT",
    "SHORT_ID",
    "TEXT",
    "UUID",
    "Holds",
    "Kind",
    "Lacks",
    "Like",
    "Not",
    "Scenario",
    "Sized",
    "Step",
    "Variables",
    "filled",
    "holds",
    "mismatch",
    "play",
]


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
        assert value_at(value, filled(missing, variables)) is NOTHING, f"{said}\n{missing} should be absent"
    for name, source in step.keep.items():
        found = value_at(value, source)
        assert found is not NOTHING, f"{said}\n{source} is absent"
        variables[name] = found
