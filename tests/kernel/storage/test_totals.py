"""Totals and pages that were found once are right after every kind of write, also after those of another process."""

from __future__ import annotations

from typing import Any

import pytest

from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.ast import (
    Between,
    Bound,
    Contains,
    Every,
    Not,
    Plan,
    PropertyOperand,
    Related,
    Test,
    TextMatch,
    Within,
)
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.storage import search, totals
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.compile import BoundQuery, Compiler
from groundlevel.kernel.storage.conditions import is_memorable
from groundlevel.kernel.storage.reads import Reads
from groundlevel.kernel.storage.records import Tally
from groundlevel.kernel.storage.sizes import Sizes
from groundlevel.kernel.storage.totals import FoundPage, Stamp, Totals
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.records.rules import RecordKey, delete_record
from groundlevel.records.search import Search, search_records
from tests.world import PET, World, world_in

YOUNG: Json = [{"field": "properties.age", "operator": "range", "value": {"lt": 100}}]
OF_BOTH: Json = [*YOUNG, {"field": "properties.name", "operator": "contains", "value": "Rex"}]
EITHER: Json = [{"group": "OR", "filters": OF_BOTH}]
NOT_OLD: Json = [{"field": "properties.age", "operator": "not_eq", "value": 100}]
QUESTIONS: list[dict[str, Any]] = [
    {"filters": YOUNG},
    {"filters": OF_BOTH},
    {"filters": EITHER},
    {"filters": NOT_OLD},
    {"text": "rex"},
    {"text": "rex", "filters": YOUNG},
    {"filters": YOUNG, "sort": [{"field": "properties.name", "direction": "asc"}]},
]


@pytest.fixture
async def world(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> World:
    """Pets, of which even one is too many to be listed first."""
    monkeypatch.setattr(search, "MAX_CANDIDATES", 0)
    return await pets(storage)


async def pets(storage: Storage) -> World:
    """Eight pets of different age."""
    world = await world_in(storage)
    await world.pet()
    await world.field("age", "NUMERICAL")
    for number in range(8):
        await world.create({"name": f"Rex {number}", "age": number})
    return world


async def counted(world: World) -> list[int]:
    """The totals of all questions, each asked twice for pages that do not show them."""
    first = [(await world.search(page_limit=1, **question)).total for question in QUESTIONS]
    again = [(await world.search(page_limit=1, **question)).total for question in QUESTIONS]
    assert first == again
    return first


async def test_every_write_is_counted(world: World) -> None:
    assert await counted(world) == [8] * 7
    record_id = await world.create({"name": "Rex 8", "age": 8})
    assert await counted(world) == [9] * 7
    await world.update(record_id, {"age": 100})
    assert await counted(world) == [8, 8, 9, 8, 9, 8, 8]
    await world.update(record_id, {"name": "Tom"})
    assert await counted(world) == [8, 8, 8, 8, 8, 8, 8]
    await world.update(record_id, {"age": 1})
    assert await counted(world) == [9, 8, 9, 9, 8, 8, 9]
    await world.delete(record_id)
    assert await counted(world) == [8] * 7


PAGES: list[dict[str, Any]] = [
    *QUESTIONS,
    {"sort": [{"field": "properties.age", "direction": "desc"}]},
    {"page": 2},
]


async def pages(world: World) -> list[tuple[int, list[str]]]:
    """What all questions find when each is asked for the first time, which is what they find again."""
    totals = world.storage.cache.totals
    totals.clear()
    first = [await world.search(page_limit=3, **question) for question in PAGES]
    again = [await world.search(page_limit=3, **question) for question in PAGES]
    assert again == first
    return [(found.total, [view.record.id for view in found.views]) for found in again]


@pytest.fixture(params=[0, 1_000])
async def remembering(storage: Storage, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> World:
    """Pets of which every page is remembered, whether matches are listed first or not."""
    monkeypatch.setattr(search, "MAX_CANDIDATES", request.param)
    monkeypatch.setattr(search, "FEW_LISTED", 0)
    monkeypatch.setattr(search, "FEW_READ", 0)
    return await pets(storage)


async def test_pages_are_right_after_every_write(remembering: World) -> None:
    before = await pages(remembering)
    record_id = await remembering.create({"name": "Rex 8", "age": 8})
    newest_first = await pages(remembering)
    assert sum(record_id in ids for _, ids in newest_first) == len(PAGES) - 2
    await remembering.update(record_id, {"name": "Tom", "age": 100})
    assert sum(record_id in ids for _, ids in await pages(remembering)) == 1
    await remembering.delete(record_id)
    assert await pages(remembering) == before


async def test_a_page_is_sought_again_only_after_a_write(remembering: World, monkeypatch: pytest.MonkeyPatch) -> None:
    question: dict[str, Any] = {"filters": YOUNG, "sort": [{"field": "properties.name", "direction": "asc"}]}
    found = await remembering.search(**question)
    monkeypatch.setattr("groundlevel.kernel.storage.search._Search._candidates", _fail)
    assert await remembering.search(**question) == found
    await remembering.create({"name": "Rex 8", "age": 8})
    with pytest.raises(AssertionError, match="sought again"):
        await remembering.search(**question)


async def test_what_was_found_before_everything_was_replaced_is_not_kept(
    remembering: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = SearchRequest(filters=YOUNG)

    async def replaced_meanwhile(tx: Transaction) -> int:
        remembering.storage.cache.forget()
        return (await search_records(tx, remembering.call, Search(PET, request))).total

    assert await remembering.storage.scan(remembering.location, replaced_meanwhile) == 8
    monkeypatch.setattr("groundlevel.kernel.storage.search._Search._candidates", _fail)
    with pytest.raises(AssertionError, match="sought again"):
        await remembering.search(filters=YOUNG)


SORTED_TEXT: dict[str, Any] = {"text": "rex", "filters": YOUNG, "sort": [{"field": "properties.name"}]}


@pytest.mark.parametrize("question", [{"filters": YOUNG}, {"text": "rex"}, SORTED_TEXT])
async def test_nothing_is_kept_of_before_everything_was_replaced(
    remembering: World, question: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    monkeypatch.setattr(Totals, "keep", lambda *_: kept.append("total"))
    monkeypatch.setattr(Totals, "keep_page", lambda *_: kept.append("page"))

    async def work(tx: Transaction) -> int:
        return (await search_records(tx, remembering.call, Search(PET, SearchRequest(**question)))).total

    async def replaced_meanwhile(tx: Transaction) -> int:
        remembering.storage.cache.forget()
        return await work(tx)

    assert await remembering.storage.scan(remembering.location, replaced_meanwhile) == 8
    assert kept == []
    assert await remembering.storage.scan(remembering.location, work) == 8
    assert kept != []


async def _fail(_search: object) -> None:
    raise AssertionError("sought again")


async def test_writes_of_another_process_are_counted(
    pair: tuple[Storage, Storage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MAX_CANDIDATES", 0)
    world = await pets(pair[0])
    neighbour = World(pair[1], world.location, world.call)
    assert await counted(world) == [8] * 7
    record_id = await neighbour.create({"name": "Rex", "age": 8})
    assert await counted(world) == [9] * 7
    await neighbour.update(record_id, {"age": 100, "name": "Tom"})
    assert await counted(world) == [8] * 7


async def test_a_write_that_is_refused_changes_no_total(world: World) -> None:
    before = await counted(world)
    with pytest.raises(Exception, match="age"):
        await world.create({"name": "Rex", "age": "old"})
    with pytest.raises(Exception, match="not found"):
        await world.do(delete_record, RecordKey("custom_objects.pet", "0" * 24))
    assert await counted(world) == before


def plan(needle: str) -> Plan:
    return Plan(TextMatch(needle), None, (), False, (), 0, 20)


def test_a_total_is_known_for_one_version_of_one_object() -> None:
    known = Totals()
    stamp = Stamp(1, Tally(10, 20))
    known.keep((1, 1), stamp, plan("rex"), 7)
    assert known.find((1, 1), stamp, plan("rex")) == 7
    assert known.find((1, 2), stamp, plan("rex")) is None
    assert known.find((1, 1), stamp, plan("tom")) is None
    for later in (Stamp(2, Tally(10, 20)), Stamp(1, Tally(10, 21)), Stamp(1, Tally(11, 20))):
        assert known.find((1, 1), later, plan("rex")) is None
    page = FoundPage(("0" * 24,), 7)
    known.keep_page((1, 1), stamp, plan("rex"), page)
    assert known.has_page((1, 1), plan("rex"))
    assert known.find_page((1, 1), stamp, plan("rex")) == page
    later = Stamp(1, Tally(10, 21))
    assert known.find_page((1, 1), later, plan("rex")) is None
    known.keep_page((1, 1), stamp, plan("tom"), FoundPage(("0",) * (totals.LONGEST_PAGE + 1), 1_000))
    assert not known.has_page((1, 1), plan("tom"))
    known.keep((1, 1), later, plan("tom"), 8)
    assert known.find((1, 1), later, plan("rex")) is None
    assert known.find((1, 1), later, plan("tom")) == 8


SCORE = PropertyOperand("score", (), Comparison.NUMBER, 1, indexed=True)
NAME = PropertyOperand("name", (), Comparison.TEXT, 2, indexed=True)
LONG_TEXT = "x" * (totals.LONGEST * totals.LONG)


@pytest.mark.parametrize(
    ("where", "after", "is_kept"),
    [
        (None, (), True),
        (Within(NAME, ("tom",)), (), True),
        (Within(NAME, ("tom",) * totals.LONGEST), (), True),
        (Within(NAME, ("tom",) * (totals.LONGEST + 1)), (), False),
        (Within(NAME, (LONG_TEXT,)), (), False),
        (Not(Contains(NAME, (LONG_TEXT,))), (), False),
        (Between(NAME, Bound(LONG_TEXT, inclusive=True), None), (), False),
        (Every((Between(SCORE, None, Bound(1.0, inclusive=True)), Within(NAME, (LONG_TEXT,)))), (), False),
        (None, (LONG_TEXT, "0" * 24), False),
        (None, (None, 1.0, "0" * 24), True),
        (Related(("0" * 24,), (1,), ()), (), False),
    ],
    ids=[
        "all",
        "one",
        "many",
        "too many",
        "long",
        "long part",
        "long end",
        "long among",
        "long cursor",
        "cursor",
        "relation",
    ],
)
def test_what_is_long_is_not_remembered(
    where: Test | None, after: tuple[str | float | None, ...], is_kept: bool
) -> None:
    asked = Plan(text=None, where=where, order=(), id_ascending=False, after=after, offset=0, limit=20)
    assert is_memorable(asked) is is_kept


async def test_the_size_of_what_is_long_is_found_once_by_each_search(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await pets(storage)
    scope = await world.storage.read(world.location, _scope)
    plan_of_all = Plan(text=None, where=None, order=(), id_ascending=False, after=(), offset=0, limit=20)
    counted_tests: list[Test] = []
    index_count = Compiler.index_count

    def note(self: Compiler, test: Test, most: int | None = None, text: TextMatch | None = None) -> BoundQuery | None:
        counted_tests.append(test)
        return index_count(self, test, most, text)

    monkeypatch.setattr(Compiler, "index_count", note)

    async def find(tx: Transaction) -> None:
        for test in (Within(NAME, (LONG_TEXT,)), Within(NAME, ("short",))):
            sizes = Sizes(tx, Reads(tx, await tx.schema(PET), plan_of_all))
            assert [await sizes.find(test) for _ in range(3)] == [0, 0, 0]
            assert not sizes.is_above(test, 5)
            sizes.keep_above(test, 5)
            assert sizes.is_above(test, 5)
            assert (tx.cache.totals.find_size(scope, test) is None) is (test.values == (LONG_TEXT,))

    await world.storage.read(world.location, find)
    assert len(counted_tests) == 2


async def _scope(tx: Transaction) -> tuple[int, int]:
    scope = tx.records.scope_of(await tx.schema(PET))
    return scope.loc, scope.obj


def test_what_is_known_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "MOST_OBJECTS", 3)
    monkeypatch.setattr(totals, "MOST_SEARCHES", 4)
    monkeypatch.setattr(totals, "MOST_PAGES", 2)
    known = Totals()
    stamp = Stamp(1, Tally(1, 1))
    for number in range(20):
        known.keep((1, number), stamp, plan("rex"), number)
        known.keep((1, 0), stamp, plan(str(number)), number)
        assert known.find((1, 0), stamp, plan(str(number))) == number
        known.keep_page((1, 0), stamp, plan(str(number)), FoundPage((), number))
        assert known.has_page((1, 0), plan(str(number)))
        assert len(known._of) <= 3
        assert all(len(each.totals) <= 4 for each in known._of.values())
        assert len(known._pages) <= 2
    known.clear()
    assert known.find((1, 0), stamp, plan("19")) is None
    assert not known.has_page((1, 0), plan("19"))
