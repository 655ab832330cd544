"""The TypeScript clients generated from our OpenAPI document: a method and a typed reply for every operation."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from groundlevel.api import ROUTES
from tests.compat.generated.python import is_typed
from tests.compat.generated.typescript import Tools, by_classes, by_types, camel
from tests.compat.known import World
from tests.compat.server import Server
from tests.docs.snippets import ROOT
from tests.needs import TESTED

REFUSED = 400
"""The status of an operation that is not supported."""


@pytest.fixture
def engine_name() -> str:
    """One of the engines: what a client sends and reads is the same on all, and the one for Python asks them all."""
    return TESTED[0]


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory, require_node: None) -> Tools:
    made = Tools(tmp_path_factory.mktemp("typescript"))
    made.generate((ROOT / "docs" / "openapi.json").read_text("utf-8"))
    return made


def test_the_generators_have_nothing_to_say(tools: Tools) -> None:
    assert tools.warnings == ""


def test_every_operation_has_a_method(tools: Tools) -> None:
    assert tools.methods() == {camel(route.operation_id) for route in ROUTES}


def test_every_operation_can_be_called_by_the_types(tools: Tools, server: Server, world: World) -> None:
    outcomes = tools.run("by_types", by_types(world, server.url))

    statuses = {
        route.operation_id: {route.status, route.other_status, *route.pages} if route.supported else {REFUSED}
        for route in ROUTES
    }
    assert {name: outcome for name, outcome in outcomes.items() if outcome["status"] not in statuses[name]} == {}
    assert _short(outcomes, "body") == {}


def test_every_operation_can_be_called_by_the_classes(tools: Tools, server: Server, world: World) -> None:
    outcomes = tools.run("by_classes", by_classes(world, server.url))

    assert _short({name: {"body": outcome} for name, outcome in outcomes.items()}, "body") == {}


def _short(outcomes: dict[str, Any], member: str) -> dict[str, Any]:
    """The outcomes that lack a member which their operation's reply, or a refusal, has to have."""
    short = {}
    for route in ROUTES:
        if route.operation_id not in outcomes:
            assert not is_typed(route)
            continue
        found = outcomes[route.operation_id][member]
        names: set[str] = set()
        if not route.supported:
            names = {"statusCode", "message", "error", "traceId"}
        elif route.reply is not None:
            names = {each.encode_name for each in msgspec.structs.fields(route.reply) if each.required}
        if (names and not names <= set(found)) or not found:
            short[route.operation_id] = found
    return short
