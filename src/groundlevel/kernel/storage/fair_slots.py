"""Shares what scans run on among locations, so that the searches of one do not keep those of another waiting."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from typing import TypeVar

from groundlevel.kernel.errors import SearchTimedOut

T = TypeVar("T")
TRIAL_SECONDS = 0.1
"""What takes longer than that is a slow search: it begins again where few of them run at once (decision 0096)."""
SLOW_SECONDS = 60.0
"""How long a kind of search counts as slow after one of it was."""
MOST_KINDS = 1_000
"""Kinds of slow searches that are remembered; when there are more, all are dropped."""


class FairSlots:
    """A number of slots. One location never holds all of them, and those that wait have their turns one by one.

    Why is decision 48.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._most = max(1, count - 1)
        """Slots of one location."""
        self._held: dict[int, int] = {}
        self._waiting: dict[int, deque[asyncio.Future[None]]] = {}
        """By location, in the order of the turns."""

    def of(self, location: int) -> SlotLease:
        """A slot of a location, for the length of an `async with` block."""
        return SlotLease(self, location)

    async def take(self, location: int) -> None:
        """Takes a slot as soon as it is the location's turn."""
        if self._may_take(location) and not self._waiting:
            self._hold(location)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(location, deque()).append(turn)
        self._hand_out()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give(location)
            raise

    def give(self, location: int) -> None:
        """Gives a slot back."""
        self._free += 1
        left = self._held[location] - 1
        if left:
            self._held[location] = left
        else:
            del self._held[location]
        self._hand_out()

    def _may_take(self, location: int) -> bool:
        return self._free > 0 and self._held.get(location, 0) < self._most

    def _hold(self, location: int) -> None:
        self._free -= 1
        self._held[location] = self._held.get(location, 0) + 1

    def _hand_out(self) -> None:
        """Gives free slots to those that wait, to each location one before any has a second."""
        for location in list(self._waiting):
            turns = self._waiting[location]
            while turns and turns[0].done():
                turns.popleft()
            if turns and self._may_take(location):
                self._hold(location)
                turns.popleft().set_result(None)
                # Behind all others that wait.
                self._waiting[location] = self._waiting.pop(location)
            if not turns:
                self._waiting.pop(location, None)


@asynccontextmanager
async def limit_scan(seconds: float) -> AsyncIterator[None]:
    """Cancels what runs in the block when it takes longer. Raises SearchTimedOut."""
    try:
        async with asyncio.timeout(None if seconds == math.inf else seconds) as limit:
            yield
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise SearchTimedOut(f"The search took longer than {seconds:g} seconds and was stopped") from error


class SlotLease:
    """The use of one slot for the length of a block."""

    __slots__ = ("_location", "_slots")

    def __init__(self, slots: FairSlots, location: int) -> None:
        self._slots = slots
        self._location = location

    async def __aenter__(self) -> None:
        await self._slots.take(self._location)

    async def __aexit__(self, *_error: object) -> None:
        self._slots.give(self._location)


class SlowOnes:
    """What was slow lately."""

    def __init__(self) -> None:
        self._until: dict[Hashable, float] = {}
        """Until when each counts as slow."""

    def has(self, kind: Hashable) -> bool:
        """Whether it counts as slow."""
        return bool(self._until) and self._until.get(kind, -math.inf) > time.monotonic()

    def add(self, kind: Hashable) -> None:
        """Remembers that it was slow just now; None stands for nothing that is known."""
        if kind is None:
            return
        if len(self._until) >= MOST_KINDS:
            self._until.clear()
        self._until[kind] = time.monotonic() + SLOW_SECONDS

    def discard(self, kind: Hashable) -> None:
        """Forgets it: it was quick just now."""
        self._until.pop(kind, None)


class Trial:
    """A scan that is tried, and what kind it turns out to be.

    It holds nothing of the scan: connections that are opened in a trial keep it, as part of their context, for as long
    as they last.
    """

    __slots__ = ("_slow", "kind")

    def __init__(self, slow: SlowOnes) -> None:
        self._slow = slow
        self.kind: Hashable = None
        """None until it is declared."""

    def declare(self, kind: Callable[[], Hashable], question: Hashable) -> None:
        """See `declare_kind`. Raises SearchTimedOut."""
        self._note(kind())

    def _note(self, kind: Hashable) -> None:
        self.kind = kind
        if self._slow.has(kind):
            raise SearchTimedOut("Searches of this kind take long")


_trial: ContextVar[Trial | None] = ContextVar("trial", default=None)


@contextmanager
def trying(trial: Trial) -> Iterator[None]:
    """Makes what runs in the block a trial."""
    token = _trial.set(trial)
    try:
        yield
    finally:
        _trial.reset(token)


def declare_kind(kind: Callable[[], Hashable], question: Hashable) -> None:
    """Says before a scan reads anything what it has in common with others that cost about the same, and what it is.

    Ends the scan by SearchTimedOut where it is only tried and others of its kind were slow lately.
    """
    trial = _trial.get()
    if trial is not None:
        trial.declare(kind, question)


class ScanLanes:
    """Slots for searches of which nobody knows what they cost, and a few for those that have proved slow."""

    def __init__(self, quick: int) -> None:
        # The database is taken to have as many processors as the server, of which slow searches leave half alone.
        slow = min(max(1, _processors() // 2), quick)
        self.count = quick + slow
        """What runs at once at most."""
        self._quick, self._slow = FairSlots(quick), FairSlots(slow)
        self._slow_kinds = SlowOnes()

    async def run(self, location: int, scan: Callable[[float], Awaitable[T]], seconds: float) -> T:
        """What `scan` returns, given how long it may take. Raises SearchTimedOut when that is longer than `seconds`.

        A scan with a limit is stopped after TRIAL_SECONDS and begins again as a slow one; at once if it declares a kind
        that was slow lately.
        """
        if not TRIAL_SECONDS < seconds < math.inf:
            async with self._quick.of(location):
                return await scan(seconds)
        trial = Trial(self._slow_kinds)
        with suppress(SearchTimedOut):
            async with self._quick.of(location):
                with trying(trial):
                    return await scan(TRIAL_SECONDS)
        self._slow_kinds.add(trial.kind)
        async with self._slow.of(location):
            started = time.monotonic()
            result = await scan(seconds)
            if time.monotonic() - started < TRIAL_SECONDS:
                # It depends on what is sought, or an index has been built: the next one is tried again.
                self._slow_kinds.discard(trial.kind)
            return result


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
