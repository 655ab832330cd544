"""A request with an Idempotency-Key is carried out once, however often it is sent, by whichever process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from groundlevel.app import make_application
from groundlevel.doctor.rules import examine
from groundlevel.kernel.ids import Clock
from groundlevel.kernel.model import Json
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.idempotency import KEPT_MS, delete_expired_keys
from groundlevel.kernel.storage.postgres.connection import PostgresConnection
from groundlevel.kernel.storage.statements import Statement
from tests.conftest import Opening
from tests.kernel.http.world import World, open_world
from tests.needs import not_applicable

PET = "custom_objects.pet"


@pytest.fixture
async def world(storage: Storage) -> AsyncIterator[World]:
    async with open_world(storage, Settings()) as world:
        assert (await create_object(world)).status_code == 201
        yield world


async def create_object(world: World, key: str = "pet", headers: dict[str, str] | None = None) -> httpx.Response:
    body = {
        "labels": {"singular": key.title(), "plural": f"{key.title()}s"},
        "key": f"custom_objects.{key}",
        "locationId": world.location,
        "primaryDisplayPropertyDetails": {"key": f"custom_objects.{key}.name", "name": "Name", "dataType": "TEXT"},
    }
    return await world.client.post("/objects/", json=body, headers={**world.headers(), **(headers or {})})


async def create(world: World, key: str, *, token: str = "own", name: str = "Rex", **members: Json) -> httpx.Response:
    headers = {**world.headers(token), "Idempotency-Key": key}
    body = {"locationId": world.location, "properties": {"name": name}, **members}
    return await world.client.post(f"/objects/{PET}/records", json=body, headers=headers)


async def total(world: World, key: str = PET) -> int:
    body = {"locationId": world.location, "page": 1, "pageLimit": 10}
    reply = await world.client.post(f"/objects/{key}/records/search", json=body, headers=world.headers())
    return int(reply.json()["total"])


async def test_a_retry_gets_the_same_reply_and_does_nothing(world: World) -> None:
    first = await create(world, "a")
    again = await create(world, "a")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await total(world) == 1
    other = await create(world, "b")
    assert other.json()["record"]["id"] != first.json()["record"]["id"]
    assert await total(world) == 2


async def test_the_same_key_with_another_request_is_refused(world: World) -> None:
    await create(world, "a")
    refused = await create(world, "a", name="Max")
    assert refused.status_code == 422
    assert refused.headers["x-groundlevel-doc"] == "/docs/errors/idempotency_key_reused"
    assert await total(world) == 1


async def test_keys_belong_to_their_sender(world: World) -> None:
    one, two = await create(world, "a"), await create(world, "a", token="company")
    assert one.json()["record"]["id"] != two.json()["record"]["id"]
    assert await total(world) == 2


async def test_many_at_once_are_one(world: World, storage: Storage) -> None:
    replies = await asyncio.gather(*(create(world, "a") for _ in range(12)))
    assert {each.status_code for each in replies} == {201}
    assert len({each.content for each in replies}) == 1
    assert await total(world) == 1
    assert (await examine(storage)).ok


async def test_a_refusal_stores_nothing_so_that_the_key_can_be_used(world: World) -> None:
    headers = {**world.headers(), "Idempotency-Key": "a"}
    path = f"/objects/{PET}/records"
    wrong = {"locationId": world.location, "properties": {"nothing": 1}}
    for _ in range(2):
        reply = await world.client.post(path, json=wrong, headers=headers)
        assert 400 <= reply.status_code < 500
        assert "idempotency-replayed" not in reply.headers
    assert (await create(world, "a")).status_code == 201


async def test_updates_deletes_and_schemas_have_keys_too(world: World) -> None:
    record = (await create(world, "a")).json()["record"]["id"]
    headers = {**world.headers(), "Idempotency-Key": "b"}
    path = f"/objects/{PET}/records/{record}"
    params = {"locationId": world.location}
    changes = [
        await world.client.put(path, params=params, json={"properties": {"name": "Max"}}, headers=headers)
        for _ in range(2)
    ]
    assert [each.status_code for each in changes] == [200, 200]
    assert changes[0].content == changes[1].content
    # A company's token names no location: the record's is found while the request is carried out.
    headers = {**world.headers("company"), "Idempotency-Key": "c"}
    deletions = [await world.client.delete(path, headers=headers) for _ in range(2)]
    assert [each.status_code for each in deletions] == [200, 200]
    assert deletions[0].content == deletions[1].content
    made = [await create_object(world, "toy", {"Idempotency-Key": "d"}) for _ in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    assert made[0].content == made[1].content


@pytest.mark.parametrize("key", ["x" * 256, "a\tb", "\xe9"])
async def test_what_is_no_key(key: str, world: World) -> None:
    headers: Any = {**world.headers(), "Idempotency-Key": key.encode("latin-1")}
    body = {"locationId": world.location, "properties": {"name": "Rex"}}
    reply = await world.client.post(f"/objects/{PET}/records", json=body, headers=headers)
    assert reply.status_code == 400
    assert reply.headers["x-groundlevel-doc"] == "/docs/errors/idempotency_key_invalid"
    assert await total(world) == 0


class Shifted(Clock):
    """A clock that can be put forward."""

    shift = 0

    def now(self) -> int:
        return super().now() + self.shift


@pytest.mark.parametrize("cleaned", [False, True])
async def test_a_key_expires(cleaned: bool, world: World, storage: Storage) -> None:
    first = await create(world, "a")
    clock = Shifted()
    clock.shift = KEPT_MS + 1_000
    storage.ids.clock = clock
    if cleaned:
        await delete_expired_keys(storage)
        left = Statement.query("SELECT 1 FROM idempotency_keys")
        rows = await storage.read(None, lambda tx: tx.connection.rows(left))
        assert list(rows) == []
    again = await create(world, "a", name="Max")
    assert again.status_code == 201
    assert again.json()["record"]["id"] != first.json()["record"]["id"]


async def test_after_a_commit_without_an_answer_a_retry_is_safe(
    world: World, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    if storage.engine != "postgres":
        not_applicable("SQLite always knows whether it has committed")
    original = PostgresConnection.script

    async def lose(self: PostgresConnection, sql: str) -> None:
        await original(self, sql)
        if sql.endswith("COMMIT"):
            raise ConnectionResetError("the answer was lost")

    with monkeypatch.context() as lost:
        lost.setattr(PostgresConnection, "script", lose)
        refused = await create(world, "a")
    assert refused.status_code == 503
    assert refused.headers["x-groundlevel-doc"] == "/docs/errors/outcome_unknown"
    again = await create(world, "a")
    assert again.status_code == 201
    assert again.headers["idempotency-replayed"] == "true"
    assert await total(world) == 1


async def test_another_process_knows_the_key(opening: Opening) -> None:
    async with open_world(await opening(), Settings()) as world:
        await create_object(world)
        transport = httpx.ASGITransport(make_application(await opening(), Settings()))
        async with httpx.AsyncClient(transport=transport, base_url="http://other") as client:
            other = World(client, world.location, world.sister, world.foreign, world.tokens)
            replies = await asyncio.gather(*(create((world, other)[n % 2], "a") for n in range(8)))
        assert {each.status_code for each in replies} == {201}
        assert len({each.content for each in replies}) == 1
        assert await total(world) == 1
