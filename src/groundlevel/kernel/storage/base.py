"""What every storage engine must do; the seam between the rules and the databases."""

from __future__ import annotations

import asyncio
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import ClassVar, TypeVar

from msgspec import Struct

from groundlevel.kernel.background import Background
from groundlevel.kernel.changes import THE_SERVER, Author
from groundlevel.kernel.ids import Ids
from groundlevel.kernel.model import Location
from groundlevel.kernel.storage.cache import Cache
from groundlevel.kernel.storage.change_signal import ChangeSignal
from groundlevel.kernel.storage.images import Images
from groundlevel.kernel.storage.transaction import Work

T = TypeVar("T")


class Progress(Struct, frozen=True):
    """How far a background task is."""

    unfinished: int
    """What it has begun and not finished."""
    begun: int
    """How often it has begun anything: where two looks find the same number, nothing was begun between them."""


class Storage(ABC):
    """A database engine. Every method may raise StorageUnavailable.

    The work of one request is handed over whole. It may run more than once (after a stale schema or a deadlock)
    and must therefore have no effect but through its transaction.
    """

    engine: ClassVar[str]
    cache: Cache
    ids: Ids
    notices: list[str]
    """What the operator should know about this database, said at start: for instance that trigrams are missing."""

    def __init__(self) -> None:
        self.notices = []
        self.scan_seconds = math.inf
        """How long a use case may scan."""
        self.secret = ""
        """Under which nouns encrypt what only the server may read; empty where the operator has given none."""
        self.audited = True
        """Whether changes are logged."""
        self.author: Author = THE_SERVER
        """Who makes the changes of this process that no request asks for."""
        self.change_signal = ChangeSignal()
        """What tells those who follow changes that this process has committed some."""
        self.work_available = asyncio.Event()
        """Set when a transaction of this process has emitted an event: the worker clears it and looks."""
        self.long_work = asyncio.Event()
        """Set when a request has left work behind: the task that does such work clears it and looks."""
        self.background = Background()
        """What runs besides requests until this storage is closed; closing stops it first."""
        self.used_tokens: set[str] = set()
        """The ids of the tokens that were used and of which that is not stored yet."""
        self.generation = 0
        """How often everything stored was replaced at once: what is known of an earlier generation is of no use."""
        self.progress: dict[str, Callable[[], Progress]] = {}
        """How far a background task is, by the name of what it works on."""

    def begin_generation(self) -> None:
        """Drops what is known of rows that were all replaced, and wakes who works on them.

        An image calls it while nobody else reads or writes.
        """
        self.generation += 1
        self.ids.restart()
        self.cache.forget()
        self.cache.demand.clear()
        self.work_available.set()
        self.long_work.set()

    @abstractmethod
    async def open(self) -> None:
        """Connects, migrates the schema if it is older and refuses a newer one with MigrationError."""

    @abstractmethod
    async def open_to_examine(self) -> None:
        """Connects for reading alone: creates, migrates and repairs nothing.

        Raises StorageUnavailable when there is no database, MigrationError when its schema is not this program's.
        """

    @abstractmethod
    async def close(self) -> None:
        """Finishes accepted writes, then disconnects."""

    @abstractmethod
    def exclusively(self) -> AbstractAsyncContextManager[None]:
        """Keeps other processes that ask for the same waiting, for as long as the block runs: for what is done once."""

    @abstractmethod
    async def read(self, location: Location | None, work: Work[T]) -> T:
        """Runs short reading work; each statement sees what was committed before it."""

    @abstractmethod
    async def scan(self, location: Location | None, work: Work[T], *, seconds: float = math.inf) -> T:
        """Runs reading work that may take long, on one snapshot, without holding up other requests.

        Locations have their turns one by one, and none can take all that there is to run scans on. Raises
        SearchTimedOut when the work takes longer than so many seconds, waiting not included.
        """

    @abstractmethod
    async def write(self, location: Location | None, work: Work[T]) -> T:
        """Runs writing work: all of it is durable when this returns, or nothing of it happened."""

    @abstractmethod
    async def change_schema(self, location: Location, work: Work[T]) -> T:
        """Runs work that changes objects or fields, alone among the writers of the location."""

    @abstractmethod
    def images(self) -> Images:
        """Takes images of everything that is stored, and puts them back."""

    @abstractmethod
    async def ready(self) -> None:
        """Returns when the database answers; raises StorageUnavailable otherwise."""

    @abstractmethod
    async def measures(self) -> dict[str, float]:
        """Gauges of the engine for /metrics, by name: connections, queue length and the like."""
