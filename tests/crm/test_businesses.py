"""Businesses are listed in slices, oldest first (contract 4.3)."""

from __future__ import annotations

from groundlevel.crm.businesses.rules import Slice, list_businesses
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.rules import NewRecord, create_record
from tests.world import world_in


async def test_slices_make_up_the_list(storage: Storage) -> None:
    world, elsewhere = await world_in(storage), await world_in(storage)
    made = [(await world.do(create_record, NewRecord("business", {"name": f"B{n}"}))).record.id for n in range(5)]
    await elsewhere.do(create_record, NewRecord("business", {"name": "Other"}))
    slices = [await world.do(list_businesses, Slice(2, skip)) for skip in (0, 2, 4, 6)]
    assert [[view.record.id for view in found] for found in slices] == [made[:2], made[2:4], made[4:], []]
    assert await world.do(list_businesses, Slice(0, 0)) == []
