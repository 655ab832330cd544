"""The operations on notes and tasks against the facts of their document: what they take, and what they reply."""

from __future__ import annotations

import jsonschema_rs
import pytest

from groundlevel.kernel.http.routing import Route
from tests.compat.known import World
from tests.compat.published import Operation, read_facts, read_published, route_at

CONTACTS = "contacts.json"
FACTS = read_facts(CONTACTS)
PARTS = ("/notes", "/tasks")
SERVED = [
    (each, route)
    for each in FACTS.operations
    if any(part in each.path for part in PARTS) and (route := route_at(each.method, each.path)) is not None
]
_NAMES = [operation.name for operation, _ in SERVED]


def test_all_of_them_are_here() -> None:
    assert len(SERVED) == 11
    assert [operation.name for operation, _ in SERVED] == [route.operation_id for _, route in SERVED]


@pytest.mark.parametrize(("operation", "route"), SERVED, ids=_NAMES)
def test_bodies_and_scopes_are_the_documented_ones(operation: Operation, route: Route) -> None:
    documented = {scope for each in operation.security for scopes in each.values() for scope in scopes}

    assert documented == {route.scope}
    assert (operation.body is None) == (route.body is None)
    if operation.body is not None and operation.body.schema is not None:
        schema = FACTS.schemas[operation.body.schema["$ref"].rpartition("/")[2]]
        for body in (route.body, route.live_body):
            assert body is not None
            assert schema["properties"].keys() == set(body.__struct_encode_fields__) - {"locationId"}


@pytest.mark.parametrize(("operation", "route"), SERVED, ids=_NAMES)
def test_replies_have_the_documented_status_and_shape(operation: Operation, route: Route, world: World) -> None:
    request = world.known(route.operation_id)
    path = operation.path.format(**request.path)

    reply = world.client.request(route.method, path, params=request.query, json=request.body)

    assert reply.status_code < 300
    documented = operation.replies[str(reply.status_code)]
    assert documented.schema is not None
    components = read_published(CONTACTS)["components"]
    jsonschema_rs.validate({**documented.schema, "components": components}, reply.json())
    shown = FACTS.schemas[documented.schema["$ref"].rpartition("/")[2]]["properties"].keys()
    assert shown <= reply.json().keys()
    if route.method == "GET" and "note" in reply.json():
        assert FACTS.schemas["GetNoteSchema"]["properties"].keys() == reply.json()["note"].keys()
    if route.method == "GET" and "task" in reply.json():
        assert FACTS.schemas["TaskSchema"]["properties"].keys() == reply.json()["task"].keys()
