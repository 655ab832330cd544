"""Conditional requests for records: ETag, If-Match and If-None-Match (decision 0058)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.kernel.http.world import World, open_world

PET = "custom_objects.pet"
ABSENT = "668fa61b0802420000000001"


@pytest.fixture
async def world(storage: Storage) -> AsyncIterator[World]:
    async with open_world(storage, Settings()) as world:
        body = {
            "labels": {"singular": "Pet", "plural": "Pets"},
            "key": PET,
            "locationId": world.location,
            "primaryDisplayPropertyDetails": {"key": f"{PET}.name", "name": "Name", "dataType": "TEXT"},
        }
        assert (await world.client.post("/objects/", json=body, headers=world.headers())).status_code == 201
        yield world


async def create(world: World) -> httpx.Response:
    body = {"locationId": world.location, "properties": {"name": "Rex"}}
    return await world.client.post(f"/objects/{PET}/records", json=body, headers=world.headers())


async def send(world: World, method: str, record_id: str, *, name: str = "", **headers: str) -> httpx.Response:
    """A request for a record; `if_match` and the like are headers."""
    sent = world.headers() | {key.replace("_", "-"): value for key, value in headers.items()}
    body = {"properties": {"name": name}} if method == "PUT" else None
    params = {"locationId": world.location}
    return await world.client.request(
        method, f"/objects/{PET}/records/{record_id}", json=body, params=params, headers=sent
    )


async def test_a_record_that_the_client_has_is_not_sent_again(world: World) -> None:
    created = await create(world)
    record_id, tag = created.json()["record"]["id"], created.headers["etag"]
    assert (await send(world, "GET", record_id)).headers["etag"] == tag
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        reply = await send(world, "GET", record_id, if_none_match=known)
        assert (reply.status_code, reply.content, reply.headers["etag"]) == (304, b"", tag)
    changed = await send(world, "PUT", record_id, name="Max")
    assert changed.headers["etag"] != tag
    reply = await send(world, "GET", record_id, if_none_match=tag)
    assert (reply.status_code, reply.headers["etag"]) == (200, changed.headers["etag"])
    assert (await send(world, "GET", ABSENT, if_none_match="*")).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_record_changed_meanwhile_is_neither_changed_nor_deleted(world: World, method: str) -> None:
    created = await create(world)
    record_id, old = created.json()["record"]["id"], created.headers["etag"]
    new = (await send(world, "PUT", record_id, name="Max", if_match=old)).headers["etag"]
    for refused in (old, f"W/{new}", new.strip('"'), f"x{new}", f"{new}x", "", "nonsense"):
        reply = await send(world, method, record_id, name="Bob", if_match=refused)
        assert reply.status_code == 412, refused
        assert (reply.json()["statusCode"], reply.json()["error"]) == (412, "Precondition Failed")
        assert reply.headers["x-groundlevel-doc"] == "/docs/errors/record_changed"
    assert (await send(world, "GET", record_id)).json()["record"]["properties"] == {"name": "Max"}
    assert (await send(world, method, record_id, name="Bob", if_match=f"{old}, {new}")).status_code == 200
    assert (await send(world, method, ABSENT, name="Bob", if_match="*")).status_code == 404


async def test_of_writers_that_know_the_same_state_one_succeeds(world: World) -> None:
    created = await create(world)
    record_id, tag = created.json()["record"]["id"], created.headers["etag"]
    replies = await asyncio.gather(*(send(world, "PUT", record_id, name=f"N{n}", if_match=tag) for n in range(8)))
    assert sorted(reply.status_code for reply in replies) == [200] + [412] * 7
    winner = next(reply for reply in replies if reply.status_code == 200)
    assert (await send(world, "GET", record_id)).headers["etag"] == winner.headers["etag"]


async def test_a_new_relation_changes_the_tag_but_not_the_version(world: World) -> None:
    created, other = await create(world), await create(world)
    record_id, tag = created.json()["record"]["id"], created.headers["etag"]
    association = await world.client.post(
        "/associations/",
        json={
            "locationId": world.location, "key": "friends", "firstObjectLabel": "Friend", "firstObjectKey": PET,
            "secondObjectLabel": "Friend of", "secondObjectKey": PET,
        },
        headers=world.headers(),
    )  # fmt: skip
    relation = {
        "locationId": world.location, "associationId": association.json()["id"],
        "firstRecordId": record_id, "secondRecordId": other.json()["record"]["id"],
    }  # fmt: skip
    reply = await world.client.post("/associations/relations", json=relation, headers=world.headers())
    assert reply.status_code == 201, reply.text
    shown = await send(world, "GET", record_id, if_none_match=tag)
    assert shown.status_code == 200
    assert shown.json()["record"]["relations"]
    assert shown.headers["etag"] != tag
    assert (await send(world, "PUT", record_id, name="Max", if_match=tag)).status_code == 200


async def test_a_new_field_of_the_object_changes_the_tag(world: World) -> None:
    created = await create(world)
    record_id, tag = created.json()["record"]["id"], created.headers["etag"]
    query = {"locationId": world.location, "fetchProperties": "true"}
    shown = await world.client.get(f"/objects/{PET}", params=query, headers=world.headers())
    folder = shown.json()["fields"][0]["parentId"]
    field = {"locationId": world.location, "name": "Age", "dataType": "NUMERICAL", "objectKey": PET,
             "fieldKey": f"{PET}.age", "parentId": folder, "showInForms": True}  # fmt: skip
    reply = await world.client.post("/custom-fields/", json=field, headers=world.headers())
    assert reply.status_code == 201, reply.text
    assert (await send(world, "GET", record_id, if_none_match=tag)).status_code == 200


async def test_a_repeated_reply_has_no_tag(world: World) -> None:
    created = await create(world)
    record_id, tag = created.json()["record"]["id"], created.headers["etag"]
    first = await send(world, "PUT", record_id, name="Max", if_match=tag, idempotency_key="once")
    again = await send(world, "PUT", record_id, name="Max", if_match=tag, idempotency_key="once")
    assert (first.status_code, again.status_code) == (200, 200)
    assert "etag" in first.headers
    assert "etag" not in again.headers
