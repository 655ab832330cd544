"""An import that is cut off, at whatever moment, goes on where it stood: every row has one outcome, as in one run."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

import msgspec
import pytest

from groundlevel.doctor.rules import examine
from groundlevel.imports import resumption
from groundlevel.imports.errors import ImportUnderWay
from groundlevel.imports.reader import SheetError
from groundlevel.imports.resumption import import_id_of
from groundlevel.imports.runs import run_import
from groundlevel.kernel.model import Json
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.engines import open_storage
from tests.world import World, world_in

from .importing import counts, errors_of, file, imported, pets, planned, silent

ROWS = 2_000
KILLS = 3
"""How often an import is killed before it may end."""

IMPORTER = """
import asyncio, os, random, signal, sys, threading, time
from groundlevel.imports import runs
from groundlevel.cli import run

runs.CHUNK = 50
moment = random.Random(int(sys.argv[1])).random() * float(sys.argv[2])
began = threading.Event()
once = rules.run_import

async def begin(*args, **kwargs):
    began.set()
    return await once(*args, **kwargs)

def kill():
    began.wait()
    time.sleep(moment)
    os.kill(os.getpid(), signal.SIGKILL)

from groundlevel.imports import commands
commands.run_import = begin
if moment:
    threading.Thread(target=kill, daemon=True).start()
sys.exit(run(sys.argv[3:]))
"""
"""Imports a file, and is killed at some moment of a span of seconds from where the writing begins; 0 is never."""


def rows(form: str) -> str:
    """A file of pets, of which every tenth is refused by its cell and every thirteenth by the record before it."""
    lines = ["name,chip,age"] if form == "csv" else []
    for number in range(ROWS):
        age: Json = "old" if number % 10 == 9 else number
        chip = f"{number - 1 if number % 13 == 12 else number}"
        row = {"name": f"Rex {number}", "chip": chip, "age": age}
        lines.append(",".join(map(str, row.values())) if form == "csv" else msgspec.json.encode(row).decode())
    return "\n".join(lines) + "\n"


async def kennel(world: World) -> None:
    await world.pet()
    await world.field("chip", unique=True)
    await world.field("age", "NUMERICAL")


async def run_until(seed: int, span: float, *arguments: str) -> int:
    """The exit status of an import that may be killed on the way."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IMPORTER, str(seed), str(span), *arguments, stdout=asyncio.subprocess.DEVNULL
    )
    return await process.wait()


@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_an_import_that_is_killed_again_and_again_writes_every_row_once(
    form: str, shared_url: str, tmp_path: Path
) -> None:
    await kill_and_compare(shared_url, file(tmp_path, rows(form), f"pets.{form}"), seed=len(form))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
async def test_an_import_survives_any_kill(seed: int, shared_url: str, tmp_path: Path) -> None:
    form = ("csv", "jsonl")[seed % 2]
    await kill_and_compare(shared_url, file(tmp_path, rows(form), f"pets.{form}"), seed=seed)


async def kill_and_compare(url: str, path: Path, *, seed: int) -> None:
    storage = await open_storage(Settings(database=url))
    try:
        world = await world_in(storage)
        await kennel(world)
        other = await world_in(storage)
        await kennel(other)
        expected = await imported(other, path)
        reasons = errors_of(expected)
        dice = random.Random(seed)
        here = ("import", str(path), "--object", "pet", "--location", world.location.id, "--database", url, "--json")
        plan = await planned(world, path)
        for attempt in range(KILLS):
            # How long it takes is for nobody to know: a span that is too long only means that it ends.
            await run_until(seed * KILLS + attempt, 0.2 + dice.random(), *here)
            begun = (await world.search(page_limit=1)).total > 0
            if begun and await world.do(resumption.find_position, import_id_of(plan)) is None:
                break  # It had ended by then.
        else:
            ended = await run_import(storage, world.call, plan, progress=silent)
            assert counts(ended) == counts(expected)
            assert errors_of(ended) == reasons
        assert (await world.search(page_limit=1)).total == (await other.search(page_limit=1)).total
        report = await examine(storage)
        assert report.ok, report
    finally:
        await storage.close()


class Cut(Exception):
    """The end of a run, at a moment that a test chooses."""


async def cut_off(world: World, path: Path, *, chunks: int) -> None:
    """Imports a file until so many chunks are written."""
    left = chunks

    def report(_: int) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise Cut

    with pytest.raises(Cut):
        await run_import(world.storage, world.call, await planned(world, path), progress=report)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundlevel.imports.runs.CHUNK", 3)


@pytest.fixture
async def world(storage: object, small_chunks: None) -> World:
    world = await world_in(storage)  # type: ignore[arg-type]
    await kennel(world)
    return world


CONTENT = "name,chip,age\nA,1,1\nB,2,old\nC,2,2\nD,1,3\nE,5,4\nF,6,5\nG,7,old\nH,8,6\nI,9,7\nJ,10,8\n"
"""Pets, of which B and G are refused by their cells and C or D by a record before."""


@pytest.mark.parametrize("chunks", [1, 2, 3])
async def test_what_was_refused_last_is_in_the_file_once(world: World, tmp_path: Path, chunks: int) -> None:
    path = file(tmp_path, CONTENT)
    await cut_off(world, path, chunks=chunks)
    errors = tmp_path / "pets.csv.errors.csv"
    # As if the process had ended before what it refused last reached the file, or in the middle of it.
    lost = errors.read_bytes()
    errors.write_bytes(lost[: len(lost) - 3] if chunks % 2 else lost)
    ended = await imported(world, path)
    assert ended.resumed > 0
    assert [row[0] for row in errors_of(ended)] == ["3", "5", "8"]
    assert counts(ended) == (10, 7, 0, 3)
    assert [pet["name"] for pet in await pets(world)] == ["A", "C", "E", "F", "H", "I", "J"]


async def test_an_import_that_ended_can_be_run_again(world: World, tmp_path: Path) -> None:
    path = file(tmp_path, "name\nA\nB\n")
    assert counts(await imported(world, path)) == (2, 2, 0, 0)
    again = await imported(world, path)
    assert counts(again) == (2, 2, 0, 0)
    assert again.resumed == 0


async def test_another_file_and_another_way_are_other_imports(world: World, tmp_path: Path) -> None:
    path = file(tmp_path, CONTENT)
    await cut_off(world, path, chunks=1)
    plan = await planned(world, path)
    assert import_id_of(plan) == import_id_of(await planned(world, path))
    assert import_id_of(plan) != import_id_of(await planned(world, path, match="chip"))
    assert (await imported(world, path, dry=True)).resumed == 0
    changed = await imported(world, file(tmp_path, CONTENT.replace("J", "Jo")))
    assert changed.resumed == 0


async def test_a_cut_off_import_begins_again_when_told(world: World, tmp_path: Path) -> None:
    path = file(tmp_path, CONTENT)
    await cut_off(world, path, chunks=2)
    plan = await planned(world, path)
    again = await run_import(world.storage, world.call, plan, progress=silent, restart=True)
    assert (again.rows, again.resumed) == (10, 0)
    assert again.refused > 3, "the values of the first run are taken"


async def test_without_its_file_of_refused_rows_an_import_does_not_go_on(world: World, tmp_path: Path) -> None:
    path = file(tmp_path, CONTENT)
    await cut_off(world, path, chunks=2)
    (tmp_path / "pets.csv.errors.csv").unlink()
    before = await pets(world)
    with pytest.raises(SheetError, match="is gone"):
        await imported(world, path)
    assert await pets(world) == before


async def test_two_imports_of_one_file_at_once_write_no_row_twice(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(tmp_path, CONTENT)
    plans = [await planned(world, path), await planned(world, path)]
    monkeypatch.setattr("groundlevel.imports.error_file.ErrorFile.add", lambda *_: None)
    monkeypatch.setattr("groundlevel.imports.error_file.ErrorFile.sync", lambda _: 0)
    runs = (run_import(world.storage, world.call, plan, progress=silent) for plan in plans)
    outcomes = await asyncio.gather(*runs, return_exceptions=True)
    assert any(isinstance(each, ImportUnderWay) for each in outcomes)
    names = [pet["name"] for pet in await pets(world)]
    assert len(names) == len(set(names)), names


async def test_an_import_that_nobody_goes_on_with_is_forgotten(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(tmp_path, CONTENT)
    await cut_off(world, path, chunks=1)
    monkeypatch.setattr(resumption, "KEPT_MS", -1_000)
    await imported(world, file(tmp_path, "name\nK\n", "other.csv"))
    plan = await planned(world, path)
    found = await world.do(resumption.find_position, import_id_of(plan))
    assert found is None
