"""What few records are found by one index and sorted by another has the order that sorting them gives."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.storage import candidates, search
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.compile import BoundQuery, Compiler
from groundlevel.kernel.storage.reads import Reads
from groundlevel.kernel.storage.sizes import Sizes
from groundlevel.schema.indexes import IndexKey, build_index
from tests.world import PET, World, world_in

PETS = 60
HEAVY = 30
"""Pets that weigh as much at least are found by their weight; one of three has no age, and ages are not unique."""
LIMIT = 4
BY_AGE = ("asc", "desc")


@pytest.fixture
async def world(storage: Storage) -> World:
    """Pets with an indexed weight and an indexed age."""
    world = await world_in(storage)
    await world.pet()
    await world.field("weight", "NUMERICAL")
    await world.field("age", "NUMERICAL")
    for number in range(PETS):
        age = {} if number % 3 == 0 else {"age": number * 7 % 10}
        await world.create({"name": f"Rex {number}", "weight": number, **age})
    for field in (await world.object()).fields:
        if field.key != "name":
            await build_index(storage, world.call, IndexKey(PET, field.number))
    return world


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of each walk along an index how many keys it has found."""
    monkeypatch.setattr(candidates, "FEW_LISTED", 0)
    found: list[int] = []
    few_keys = Reads.few_keys

    async def note(self: Reads, query: BoundQuery | None, most: int) -> list[object] | None:
        keys = await few_keys(self, query, most)
        if query is not None and "SELECT id, v" in query.statement.sql:
            found.append(len(keys or ()))
        return keys

    monkeypatch.setattr(Reads, "few_keys", note)
    return found


def heavy(least: int = HEAVY) -> Any:
    return [{"field": "properties.weight", "operator": "range", "value": {"gte": least}}]


def by_age(direction: str) -> Any:
    return [{"field": "properties.age", "direction": direction}]


async def names(world: World, **asked: Any) -> tuple[list[str], int]:
    found = await world.search(**asked)
    return [str(decode_object(view.record.properties)["name"]) for view in found.views], found.total


def in_order(direction: str, least: int) -> list[str]:
    """Those without an age come last; those of the same age in the order of their ids, in the same direction."""
    descending = direction == "desc"
    numbers = sorted(range(least, PETS), reverse=descending)
    aged = sorted((n for n in numbers if n % 3), key=lambda n: (n * 7 % 10, n), reverse=descending)
    return [f"Rex {n}" for n in (*aged, *(n for n in numbers if n % 3 == 0))]


@pytest.mark.parametrize(("direction", "page"), [*product(BY_AGE, (1, 2, 5, 6, 7, 8, 9))])
async def test_a_page_along_the_index_is_that_of_sorting(
    world: World, walked: list[int], direction: str, page: int
) -> None:
    await know_how_many_there_are(world)

    found, total = await names(world, filters=heavy(), sort=by_age(direction), page=page, page_limit=LIMIT)

    assert (found, total) == (in_order(direction, HEAVY)[(page - 1) * LIMIT : page * LIMIT], PETS - HEAVY)


async def test_sqlite_walks_along_the_index(world: World, walked: list[int]) -> None:
    await know_how_many_there_are(world)
    await names(world, filters=heavy(), sort=by_age("desc"), page_limit=LIMIT)
    assert walked == ([LIMIT] if world.storage.engine == "sqlite" else [])


async def test_a_walk_that_finds_too_little_is_given_up(
    world: World, walked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "SURE", 0)
    await know_how_many_there_are(world)
    found, _ = await names(world, filters=heavy(), sort=by_age("desc"), page_limit=LIMIT)
    assert found == in_order("desc", HEAVY)[:LIMIT]
    assert walked == ([0] if world.storage.engine == "sqlite" else [])


async def test_nothing_is_walked_where_sorting_costs_less(world: World, walked: list[int]) -> None:
    await know_how_many_there_are(world)
    least = PETS - 3
    found, total = await names(world, filters=heavy(least), sort=by_age("desc"), page_limit=LIMIT)
    assert (found, total) == (in_order("desc", least), 3)
    assert walked == []


async def test_what_has_many_matches_is_counted_and_read_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MAX_CANDIDATES", 1)
    await know_how_many_there_are(world)
    asked: list[int] = []
    listed_page = Compiler.listed_page

    def note(self: Compiler, sought: Any, most: int | None = None) -> BoundQuery:
        asked.append(most or 0)
        return listed_page(self, sought, most)

    monkeypatch.setattr(Compiler, "listed_page", note)
    found, total = await names(world, filters=heavy(), page_limit=LIMIT)
    assert (found, total) == ([f"Rex {number}" for number in range(PETS - 1, PETS - 1 - LIMIT, -1)], PETS - HEAVY)
    assert asked == [search.MANY_LISTED + 1], "no more than that many are listed"


async def test_more_matches_are_not_sorted_than_a_walk_passes(world: World, walked: list[int]) -> None:
    await know_how_many_there_are(world)
    found, total = await names(world, filters=heavy(1), sort=by_age("desc"), page_limit=LIMIT)
    assert (found, total) == (in_order("desc", 1)[:LIMIT], PETS - 1)
    assert walked == []


@pytest.mark.parametrize(
    ("held", "wanted", "most"),
    [(0, 20, 5_000), (1, 20, 1_000), (3_000, 20, 1_000), (10_000, 20, 1_673), (10_000, 60, 2_898), (10**6, 20, 5_000)],
)
def test_the_more_records_there_are_the_more_matches_are_listed(held: int, wanted: int, most: int) -> None:
    class Known:
        """An object of which that is known."""

        of = (1, 1)

        def __init__(self) -> None:
            self.held = held

    sizes = Sizes(None, Known())  # type: ignore[arg-type]
    assert sizes.most_listed(wanted, 1_000, 5_000) == most
    assert sizes.most_sorted(wanted, 1_000) <= most


async def know_how_many_there_are(world: World) -> None:
    """As a process knows it that has counted something of the object before."""
    await names(world, filters=[{"field": "properties.name", "operator": "eq", "value": "Rex 1"}])
