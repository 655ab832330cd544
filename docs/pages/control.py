"""The page of the control plane, from the table of its operations."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import NODEFAULT, Struct

from groundlevel.control.errors import ControlForbidden
from groundlevel.control.fault_rules import MatchBody, ThenBody
from groundlevel.control.faults import scenarios
from groundlevel.control.routes import OPERATIONS, Operation
from pages.markdown import anchor, code, json_block, plain, table
from pages.markdown import page as whole
from pages.members import documented

INTRODUCTION = (
    "Tests steer a server here: `groundlevel double`, or one with `--control true`. Without `control` these paths are "
    "404 like any other. None of them takes a token or `Version`. They answer programs on the server's own machine, "
    "under a name of the machine itself, or whoever sends `control_key` as `X-GroundLevel-Control-Key`; anything else "
    f"gets [{ControlForbidden.code}](errors/{ControlForbidden.code}.md). Bodies are JSON; every member may be left out "
    "unless it is said to be required."
)


def page() -> str:
    """The page."""
    return whole(
        "Control plane",
        INTRODUCTION,
        table(
            ("operation", ""),
            ((f"[{code(_name(each))}](#{anchor(_name(each))})", each.summary) for each in OPERATIONS),
        ),
        *(part for each in OPERATIONS for part in _parts(each)),
        "## Rules of faults",
        "A rule has two members. `match` says what it is about:",
        _members(MatchBody),
        "`then` says what happens; several of them together:",
        _members(ThenBody),
        "The first rule that matches applies, and a rule whose `times` are used up matches nothing. A `status` is "
        "answered with the body that the platform has for it, 429 with its rate limit headers, all of them with "
        "`X-GroundLevel-Fault` and the rule's id.",
        "## Scenarios",
        '`POST /control/faults` with `{"use": NAME}` adds the rules of one:',
        *(part for name, each in scenarios() for part in (f"### {name}", each.about, _rules(each.rules))),
    )


def _name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _parts(operation: Operation) -> Iterator[str]:
    yield f"## {_name(operation)}"
    yield plain(operation.doc or f"{operation.summary}.")
    if operation.query:
        yield table(("parameter", ""), ((code(each.name), plain(each.doc)) for each in operation.query))
    if operation.body is not None:
        yield _members(operation.body)
    if operation.reply is not None:
        names = [field.encode_name for field in msgspec.structs.fields(operation.reply)]
        yield f"Answers with {', '.join(code(name) for name in names)}."


def _members(body: type[Struct]) -> str:
    said = documented(body)
    rows = []
    for field in msgspec.structs.fields(body):
        needed = " Required." if field.default is NODEFAULT else ""
        rows.append((code(field.encode_name), plain(said.get(field.name, "")) + needed))
    return table(("member", ""), rows)


def _rules(rules: object) -> str:
    return json_block(msgspec.to_builtins(rules))
