"""Clients of others, as npm has them: with another base URL, and nothing else changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.compat.deviations_contacts import CONTACTS
from tests.compat.deviations_locations import LOCATIONS
from tests.compat.deviations_platform import BUSINESSES
from tests.compat.deviations_sales import OPPORTUNITIES
from tests.compat.documented_calls import Documented, documented
from tests.compat.known import World
from tests.compat.known_sales import contact
from tests.compat.node.driver import printed
from tests.compat.server import Server

_GNOSTICDEV = """
import { createHighLevelClient } from "@gnosticdev/highlevel-sdk";
const { GHL_BASE_URL: baseUrl, CALLS } = process.env;
const made = (privateToken) =>
  createHighLevelClient({ baseUrl }, "integration", { privateToken, accessType: "Sub-Account", scopes: [] });
const header = { Version: "2021-07-28" };
const outcomes = [];
for (const { token, service, method, at, path, query, body } of JSON.parse(CALLS)) {
  const request = { params: { header, path, query }, body: body ?? undefined };
  const { response, data, error } = await made(token)[service][method](at, request);
  outcomes.push([response.status, Object.keys(data ?? error)]);
}
console.log(JSON.stringify(outcomes));
"""

_GOHIGHLEVEL_API = """
import { Gohighlevel } from "gohighlevel-api";
const client = new Gohighlevel({ token: process.env.GHL_API_KEY, locationId: process.env.GHL_LOCATION_ID });
client.url = process.env.GHL_BASE_URL;
const contact = process.env.CONTACT;
const made = await client.onBusinessCreate({ data: { name: "Acme" } });
const replies = [
  made,
  await client.onBusinessUpdate({ id: made.data.business.id, data: { name: "Acme & Sons" } }),
  await client.onContactGet({ id: contact }),
  await client.onCustomFieldsGet({}),
  await client.onContactUpsert({ data: { firstName: "Ann", email: "ann@upsert.example" } }),
];
console.log(JSON.stringify(replies.map(({ status, data }) => [status, Object.keys(data)])));
"""


@pytest.mark.usefixtures("require_node")
def test_gnosticdev_highlevel_sdk(server: Server, world: World, tmp_path: Path) -> None:
    """Every documented operation on what it has."""
    operations = documented(CONTACTS, OPPORTUNITIES, LOCATIONS, BUSINESSES)
    calls = [gnosticdev_call(world, each) for each in operations] + gnosticdev_calls_on_users(world)

    replies = said(_GNOSTICDEV, server, (tmp_path, {"CALLS": json.dumps(calls)}))

    *replies, listed, found, user = ((status, set(members)) for status, members in replies)
    assert {each.name: status for each, (status, _) in zip(operations, replies, strict=True)} == {
        each.name: each.route.status if each.route.supported else 400 for each in operations
    }
    lacking = {each.name: each.shown - members for each, (status, members) in zip(operations, replies, strict=True)}
    assert {each.name for each in operations if lacking[each.name]} == {
        each.name for each in operations if each.shown and not each.route.supported
    }
    assert [status for status, _ in (listed, found, user)] == [200] * 3
    assert ("users" in listed[1], "count" in found[1], "roles" in user[1]) == (True, True, True)


@pytest.mark.usefixtures("require_node")
def test_gohighlevel_api(server: Server, world: World, tmp_path: Path) -> None:
    """Its upsert takes every reply for an error that lacks `succeded`."""
    environment = {
        "GHL_API_KEY": world.tenant.token,
        "GHL_LOCATION_ID": world.tenant.location,
        "CONTACT": contact(world),
    }

    replies = said(_GOHIGHLEVEL_API, server, (tmp_path, environment))

    members = ("business", "business", "contact", "customFields", "succeded")
    assert [status for status, _ in replies] == ["ok"] * 5
    assert [name in names for name, (_, names) in zip(members, replies, strict=True)] == [True] * 5


def gnosticdev_call(world: World, each: Documented) -> dict[str, Any]:
    """How the client calls an operation; it wants a body wherever one is documented."""
    request = world.known(each.route.operation_id)
    return {
        "token": request.token or world.tenant.token,
        "service": each.service,
        "method": each.route.method,
        "at": each.operation.path,
        "path": request.path,
        "query": request.query,
        "body": {} if request.body is None and each.operation.body is not None else request.body,
    }


def gnosticdev_calls_on_users(world: World) -> list[dict[str, Any]]:
    """How the client lists, searches and gets users."""
    call = {"token": world.tenant.token, "service": "users", "method": "GET", "path": {}, "query": {}}
    return [
        {**call, "at": "/users/", "query": world.located},
        {**call, "at": "/users/search", "query": {"companyId": world.tenant.company, **world.located}},
        {**call, "at": "/users/{userId}", "path": {"userId": world.tenant.users[0]}},
    ]


def said(program: str, server: Server, where: tuple[Path, dict[str, str]]) -> Any:
    """What a program prints that runs in a directory and an environment."""
    directory, environment = where
    return json.loads(printed(program, directory, {"GHL_BASE_URL": server.url, **environment}))
