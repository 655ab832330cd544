"""Tests of bulk writing and of upserting over the API: a result for each row, in each mode, on every engine."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import Any, Literal

import pytest

from groundlevel.app import make_application
from groundlevel.kernel.model import Json
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import open_storage
from tests.conformance.given import FOLDER, PET, field
from tests.conformance.scenario import Scenario, play
from tests.kernel.http.world import World, open_world
from tests.records.test_concurrency import shared_url

__all__ = ["shared_url"]

PETS = "/objects/custom_objects.pet/records"
BULK = f"/x{PETS}/bulk"
UPSERT = f"/x{PETS}/upsert"
GIVEN = (PET, FOLDER, field("chip", "TEXT", isUnique=True), field("age", "NUMERICAL"))
WRITERS = 8


@pytest.fixture(params=["spec", "live"])
def profile(request: pytest.FixtureRequest) -> Literal["spec", "live"]:
    chosen: Literal["spec", "live"] = request.param
    return chosen


@pytest.fixture
async def world(storage: Storage, profile: Literal["spec", "live"]) -> AsyncIterator[World]:
    async with open_world(storage, Settings(max_body_bytes=2_000)) as spec:
        await play(Scenario("given", "pets with chips", GIVEN), spec, {"location": spec.location})
        settings = Settings(profile=profile, max_body_bytes=2_000)
        spec.client._transport = type(spec.client._transport)(  # type: ignore[call-arg]
            make_application(storage, settings), raise_app_exceptions=True
        )
        yield spec


def pet(name: str | None = None, chip: str | None = None, **members: Json) -> str:
    """A line about a pet."""
    properties = {key: value for key, value in (("name", name), ("chip", chip)) if value is not None}
    return json.dumps({"properties": properties, **members})


async def post(world: World, query: str, lines: Iterable[str], token: str = "own") -> list[dict[str, Any]]:
    reply = await world.client.post(BULK + query, headers=world.headers(token), content="\n".join(lines).encode())
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in reply.text.splitlines()]


async def shown(world: World) -> dict[str, dict[str, Any]]:
    """The properties of all pets, by name."""
    body = {"locationId": world.location, "page": 1, "pageLimit": 100}
    reply = await world.client.post(f"{PETS}/search", headers=world.headers(), json=body)
    return {record["properties"]["name"]: record["properties"] for record in reply.json()["records"]}


def told(results: list[dict[str, Any]]) -> list[str]:
    """The action or the code of each result."""
    return [result.get("action") or result["code"] for result in results]


async def test_each_row_has_its_result_and_a_bad_one_swallows_no_other(world: World) -> None:
    lines = [
        pet("Rex", "1"),
        "",
        '{"properties": {"name": "cut',
        pet("Tom", "2", colour="red"),
        pet("Kim", "1"),
        '{"properties": {"name": "Ann", "name": "Eve"}}',
        "\ufeff" + pet("Bom"),
        pet("Max", "3" * 3_000),
        '{"properties": {"name": "Lee", "age": "old"}}',
        "[]",
        '{"properties": {}}',
        pet("Zoe", "4") + "\r",
    ]

    results = await post(world, "", lines)

    assert [result["row"] for result in results] == [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert told(results) == [
        "created", "malformed_json", "invalid_shape", "unique_property_conflict", "duplicate_member", "malformed_json",
        "body_too_large", "invalid_value", "invalid_shape", "required_property_missing", "created",
    ]  # fmt: skip
    assert results[1]["error"].startswith("The line is not valid JSON")
    assert results[3]["fieldKey"] == "custom_objects.pet.chip"
    assert all(result.get("hint") for result in results if "error" in result)
    assert await shown(world) == {"Rex": {"name": "Rex", "chip": "1"}, "Zoe": {"name": "Zoe", "chip": "4"}}
    one = await world.client.get(f"{PETS}/{results[0]['id']}", headers=world.headers())
    assert one.json()["record"]["properties"]["name"] == "Rex"


async def test_an_upsert_updates_what_it_recognises_and_creates_the_rest(world: World) -> None:
    await post(world, "", [pet("Rex", "1")])
    lines = [pet("Rex II", "1"), pet("Rex II", "1"), pet("Tom", "2"), pet("Tim", "2"), pet("Nobody"), pet("Eve", "")]

    results = await post(world, "?mode=upsert&match=custom_objects.pet.chip", lines)

    assert told(results) == ["updated", "unchanged", "created", "updated", "match_value_missing", "match_value_missing"]
    assert results[2]["id"] == results[3]["id"]
    assert (await shown(world)).keys() == {"Rex II", "Tim"}


async def test_updates_and_deletions_find_records_by_id_or_by_a_field(world: World) -> None:
    rex, tom, kim = (result["id"] for result in await post(world, "", map(pet, ["Rex", "Tom", "Kim"], "123")))

    by_id = await post(world, "?mode=update", [pet("Rex II", id=rex), pet("X", id="0" * 24), pet("Y")])
    by_chip = await post(world, "?mode=update&match=chip", [pet("Tom II", "2"), pet("X", "9"), pet("Z", "1", id=tom)])
    gone = await post(world, "?mode=delete", [pet(id=rex), pet(id=rex)])
    more = await post(world, "?mode=delete&match=chip", [pet(chip="3"), pet(chip="9")])

    assert told(by_id) == ["updated", "record_not_found", "invalid_shape"]
    assert told(by_chip) == ["updated", "record_not_found", "invalid_shape"]
    assert told(gone) == ["deleted", "record_not_found"]
    assert told(more) == ["deleted", "record_not_found"]
    assert more[0]["id"] == kim
    assert (await shown(world)).keys() == {"Tom II"}


async def test_owners_and_followers_are_set_and_changed(world: World) -> None:
    (created,) = await post(world, "", [pet("Rex", owners=["u1"], followers=["a", "b"])])
    rows = [
        pet(id=created["id"], followers={"add": ["c"], "remove": ["a"]}),
        pet(id=created["id"], followers={"add": ["d"]}),
        pet(id=created["id"], owners=["u1"]),
        pet(id=created["id"], owners=["u1", "u2"]),
    ]

    results = await post(world, "?mode=update", rows)

    assert told(results) == ["updated", "updated", "unchanged", "limit_exceeded"]
    one = await world.client.get(f"{PETS}/{created['id']}", headers=world.headers())
    assert (one.json()["record"]["owners"], one.json()["record"]["followers"]) == (["u1"], ["b", "c", "d"])


@pytest.mark.parametrize("mode", ["create", "upsert&match=chip", "update&match=chip", "delete&match=chip"])
async def test_an_atomic_chunk_is_written_whole_or_not_at_all(world: World, mode: str) -> None:
    if not mode.startswith("create"):
        await post(world, "", map(pet, ["a", "b", "c", "d", "e"], "12345"))
    before = await shown(world)
    lines = [pet("A", "1"), pet("B", "2"), pet("C", "3"), "{", pet("E", "5")]

    results = await post(world, f"?mode={mode}&atomic=chunk&chunk=2", lines)

    assert told(results)[2:4] == ["chunk_refused", "malformed_json"]
    assert {"error", "code", "hint"} < results[2].keys()
    done = told(results)[0]
    assert told(results) == [done, done, "chunk_refused", "malformed_json", done]
    after = await shown(world)
    assert {name for name in before if name in ("c", "d")} <= after.keys()
    assert not {"C", "D"} & after.keys()


async def test_a_request_that_can_do_nothing_is_refused_before_a_line_is_read(world: World) -> None:
    async def status(path: str, token: str = "own", **headers: str) -> tuple[int, Any]:
        reply = await world.client.post(path, headers={**world.headers(token), **headers}, content=pet("Rex").encode())
        return reply.status_code, reply.json()["message"]

    assert await status(BULK, token="reader") == (401, "The token is not authorized for this scope.")
    assert (await status(BULK + f"?locationId={world.foreign}"))[0] == 403
    assert (await status("/x/objects/custom_objects.cat/records/bulk"))[0] == 404
    assert (await status("/x/objects/contact/records/bulk"))[0] == 400
    assert await status(BULK + "?mode=upsert") == (422, ["match should not be empty"])
    assert (await status(BULK + "?match=chip"))[0] == 422
    assert (await status(BULK + "?mode=upsert&match=name"))[0] == 400
    assert (await status(BULK + "?mode=update&match=chop"))[0] == 400
    assert (await status(BULK + "?mode=merge"))[0] == 422
    assert (await status(BULK + "?atomic=all"))[0] == 422
    assert await status(BULK + "?chunk=0") == (422, ["chunk must not be less than 1"])
    assert await status(BULK + "?chunk=1001") == (422, ["chunk must not be greater than 1000"])
    assert (await status(BULK, **{"Idempotency-Key": "x" * 256}))[0] == 400
    assert await shown(world) == {}


async def test_a_company_token_names_the_location(world: World) -> None:
    assert told(await post(world, f"?locationId={world.location}", [pet("Rex")], token="company")) == ["created"]


async def test_an_empty_body_has_no_results(world: World) -> None:
    assert await post(world, "", ["", "  ", ""]) == []


# --- upsert of one


async def upsert(world: World, chip: str | None, **members: Json) -> tuple[int, dict[str, Any]]:
    properties = {"name": "Rex", **({} if chip is None else {"chip": chip})}
    body = {"locationId": world.location, "match": "chip", "properties": properties, **members}
    reply = await world.client.post(UPSERT, headers=world.headers(), json=body)
    return reply.status_code, reply.json()


async def test_an_upsert_of_one_is_201_for_a_new_record_and_200_for_a_changed_one(world: World) -> None:
    status, created = await upsert(world, "1")
    again, updated = await upsert(world, "1", properties={"name": "Max", "chip": "1", "age": 3})

    assert (status, created["new"], created["record"]["properties"]) == (201, True, {"name": "Rex", "chip": "1"})
    assert (again, updated["new"], updated["record"]["id"]) == (200, False, created["record"]["id"])
    assert updated["record"]["properties"] == {"name": "Max", "chip": "1", "age": 3}
    assert (await upsert(world, None))[0] == 400
    assert (await upsert(world, "2", match="name"))[0] == 400


async def test_an_upsert_with_a_key_is_answered_once(world: World) -> None:
    headers = {**world.headers(), "Idempotency-Key": "k"}
    body = {"locationId": world.location, "match": "chip", "properties": {"name": "Rex", "chip": "1"}}

    replies = [await world.client.post(UPSERT, headers=headers, json=body) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [201, 201]
    assert replies[0].content == replies[1].content


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("way", ["one", "bulk"])
async def test_of_writers_of_one_value_one_creates_the_record(shared_url: str, processes: int, way: str) -> None:
    storages = [await open_storage(Settings(database=shared_url)) for _ in range(processes)]
    async with open_world(storages[0], Settings()) as world:
        await play(Scenario("given", "pets with chips", GIVEN), world, {"location": world.location})
        clients = [world.client]
        for storage in storages[1:]:
            transport = type(world.client._transport)(make_application(storage, Settings()))  # type: ignore[call-arg]
            clients.append(type(world.client)(transport=transport, base_url="http://server"))

        async def write(number: int) -> str:
            client = clients[number % processes]
            row = {"properties": {"name": f"Rex {number}", "chip": "same"}}
            if way == "one":
                reply = await client.post(UPSERT, headers=world.headers(), json={"match": "chip", **row})
                return str(reply.json()["new"])
            lines = "\n".join(json.dumps(row) for _ in range(3))
            reply = await client.post(f"{BULK}?mode=upsert&match=chip", headers=world.headers(), content=lines)
            actions = [json.loads(line)["action"] for line in reply.text.splitlines()]
            assert actions[1:] == ["unchanged", "unchanged"]
            return str(actions[0] == "created")

        outcomes = Counter(await asyncio.gather(*map(write, range(WRITERS))))

        assert outcomes == {"True": 1, "False": WRITERS - 1}
        assert len(await shown(world)) == 1
    for storage in storages:
        await storage.close()
