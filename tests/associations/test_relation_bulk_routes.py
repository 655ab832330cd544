"""Tests of relating many records over the API, by ids and by natural keys, on every engine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.conformance.contacts import contact
from tests.conformance.given import FOLDER, PET, create, field
from tests.conformance.scenario import Scenario, Step, Variables, play
from tests.kernel.http.world import World, open_world

BULK = "/x/associations/relations/bulk"
KEEPS = {
    "locationId": "{location}",
    "key": "keeps",
    "firstObjectLabel": "Pet",
    "firstObjectKey": "custom_objects.pet",
    "secondObjectLabel": "Keeper",
    "secondObjectKey": "contact",
    "firstObjectToSecondObjectCardinality": "MANY_TO_ONE",
    "secondObjectToFirstObjectCardinality": "ONE_TO_MANY",
}
GIVEN = (
    PET,
    FOLDER,
    field("chip", "TEXT", isUnique=True),
    create({"name": "Rex", "chip": "1"}, "rex"),
    create({"name": "Tom", "chip": "2"}, "tom"),
    contact(name="Ann", email="ann@example.com", phone="+14155552671"),
    Step("POST", "/associations/", 201, body=KEEPS, keep={"keeps": "id"}),
)


class Related:
    """A world with pets, a contact, and an association between them."""

    def __init__(self, world: World, known: Variables) -> None:
        self.world = world
        self.known = known

    async def post(self, query: str, *rows: Any, token: str = "own") -> list[dict[str, Any]]:
        lines = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
        headers = self.world.headers(token)
        reply = await self.world.client.post(BULK + query, headers=headers, content=lines.encode())
        assert reply.status_code == 200, reply.text
        return [json.loads(line) for line in reply.text.splitlines()]

    async def count(self, record: str) -> int:
        """How many relations a record has."""
        path = f"/associations/relations/{self.known[record]}?locationId={self.world.location}"
        total: int = (await self.world.client.get(path, headers=self.world.headers())).json()["total"]
        return total


@pytest.fixture
async def related(storage: Storage) -> AsyncIterator[Related]:
    async with open_world(storage, Settings()) as world:
        known: Variables = {"location": world.location}
        await play(Scenario("given", "pets and a keeper", GIVEN), world, known)
        yield Related(world, known)


def told(results: list[dict[str, Any]]) -> list[str]:
    return [result.get("action") or result["code"] for result in results]


async def test_records_are_named_by_ids_or_by_values_that_tell_them_apart(related: Related) -> None:
    rex, ann, keeps = (related.known[name] for name in ("rex", "contact", "keeps"))

    results = await related.post(
        "?chunk=2",
        {"association": "keeps", "first": {"chip": "1"}, "second": {"email": "Ann@Example.com"}},
        {"association": keeps, "first": rex, "second": ann},
        {"association": "keeps", "first": {"custom_objects.pet.chip": "2"}, "second": {"phone": "+1 415 555 2671"}},
    )

    assert told(results) == ["created", "unchanged", "created"]
    assert results[0]["id"] == results[1]["id"]
    assert await related.count("contact") == 2


async def test_a_row_that_is_refused_harms_no_other(related: Related) -> None:
    rex, ann = related.known["rex"], related.known["contact"]
    good = {"association": "keeps", "first": rex, "second": ann}

    results = await related.post(
        "",
        "{",
        {**good, "association": "hates"},
        {**good, "first": {"chip": "9"}},
        {**good, "first": {"name": "Rex"}},
        {**good, "first": {"colour": "red"}},
        {**good, "first": {"chip": 1}},
        {**good, "first": {"chip": "1", "name": "Rex"}},
        {**good, "first": ann, "second": rex},
        {**good, "third": rex},
        {"association": "keeps", "first": rex},
        {"first": rex, "second": ann},
        {"id": "6b04a3f11a802f19e9a8d4d2"},
        good,
    )

    assert told(results) == [
        "malformed_json", "association_not_found", "record_not_found", "match_not_unique", "unknown_property",
        "invalid_value", "invalid_shape", "invalid_relation", "invalid_shape", "invalid_shape", "invalid_shape",
        "invalid_shape", "created",
    ]  # fmt: skip
    assert await related.count("contact") == 1


async def test_relations_are_deleted_by_their_ids_or_their_records(related: Related) -> None:
    rows = [{"association": "keeps", "first": {"chip": chip}, "second": {"email": "ann@example.com"}} for chip in "12"]
    first, _ = await related.post("", *rows)

    gone = ({"id": first["id"]}, rows[0], rows[1], {"id": "x"}, {**rows[0], "id": "x"})
    results = await related.post("?mode=delete", *gone)

    assert told(results) == ["deleted", "relation_not_found", "deleted", "relation_not_found", "invalid_shape"]
    assert await related.count("contact") == 0


async def test_a_request_that_can_do_nothing_is_refused_before_a_line_is_read(related: Related) -> None:
    async def status(query: str, token: str = "own") -> int:
        reply = await related.world.client.post(BULK + query, headers=related.world.headers(token), content=b"{}")
        return reply.status_code

    assert await status("", "reader") == 401
    assert await status(f"?locationId={related.world.foreign}") == 403
    assert await status("?mode=upsert") == 422
    assert await status("?chunk=many") == 422
