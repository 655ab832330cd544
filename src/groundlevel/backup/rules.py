"""Makes a backup of a database in use, and puts one in place after everything in it was found to agree."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from groundlevel import __version__
from groundlevel.backup.archive import DATABASE, FORMAT, Manifest, digest_of, unpack, write_archive
from groundlevel.backup.errors import BackupError
from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import StorageUnavailable
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.engines import SQLITE, open_storage
from groundlevel.kernel.storage.sqlite.copying import contents_of, copy_database, put_in_place
from groundlevel.kernel.storage.sqlite.files import DatabaseFiles

_NAME, _SUFFIX = "groundlevel-", ".tar.gz"
"""What the names of backups begin and end with that the server itself makes."""
_OF_PEOPLE = ("companies", "locations", "users", "tokens", "apps")
"""Tables of which every row was asked for by somebody: without any in them a database counts as empty."""


class Restored(Struct, frozen=True):
    """What was put in place."""

    manifest: Manifest
    kept: Path | None
    """Where the database is that was there before."""


async def back_up(settings: Settings, file: Path, *, progress: Callable[[int, int], None] | None = None) -> Manifest:
    """Writes a backup of the database to a new file, while servers go on reading and writing.

    `progress` gets the pages copied and their number, from another thread. Raises BackupError, StorageUnavailable.
    """
    source = _path_in(settings.database)
    if not source.is_file():
        raise StorageUnavailable(f"There is no database at {source}", hint="Check --database.")
    if file.exists():
        raise BackupError(f"there is a file {file} already", "A backup never overwrites another: name a new file.")
    try:
        return await asyncio.to_thread(_back_up, source, file, progress)
    except OSError as problem:
        raise BackupError(f"the backup cannot be written: {problem}") from problem


def _back_up(source: Path, file: Path, progress: Callable[[int, int], None] | None) -> Manifest:
    with tempfile.TemporaryDirectory(prefix=f".{file.name}.", dir=file.absolute().parent) as scratch:
        copy, archive = Path(scratch) / DATABASE, Path(scratch) / "archive"
        copy_database(source, copy, progress=progress)
        manifest = Manifest(
            format=FORMAT,
            program=__version__,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            engine="sqlite",
            bytes=copy.stat().st_size,
            sha256=digest_of(copy),
            contents=contents_of(copy),
        )
        write_archive(archive, manifest, copy)
        # A link and not a rename: it fails where another process has made the file meanwhile.
        file.hardlink_to(archive)
        return manifest


def directory_of(settings: Settings) -> Path | None:
    """Where backups lie that the server itself makes: beside the database; None where it makes none."""
    try:
        return _path_in(settings.database).absolute().parent / "backups"
    except BackupError:
        return None


def list_backups(settings: Settings) -> list[Path]:
    """The backups that the server has made, the newest first."""
    directory = directory_of(settings)
    if directory is None or not directory.is_dir():
        return []
    return sorted(directory.glob(f"{_NAME}*{_SUFFIX}"), key=lambda file: file.name, reverse=True)


async def back_up_beside(settings: Settings) -> Path:
    """Makes a backup beside the database, with the time in its name. Raises BackupError, StorageUnavailable."""
    directory = directory_of(settings)
    file = (directory or Path()) / f"{_NAME}{datetime.now(UTC):%Y%m%d-%H%M%S-%f}{_SUFFIX}"
    if directory is not None:
        try:
            await asyncio.to_thread(directory.mkdir, mode=0o700, parents=True, exist_ok=True)
        except OSError as problem:
            raise BackupError(f"the backup cannot be written: {problem}") from problem
    await back_up(settings, file)
    return file


def disk_of(settings: Settings) -> tuple[int, int]:
    """Bytes of the database with its log, and bytes that its disk has free; 0 and -1 where it is on none of ours."""
    try:
        path = _path_in(settings.database)
        files = [Path(f"{path}{suffix}") for suffix in ("", "-wal")]
        used = sum(file.stat().st_size for file in files if file.exists())
        return used, shutil.disk_usage(path.absolute().parent).free
    except (BackupError, OSError):
        return 0, -1


async def keep_for_start(settings: Settings, file: Path) -> Manifest:
    """Examines a backup and keeps its database beside the one in use, for `take_kept`.

    Raises BackupError, MigrationError, StorageUnavailable.
    """
    target = _path_in(settings.database)
    kept = _kept_for(target)
    try:
        await asyncio.to_thread(_refuse_what_is_there, target, replace=False)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.absolute().parent) as scratch:
            manifest, unpacked = await _unpack_sound(settings, file, Path(scratch))
            await asyncio.to_thread(unpacked.replace, kept)
    except OSError as problem:
        raise BackupError(f"the backup cannot be restored: {problem}") from problem
    return manifest


async def take_kept(settings: Settings) -> Path | None:
    """Puts the database that `keep_for_start` has kept in place, before anybody opens the old one.

    Returns where the old one is now; None when nothing was kept. Raises BackupError, StorageUnavailable.
    """
    try:
        target = _path_in(settings.database)
    except BackupError:
        return None
    kept = _kept_for(target)
    if not kept.exists():
        return None
    old = target.with_name(f"{target.name}.replaced-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}")
    try:
        async with DatabaseFiles(str(target)).lock():
            await asyncio.to_thread(put_in_place, kept, target, old)
    except OSError as problem:
        raise BackupError(f"the backup cannot be restored: {problem}") from problem
    return old


def _kept_for(target: Path) -> Path:
    return target.with_name(f"{target.name}.restore")


async def restore(settings: Settings, file: Path, *, replace: bool = False) -> Restored:
    """Puts the database of a backup where `settings.database` says, once everything in it has been examined.

    What was there is kept beside it. Raises BackupError, MigrationError, StorageUnavailable.
    """
    target = _path_in(settings.database)
    try:
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(_refuse_what_is_there, target, replace=replace)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.absolute().parent) as scratch:
            manifest, unpacked = await _unpack_sound(settings, file, Path(scratch))
            kept = target.with_name(f"{target.name}.replaced-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}")
            async with DatabaseFiles(str(target)).lock():
                await asyncio.to_thread(_refuse_what_is_there, target, replace=replace)
                await asyncio.to_thread(put_in_place, unpacked, target, kept)
    except OSError as problem:
        raise BackupError(f"the backup cannot be restored: {problem}") from problem
    return Restored(manifest, kept if kept.exists() else None)


async def _unpack_sound(settings: Settings, file: Path, scratch: Path) -> tuple[Manifest, Path]:
    """The manifest of a backup, and its database, in which everything was examined. Raises BackupError."""
    unpacked = scratch / DATABASE
    manifest = await asyncio.to_thread(unpack, file, unpacked)
    if await asyncio.to_thread(contents_of, unpacked) != manifest.contents:
        raise BackupError(f"{file} does not hold the rows that its manifest counts")
    await _examine(settings, unpacked)
    return manifest, unpacked


def _refuse_what_is_there(target: Path, *, replace: bool) -> None:
    if replace or not target.exists() or not target.stat().st_size:
        return
    rows = contents_of(target).rows
    if any(rows.get(table) for table in _OF_PEOPLE):
        raise BackupError(
            f"{target} is not empty",
            "`groundlevel restore --replace` puts the backup in its place, and keeps the old file beside it.",
        )


async def _examine(settings: Settings, database: Path) -> None:
    """Migrates the database of an older program, and examines it."""
    own = msgspec.structs.replace(settings, database=f"{SQLITE}{database.absolute()}", copy_before_migration=False)
    storage = await open_storage(own)
    try:
        report = await examine(storage)
    finally:
        await storage.close()
    if not report.ok:
        wrong = "; ".join(f"{check.name}: {check.detail}" for check in report.checks if not check.ok)
        raise BackupError(
            f"the database in the backup is not sound: {wrong}",
            "Nothing was changed. Restore from another backup.",
        )


def _path_in(url: str) -> Path:
    path = url.removeprefix(SQLITE)
    if path == url:
        raise BackupError(
            "backup and restore are for SQLite databases",
            "Use pg_dump and pg_restore for PostgreSQL: docs/how-to/backup.md.",
        )
    if path == ":memory:":
        raise BackupError("a database in memory cannot be backed up or restored", "Name a file with --database.")
    return Path(path)
