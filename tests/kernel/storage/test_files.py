"""A SQLite database whose files are taken away, replaced, locked or full refuses writes, says so, and comes back."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import apsw
import pytest
import structlog

from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import Refusal, StorageUnavailable
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import make_storage, open_storage
from groundlevel.kernel.storage.sqlite.connection import SqliteConnection
from groundlevel.kernel.storage.sqlite.engine import WATCH_SECONDS, SqliteStorage
from tests.world import PET, World, eventually, world_in


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A location on a database of its own directory."""
    (tmp_path / "data").mkdir()
    storage = await open_storage(Settings(database=f"sqlite:///{tmp_path}/data/test.db"))
    world = await world_in(storage)
    await world.pet()
    yield world
    await storage.close()


async def is_ready(storage: Storage) -> bool:
    try:
        await storage.ready()
    except StorageUnavailable:
        return False
    return True


async def is_not_ready(storage: Storage) -> bool:
    return not await is_ready(storage)


def take_away(path: Path, aside: Path) -> None:
    path.rename(aside)


def replace(path: Path, aside: Path) -> None:
    path.rename(aside)
    shutil.copy(aside, path)


@pytest.mark.parametrize("suffix", ["", "-wal"])
@pytest.mark.parametrize("harm", [take_away, replace])
async def test_no_write_is_acknowledged_into_a_file_that_is_gone(
    harm: Any, suffix: str, world: World, tmp_path: Path
) -> None:
    path, aside = tmp_path / f"data/test.db{suffix}", tmp_path / "aside"
    before = await world.create({"name": "Rex"})
    harm(path, aside)
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            with pytest.raises(StorageUnavailable, match=r"deleted|replaced"):
                await world.create({"name": "Max"})
        await eventually(lambda: is_not_ready(world.storage))
        assert [line["log_level"] for line in lines] == ["error"]
        assert path.name in lines[0]["problem"]
        aside.replace(path)
        await eventually(lambda: is_ready(world.storage))
        assert [line["log_level"] for line in lines] == ["error", "info"]
    after = await world.create({"name": "Max"})
    assert await world.found() == [after, before]
    assert (await examine(world.storage)).ok


async def test_a_file_that_is_gone_is_noticed_without_a_write(world: World, tmp_path: Path) -> None:
    (tmp_path / "data/test.db").unlink()
    await eventually(lambda: is_not_ready(world.storage))
    assert WATCH_SECONDS < 1


async def test_a_reader_that_fails_is_unavailable_until_it_is_back(world: World) -> None:
    storage = world.storage
    assert isinstance(storage, SqliteStorage)
    epoch = storage.cache.epoch
    storage._reader.raw.close()

    with pytest.raises(StorageUnavailable):
        await world.object()
    with pytest.raises(StorageUnavailable):
        await storage.ready()

    async def forgot() -> bool:
        return storage.cache.epoch > epoch

    await eventually(forgot)
    storage._reader = SqliteConnection(storage._connect())
    assert (await world.object()).key == PET
    await storage.ready()


def set_pragma(storage: Storage, pragma: str) -> None:
    """Sets the connection that writes, between two transactions of it."""
    assert isinstance(storage, SqliteStorage)
    storage._writer.raw.execute(pragma)


@pytest.mark.parametrize(
    ("harm", "cure"),
    [
        ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000"),
        ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
    ],
    ids=["full", "read-only"],
)
async def test_a_database_that_takes_no_writes_says_so_once_and_comes_back(harm: str, cure: str, world: World) -> None:
    storage = world.storage
    with structlog.testing.capture_logs() as lines:
        set_pragma(storage, harm)
        refused = 0
        for number in range(200):
            try:
                await world.create({"name": f"Rex {number}" * 50})
            except StorageUnavailable:
                refused += 1
        assert refused
        set_pragma(storage, cure)
        await eventually(lambda: is_ready(storage))
    errors = [line for line in lines if line["log_level"] == "error"]
    assert len(errors) == 1
    assert refused > 1
    await world.create({"name": "Max"})
    assert (await examine(storage)).ok


# --- for their owner alone -----------------------------------------------------------------------------------------


def modes(directory: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}


async def test_new_files_are_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        storage = await open_storage(Settings(database=f"sqlite:///{tmp_path}/deep/test.db"))
        await (await world_in(storage)).pet()
        names = ("test.db", "test.db-wal", "test.db-shm", "test.db.lock")
        assert modes(tmp_path / "deep") == dict.fromkeys(names, 0o600)
        assert storage.notices == []
        await storage.close()
    finally:
        os.umask(before)


async def test_files_that_were_open_to_others_are_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    apsw.Connection(str(path)).execute("CREATE TABLE t (n)")
    path.chmod(0o644)
    storage = await open_storage(Settings(database=f"sqlite:///{path}"))
    assert modes(tmp_path)["test.db"] == 0o600
    [notice] = storage.notices
    assert "644" in notice
    await storage.close()
    storage = await open_storage(Settings(database=f"sqlite:///{path}"))
    assert storage.notices == []
    await storage.close()


# --- to examine ----------------------------------------------------------------------------------------------------


async def test_what_is_examined_stays_as_it_is(world: World, tmp_path: Path) -> None:
    await world.create({"name": "Rex"})
    await world.storage.close()
    path = tmp_path / "data/test.db"
    before = path.read_bytes()
    storage = await examined(path)
    try:
        assert (await examine(storage)).ok
        with pytest.raises(Refusal):
            await (await world_in(storage, world.location)).create({"name": "Max"})
    finally:
        await storage.close()
    assert path.read_bytes() == before


async def examined(path: Path) -> Storage:
    storage = make_storage(Settings(database=f"sqlite:///{path}"))
    await storage.open_to_examine()
    return storage


async def test_a_database_that_is_not_there_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="no database"):
        await examined(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []
