"""Copies a SQLite database while it is in use, and says what a file holds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
from msgspec import Struct

from groundlevel.kernel.errors import StorageUnavailable
from groundlevel.kernel.private_files import create_file
from groundlevel.kernel.storage.sqlite.connection import LOCK_SECONDS

PAGES = 1000
"""Pages copied at a time."""
_VERSION = "SELECT coalesce(max(version), 0) FROM schema_migrations"
_TABLES = """
SELECT name FROM pragma_table_list
WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name
"""
_LOG_SUFFIXES = ("-wal", "-shm")


class Contents(Struct, frozen=True, rename="camel"):
    """What a database holds, as far as can be compared at a glance."""

    schema_version: int
    rows: dict[str, int]
    """The number of rows of each table; what SQLite keeps for itself is left out."""


def copy_database(source: Path, target: Path, *, progress: Callable[[int, int], None] | None = None) -> None:
    """Copies what is committed at this moment into a new file for its owner alone, while others read and write.

    Runs to its end without an event loop. `progress` gets the pages copied and their number. Until it ends, what
    others write stays in the write-ahead log. Raises StorageUnavailable, OSError.
    """
    create_file(target).close()
    try:
        with closing(_connect(source)) as reading, closing(apsw.Connection(str(target))) as writing:
            # A snapshot held throughout: without it the copy begins again whenever another process has written.
            reading.execute("BEGIN")
            reading.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            writing.execute("PRAGMA synchronous = OFF")
            with writing.backup("main", reading, "main") as copy:
                while not copy.done:
                    copy.step(PAGES)
                    if progress is not None:
                        progress(copy.page_count - copy.remaining, copy.page_count)
            # One file that needs no other beside it, whoever opens it.
            writing.execute("PRAGMA journal_mode = DELETE")
        with target.open("rb") as copied:
            os.fsync(copied.fileno())
    except apsw.Error as error:
        target.unlink()
        raise StorageUnavailable(f"{source} cannot be copied: {error}") from error
    except BaseException:
        target.unlink()
        raise


def contents_of(path: Path) -> Contents:
    """What the database in a file holds. Raises StorageUnavailable when it is none of this program's."""
    try:
        with closing(_connect(path)) as raw:
            raw.execute("BEGIN")
            tables = [row[0] for row in raw.execute(_TABLES).fetchall()]
            rows = {name: int(raw.execute(f'SELECT count(*) FROM "{name}"').fetchall()[0][0]) for name in tables}
            return Contents(int(raw.execute(_VERSION).fetchall()[0][0]), rows)
    except apsw.Error as error:
        raise StorageUnavailable(f"{path} holds no database of this program: {error}") from error


def has_room_for_copy(path: Path) -> bool:
    """Whether the disk has room for a copy, and as much again for what the database grows by."""
    size = sum(part.stat().st_size for part in (path, Path(f"{path}-wal")) if part.exists())
    return shutil.disk_usage(path.parent).free > 2 * size


def put_in_place(new: Path, target: Path, kept: Path) -> None:
    """Makes `new` the database at `target`, and what was there the one at `kept`; at no moment is there none.

    Raises StorageUnavailable while another process has the database open, OSError.
    """
    if target.exists() and target.stat().st_size:
        _fold_log(target)
        os.link(target, kept)
    for suffix in _LOG_SUFFIXES:
        # What is left of a log belongs to the old database alone: SQLite would read it into the new one.
        log = Path(f"{target}{suffix}")
        if log.exists():
            log.rename(f"{kept}{suffix}")
    new.replace(target)
    directory = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _fold_log(path: Path) -> None:
    """Takes the write-ahead log into the database, which only the one process that has it open can."""
    try:
        with closing(_connect(path)) as raw:
            raw.set_busy_timeout(0)
            mode = raw.execute("PRAGMA journal_mode = DELETE").fetchall()[0][0]
    except apsw.BusyError:
        mode = "wal"
    except (apsw.NotADBError, apsw.CorruptError):
        # Damaged as it is, it is kept with its log.
        return
    if mode != "delete":
        raise StorageUnavailable(
            f"Another process has {path} open", hint="Stop the server first, and start it again afterwards."
        )


def _connect(path: Path) -> Any:
    # Not for reading alone, although nothing is written: a database that nobody has open needs its log's index made.
    raw = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    raw.set_busy_timeout(LOCK_SECONDS * 1000)
    return raw
