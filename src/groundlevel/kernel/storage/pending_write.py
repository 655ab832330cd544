"""Work that waits for its turn to write, and the future of its outcome."""

from __future__ import annotations

import asyncio
from typing import Any

from groundlevel.kernel.model import Location
from groundlevel.kernel.storage.transaction import Work


class PendingWrite:
    """One use case in a queue of an engine."""

    __slots__ = ("attempts", "future", "location", "work")

    def __init__(self, location: Location | None, work: Work[Any]) -> None:
        self.location = location
        self.work = work
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.attempts = 0
        """How often it was begun with a schema that proved old."""

    def resolve(self, result: object, error: BaseException | None) -> None:
        """Hands the outcome to the caller, if it still waits."""
        if self.future.done():
            return
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)
