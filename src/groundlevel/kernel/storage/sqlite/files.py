"""The files of a SQLite database: for their owner alone, one process at a time where it matters, and still the same."""

from __future__ import annotations

import asyncio
import fcntl
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from groundlevel.kernel.private_files import OWNER_ALONE

_SUFFIXES = ("", "-wal", "-shm")
_OF_OTHERS = 0o077
Identity = tuple[tuple[int, int] | None, ...]
"""Device and number of the database and of its write-ahead log, None for one that is not there."""


class DatabaseFiles:
    """A database file with its write-ahead log and that one's index, which SQLite names after it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._opened: Identity = (None, None)

    def create(self) -> None:
        """Creates an empty database, with its directory, unless there is one. Raises OSError.

        SQLite gives the files beside it the same permissions.
        """
        Path(self.path).absolute().parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, OWNER_ALONE))

    def restrict(self) -> list[str]:
        """Takes from others than the owner what they may do with the files; what the operator should know of that."""
        notices = []
        for suffix in _SUFFIXES:
            path = Path(self.path + suffix)
            try:
                mode = stat.S_IMODE(path.stat().st_mode)
                if mode & _OF_OTHERS:
                    path.chmod(OWNER_ALONE)
                    notices.append(f"{path} was open to other users of this machine ({mode:o}): now only its owner's")
            except FileNotFoundError:
                continue
            except OSError as error:
                notices.append(f"{path} is open to other users of this machine, and stays so: {error.strerror}")
        return notices

    def size(self) -> int:
        """Bytes of the database, 0 when it is gone."""
        try:
            return Path(self.path).stat().st_size
        except OSError:
            return 0

    def remember(self) -> None:
        """Notes which files are open."""
        self._opened = self._identity()

    def problem(self) -> str:
        """What has happened to the files since they were opened; empty while they are the same."""
        now = self._identity()
        if now == self._opened:
            return ""
        name = self.path if now[0] != self._opened[0] else f"{self.path}-wal"
        gone = now[0] is None or (now[0] == self._opened[0] and now[1] is None)
        return f"{name} was {'deleted' if gone else 'replaced'} while the server had it open"

    def _identity(self) -> Identity:
        return tuple(_identity_of(self.path + suffix) for suffix in _SUFFIXES[:2])

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Keeps other processes that ask for the same waiting. Raises OSError."""
        descriptor = os.open(self.path + ".lock", os.O_RDWR | os.O_CREAT, OWNER_ALONE)
        try:
            # Off the event loop: another process may hold it for as long as it takes to seed a database.
            await asyncio.to_thread(fcntl.flock, descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _identity_of(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116  twice as fast as the same of a Path, once for every commit
    except OSError:
        return None
    return found.st_dev, found.st_ino
