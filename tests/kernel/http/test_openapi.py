"""Tests of the OpenAPI document and of the pages made from the same tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from msgspec import defstruct
from openapi_spec_validator import OpenAPIV31SpecValidator

from groundlevel.api import ROUTES
from groundlevel.kernel.errors import refusals
from groundlevel.kernel.http.openapi import openapi_document, refusals_of
from groundlevel.kernel.http.refusals import INTERNAL_ERROR, status_of
from groundlevel.kernel.http.routing import Placement
from groundlevel.kernel.http.schemas import NameTaken, component_schemas
from groundlevel.system import docs
from tests.compat.deviations import OPERATIONS, applied
from tests.compat.published import read_published

DOCUMENT: dict[str, Any] = json.loads(msgspec.json.encode(openapi_document(ROUTES)))
NAMES = {route.operation_id for route in ROUTES}


def test_it_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_every_name_of_an_operation_is_given_once() -> None:
    names = [route.operation_id.replace("-", "").lower() for route in ROUTES]

    assert sorted(set(names)) == sorted(names)


def test_every_array_has_items_and_every_choice_a_type() -> None:
    waiting: list[Any] = [DOCUMENT]
    lacking = []
    while waiting:
        match waiting.pop():
            case dict() as found:
                if (found.get("type") == "array" and not found.get("items")) or (
                    "enum" in found and "type" not in found
                ):
                    lacking.append(found)
                waiting += found.values()
            case list() as found:
                waiting += found

    assert lacking == []


def test_two_structs_of_one_name_are_refused() -> None:
    twins = {defstruct("Twin", [("name", str)], module=module) for module in ("one", "other")}

    with pytest.raises(NameTaken, match="Twin"):
        component_schemas(twins)


@pytest.mark.parametrize("route", ROUTES, ids=[route.operation_id for route in ROUTES])
def test_every_operation_is_described(route: Any) -> None:
    operation = DOCUMENT["paths"][route.path][route.method.lower()]

    assert operation["operationId"] == route.operation_id
    assert (str(route.status) in operation["responses"]) is route.supported
    for refusal in refusals_of(route):
        content = operation["responses"][str(status_of(refusal)[0])]["content"]["application/json"]
        assert content["examples"][refusal.code]["value"]["statusCode"] == status_of(refusal)[0]
    if route.scope is not None:
        assert operation["security"] == [{"bearer": [route.scope]}]
        assert any(parameter["name"] == "Version" for parameter in operation["parameters"])


@pytest.mark.parametrize("route", [route for route in ROUTES if route.example], ids=lambda route: route.operation_id)
def test_examples_fit_their_bodies(route: Any) -> None:
    body = msgspec.convert(route.example, route.body or route.lines)

    assert route.placement is not Placement.BODY or body.location_id


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_published_operation_is_here(name: str) -> None:
    published = applied(read_published(name), name)

    for path, operations in published["paths"].items():
        for method, operation in operations.items():
            ours = _at_path(path)[method]
            # Two documents may call theirs alike: then one of them has another name here.
            assert ours["operationId"] == operation["operationId"] or operation["operationId"] in NAMES
            if ours.get("x-groundlevel-unsupported"):
                continue
            scopes = {scope for security in operation["security"] for scope in next(iter(security.values()))}
            assert not scopes or ours["security"] == [{"bearer": [*scopes]}]
            success = next(status for status in operation["responses"] if status.startswith("2"))
            assert success in ours["responses"]
            _requires(operation, ours, published)


def _requires(operation: dict[str, Any], ours: dict[str, Any], published: dict[str, Any]) -> None:
    """Whatever our body requires, the published one does too, except for what it leaves empty."""
    if "requestBody" not in operation or "requestBody" not in ours:
        return
    theirs = _schema(operation["requestBody"], published)
    mine = _schema(ours["requestBody"], DOCUMENT)
    if theirs["properties"]:
        assert _folded(mine.get("required", ())) <= _folded(theirs.get("required", ()))
        assert _folded(theirs["properties"]) <= _folded(mine["properties"])


def _folded(names: Iterable[str]) -> set[str]:
    """The names without what `clientId` and `client_id` differ in: OAuth takes both, and one of them is documented."""
    return {name.replace("_", "").lower() for name in names}


def _schema(body: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    content = next(iter(body["content"].values()))
    name = content["schema"]["$ref"].rpartition("/")[2]
    schema: dict[str, Any] = document["components"]["schemas"][name]
    return schema


def _at_path(path: str) -> dict[str, Any]:
    """Our operations of a path by method, whatever the parameters in it are called."""
    return {
        method: operation
        for ours, operations in DOCUMENT["paths"].items()
        if _unnamed(ours) == _unnamed(path)
        for method, operation in operations.items()
    }


def _unnamed(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


@pytest.mark.parametrize("refusal", list(refusals()), ids=lambda refusal: refusal.code)
def test_every_error_has_a_page_a_status_and_advice(refusal: Any) -> None:
    page = docs.error_page(refusal).content.decode()

    assert status_of(refusal) != INTERNAL_ERROR
    assert str(status_of(refusal)[0]) in page
    assert refusal.hint
    assert refusal.about
