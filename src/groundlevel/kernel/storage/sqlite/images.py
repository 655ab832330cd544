"""Images of a SQLite database: copies in memory, which the backup interface writes back in a few milliseconds.

No connection has to be closed for that: the next read of each sees what was put back (decision 0075).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import apsw

from groundlevel.kernel.errors import StorageUnavailable
from groundlevel.kernel.storage.images import Images
from groundlevel.kernel.storage.transaction import Transaction, Work

_IS_MARKED = "SELECT 1 FROM state WHERE name = 'disposable'"
_MARK = "INSERT INTO state (name, value) VALUES ('disposable', 1) ON CONFLICT DO NOTHING"
_UNMARK = "DELETE FROM state WHERE name = 'disposable'"

Alone = Callable[[], AbstractAsyncContextManager[apsw.Connection]]
"""Gives the writing connection while no other work runs."""
Replaced = Callable[[], None]


class SqliteImages(Images):
    """The images that one process has taken. `replaced` is called when everything was replaced, still alone."""

    def __init__(self, alone: Alone, begin: Callable[[apsw.Connection], Transaction], replaced: Replaced) -> None:
        self._alone = alone
        self._begin = begin
        self._replaced = replaced
        self._taken: dict[str, apsw.Connection] = {}

    @property
    def names(self) -> list[str]:
        return list(self._taken)

    async def is_disposable(self) -> bool:
        async with self._alone() as raw:
            return bool(raw.execute(_IS_MARKED).fetchall())

    async def mark_disposable(self, *, disposable: bool = True) -> None:
        async with self._alone() as raw:
            raw.execute(_MARK if disposable else _UNMARK)

    async def take(self, name: str, look: Work[None] | None = None) -> None:
        image = apsw.Connection(":memory:")
        async with self._alone() as raw:
            _copy(raw, image)
            if look is not None:
                await look(self._begin(raw))
        self._taken.pop(name, None)
        self._taken[name] = image

    async def put_back(self, name: str) -> None:
        image = self._taken[name]
        async with self._alone() as raw:
            _copy(image, raw)
            self._replaced()

    async def drop(self, name: str) -> None:
        self._taken.pop(name).close()


def _copy(source: apsw.Connection, target: apsw.Connection) -> None:
    """Copies all pages in one step, which is one transaction of the target. Raises StorageUnavailable."""
    try:
        with target.backup("main", source, "main") as copy:
            copy.step(-1)
    except apsw.Error as error:
        raise StorageUnavailable(f"The database is not available: {error}") from error
