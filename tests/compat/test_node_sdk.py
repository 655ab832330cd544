"""The official Node SDK, unchanged but for its base URL: every operation, and its errors by status.

See docs/contract.md#node-sdk.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.compat.expected import ALL, REFUSED, REPLIES, UNLOCATED, changed
from tests.compat.known import OBJECT, Request, World
from tests.compat.known_platform import new_association
from tests.compat.known_sales import contact
from tests.compat.node.driver import Call, NodeSdk, Refused, StartNode, printed
from tests.compat.node.operations import arguments, method
from tests.compat.server import Server, Tenant, serving
from tests.docs.snippets import ROOT, snippets
from tests.world import PATIENCE_SECONDS, wait_until

ERRORS = {
    400: "GHLValidationError",
    401: "GHLAuthenticationError",
    403: "GHLForbiddenError",
    404: "GHLNotFoundError",
    422: "GHLValidationError",
    429: "GHLRateLimitError",
}
ENOUGH = 5_000
"""Retries that are more than it takes until the limit lets a request through, however slow the machine."""


def count_refused(server: Server) -> float:
    """How many requests the server has refused by its rate limits."""
    lines = httpx.get(f"{server.url}/metrics", timeout=PATIENCE_SECONDS).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if 'status="429"' in line and "_count{" in line)


def call(node: NodeSdk, operation: str, request: Request) -> dict[str, Any]:
    """The reply to the method that stands for the operation."""
    reply: dict[str, Any] = node.call(method(operation), *arguments(request))
    return reply


@pytest.mark.parametrize("holder", ["location", "company"])
def test_every_operation_succeeds(holder: str, node: NodeSdk, world: World) -> None:
    node.call("setPrivateIntegrationToken", world.tenant.token if holder == "location" else world.tenant.company_token)

    replies = {operation: call(node, operation, world.known(operation)) for operation in ALL}

    assert {operation: set(reply) - {"traceId"} for operation, reply in replies.items()} == REPLIES


def test_every_operation_refuses(node: NodeSdk, world: World) -> None:
    refusals = {}
    for operation, (changes, _, message) in REFUSED.items():
        with pytest.raises(Refused, match=f"^{message}$") as caught:
            call(node, operation, changed(world.known(operation), changes))
        refusals[operation] = (caught.value.status, caught.value.kind)

    assert refusals == {operation: (status, ERRORS[status]) for operation, (_, status, _) in REFUSED.items()}


def test_every_operation_refuses_a_stranger(node: NodeSdk, world: World) -> None:
    node.call("setPrivateIntegrationToken", world.tenant.foreign_token)

    refusals = {}
    for operation in ALL:
        with pytest.raises(Refused) as caught:
            call(node, operation, world.known(operation))
        refusals[operation] = caught.value.kind

    assert refusals == {operation: ERRORS[404 if operation in UNLOCATED else 403] for operation in ALL}


def test_no_operation_is_left_out() -> None:
    assert set(ALL) == set(REPLIES) == set(REFUSED)


@pytest.mark.parametrize("token", ["unscoped", "none"])
def test_a_token_that_reaches_nothing(token: str, node: NodeSdk, tenant: Tenant) -> None:
    secret = tenant.unscoped_token if token == "unscoped" else "pit-00000000-0000-4000-8000-000000000000"
    node.call("setPrivateIntegrationToken", secret)

    with pytest.raises(Refused) as caught:
        node.call("objects.getObjectByLocationId", {"locationId": tenant.location})

    assert (caught.value.status, caught.value.kind) == (401, "GHLAuthenticationError")


def test_nobody_answers(start_node: StartNode) -> None:
    node = start_node("http://127.0.0.1:9", privateIntegrationToken="pit-none")

    with pytest.raises(Refused) as caught:
        node.call("objects.getObjectByLocationId", {"locationId": "none"})

    assert (caught.value.status, caught.value.kind) == (None, "GHLNetworkError")


def test_texts_and_numbers_arrive_as_they_were_sent(node: NodeSdk, world: World) -> None:
    located = world.located
    values = {"name": "Zoë \u2028 \U0001f436 \x7f", "numerical": 0.1, "date": "2021-05-04", "multiple_options": ["b"]}

    made = node.call("objects.createObjectRecord", {"schemaKey": OBJECT}, {**located, "properties": values})["record"]
    read = node.call("objects.getRecordById", {"schemaKey": OBJECT, "id": made["id"]})["record"]
    search = {**located, "page": 1, "pageLimit": 1, "query": "zoe", "searchAfter": []}
    found = node.call("objects.searchObjectRecords", {"schemaKey": OBJECT}, search)
    after = {**search, "searchAfter": found["records"][0]["searchAfter"]}
    rest = node.call("objects.searchObjectRecords", {"schemaKey": OBJECT}, after)

    assert made["properties"] == read["properties"] == values
    assert (found["total"], [each["id"] for each in found["records"]]) == (1, [made["id"]])
    assert rest["records"] == []


def test_names_that_a_path_has_to_encode(node: NodeSdk, world: World) -> None:
    with pytest.raises(Refused, match=re.escape("a/b ?#%é")) as caught:
        node.call("associations.getAssociationKeyByKeyName", {"keyName": "a/b ?#%é", **world.located})

    assert caught.value.status == 404


def test_relations_of_some_associations(node: NodeSdk, world: World) -> None:
    first, second = new_association(world)["id"], new_association(world)["id"]
    rex, ann = world.record(), contact(world)
    for association in (first, second):
        ends = {"associationId": association, "firstRecordId": rex, "secondRecordId": ann}
        node.call("associations.createRelation", {**world.located, **ends})
    page = {"recordId": ann, **world.located, "skip": 0, "limit": 10}

    of_all = node.call("associations.getRelationsByRecordId", page)
    of_one = node.call("associations.getRelationsByRecordId", {**page, "associationIds": [second]})
    of_both = node.call("associations.getRelationsByRecordId", {**page, "associationIds": [first, second]})

    assert [each["associationId"] for each in of_all["relations"]] == [first, second]
    assert of_both["relations"] == of_all["relations"]
    assert (of_one["total"], [each["associationId"] for each in of_one["relations"]]) == (1, [second])


def test_rate_limits_are_told_and_can_be_waited_for(start_node: StartNode, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    with serving(f"sqlite:///{tmp_path}/limited.db", "--limits", "live", clock=clock) as server:
        tenant = server.tenant()
        hasty = start_node(server.url, privateIntegrationToken=tenant.token)
        patient = start_node(
            server.url, privateIntegrationToken=tenant.token, rateLimitRetry={"maxRetries": ENOUGH, "maxDelayMs": 100}
        )

        read = Call("objects.getObjectByLocationId", ({"locationId": tenant.location},))

        refusals = [each for each in hasty.calls(*[read] * 101) if isinstance(each, Refused)]
        with ThreadPoolExecutor(1) as waiting:
            before = count_refused(server)
            retried = waiting.submit(patient.calls, read)
            wait_until(lambda: count_refused(server) >= before + 2)
            clock.write_text("10000")
            (waited_for,) = retried.result()

    assert len(refusals) == 1
    assert {(each.status, each.kind) for each in refusals} == {(429, "GHLRateLimitError")}
    limit = refusals[0].rate_limit
    assert limit is not None
    assert [limit[name] for name in ("scope", "max", "remaining")] == ["burst", 100, 0]
    assert limit["intervalMs"] > 0
    assert waited_for["objects"]


@pytest.mark.usefixtures("start_node")
def test_the_documented_program(server: Server, world: World, tmp_path: Path) -> None:
    """The one of the how-to page, as an ECMAScript module: all other tests load the SDK by `require`."""
    (program,) = (
        each.code
        for each in snippets((ROOT / "docs" / "how-to" / "clients.md").read_text("utf-8"))
        if "privateIntegrationToken" in each.code
    )
    for _ in range(3):
        world.record()
    environment = {
        "GHL_BASE_URL": server.url,
        "GHL_API_KEY": world.tenant.token,
        "GHL_LOCATION_ID": world.tenant.location,
    }

    assert printed(program, tmp_path, environment) == "3 Rex\n"
