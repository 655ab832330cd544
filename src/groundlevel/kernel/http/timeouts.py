"""Gives up requests that wait too long, at next to no cost for those that do not wait."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Coroutine, Generator
from typing import Any, TypeVar

T = TypeVar("T")


class Timeouts:
    """The requests that are running, in the order in which their time ends, and one timer for the first of them."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends: dict[asyncio.Task[object], float] = {}
        self._expired: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    @types.coroutine
    def watched(self, work: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
        """The result of the work. Raises TimeoutError when it had to be given up.

        Work is watched from its first real wait on. Most requests have none: to find out the task that runs them,
        and to note it, would cost them more than finding their route.
        """
        inner = work.__await__()
        try:
            waited = next(inner)
        except StopIteration as stop:
            done: T = stop.value
            return done
        task = self.start()
        try:
            while True:
                try:
                    sent = yield waited
                except BaseException as error:
                    waited = inner.throw(error)
                else:
                    waited = inner.send(sent)
        except StopIteration as stop:
            result: T = stop.value
            return result
        except asyncio.CancelledError:
            if self.expired(task):
                raise TimeoutError from None
            raise
        finally:
            self.finish(task)

    def start(self) -> asyncio.Task[object]:
        """Watches the current task until `finish`."""
        task = asyncio.current_task()
        assert task is not None  # requests are served by tasks
        loop = task.get_loop()
        self._ends[task] = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._give_up, loop)
        return task

    def finish(self, task: asyncio.Task[object]) -> None:
        """Watches the task no longer."""
        self._ends.pop(task, None)

    def expired(self, task: asyncio.Task[object]) -> bool:
        """Whether the task was cancelled here, and not by the server; the task may go on then."""
        if task not in self._expired:
            return False
        self._expired.remove(task)
        task.uncancel()
        return True

    def stop(self) -> None:
        """Drops the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        self._timer = None
        for task, end in list(self._ends.items()):
            if end > now:
                self._timer = loop.call_at(end, self._give_up, loop)
                return
            del self._ends[task]
            self._expired.add(task)
            task.cancel()
