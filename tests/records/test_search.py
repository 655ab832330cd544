"""Searching as a use case: what it sees, where it is refused, and cursors that outlive what they point at."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import InvalidCursor, InvalidField, InvalidFilter, NotSupported, ObjectNotFound, Refusal
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.connection import USUAL_PAGE
from groundlevel.records.rules import NewRecord, create_record
from groundlevel.records.search import FEW_BEFORE, Search, reads_little, search_records
from groundlevel.schema.indexes import IndexKey, build_index
from tests.world import PET, World, options, world_in


@pytest.fixture
async def world(storage: Storage) -> World:
    world = await world_in(storage)
    await world.pet()
    await world.field("age", "NUMERICAL")
    return world


async def test_every_write_is_seen_at_once(world: World) -> None:
    rex = await world.create({"name": "Rex", "age": 1})
    assert await world.found("rex") == [rex]
    await world.update(rex, {"name": "Zoë", "age": 2})
    assert (await world.found("rex"), await world.found("zoe"), await world.found("name:ZOE")) == ([], [rex], [rex])
    older = [{"field": "properties.age", "operator": "range", "value": {"gt": 1}}]
    assert await world.found(filters=older) == [rex]
    await world.delete(rex)
    assert await world.found("zoe") == await world.found(filters=older) == await world.found() == []


async def test_views_are_whole_and_have_cursors(world: World) -> None:
    ids = [await world.create({"name": "Rex", "age": n}, owners=["ann"]) for n in range(3)]
    found = await world.search(sort=[{"field": "properties.age"}])
    assert [view.record.id for view in found.views] == ids
    assert found.cursors == [[n, record_id] for n, record_id in enumerate(ids)]
    assert found.views[0].record.owners == ("ann",)
    assert found.views[0].location == world.location
    newest = await world.search()
    assert newest.cursors[0] == [newest.views[0].record.created_at, ids[2]]


@pytest.mark.parametrize("way", ["by id", "by age", "by age, with an index"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
async def test_a_cursor_walks_every_record_once_while_others_write(world: World, way: str, direction: str) -> None:
    """Records made meanwhile may show or not; those before the walk show once, also when the cursor's own is gone."""
    before = [await world.create({"name": f"Rex {n}"} | ({"age": n % 5} if n % 4 else {})) for n in range(40)]
    if way.endswith("index"):
        number = next(field.number for field in (await world.object()).fields if field.key == "age")
        await build_index(world.storage, world.call, IndexKey(PET, number))
    sort: Json = [{"field": "createdAt" if way == "by id" else "properties.age", "direction": direction}]
    walked: list[str] = []
    cursor: Json = None
    for step in range(100):
        found = await world.search(sort=sort, page_limit=7, search_after=cursor)
        if not found.views:
            break
        walked += [view.record.id for view in found.views]
        cursor = found.cursors[-1]
        if step < 5:
            await world.create({"name": "New", "age": step})
            await world.delete(walked[-1])
    assert len(walked) == len(set(walked))
    assert set(walked) >= set(before)
    rest = await world.search(sort=sort, page_limit=100)
    assert rest.total == 40
    assert {view.record.id for view in rest.views} >= set(before) - {walked[n * 7 + 6] for n in range(5)}


@pytest.mark.parametrize(
    ("key", "members", "refusal"),
    [
        ("custom_objects.none", {}, ObjectNotFound),
        ("contact", {}, NotSupported),
        ("opportunity", {}, NotSupported),
        (PET, {"filters": [{"field": "age", "operator": "eq", "value": 1}]}, InvalidField),
        (PET, {"filters": [{"field": "properties.age", "operator": "contains", "value": "1"}]}, InvalidFilter),
        (PET, {"sort": [{"field": "properties.none"}]}, InvalidField),
        (PET, {"search_after": ["x"]}, InvalidCursor),
        (PET, {"text": "age:3"}, NotSupported),
    ],
    ids=str,
)
async def test_a_search_that_is_refused(
    world: World, key: str, members: dict[str, Json], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await world.do(search_records, Search(key, SearchRequest(**members)))


async def test_business_is_searched_like_any_other(world: World) -> None:
    view = await world.do(create_record, NewRecord("business", {"name": "Acme", "email": "a@example.com"}))
    found = await world.do(search_records, Search("business", SearchRequest(text="example")))
    assert [each.record.id for each in found.views] == [view.record.id]


async def test_totals_beyond_the_page(world: World) -> None:
    await world.field("color", "SINGLE_OPTIONS", options=options("Red", "Blue"))
    for number in range(12):
        await world.create({"name": f"Rex {number}", "color": ("red", "blue")[number % 2]})
    red: Json = [{"field": "properties.color", "operator": "eq", "value": "red"}]
    searches: list[tuple[dict[str, Json], int]] = [
        ({}, 12),
        ({"filters": red}, 6),
        ({"text": "rex"}, 12),
        ({"text": "rex 1", "filters": red}, 1),
    ]
    for members, total in searches:
        for page, limit in ((1, 500), (1, 2), (2, 5), (99, 3)):
            found = await world.search(page=page, page_limit=limit, **members)
            assert found.total == total
            assert len(found.views) == max(0, min(limit, total - (page - 1) * limit))


async def test_a_page_and_its_total_are_of_one_moment(world: World) -> None:
    """Records are only added, the newest come first, and each has its number: so the first of a page says the total."""

    async def add() -> None:
        for number in range(1, 61):
            await world.create({"name": f"{number}"})

    adding = asyncio.create_task(add())
    seen = set()
    while not adding.done():
        found = await world.search(page_limit=5)
        newest = [int(decode_object(view.record.properties)["name"]) for view in found.views]
        assert newest == list(range(found.total, max(found.total - 5, 0), -1))
        seen.add(found.total)
        await asyncio.sleep(0)
    await adding
    assert len(seen) > 5


@pytest.mark.parametrize(
    ("members", "little"),
    [
        ({}, True),
        ({"text": "", "filters": [], "sort": []}, True),
        ({"page": 11, "page_limit": 20}, True),
        ({"skip": FEW_BEFORE, "page": 99}, True),
        ({"search_after": ["1"], "page": 9_999}, True),
        ({"page": 12, "page_limit": 20}, False),
        ({"skip": FEW_BEFORE + 1}, False),
        ({"page_limit": USUAL_PAGE + 1}, False),
        ({"page_limit": "20"}, False),
        ({"text": "rex"}, False),
        ({"filters": [{"field": "properties.age", "operator": "exists"}]}, False),
        ({"sort": [{"field": "properties.age"}]}, False),
    ],
)
def test_which_searches_read_little(members: dict[str, Any], little: bool) -> None:
    assert reads_little(SearchRequest(**members)) is little
