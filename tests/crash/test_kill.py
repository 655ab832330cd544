"""A crash in the middle of a storm of writes loses nothing that was acknowledged, and leaves nothing half done."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from groundlevel.doctor.rules import examine
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.records.upkeep import carry_out
from tests.needs import missing, not_applicable, postgres_binaries
from tests.postgres import Cluster, fresh_database
from tests.world import PATIENCE_SECONDS, wait_until, world_in

from .storm import Server, Storm, server

ACKNOWLEDGED = 150
"""Writes that are acknowledged before a storm is cut off."""


@contextmanager
def database(engine: str, request: pytest.FixtureRequest, directory: Path) -> Iterator[str]:
    """The URL of an empty database on a disk."""
    if engine == "sqlite":
        yield f"sqlite:///{directory}/storm.db"
        return
    with fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


async def prepared(url: str, *, seed: int) -> Storm:
    """A database with the object `pet`, some of its properties unique or searchable, and a storm over it."""
    storage = await open_storage(Settings(database=url))
    try:
        world = await world_in(storage)
        await world.pet()
        await world.field("chip", unique=True)
        await world.field("note")
        return await Storm.over(world, seed=seed)
    finally:
        await storage.close()


async def raged(storm: Storm, running: Server, end: Callable[[], None], *, switch: bool = False) -> None:
    """Lets the storm rage until enough writes are acknowledged, then ends the server, or what it stands on."""
    blowing = asyncio.create_task(storm.blow(running.url, switch=switch))
    reaching = asyncio.create_task(storm.reaches(ACKNOWLEDGED))
    done, _ = await asyncio.wait((blowing, reaching), timeout=PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    end()
    await blowing
    assert done == {reaching}, "the clients got no further"
    assert storm.refused == []


async def proven(url: str, storm: Storm) -> None:
    """Opens the database again and looks for everything."""
    storage = await open_storage(Settings(database=url))
    try:
        await carry_out(storage)
        world = await world_in(storage, storm.location)
        assert await storm.losses(world) == []
        total, possible = await storm.total(world)
        assert total in possible
        report = await examine(storage)
        assert report.ok, report
        await world.create({"name": "Afterwards", "chip": "after"})
        assert (await world.search("afterwards")).total == 1
        await world.delete((await world.found("afterwards"))[0])
    finally:
        await storage.close()


async def survived(url: str, *, seed: int, switch: bool) -> None:
    storm = await prepared(url, seed=seed)
    with server(url) as running:
        await raged(storm, running, running.kill, switch=switch)
    await proven(url, storm)


@pytest.mark.parametrize("switch", [False, True], ids=["steady", "with changes of schema"])
async def test_a_killed_server_loses_nothing(
    switch: bool, engine_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with database(engine_name, request, tmp_path) as url:
        await survived(url, seed=int(switch), switch=switch)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 12))
async def test_a_killed_server_never_loses_anything(
    seed: int, engine_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with database(engine_name, request, tmp_path) as url:
        await survived(url, seed=seed, switch=seed % 2 == 0)


async def test_a_database_survives_several_crashes(
    engine_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with database(engine_name, request, tmp_path) as url:
        storm = await prepared(url, seed=3)
        for _ in range(2):
            with server(url) as running:
                await raged(storm, running, running.kill)
            storm = storm.calmed()
        await proven(url, storm)


# --- the power of the database server fails ------------------------------------------------------------------------


class PowerCut:
    """A durable cluster that can lose its power and get it back."""

    def __init__(self, binaries: Path) -> None:
        self.cluster = Cluster(binaries, durable=True)
        self.directory = self.cluster.data / "cluster"

    def cut(self) -> None:
        """Kills the keeper, which would clean up, and the server, which would write down what it remembers."""
        assert self.cluster._keeper is not None
        self.cluster._keeper.kill()
        self.cluster._keeper.wait()
        assert self.cluster._keeper.stdin is not None
        self.cluster._keeper.stdin.close()
        pid_file = self.directory / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
        wait_until(lambda: not self._running())
        pid_file.unlink()

    def _running(self) -> bool:
        """Whether a process still works in the cluster's directory."""
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (process / "cwd").resolve() == self.directory:
                    return True
        return False

    def back(self) -> None:
        """Starts the server again on what was left on the disk, where it was."""
        assert self.cluster._started()


@pytest.fixture
def power() -> Iterator[PowerCut]:
    binaries = postgres_binaries()
    if not Path("/proc/self/cwd").exists():
        missing("there is no way to see the processes of PostgreSQL")
    power = PowerCut(binaries)
    yield power
    power.cluster.stop()


async def test_postgres_that_loses_its_power_loses_nothing(engine_name: str, request: pytest.FixtureRequest) -> None:
    if engine_name != "postgres":
        not_applicable("SQLite has no server")
    power: PowerCut = request.getfixturevalue("power")
    storm = await prepared(power.cluster.url, seed=5)
    with server(power.cluster.url) as running:
        await raged(storm, running, power.cut)
    power.back()
    await proven(power.cluster.url, storm)
