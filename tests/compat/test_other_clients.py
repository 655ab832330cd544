"""Clients of others, as npm has them: with another base URL, and nothing else changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.compat.known import World
from tests.compat.known_sales import business, contact, opportunity
from tests.compat.node.driver import printed
from tests.compat.server import Server

_GNOSTICDEV = """
import { createHighLevelClient } from "@gnosticdev/highlevel-sdk";
const { GHL_BASE_URL: baseUrl, GHL_API_KEY: privateToken, GHL_LOCATION_ID: locationId, IDS } = process.env;
const auth = { privateToken, accessType: "Sub-Account", scopes: [] };
const client = createHighLevelClient({ baseUrl }, "integration", auth);
const ids = JSON.parse(IDS);
const header = { Version: "2021-07-28" };
const replies = [
  await client.contacts.GET("/contacts/{contactId}", { params: { header, path: { contactId: ids.contact } } }),
  await client.contacts.POST("/contacts/", { params: { header }, body: { locationId, firstName: "Ann" } }),
  await client.businesses.GET("/businesses/{businessId}", { params: { header, path: { businessId: ids.business } } }),
  await client.opportunities.GET("/opportunities/{id}", { params: { header, path: { id: ids.opportunity } } }),
  await client.locations.GET("/locations/{locationId}", { params: { header, path: { locationId } } }),
];
console.log(JSON.stringify(replies.map(({ response, data }) => [response.status, Object.keys(data ?? {})[0]])));
"""

_GOHIGHLEVEL_API = """
import { Gohighlevel } from "gohighlevel-api";
const client = new Gohighlevel({ token: process.env.GHL_API_KEY, locationId: process.env.GHL_LOCATION_ID });
client.url = process.env.GHL_BASE_URL;
const { contact } = JSON.parse(process.env.IDS);
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
    ids = {"contact": contact(world), "business": business(world), "opportunity": opportunity(world)}

    replies = said(_GNOSTICDEV, server, world, (tmp_path, ids))

    assert replies == [
        [200, "contact"],
        [201, "contact"],
        [200, "business"],
        [200, "opportunity"],
        [200, "location"],
    ]


@pytest.mark.usefixtures("require_node")
def test_gohighlevel_api(server: Server, world: World, tmp_path: Path) -> None:
    """Its upsert takes every reply for an error that lacks `succeded`."""
    replies = said(_GOHIGHLEVEL_API, server, world, (tmp_path, {"contact": contact(world)}))

    members = ("business", "business", "contact", "customFields", "succeded")
    assert [status for status, _ in replies] == ["ok"] * 5
    assert [name in names for name, (_, names) in zip(members, replies, strict=True)] == [True] * 5


def said(program: str, server: Server, world: World, where: tuple[Path, dict[str, str]]) -> Any:
    """What a program prints that runs in a directory and knows some ids."""
    directory, ids = where
    environment = {
        "GHL_BASE_URL": server.url,
        "GHL_API_KEY": world.place.token,
        "GHL_LOCATION_ID": world.place.location,
        "IDS": json.dumps(ids),
    }
    return json.loads(printed(program, directory, environment))
