"""What every storage engine must do; the seam between the rules and the databases."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from groundlevel.ids import Ids
from groundlevel.model import Location
from groundlevel.storage.catalog import Catalog

if TYPE_CHECKING:
    from groundlevel.storage.transaction import Transaction

T = TypeVar("T")
Row = Sequence[Any]
Work = Callable[["Transaction"], Coroutine[Any, Any, T]]
"""What an engine is handed: a coroutine function that awaits nothing but its transaction."""


class StaleSchemaError(Exception):
    """The cached schema is older than the database's. The engine forgets it and runs the work again."""


class Connection(ABC):
    """One connection to a database, inside a transaction. Statements use $1, $2, … on every engine."""

    @abstractmethod
    async def rows(self, sql: str, *args: object) -> list[Row]:
        """All rows of a query, or of a statement with RETURNING."""

    @abstractmethod
    async def row(self, sql: str, *args: object) -> Row | None:
        """The first row, or None."""

    @abstractmethod
    async def run(self, sql: str, *args: object) -> None:
        """Runs a statement for its effect."""

    @abstractmethod
    async def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Runs a statement once for each row of arguments."""

    @abstractmethod
    async def script(self, sql: str) -> None:
        """Runs several statements without arguments."""


class Storage(ABC):
    """A database engine. Every method may raise StorageUnavailable.

    The work of one request is handed over whole. It may run more than once (after a stale schema or a deadlock)
    and must therefore have no effect but through its transaction.
    """

    engine: ClassVar[str]
    catalog: Catalog
    ids: Ids
    notices: list[str]
    """What the operator should know about this database, said at start: for instance that trigrams are missing."""

    def __init__(self) -> None:
        self.notices = []
        self._attended: list[asyncio.Task[None]] = []

    def attend(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs work in the background until this storage is closed."""
        self._attended.append(asyncio.create_task(work))

    async def dismiss(self) -> None:
        """Ends what `attend` has begun; the first thing that closing does."""
        for task in self._attended:
            task.cancel()
        await asyncio.gather(*self._attended, return_exceptions=True)
        self._attended.clear()

    @abstractmethod
    async def open(self) -> None:
        """Connects, migrates the schema if it is older and refuses a newer one with MigrationError."""

    @abstractmethod
    async def close(self) -> None:
        """Finishes accepted writes, then disconnects."""

    @abstractmethod
    async def read(self, location: Location | None, work: Work[T]) -> T:
        """Runs short reading work; each statement sees what was committed before it."""

    @abstractmethod
    async def scan(self, location: Location | None, work: Work[T]) -> T:
        """Runs reading work that may take long, on one snapshot, without holding up other requests."""

    @abstractmethod
    async def write(self, location: Location | None, work: Work[T]) -> T:
        """Runs writing work: all of it is durable when this returns, or nothing of it happened."""

    @abstractmethod
    async def change_schema(self, location: Location, work: Work[T]) -> T:
        """Runs work that changes objects or fields, alone among the writers of the location."""

    @abstractmethod
    async def ready(self) -> None:
        """Returns when the database answers; raises StorageUnavailable otherwise."""

    @abstractmethod
    async def measures(self) -> dict[str, float]:
        """Gauges of the engine for /metrics, by name: connections, queue length and the like."""


def driven(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine that never really waits to its end.

    Raises RuntimeError if it awaits anything but its transaction: such work could hold a lock across a network call.
    """
    try:
        work.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    work.close()
    raise RuntimeError("the work of a transaction awaited something other than its transaction")
