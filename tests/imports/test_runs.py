"""A run of an import has one outcome for each row, dry or not, and says what is stored when it cannot go on."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import apsw
import asyncpg
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundlevel.imports.runs import CHUNK, run_import
from groundlevel.kernel.errors import StorageUnavailable
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import open_storage
from tests.imports.importing import counts, errors_of, file, imported, pets, planned
from tests.needs import not_applicable
from tests.postgres import run_apart
from tests.world import World, world_in


@pytest.fixture
async def world(storage: Storage) -> World:
    return await world_in(storage)


@pytest.mark.parametrize("unique", [False, True])
async def test_a_row_without_a_value_to_match_is_refused(world: World, tmp_path: Path, unique: bool) -> None:
    await world.pet()
    await world.field("chip", unique=unique, name="Chip")
    path = file(tmp_path, "name,chip\nRex,1\nTom,\nKim,\u00a0\n")
    for dry in (True, False):
        summary = await imported(world, path, match="Chip", dry=dry)
        assert counts(summary) == (3, 1, 0, 2)
    assert errors_of(summary)[0] == [
        "3", "chip", "chip: the row has no value by which its record could be recognised", "Tom", ""
    ]  # fmt: skip


async def test_a_dry_run_knows_records_of_an_object_that_gets_a_new_field(world: World, tmp_path: Path) -> None:
    await world.pet()
    await world.create({"name": "Rex"})
    path = file(tmp_path, "Name,Weight\nRex,3\nTom,4\n")
    for dry in (True, False):
        assert counts(await imported(world, path, create=True, match="name", dry=dry)) == (2, 1, 1, 0)


def any_rows(dice: random.Random) -> str:
    """Rows of a file, some of them ragged, blank, refused, repeated or over several lines."""
    names = ["Rex", "rex ", "Tom", "Kim", "", "\u00a0", '"two\nlines"']
    ages = ["3", "4", ".5", "old", "", " "]
    chips = ["1", "2", "3", "", "\u00a0"]
    rows = []
    for _ in range(dice.randint(0, 30)):
        cells = [dice.choice(names), dice.choice(ages), dice.choice(chips)]
        cells += [dice.choice(["", "x"])] * (dice.random() < 0.1)
        rows.append(",".join(cells[: 2 if dice.random() < 0.1 else 4]))
        rows += [""] * (dice.random() < 0.1)
    return "name,age,chip\n" + "\n".join(rows)


@pytest.mark.parametrize("match", [None, "name", "chip"])
@pytest.mark.parametrize("seed", range(6))
async def test_a_dry_run_says_exactly_what_a_real_run_does(
    world: World, tmp_path: Path, match: str | None, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groundlevel.imports.runs.CHUNK", 4)
    await world.pet()
    await world.field("age", "NUMERICAL")
    await world.field("chip", unique=True)
    dice = random.Random(seed)
    for _ in range(3):
        path = file(tmp_path, any_rows(dice))
        before = await pets(world)
        dry = await imported(world, path, match=match, dry=True)
        refused = errors_of(dry) if dry.refused else []
        assert await pets(world) == before
        real = await imported(world, path, match=match)
        counts(real)
        assert msgspec.structs.astuple(dry) == msgspec.structs.astuple(real)
        assert refused == (errors_of(real) if real.refused else [])
        assert len(await pets(world)) == len(before) + real.created


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), create=st.booleans(), match=st.sampled_from([None, "name"]))
def test_rows_and_outcomes_add_up(
    tmp_path_factory: pytest.TempPathFactory, seed: int, create: bool, match: str | None
) -> None:
    """For any file, on the engine that needs no server; the other one is asked above."""

    async def run() -> None:
        storage = await open_storage(Settings(database="sqlite:///:memory:"))
        try:
            world = await world_in(storage)
            if not create:
                await world.pet()
                await world.field("age", "NUMERICAL")
                await world.field("chip", unique=True)
            content = any_rows(random.Random(seed)) + "\nlast,1,9\n"
            path = file(tmp_path_factory.mktemp("any"), content)
            dry = await imported(world, path, create=create, match=match, dry=True)
            real = await imported(world, path, create=create, match=match)
            counts(real)
            assert msgspec.structs.astuple(dry) == msgspec.structs.astuple(real)
            assert (await world.search(page_limit=1)).total == real.created
            assert real.lines == content.count("\n")
        finally:
            await storage.close()

    asyncio.run(run())


# --- a database that goes away -----------------------------------------------------------------------------------


def lose(url: str) -> None:
    """Lets everything fail that is written from now on, as when the database goes away."""
    if url.startswith("sqlite:///"):
        other = apsw.Connection(url.removeprefix("sqlite:///"))
        other.execute("CREATE TRIGGER lost BEFORE INSERT ON records BEGIN SELECT RAISE(ROLLBACK, 'lost'); END")
        other.close()
        return

    async def cut() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("UPDATE pg_database SET datallowconn = false WHERE datname = current_database()")
            await connection.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        finally:
            await connection.close()

    run_apart(cut())


@pytest.mark.parametrize("chunks", [0, 2])
async def test_a_database_lost_in_the_middle_says_what_is_stored(
    database_url: str, tmp_path: Path, chunks: int
) -> None:
    if database_url.endswith(":memory:"):
        not_applicable("a database in memory cannot be reached by another connection")
    storage = await open_storage(Settings(database=database_url))
    try:
        world = await world_in(storage)
        await world.pet()
        rows = "".join(f"Pet {n}\n" for n in range(3 * CHUNK))
        plan = await planned(world, file(tmp_path, f"name\nA{'x' * 12_000}\n{rows}"))
        written = 0

        def report(_: int) -> None:
            nonlocal written
            written += 1
            if written == chunks:
                lose(database_url)

        if not chunks:
            lose(database_url)
        stored = f"the rows up to line {2 * CHUNK + 1} are stored" if chunks else "none of the rows are stored"
        with pytest.raises(StorageUnavailable, match=stored):
            await run_import(storage, world.call, plan, progress=report)
        errors = tmp_path / "pets.csv.errors.csv"
        assert errors.exists() is bool(chunks), "the rows that were refused until then are given back"
    finally:
        await storage.close()
