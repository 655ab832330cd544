"""Which way a sorted search goes: what an index names is sorted where that is less than to walk along the sort key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.query.ast import Plan, Test
from groundlevel.kernel.storage import search, sizes
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.compile import Among, BoundQuery, Compiler
from groundlevel.kernel.storage.dialect import Walk
from groundlevel.schema.indexes import IndexKey, build_index
from tests.world import PET, World, world_in

PETS = 40
BY_SEATS: Any = [{"field": "properties.seats", "direction": "desc"}]


@pytest.fixture
async def world(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> World:
    """Pets with two indexed numbers, of which even one is too many to be listed first."""
    monkeypatch.setattr(search, "MAX_CANDIDATES", 0)
    world = await world_in(storage)
    await world.pet()
    for key in ("age", "seats"):
        await world.field(key, "NUMERICAL")
    for number in range(PETS):
        await world.create({"name": f"Rex {number}", "age": number, "seats": number * 7 % PETS})
    for field in (await world.object()).fields:
        if field.key in ("age", "seats"):
            await build_index(storage, world.call, IndexKey(PET, field.number))
    return world


def younger(age: int) -> Any:
    return [{"field": "properties.age", "operator": "range", "value": {"lt": age}}]


@pytest.mark.parametrize(("age", "walks"), [(2, False), (3, False), (20, True), (100, True)])
async def test_the_cheaper_way_is_gone(world: World, age: int, walks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    walked: list[Plan] = []
    walk = Compiler.walk

    def note(self: Compiler, *arguments: Any, **more: Any) -> BoundQuery:
        walked.append(self.plan)
        return walk(self, *arguments, **more)

    monkeypatch.setattr(Compiler, "walk", note)
    found = await world.search(filters=younger(age), sort=BY_SEATS, page_limit=1)
    ages = [number for number in range(PETS) if number < age]
    best = max(ages, key=lambda number: number * 7 % PETS)
    assert [decode_object(view.record.properties)["name"] for view in found.views] == [f"Rex {best}"]
    assert found.total == len(ages)
    assert bool(walked) is walks


EITHER: Any = [{"group": "OR", "filters": [*younger(2), {**younger(0)[0], "value": {"gte": 37}}]}]
BOTH: Any = [*younger(12), {"field": "properties.seats", "operator": "range", "value": {"lt": 36}}]


@pytest.mark.parametrize(("filters", "ages"), [(younger(9), range(9)), (EITHER, [0, 1, 37, 38, 39]), (BOTH, range(11))])
async def test_of_what_indexes_list_only_the_page_is_read(
    world: World, filters: Any, ages: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MAX_CANDIDATES", 11)
    monkeypatch.setattr(sizes, "ENTRY_COST", 0)
    read: list[int] = []
    page = Compiler.page

    def note(self: Compiler, among: Among = None, **more: Any) -> BoundQuery:
        assert isinstance(among, list)
        read.append(len(among))
        return page(self, among, **more)

    monkeypatch.setattr(Compiler, "page", note)
    newest = [f"Rex {age}" for age in sorted(ages, reverse=True)]
    for number in (1, 2):
        found = await world.search(filters=filters, page_limit=4, page=number)
        names = [decode_object(view.record.properties)["name"] for view in found.views]
        assert names == newest[4 * number - 4 : 4 * number]
        assert found.total == len(ages)
    assert read == [4, len(ages[4:8])]


NOBODY: Any = younger(-1)


@pytest.mark.parametrize("few", [0, 1, 2, 100])
@pytest.mark.parametrize(
    ("filters", "ages"), [(younger(9), range(9)), (younger(30), range(30)), (EITHER, [0, 1, 37, 38, 39]), (NOBODY, ())]
)
async def test_a_page_is_the_same_however_it_is_listed(
    world: World, filters: Any, ages: Sequence[int], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MAX_CANDIDATES", few)
    asked: list[int | None] = []
    listed_page = Compiler.listed_page

    def note(self: Compiler, test: Test, most: int | None = None) -> BoundQuery:
        asked.append(most)
        return listed_page(self, test, most)

    monkeypatch.setattr(Compiler, "listed_page", note)
    newest = [f"Rex {age}" for age in sorted(ages, reverse=True)]
    after = None
    for number in range(1, len(ages) // 4 + 3):
        places: list[Any] = [{"page": number}, {"search_after": after}]
        for place in places if after else places[:1]:
            found = await world.search(filters=filters, page_limit=4, **place)
            names = [decode_object(view.record.properties)["name"] for view in found.views]
            assert names == newest[4 * number - 4 : 4 * number]
            assert found.total == len(ages)
        after = found.cursors[-1] if found.cursors else after
    most = search.MANY_LISTED * few
    assert most + 1 in asked
    if most < len(ages) <= PETS // sizes.SELECTIVE:
        # What is more is counted, and listed where that is less than to read on.
        assert None in asked


async def test_a_long_alternative_is_not_united_to_its_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MAX_CANDIDATES", 2)
    texts: list[str] = []
    listed_page = Compiler.listed_page

    def note(self: Compiler, test: Test, most: int | None = None) -> BoundQuery:
        query = listed_page(self, test, most)
        texts.append(query.statement.sql)
        return query

    monkeypatch.setattr(Compiler, "listed_page", note)
    await world.search(filters=EITHER, page_limit=4)
    assert texts[0].count(f" LIMIT {2 * search.MANY_LISTED + 1}) AS part") == 2


@pytest.mark.parametrize(("direction", "first"), [("asc", range(15)), ("desc", range(14, -1, -1))])
async def test_a_walk_keeps_to_a_range_of_its_key(
    world: World, direction: str, first: range, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks: list[Walk] = []
    walk = Compiler.walk

    def note(self: Compiler, along: Walk, **more: Any) -> BoundQuery:
        walks.append(along)
        return walk(self, along, **more)

    monkeypatch.setattr(Compiler, "walk", note)
    await world.create({"name": "Without seats"})
    few: Any = [{"field": "properties.seats", "operator": "range", "value": {"lt": 15}}]
    order: Any = [{"field": "properties.seats", "direction": direction}]
    seats: list[Any] = []
    after = None
    while page := await world.search(filters=few, sort=order, page_limit=4, search_after=after):
        assert page.total == 15
        if not page.views:
            break
        seats += [decode_object(view.record.properties)["seats"] for view in page.views]
        after = page.cursors[-1]
    assert seats == list(first)
    assert walks
    assert all(each.ranges and not each.missing for each in walks)
