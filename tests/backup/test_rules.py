"""A backup is made while others write, and is put in place only when everything in it agrees."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import stat
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from groundlevel.backup.archive import DATABASE, MANIFEST, Manifest, digest_of, write_archive
from groundlevel.backup.errors import BackupError
from groundlevel.backup.rules import Restored, back_up, restore
from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import StorageUnavailable
from groundlevel.kernel.model import Json
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage import migrate
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.storage.migrate import MigrationError, migrations
from groundlevel.kernel.storage.sqlite import copying
from groundlevel.kernel.storage.sqlite.copying import contents_of
from groundlevel.kernel.storage.statements import Statement
from tests.doctor.test_rules import damage
from tests.world import World, world_in


def settings_for(path: Path) -> Settings:
    return Settings(database=f"sqlite:///{path}", synchronous="OFF")


async def fill(path: Path, *names: str) -> None:
    """Makes a database with a location and pets."""
    storage = await open_storage(settings_for(path))
    world = await world_in(storage)
    await world.pet()
    for name in names:
        await world.create({"name": name})
    await storage.close()


async def names_in(path: Path) -> list[Json]:
    """The names of all pets of a database in which the doctor finds no fault."""
    storage = await open_storage(settings_for(path))
    try:
        report = await examine(storage)
        assert report.ok, report
        statement = Statement.query("SELECT json(properties) FROM records ORDER BY id")
        rows = await storage.read(None, lambda tx: tx.connection.rows(statement))
        return [json.loads(row[0]).get("name") for row in rows]
    finally:
        await storage.close()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A location on a database that is open."""
    storage = await open_storage(settings_for(tmp_path / "live.db"))
    world = await world_in(storage)
    await world.pet()
    await world.create({"name": "Rex"})
    yield world
    await storage.close()


@pytest.fixture
async def backup(tmp_path: Path) -> Path:
    """A backup of a database with two pets."""
    await fill(tmp_path / "source.db", "Rex", "Ann")
    await back_up(settings_for(tmp_path / "source.db"), tmp_path / "pets.backup")
    return tmp_path / "pets.backup"


async def test_a_backup_holds_what_was_committed_when_it_began(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PAGES", 1)
    loop, file, steps = asyncio.get_running_loop(), tmp_path / "live.backup", 0

    def write_meanwhile(_done: int, _total: int) -> None:
        nonlocal steps
        steps += 1
        if steps <= 20:
            asyncio.run_coroutine_threadsafe(world.create({"name": f"late {steps}"}), loop).result()

    manifest = await back_up(settings_for(tmp_path / "live.db"), file, progress=write_meanwhile)
    assert steps > 20
    assert manifest.contents.rows["records"] == 1
    assert contents_of(tmp_path / "live.db").rows["records"] == 21
    await restore(settings_for(tmp_path / "again.db"), file)
    assert await names_in(tmp_path / "again.db") == ["Rex"]


async def test_what_is_restored_is_what_was_backed_up(backup: Path, tmp_path: Path) -> None:
    restored = await restore(settings_for(tmp_path / "new" / "again.db"), backup)
    assert restored.kept is None
    assert restored.manifest.contents == contents_of(tmp_path / "new" / "again.db")
    assert restored.manifest.contents.schema_version == len(migrations("sqlite"))
    assert await names_in(tmp_path / "new" / "again.db") == await names_in(tmp_path / "source.db") == ["Rex", "Ann"]


async def test_its_files_are_for_their_owner_alone(backup: Path, tmp_path: Path) -> None:
    await restore(settings_for(tmp_path / "again.db"), backup)
    for path in (backup, tmp_path / "again.db"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_other_programs_can_read_it(backup: Path, tmp_path: Path) -> None:
    with tarfile.open(backup) as archive:
        about = archive.extractfile(MANIFEST)
        data = archive.extractfile(DATABASE)
        assert about is not None
        assert data is not None
        manifest = json.load(about)
        (tmp_path / "unpacked.db").write_bytes(data.read())
    assert manifest["sha256"] == digest_of(tmp_path / "unpacked.db")
    assert manifest["contents"]["rows"]["records"] == 2
    assert await names_in(tmp_path / "unpacked.db") == ["Rex", "Ann"]


async def test_a_backup_overwrites_nothing(backup: Path, tmp_path: Path) -> None:
    before = backup.read_bytes()
    with pytest.raises(BackupError, match="already"):
        await back_up(settings_for(tmp_path / "source.db"), backup)
    assert backup.read_bytes() == before


async def test_a_database_that_is_not_empty_is_replaced_only_when_asked(backup: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.db"
    await fill(target, "Old")
    with pytest.raises(BackupError, match="not empty") as refused:
        await restore(settings_for(target), backup)
    assert "--replace" in refused.value.advice
    assert await names_in(target) == ["Old"]
    restored = await restore(settings_for(target), backup, replace=True)
    assert await names_in(target) == ["Rex", "Ann"]
    assert restored.kept is not None
    assert await names_in(restored.kept) == ["Old"]


async def test_a_database_without_anything_of_people_counts_as_empty(backup: Path, tmp_path: Path) -> None:
    await (await open_storage(settings_for(tmp_path / "target.db"))).close()
    restored = await restore(settings_for(tmp_path / "target.db"), backup)
    assert restored.kept is not None
    assert await names_in(tmp_path / "target.db") == ["Rex", "Ann"]


async def test_a_damaged_database_is_replaced_and_kept(backup: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.db"
    target.write_bytes(b"no database at all" * 1000)
    with pytest.raises(StorageUnavailable):
        await restore(settings_for(target), backup)
    restored = await restore(settings_for(target), backup, replace=True)
    assert restored.kept is not None
    assert restored.kept.read_bytes().startswith(b"no database")
    assert await names_in(target) == ["Rex", "Ann"]


async def test_the_log_of_a_database_that_is_gone_is_not_read_into_the_new_one(
    backup: Path, world: World, tmp_path: Path
) -> None:
    target = tmp_path / "target.db"
    Path(f"{target}-wal").write_bytes((tmp_path / "live.db-wal").read_bytes())
    await restore(settings_for(target), backup)
    assert await names_in(target) == ["Rex", "Ann"]
    assert len(list(tmp_path.glob("target.db.replaced-*-wal"))) == 1


async def test_a_database_in_use_is_not_replaced(backup: Path, world: World, tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="open") as refused:
        await restore(settings_for(tmp_path / "live.db"), backup, replace=True)
    assert "Stop the server" in refused.value.advice
    await world.create({"name": "Ben"})
    assert contents_of(tmp_path / "live.db").rows["records"] == 2


def flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]


def repack(data: bytes, **changes: Json) -> bytes:
    """The archive with another manifest."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(data)) as old, tarfile.open(fileobj=packed, mode="w:gz") as new:
        for part in old:
            source = old.extractfile(part)
            assert source is not None
            content = source.read()
            if part.name == MANIFEST:
                content = json.dumps(json.loads(content) | changes).encode()
                part.size = len(content)
            new.addfile(part, io.BytesIO(content))
    return packed.getvalue()


DAMAGES = {
    "a byte differs": (flip, "not a whole backup|SHA-256"),
    "the end is missing": (lambda data: data[: len(data) // 2], "not a whole backup"),
    "nothing is left": (lambda _: b"", "not a whole backup"),
    "it is another file": (lambda _: b"PK of another program" * 99, "not a whole backup"),
    "the digest differs": (lambda data: repack(data, sha256="0" * 64), "SHA-256"),
    "the size differs": (lambda data: repack(data, bytes=1), "manifest describes"),
    "the counts differ": (lambda data: repack(data, contents={"schemaVersion": 1, "rows": {}}), "counts"),
    "the format is a newer one": (lambda data: repack(data, format=2), "format 2"),
    "the manifest has no digest": (lambda data: repack(data, sha256=None), "cannot be read"),
}


@pytest.mark.parametrize("name", DAMAGES)
async def test_a_damaged_backup_changes_nothing(name: str, backup: Path, tmp_path: Path) -> None:
    harm, message = DAMAGES[name]
    backup.write_bytes(harm(backup.read_bytes()))
    await fill(tmp_path / "target.db", "Old")
    with pytest.raises(BackupError, match=message):
        await restore(settings_for(tmp_path / "target.db"), backup, replace=True)
    assert await names_in(tmp_path / "target.db") == ["Old"]
    assert not list(tmp_path.glob(".*"))


async def test_a_database_that_is_not_sound_is_not_restored(tmp_path: Path) -> None:
    await fill(tmp_path / "source.db", "Rex")
    storage = await open_storage(settings_for(tmp_path / "source.db"))
    await damage(storage, "UPDATE records SET created_at = created_at + 1")
    await storage.close()
    await back_up(settings_for(tmp_path / "source.db"), tmp_path / "file")
    with pytest.raises(BackupError, match=r"order: .* was not created at"):
        await restore(settings_for(tmp_path / "target.db"), tmp_path / "file")
    assert not (tmp_path / "target.db").exists()


async def restored_with(tmp_path: Path, statement: str) -> Restored:
    await fill(tmp_path / "source.db", "Rex")
    storage = await open_storage(settings_for(tmp_path / "source.db"))
    await damage(storage, statement)
    await storage.close()
    await back_up(settings_for(tmp_path / "source.db"), tmp_path / "file")
    return await restore(settings_for(tmp_path / "target.db"), tmp_path / "file")


async def test_the_backup_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    newer = "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (9999, 'next', 'x', 0)"
    with pytest.raises(MigrationError, match="9999"):
        await restored_with(tmp_path, newer)
    assert not (tmp_path / "target.db").exists()


async def test_the_backup_of_an_older_program_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = migrations("sqlite")
    monkeypatch.setattr(migrate, "migrations", lambda _engine: steps[:-1])
    await (await open_storage(settings_for(tmp_path / "source.db"))).close()
    manifest = await back_up(settings_for(tmp_path / "source.db"), tmp_path / "file")
    monkeypatch.undo()
    assert manifest.contents.schema_version == len(steps) - 1
    await restore(settings_for(tmp_path / "target.db"), tmp_path / "file")
    assert contents_of(tmp_path / "target.db").schema_version == len(steps)


async def test_there_has_to_be_a_database(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="no database at"):
        await back_up(settings_for(tmp_path / "none.db"), tmp_path / "file")
    (tmp_path / "other.db").write_bytes(b"something else" * 500)
    with pytest.raises(StorageUnavailable):
        await back_up(settings_for(tmp_path / "other.db"), tmp_path / "file")
    assert not (tmp_path / "none.db").exists()
    assert not (tmp_path / "file").exists()


async def test_a_backup_that_appeared_meanwhile_is_kept(backup: Path, tmp_path: Path) -> None:
    def appear(_done: int, _total: int) -> None:
        (tmp_path / "file").write_text("of another process")

    with pytest.raises(BackupError, match="cannot be written"):
        await back_up(settings_for(tmp_path / "source.db"), tmp_path / "file", progress=appear)
    assert (tmp_path / "file").read_text() == "of another process"


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1/none", "sqlite:///:memory:"])
async def test_other_databases_are_refused(url: str, backup: Path, tmp_path: Path) -> None:
    for attempt in (back_up(Settings(database=url), tmp_path / "file"), restore(Settings(database=url), backup)):
        with pytest.raises(BackupError) as refused:
            await attempt
        assert refused.value.advice


def test_an_archive_is_never_written_over_a_file(tmp_path: Path, backup: Path) -> None:
    with tarfile.open(backup) as archive:
        about = archive.extractfile(MANIFEST)
        assert about is not None
        manifest = msgspec.json.decode(about.read(), type=Manifest)
    with pytest.raises(FileExistsError):
        write_archive(backup, manifest, tmp_path / "source.db")


@pytest.mark.parametrize(("wanted", "copies"), [(True, 1), (False, 0)])
async def test_a_database_is_copied_before_it_is_migrated(
    wanted: bool, copies: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, steps = tmp_path / "old.db", migrations("sqlite")
    monkeypatch.setattr(migrate, "migrations", lambda _engine: steps[:-1])
    await (await open_storage(settings_for(path))).close()
    monkeypatch.undo()
    before = contents_of(path)
    for _ in range(2):
        storage = await open_storage(msgspec.structs.replace(settings_for(path), copy_before_migration=wanted))
        await storage.close()
    assert contents_of(path).schema_version == len(steps)
    kept = list(tmp_path.glob("old.db.schema-*"))
    assert [contents_of(copy) for copy in kept] == [before] * copies
    assert all(stat.S_IMODE(copy.stat().st_mode) == 0o600 for copy in kept)


async def test_a_database_is_migrated_without_a_copy_where_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, steps = tmp_path / "old.db", migrations("sqlite")
    monkeypatch.setattr(migrate, "migrations", lambda _engine: steps[:-1])
    await (await open_storage(settings_for(path))).close()
    monkeypatch.undo()
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: msgspec.convert({"free": 1}, Disk))
    storage = await open_storage(settings_for(path))
    await storage.close()
    assert any("no room" in notice for notice in storage.notices)
    assert contents_of(path).schema_version == len(steps)
    assert not list(tmp_path.glob("old.db.schema-*"))


class Disk(msgspec.Struct):
    """What a disk has left."""

    free: int
