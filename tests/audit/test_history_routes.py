"""History, restoration, the bin and the audit over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.conformance.given import PET
from tests.conformance.scenario import Scenario, play
from tests.kernel.http.world import World, open_world

RECORDS = "/objects/custom_objects.pet/records"


@asynccontextmanager
async def pets(storage: Storage) -> AsyncIterator[World]:
    """A world with the object `pet`."""
    async with open_world(storage, Settings()) as world:
        await play(Scenario("given", "pets", (PET,)), world, {"location": world.location})
        yield world


async def send(world: World, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
    sent = {**world.headers(headers.pop("token", "own")), **headers}
    return await world.client.request(method, path, json=body, headers=sent)


async def create(world: World, **properties: Any) -> str:
    reply = await send(world, "POST", RECORDS, {"locationId": world.location, "properties": properties})
    record_id: str = reply.json()["record"]["id"]
    return record_id


async def change(world: World, record_id: str, **properties: Any) -> httpx.Response:
    path = f"{RECORDS}/{record_id}?locationId={world.location}"
    return await send(world, "PUT", path, {"properties": properties})


async def test_a_record_has_a_history_and_returns_to_a_version(storage: Storage) -> None:
    async with pets(storage) as world:
        record_id = await create(world, name="Rex")
        tag = (await change(world, record_id, name="Max")).headers["etag"]
        await change(world, record_id, name="Moritz")
        path = f"/x{RECORDS}/{record_id}"
        page = (await send(world, "GET", f"{path}/history?limit=2")).json()
        assert [(each["op"], each["version"]) for each in page["changes"]] == [("update", 3), ("update", 2)]
        assert page["changes"][0]["before"] == {"properties": {"name": "Max"}}
        page = (await send(world, "GET", f"{path}/history?limit=2&before={page['next']}")).json()
        assert ([each["op"] for each in page["changes"]], page["next"]) == (["create"], None)
        refused = await send(world, "POST", f"{path}/restore", {"version": 1}, **{"If-Match": tag})
        assert refused.status_code == 412
        reply = await send(world, "POST", f"{path}/restore", {"version": 1})
        assert reply.status_code == 200, reply.text
        assert reply.json()["record"]["properties"] == {"name": "Rex"}
        newest = (await send(world, "GET", f"{path}/history?limit=1")).json()["changes"][0]
        assert (newest["restoredVersion"], newest["changed"]) == (1, ["name"])
        assert (await send(world, "POST", f"{path}/restore", {"version": 9})).status_code == 404


async def test_a_company_token_finds_the_record_wherever_it_is(storage: Storage) -> None:
    async with pets(storage) as world:
        record_id = await create(world, name="Rex")
        path = f"/x{RECORDS}/{record_id}/history"
        assert (await send(world, "GET", path, token="company")).status_code == 200
        assert (await send(world, "GET", path, token="foreign")).status_code == 404


async def test_a_deleted_record_is_in_the_bin_and_comes_back(storage: Storage) -> None:
    async with pets(storage) as world:
        record_id = await create(world, name="Rex")
        before = (await send(world, "GET", f"{RECORDS}/{record_id}")).json()["record"]
        await send(world, "DELETE", f"{RECORDS}/{record_id}")
        (row,) = (await send(world, "GET", "/x/bin?object=custom_objects.pet")).json()["records"]
        assert (row["id"], row["object"]) == (record_id, "custom_objects.pet")
        assert row["record"] == {"properties": {"name": "Rex"}, "owners": [], "followers": []}
        assert row["deletedBy"]["kind"] == "token"
        assert row["keptUntil"] > row["deletedAt"]
        reply = await send(world, "POST", f"/x/bin/{record_id}/restore")
        assert reply.status_code == 200, reply.text
        after = (await send(world, "GET", f"{RECORDS}/{record_id}")).json()["record"]
        same = set(before) - {"updatedAt", "dateUpdated", "lastUpdatedBy"}
        assert {name: after[name] for name in same} == {name: before[name] for name in same}
        assert reply.json()["record"] == after
        assert (await send(world, "GET", "/x/bin")).json()["records"] == []
        assert (await send(world, "POST", f"/x/bin/{record_id}/restore")).status_code == 404


async def test_what_is_in_the_way_is_named(storage: Storage) -> None:
    async with pets(storage) as world:
        folder = (
            await send(world, "GET", f"/custom-fields/object-key/custom_objects.pet?locationId={world.location}")
        ).json()
        field = {
            "locationId": world.location,
            "objectKey": "custom_objects.pet",
            "fieldKey": "custom_objects.pet.chip",
            "dataType": "TEXT",
            "name": "Chip",
            "parentId": folder["folders"][0]["id"],
            "showInForms": True,
            "isUnique": True,
        }
        assert (await send(world, "POST", "/custom-fields/", field)).status_code == 201
        record_id = await create(world, name="Rex", chip="1")
        await send(world, "DELETE", f"{RECORDS}/{record_id}")
        holder = await create(world, name="Max", chip="1")
        reply = await send(world, "POST", f"/x/bin/{record_id}/restore")
        assert reply.status_code == 409
        assert reply.json()["meta"] == {"recordId": holder}


async def test_the_audit_is_narrowed_and_exported(storage: Storage) -> None:
    async with pets(storage) as world:
        ids = [await create(world, name=str(n)) for n in range(3)]
        await change(world, ids[0], name="x")
        page = (await send(world, "GET", "/x/audit?kind=record&limit=3")).json()
        assert [each["id"] for each in page["changes"]] == [ids[0], ids[2], ids[1]]
        rest = (await send(world, "GET", f"/x/audit?kind=record&before={page['next']}")).json()
        assert [each["id"] for each in rest["changes"]] == [ids[0]]
        actor = page["changes"][0]["actor"]["id"]
        mine = (await send(world, "GET", f"/x/audit?actor={actor}&object=custom_objects.pet")).json()["changes"]
        assert {each["kind"] for each in mine} == {"record", "object", "field", "folder"}
        assert (await send(world, "GET", "/x/audit?actor=nobody")).json()["changes"] == []
        moment = page["changes"][0]["at"]
        assert (await send(world, "GET", f"/x/audit?from={moment}")).json()["changes"]
        assert (await send(world, "GET", "/x/audit?from=2999-01-01")).json()["changes"] == []
        assert (await send(world, "GET", "/x/audit?to=2001-01-01T00:00:00%2B02:00")).json()["changes"] == []
        reply = await send(world, "GET", "/x/audit?format=ndjson")
        lines = [msgspec.json.decode(line) for line in reply.content.splitlines()]
        whole = (await send(world, "GET", "/x/audit?limit=1000")).json()
        assert lines == whole["changes"]
        assert {each["kind"] for each in lines} >= {"location", "token", "object", "record"}


@pytest.mark.parametrize("query", ["kind=contact", "from=yesterday", "before=x", "format=csv"])
async def test_what_is_not_understood_is_refused(storage: Storage, query: str) -> None:
    async with pets(storage) as world:
        reply = await send(world, "GET", f"/x/audit?{query}")
        assert reply.status_code == 422
        assert query.partition("=")[0] in reply.json()["message"][0]


@pytest.mark.parametrize("path", ["/x/audit", "/x/bin", "/x/changes", f"/x{RECORDS}/{'0' * 24}/history"])
async def test_while_audit_is_off_the_refusal_names_the_setting(storage: Storage, path: str) -> None:
    storage.audited = False
    async with pets(storage) as world:
        reply = await send(world, "GET", path)
        assert reply.status_code == 409
        assert "--audit" in reply.headers["x-groundlevel-hint"]


async def test_no_secret_is_in_the_log(storage: Storage) -> None:
    async with pets(storage) as world:
        hook = {"locationId": world.location, "url": "https://hooks.example.com/hook?key=hush-hush"}
        made = (await send(world, "POST", "/x/webhooks", hook)).json()["webhook"]["id"]
        await send(world, "PUT", f"/x/webhooks/{made}", {"url": "https://hooks.example.com/other?key=hush-hush"})
        await send(world, "DELETE", f"/x/webhooks/{made}")
        text = (await send(world, "GET", "/x/audit?format=ndjson")).text
        assert "hush-hush" not in text
        assert world.tokens["own"] not in text
        lines = [msgspec.json.decode(line) for line in text.splitlines()]
        assert [each["op"] for each in lines if each["id"] == made] == ["delete", "update", "create"]
        assert all(each["actor"]["kind"] == "token" for each in lines if each["id"] == made)
