"""The operations on locations against the facts of their document: what they take, and what they reply."""

from __future__ import annotations

from typing import get_args

import jsonschema_rs
import pytest

from groundlevel.kernel.http.routing import Route
from groundlevel.locations.countries import Country
from tests.compat.deviation import Document
from tests.compat.deviations import applied
from tests.compat.known import World
from tests.compat.published import Operation, read_facts, read_published, route_at

LOCATIONS = "locations.json"
FACTS = read_facts(LOCATIONS)

OTHER_SCOPES = {"delete-location": "locations.write"}
"""Operations that need another scope than is documented, which nobody is given."""
WITHOUT_SCOPES = frozenset(
    (
        *(f"{verb}-custom-field" for verb in ("get", "update", "delete")),
        *(f"{verb}-custom-value" for verb in ("get", "update", "delete")),
        "get-tag-by-id",
        "update-tag",
        "delete-tag",
    )
)
"""Operations whose document lists no scope: they need that of their noun."""


HERE = [(each, route) for each in FACTS.operations if (route := route_at(each.method, each.path)) is not None]
SERVED = [(operation, route) for operation, route in HERE if route.supported]


def body_schema(operation: Operation) -> Document:
    """The documented schema of the body; an empty one where there is none."""
    if operation.body is None or operation.body.schema is None:
        return {}
    schema: Document = FACTS.schemas[operation.body.schema["$ref"].rpartition("/")[2]]
    return schema


@pytest.mark.parametrize("name", ["CreateLocationDto", "UpdateLocationDto", "CreateLocationSuccessfulResponseDto"])
def test_the_countries_are_the_documented_ones(name: str) -> None:
    assert list(get_args(Country)) == FACTS.schemas[name]["properties"]["country"]["enum"]


@pytest.mark.parametrize(("operation", "route"), HERE, ids=[operation.name for operation, _ in HERE])
def test_what_is_documented_is_taken(operation: Operation, route: Route) -> None:
    queried = {each.name for each in operation.parameters if each.location == "query"}
    assert queried <= {parameter.name for parameter in route.query}


@pytest.mark.parametrize(("operation", "route"), SERVED, ids=[operation.name for operation, _ in SERVED])
def test_bodies_and_scopes_are_the_documented_ones(operation: Operation, route: Route) -> None:
    schema = body_schema(operation)
    members = () if route.body is None else route.body.__struct_encode_fields__
    documented = {scope for each in operation.security for scopes in each.values() for scope in scopes}

    assert schema.get("properties", {}).keys() <= set(members)
    assert (route.body is None) == (schema == {})
    if operation.name in OTHER_SCOPES:
        assert route.scope == OTHER_SCOPES[operation.name]
    elif operation.name in WITHOUT_SCOPES:
        assert documented == set()
        assert route.scope is not None
    else:
        assert documented == {route.scope}


@pytest.mark.parametrize(("operation", "route"), SERVED, ids=[operation.name for operation, _ in SERVED])
def test_replies_have_the_documented_status_and_shape(operation: Operation, route: Route, world: World) -> None:
    request = world.known(route.operation_id)
    headers = world.tenant.headers() | ({} if request.token is None else {"Authorization": f"Bearer {request.token}"})

    reply = world.client.request(
        route.method, operation.path.format(**request.path), params=request.query, json=request.body, headers=headers
    )

    documented = operation.replies[str(reply.status_code)]
    assert reply.status_code < 300
    if documented.schema is not None:
        components = applied(read_published(LOCATIONS), LOCATIONS)["components"]
        jsonschema_rs.validate({**documented.schema, "components": components}, reply.json())
        shown = FACTS.schemas[documented.schema["$ref"].rpartition("/")[2]]["properties"].keys()
        assert shown <= reply.json().keys()
