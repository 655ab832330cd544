"""What indexes list exactly, texts too, is listed once: the page, and how many match."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.query.ast import Contains, Test, TextMatch, Within
from groundlevel.kernel.storage import candidates, search, totals
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.compile import BoundQuery, Compiler
from groundlevel.kernel.storage.postgres.dialect import INDEXED_CHARACTERS
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.totals import Totals
from groundlevel.schema.indexes import IndexKey, build_index
from tests.needs import not_applicable
from tests.world import PET, World, world_in

PETS = 30
Listed = list[tuple[Test | TextMatch, int | None]]


def part(text: str) -> Any:
    return [{"field": "properties.note", "operator": "contains", "value": text}]


@pytest.fixture
async def world(storage: Storage) -> World:
    """Pets with an indexed text, every third of which is green."""
    world = await world_in(storage)
    await world.pet()
    await world.field("note")
    for number in range(PETS):
        await world.create({"name": f"Rex {number}", "note": f"{'green' if number % 3 == 0 else 'blue'} {number}"})
    field = next(field for field in (await world.object()).fields if field.key == "note")
    await build_index(storage, world.call, IndexKey(PET, field.number))
    return world


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Listed:
    """What was listed, and how much of it at most."""
    asked: Listed = []
    listed_page = Compiler.listed_page

    def note(self: Compiler, sought: Test | TextMatch, most: int | None = None) -> BoundQuery:
        asked.append((sought, most))
        return listed_page(self, sought, most)

    monkeypatch.setattr(Compiler, "listed_page", note)
    return asked


@pytest.fixture
def unexpected(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes it a fault to make statements of some kinds."""

    def fail(*_: Any, **__: Any) -> BoundQuery:
        raise AssertionError("everything is known from one statement")

    def refuse(*names: str) -> None:
        for name in names:
            monkeypatch.setattr(Compiler, name, fail)

    return refuse


async def names(world: World, **asked: Any) -> list[str]:
    found = await world.search(**asked)
    return [str(decode_object(view.record.properties)["name"]) for view in found.views]


async def all_pages(world: World, total: int, **asked: Any) -> list[str]:
    """The names on every page, of which each is asked for by its number and, but for the first, by a cursor."""
    seen: list[str] = []
    after = None
    for number in range(1, total // 4 + 3):
        page = await names(world, **asked, page_limit=4, page=number)
        beyond: dict[str, Any] = {"search_after": after} if after else {}
        found = await world.search(**asked, page_limit=4, **beyond)
        assert [str(decode_object(view.record.properties)["name"]) for view in found.views] == page
        assert found.total == total
        seen += page
        after = found.cursors[-1] if found.cursors else after
    return seen


GREEN = [f"Rex {number}" for number in reversed(range(0, PETS, 3))]
SEARCHES = pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"filters": part("green")}, GREEN),
        ({"filters": part("red")}, []),
        ({"text": "rex"}, [f"Rex {number}" for number in reversed(range(PETS))]),
        ({"text": "rex 1"}, [f"Rex {number}" for number in (*range(19, 9, -1), 1)]),
        ({"text": "nobody"}, []),
    ],
)


@SEARCHES
async def test_one_statement_lists_what_contains_a_text(
    world: World, listed: Listed, unexpected: Callable[..., None], asked: Any, expected: list[str]
) -> None:
    if world.storage.engine == "sqlite" and "text" in asked:
        not_applicable("SQLite finds the first matches of a text without the others")
    unexpected("total", "index_ids", "index_count", "text_ids", "keys_and_total")
    assert await names(world, **asked) == expected[:20]
    assert [most for _, most in listed] == [search.MOST_SCANNED + 1]
    assert isinstance(listed[0][0], TextMatch if "text" in asked else Contains)


@SEARCHES
@pytest.mark.parametrize("most", [0, 3, 100])
async def test_every_page_is_right_however_much_is_listed(
    world: World, asked: Any, expected: list[str], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_SCANNED", most)
    monkeypatch.setattr(search, "MAX_CANDIDATES", most)
    assert await all_pages(world, len(expected), **asked) == expected


async def test_with_many_known_to_match_pages_are_read_and_not_listed_again(
    world: World, listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FEW_LISTED", 0)
    monkeypatch.setattr(search, "MAX_CANDIDATES", 1)
    for asked in ({"filters": part("green")}, {"text": "rex 1"}):
        if world.storage.engine == "sqlite" and "text" in asked:
            continue
        listed.clear()
        expected = await names(world, **asked)
        assert search.MOST_SCANNED > len(expected) > search.MANY_LISTED
        pages = [await names(world, **asked, page_limit=4, page=number) for number in (1, 2, 3)]
        assert [name for page in pages for name in page] == expected
        assert len(listed) == 1
        # A write makes everything unknown.
        await world.create({"name": "Rex 100", "note": "green"})
        assert await names(world, **asked, page_limit=4) == ["Rex 100", *expected[:3]]
        assert len(listed) == 2


BY_NOTE: Any = [{"field": "properties.note", "direction": "asc"}]
UNNUMBERED: Any = [{"field": "properties.name", "operator": "not_contains", "value": "1"}]


@pytest.mark.parametrize("few", [0, 1_000])
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"filters": part("green"), "sort": BY_NOTE}, sorted(GREEN, key=lambda name: name.split()[1])),
        ({"filters": [*part("green"), *UNNUMBERED]}, [name for name in GREEN if "1" not in name]),
        ({"text": "rex 1", "filters": part("green")}, [name for name in GREEN if name.startswith("Rex 1")]),
        ({"text": "rex 2", "sort": BY_NOTE}, [f"Rex {n}" for n in (2, 20, 22, 23, 25, 26, 28, 29, 21, 24, 27)]),
        ({"text": "rex", "filters": [*part("green"), *UNNUMBERED], "sort": BY_NOTE}, None),
        ({"text": "rex", "filters": part("red"), "sort": BY_NOTE}, []),
    ],
)
async def test_pages_of_candidates_are_right_whether_few_or_many(
    world: World, asked: Any, expected: list[str] | None, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FEW_LISTED", few)
    if expected is None:
        expected = sorted((name for name in GREEN if "1" not in name), key=lambda name: name.split()[1])
    assert await all_pages(world, len(expected), **asked) == expected


async def test_each_of_many_candidates_is_looked_at_once(
    world: World, unexpected: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    unexpected("total", "index_count")
    monkeypatch.setattr(candidates, "FEW_LISTED", 3)
    read: list[int] = []
    page = Compiler.page

    def note(self: Compiler, among: Any = None, **more: Any) -> BoundQuery:
        read.append(len(among))
        return page(self, among, **more)

    monkeypatch.setattr(Compiler, "page", note)
    for asked, pages in (
        ({"filters": [*part("green"), *UNNUMBERED]}, [3]),
        ({"text": "rex 1", "filters": part("blue")}, [3]),
        ({"text": "rex 1", "sort": BY_NOTE}, [3]),
    ):
        read.clear()
        await names(world, **asked, page_limit=3)
        assert read == pages


async def test_texts_that_are_longer_than_an_index_holds_are_looked_through_to_the_end(
    world: World, listed: Listed
) -> None:
    long = "x" * INDEXED_CHARACTERS
    await world.create({"name": "Late", "note": f"{long} green"})
    await world.create({"name": "Never", "note": long})
    await world.create({"name": "Early", "note": f"green {long}"})
    assert await all_pages(world, len(GREEN) + 2, filters=part("green")) == ["Early", "Late", *GREEN]
    either: Any = [{"group": "OR", "filters": [*part("green"), *part("blue 1")]}]
    expected = [f"Rex {number}" for number in range(PETS - 1, -1, -1) if number % 3 == 0 or str(number)[0] == "1"]
    assert await all_pages(world, len(expected) + 2, filters=either) == ["Early", "Late", *expected]
    assert bool(listed) is (world.storage.engine == "sqlite"), "PostgreSQL asks the records themselves"


async def test_what_an_index_finds_at_once_is_sought_before_parts_of_texts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sought: list[type[Test]] = []
    index_ids = Compiler.index_ids

    def note(self: Compiler, test: Test, most: int) -> BoundQuery | None:
        sought.append(type(test))
        return index_ids(self, test, most)

    monkeypatch.setattr(Compiler, "index_ids", note)
    one: Any = [{"field": "properties.note", "operator": "eq", "value": "green 6"}]
    assert await names(world, filters=[*part("green"), *one]) == ["Rex 6"]
    assert sought == [Within]


@pytest.mark.parametrize("prevails", [False, True])
async def test_no_search_finds_the_texts_of_others_whoever_has_most_of_them(
    world: World, prevails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Totals, "find_prevalence", lambda *_: prevails)
    other = await world_in(world.storage)
    await other.pet()
    await other.create({"name": "Rex of others"})
    assert len(await all_pages(world, PETS, text="rex")) == PETS
    assert await all_pages(other, 1, text="rex") == ["Rex of others"]
    monkeypatch.setattr(search, "MOST_SCANNED", 0)
    assert len(await all_pages(world, PETS, text="rex")) == PETS
    assert (await world.search(text="rex", filters=part("green"))).total == len(GREEN)


async def test_it_is_known_for_a_while_who_has_most_texts(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "FEW_LISTED", 0)
    found: list[bool] = []
    keep_prevalence = Totals.keep_prevalence

    def note(self: Totals, number: tuple[int, int], *, prevails: bool) -> None:
        found.append(prevails)
        keep_prevalence(self, number, prevails=prevails)

    monkeypatch.setattr(Totals, "keep_prevalence", note)
    worlds = [await world_in(storage), await world_in(storage)]
    for pets, world in zip((9, 1), worlds, strict=True):
        await world.pet()
        for _ in range(pets):
            await world.create({"name": "Rex"})

    async def ask() -> list[bool]:
        found.clear()
        for world in worlds:
            await world.create({"name": "Rex"})
            await world.search(text="rex")
        return found

    if storage.engine == "sqlite":
        assert await ask() == [], "SQLite finds a text as soon whoever has the others"
        return
    monkeypatch.setattr(totals, "SHARE_SECONDS", 0.0)
    assert await ask() == [False, False], "before anybody has counted them"
    await storage.write(None, lambda tx: tx.connection.run(Statement.command("ANALYZE record_search")))
    monkeypatch.setattr(totals, "SHARE_SECONDS", 600.0)
    assert await ask() == [True, False]
    assert await ask() == []
