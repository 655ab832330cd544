"""The Python client that is generated from our OpenAPI document: a method and a typed reply for every operation."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest

from groundlevel.api import ROUTES
from groundlevel.kernel.http.routing import Route
from tests.compat.generated.python import PythonClient, generate, is_typed, method_name, parsed
from tests.compat.known import World
from tests.compat.server import Server, Tenant
from tests.docs.snippets import ROOT

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*")
REFUSED = 400
"""The status of an operation that is not supported."""


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> PythonClient:
    return generate((ROOT / "docs" / "openapi.json").read_text("utf-8"), tmp_path_factory.mktemp("python"))


def test_the_generator_has_nothing_to_say(generated: PythonClient) -> None:
    assert generated.warnings == ""


def test_every_operation_has_a_method(generated: PythonClient) -> None:
    assert generated.operations() == {method_name(route.operation_id) for route in ROUTES}


def test_every_operation_has_a_typed_reply(
    generated: PythonClient, server: Server, tenant: Tenant, world: World
) -> None:
    """Whatever was sent is in the model: nothing is lost between the bytes and what a program gets."""
    differing = {}
    for route in ROUTES:
        if not is_typed(route):
            continue
        response = generated.call(route, world.known(route.operation_id), server, tenant)
        found = (type(response.parsed).__name__, with_moments(parsed(response)))
        expected = (_type(route), with_moments(_sent(route, response.content)))
        if found != expected or response.status_code not in _statuses(route):
            differing[route.operation_id] = (response.status_code, found, expected)

    assert differing == {}


def with_moments(body: Any) -> Any:
    """The body with its timestamps read, which the client writes in another way."""
    match body:
        case dict():
            return {name: with_moments(value) for name, value in body.items()}
        case list():
            return [with_moments(value) for value in body]
        case str() if _MOMENT.fullmatch(body):
            return datetime.fromisoformat(body)
    return body


def _statuses(route: Route) -> set[int | None]:
    return {route.status, route.other_status, *route.pages} if route.supported else {REFUSED}


def _type(route: Route) -> str:
    if not route.supported:
        return "Refusal"
    if route.reply is not None:
        return route.reply.__name__
    return "GetOpenapiResponse200" if "json" in route.media_type else "str"


def _sent(route: Route, content: bytes) -> object:
    return json.loads(content) if "json" in route.media_type else content.decode()
