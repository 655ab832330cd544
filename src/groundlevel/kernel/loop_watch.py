"""Watches the event loop: how late it comes to what is due, and what holds it when it comes too late.

A request that computes for long keeps everybody waiting, and when the event loop could look, it is over. So a thread
looks, and logs where the event loop is while it is held.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from groundlevel.kernel.observe import Tally, logger

BEAT_SECONDS = 0.1
"""How often the event loop says that it is free, and how often the thread looks."""
HELD_SECONDS = 0.25
"""From how much lateness on it counts as held."""
_SHOWN_FRAMES = 6
_PACKAGE = str(Path(__file__).resolve().parent.parent)

_log = logger("loop")


class LoopWatch:
    """The watch over the event loop of a process; `lags` gets the lateness of each beat.

    `clock` gives seconds, from any beginning.
    """

    def __init__(self, lags: Tally, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._lags = lags
        self._clock = clock
        self._due = 0.0
        """When the next beat is due."""
        self._reported = 0.0
        """The due beat that was reported as late."""
        self._timer: asyncio.TimerHandle | None = None
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._loop_thread = 0

    def start(self) -> None:
        """Begins to watch the running event loop."""
        loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._stopped.clear()

        def beat() -> None:
            self.beat()
            self._timer = loop.call_later(BEAT_SECONDS, beat)

        self._due = self._clock()
        beat()
        self._thread = threading.Thread(target=self._look, name="loop watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Watches no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def beat(self) -> None:
        """The event loop is free: notes how late that is, and when the next beat is due."""
        now = self._clock()
        late = max(0.0, now - self._due)
        self._lags.count(late)
        if self._reported == self._due and late >= HELD_SECONDS:
            _log.warning("event loop free again", milliseconds=round(late * 1000))
        self._due = now + BEAT_SECONDS

    def check(self) -> None:
        """Says in the log where the event loop is, once for each time that it is held."""
        due = self._due
        late = self._clock() - due
        if late < HELD_SECONDS or self._reported == due:
            return
        frame = sys._current_frames().get(self._loop_thread)
        self._reported = due
        _log.warning("event loop held", milliseconds=round(late * 1000), where=where_of(frame))

    def _look(self) -> None:
        while not self._stopped.wait(BEAT_SECONDS):
            self.check()


def where_of(frame: FrameType | None) -> list[str]:
    """The innermost places of the program in a stack, the last first: `crm/tags.py:12 fold`."""
    places: list[str] = []
    while frame is not None and len(places) < _SHOWN_FRAMES:
        code = frame.f_code
        if code.co_filename.startswith(_PACKAGE):
            places.append(f"{code.co_filename[len(_PACKAGE) + 1 :]}:{frame.f_lineno} {code.co_name}")
        frame = frame.f_back
    return places
