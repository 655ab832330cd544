"""Runs use cases, which are coroutines over one transaction, in the way that each is marked for."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from enum import Enum
from typing import Any, TypeVar

from msgspec import Struct

from groundlevel.kernel.changes import Author
from groundlevel.kernel.ids import Ids
from groundlevel.kernel.model import Actor, Location, Origin
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction, Work

R = TypeVar("R")
T = TypeVar("T")
UseCase = Callable[[Transaction, "Call", R], Coroutine[Any, Any, T]]


class Mode(Enum):
    """How an engine runs a use case."""

    READ = "read"
    SCAN = "scan"
    WRITE = "write"
    SCHEMA = "schema"


class Call(Struct, frozen=True, gc=False):
    """The circumstances of one use case: who asks, where, when, and how strictly."""

    location: Location
    origin: Origin
    """What createdBy and lastUpdatedBy will show."""
    ids: Ids
    strict: bool = False
    """Whether to refuse what the live platform refuses (profile `live`) where the default is tolerant."""
    limited: bool = False
    """Whether the live platform's published limits hold (setting `limits`)."""
    author: Author | None = None
    """Who makes the changes; None for whom the process works for."""


_modes: dict[Any, Mode] = {}
_reads_little: dict[Any, Callable[[Any], bool]] = {}


def _mark(mode: Mode) -> Callable[[UseCase[R, T]], UseCase[R, T]]:
    def mark(use_case: UseCase[R, T]) -> UseCase[R, T]:
        _modes[use_case] = mode
        return use_case

    return mark


reading = _mark(Mode.READ)
"""Marks a use case that reads a few rows."""
scanning = _mark(Mode.SCAN)
"""Marks a use case that may read many rows."""
writing = _mark(Mode.WRITE)
"""Marks a use case that changes records."""
changing_schema = _mark(Mode.SCHEMA)
"""Marks a use case that changes objects or fields."""


def scanning_unless(reads_little: Callable[[R], bool]) -> Callable[[UseCase[R, T]], UseCase[R, T]]:
    """Marks a use case that may read many rows, unless its request says that it reads a few."""

    def mark(use_case: UseCase[R, T]) -> UseCase[R, T]:
        _reads_little[use_case] = reads_little
        return scanning(use_case)

    return mark


async def perform(storage: Storage, call: Call, use_case: UseCase[R, T], request: R) -> T:
    """Runs one use case in a transaction of the call's location. Raises Refusal."""

    def work(tx: Transaction) -> Coroutine[Any, Any, T]:
        if call.author is not None:
            tx.log.author = call.author
        return use_case(tx, call, request)

    mode = _modes[use_case]
    if mode is Mode.SCAN and use_case in _reads_little and _reads_little[use_case](request):
        mode = Mode.READ
    match mode:
        case Mode.READ:
            return await storage.read(call.location, work)
        case Mode.WRITE:
            return await storage.write(call.location, work)
        case Mode.SCAN:
            return await storage.scan(call.location, work, seconds=storage.scan_seconds)
        case Mode.SCHEMA:
            return await storage.change_schema(call.location, work)


def authored(author: Author | None, work: Work[T]) -> Work[T]:
    """Work whose changes somebody makes; None for whom the process works for."""
    if author is None:
        return work

    def run(tx: Transaction) -> Coroutine[Any, Any, T]:
        tx.log.author = author
        return work(tx)

    return run


def origin_of(actor: Actor) -> Origin:
    """The origin that a write of this actor leaves."""
    return Origin(actor.channel, actor.source, actor.source_id)
