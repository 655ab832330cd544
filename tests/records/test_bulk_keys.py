"""Tests of bulk operations with an Idempotency-Key: each chunk is written once, however often the body is sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from groundlevel.kernel.model import Json
from tests.kernel.http.world import World

from .test_bulk_routes import BULK, PETS, pet, profile, world

__all__ = ["profile", "world"]

ROWS = [pet(f"Rex {number}", str(number)) for number in range(5)]


async def send(world: World, lines: Iterable[str], *, key: str = "monday", query: str = "?chunk=2") -> list[Any]:
    headers = {**world.headers(), "Idempotency-Key": key}
    reply = await world.client.post(BULK + query, headers=headers, content="\n".join(lines).encode())
    assert reply.status_code == 200, reply.text
    return [json.loads(line) for line in reply.text.splitlines()]


async def names(world: World) -> list[Json]:
    """The names of all pets, in order."""
    body = {"locationId": world.location, "page": 1, "pageLimit": 100}
    reply = await world.client.post(f"{PETS}/search", headers=world.headers(), json=body)
    assert reply.status_code in (200, 201), reply.text
    found = reply.json()
    assert found["total"] == len(found["records"])
    return sorted(record["properties"]["name"] for record in found["records"])


async def test_a_body_that_is_sent_again_has_the_same_results_and_writes_nothing(world: World) -> None:
    first = await send(world, ROWS)
    assert [row["action"] for row in first] == ["created"] * 5
    assert await send(world, ROWS) == first
    assert await names(world) == [f"Rex {number}" for number in range(5)]
    # Another key is another request: each of its rows meets the values of the first.
    assert {row["code"] for row in await send(world, ROWS, key="tuesday")} == {"unique_property_conflict"}


async def test_a_load_goes_on_behind_the_chunks_that_were_written(world: World) -> None:
    begun = await send(world, ROWS[:2])
    whole = await send(world, ROWS)
    assert whole[:2] == begun
    assert [row["row"] for row in whole] == [1, 2, 3, 4, 5]
    assert len(await names(world)) == 5
    assert await send(world, ROWS) == whole


async def test_results_of_refused_rows_are_kept_with_those_of_the_others(world: World) -> None:
    rows = [ROWS[0], "no JSON", ROWS[1]]
    first = await send(world, rows, query="")
    assert [row.get("code") for row in first] == [None, "malformed_json", None]
    assert await send(world, rows, query="") == first


async def test_other_lines_under_the_same_key_are_refused_chunk_by_chunk(world: World) -> None:
    await send(world, ROWS)
    results = await send(world, [*ROWS[:2], pet("Other", "9"), *ROWS[3:]])
    assert [row.get("code") for row in results] == [None, None, *["idempotency_key_reused"] * 2, None]
    # The number of a line is part of its result.
    assert {row["code"] for row in await send(world, ["", *ROWS[:2]])} == {"idempotency_key_reused"}
    assert {row["code"] for row in await send(world, ROWS[:2], query="?chunk=1")} == {"idempotency_key_reused"}
    assert len(await names(world)) == 5


async def test_a_chunk_that_is_refused_leaves_nothing_and_may_be_mended(world: World) -> None:
    query = "?chunk=2&atomic=chunk"
    refused = await send(world, [ROWS[0], pet("Twice", "0"), *ROWS[1:3]], query=query)
    assert [row.get("code") for row in refused] == ["chunk_refused", "unique_property_conflict", None, None]
    assert await names(world) == ["Rex 1", "Rex 2"]
    mended = await send(world, [ROWS[0], pet("Mended", "8"), *ROWS[1:3]], query=query)
    assert [row["action"] for row in mended] == ["created"] * 4
    assert mended[2:] == refused[2:]
    assert await names(world) == ["Mended", "Rex 0", "Rex 1", "Rex 2"]


async def test_of_two_requests_with_one_key_at_once_one_writes(world: World) -> None:
    results = await asyncio.gather(*(send(world, ROWS) for _ in range(4)))
    assert all(each == results[0] for each in results)
    assert len(await names(world)) == 5


async def test_relations_are_created_once(world: World) -> None:
    kept = {"locationId": world.location, "key": "friend", "firstObjectKey": "custom_objects.pet"}
    labels = {"firstObjectLabel": "Pet", "secondObjectLabel": "Friend", "secondObjectKey": "custom_objects.pet"}
    reply = await world.client.post("/associations/", headers=world.headers(), json={**kept, **labels})
    assert reply.status_code == 201, reply.text
    await send(world, ROWS)
    line = {"association": "friend", "first": {"chip": "0"}, "second": {"chip": "1"}}
    headers = {**world.headers(), "Idempotency-Key": "friends"}
    replies = [
        await world.client.post("/x/associations/relations/bulk", headers=headers, content=json.dumps(line).encode())
        for _ in range(2)
    ]
    assert [json.loads(reply.text)["action"] for reply in replies] == ["created", "created"]
    assert replies[0].content == replies[1].content
