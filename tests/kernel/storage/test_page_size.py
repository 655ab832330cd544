"""Pages of records with long values: how much is read of them at most, and what is said of more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from groundlevel.imports.record_pages import Selection, read_pages
from groundlevel.kernel.errors import LimitExceeded
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.connection import MAX_PAGE_TEXT, USUAL_PAGE, Row, weigh
from groundlevel.kernel.storage.records import SLICE_TEXT
from groundlevel.kernel.storage.transaction import Transaction
from tests.world import PET, World, world_in

LONG = MAX_PAGE_TEXT // 8
"""Characters of a record, so that eight do not fit into a page together, and seven do."""


@pytest.fixture
async def world(storage: Storage) -> World:
    """A place with ten pets, each of a million characters in texts that are not too long one by one."""
    world = await world_in(storage)
    await world.pet()
    keys = [f"part_{n}" for n in range(LONG // 12_000 + 1)]
    for key in keys:
        await world.field(key)
    for n in range(10):
        await world.create({"name": f"Rex {n}", **dict.fromkeys(keys, "x" * 12_000)})
    return world


@pytest.mark.parametrize("sort", [None, [{"field": "properties.name", "direction": "desc"}]])
@pytest.mark.parametrize("text", [None, "rex"])
@pytest.mark.parametrize("limit", [10, 500])
async def test_a_page_that_is_too_long_is_refused_and_what_is_advised_works(
    world: World, sort: list[dict[str, str]] | None, text: str | None, limit: int
) -> None:
    with pytest.raises(LimitExceeded) as refusal:
        await world.search(text, sort=sort, page_limit=limit)
    assert "Ask for at most 7 records a page" in refusal.value.advice
    walked: list[str] = []
    for page in (1, 2):
        found = await world.search(text, sort=sort, page_limit=7, page=page)
        assert found.total == 10
        walked += [view.record.id for view in found.views]
    assert len(set(walked)) == 10


async def test_walks_take_fewer_records_at_once_where_these_are_large(world: World) -> None:
    sizes: list[int] = []
    counts: list[int] = []

    async def walk(tx: Transaction) -> list[str]:
        schema = await tx.schema(PET)
        walked: list[str] = []
        more = True
        while more:
            found, more = await tx.records.list_after(schema, walked[-1] if walked else "", 500)
            walked += [record.id for record in found]
            sizes.append(sum(len(record.properties) for record in found))
            counts.append(len(found))
        return walked

    for n in range(100):
        await world.create({"name": f"Rex {n}", "part_0": "x" * 12_000})
    for n in range(30):
        await world.create({"name": f"Rex {n}"})
    walked = await world.storage.scan(world.location, walk)
    assert len(walked) == len(set(walked)) == 140
    assert counts[:2] == [4, 4], "the first few are read whatever they hold, and nothing after what is too much"
    assert max(sizes[3:]) <= SLICE_TEXT + 12_100
    assert len(counts) <= 8


@pytest.mark.parametrize("filters", [None, [{"field": "properties.name", "operator": "contains", "value": "Rex"}]])
async def test_an_export_reads_fewer_records_at_once_where_these_are_large(world: World, filters: Json) -> None:
    pages = [page async for page in read_pages(world.storage, world.call, Selection(PET, filters))]
    assert [view.id for page in pages for view in page] == sorted(view.id for page in pages for view in page)
    assert sum(map(len, pages)) == 10
    assert max(map(len, pages)) <= 4


@pytest.mark.parametrize(("length", "expected"), [(MAX_PAGE_TEXT // 4, USUAL_PAGE), (MAX_PAGE_TEXT // 30, 31)])
def test_no_row_is_read_behind_the_one_that_is_too_much(length: int, expected: int) -> None:
    """A usual page apart, which is read in one step."""
    read = 0

    def rows() -> Iterator[Row]:
        nonlocal read
        for _ in range(500):
            read += 1
            yield (b"id", "x" * length)

    with pytest.raises(LimitExceeded):
        weigh(rows(), 500)
    assert read == expected


def test_a_page_of_one_record_is_always_answered() -> None:
    row = (b"id", "x" * (MAX_PAGE_TEXT + 1))
    assert weigh([row], 1) == [row]
