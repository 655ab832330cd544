"""Which way a sorted search goes: what an index names is sorted where that is less than to walk along the sort key."""

from __future__ import annotations

from typing import Any

import pytest

from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.query.ast import Plan
from groundlevel.kernel.storage import search
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.compile import BoundQuery, Compiler
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
