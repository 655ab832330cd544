"""Businesses are listed in parts, oldest first (docs/contract.md#sales-operations)."""

from __future__ import annotations

from groundlevel.crm.businesses.rules import BUSINESSES
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.rules import NewRecord, create_record
from tests.world import world_in


async def test_parts_make_up_the_list(storage: Storage) -> None:
    world, elsewhere = await world_in(storage), await world_in(storage)
    made = [(await world.do(create_record, NewRecord("business", {"name": f"B{n}"}))).record.id for n in range(5)]
    await elsewhere.do(create_record, NewRecord("business", {"name": "Other"}))
    oldest_first = [{"field": "createdAt", "direction": "asc"}]
    parts = [
        await world.do(BUSINESSES.search, SearchRequest(sort=oldest_first, page_limit=2, skip=skip))
        for skip in (0, 2, 4, 6)
    ]
    assert [[view.record.id for view in part.views] for part in parts] == [made[:2], made[2:4], made[4:], []]
    assert {part.total for part in parts} == {5}
