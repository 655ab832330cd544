"""Supervises what runs besides requests: a task that fails is logged, restarted after a pause, and reported."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from groundlevel.kernel.observe import logger

PAUSES = (0.1, 0.5, 2.0, 10.0, 30.0)
"""Seconds before a restart: after the first failure in a row, the second, …, and after every further one."""
STABLE_SECONDS = 60.0
"""A task that has run so long counts as recovered: its next failure is the first in a row again."""

Work = Callable[[], Coroutine[Any, Any, None]]
"""Makes the coroutine of a task anew for each start."""

_log = logger("background")


class BackgroundTask:
    """One supervised task, as metrics and readiness show it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.restarts = 0
        """How often it was started again."""
        self.failing = False
        """Whether it has failed and has not yet run stably since."""
        self.error = ""
        """What it failed with last."""
        self.running: asyncio.Task[None] | None = None


class Background:
    """The tasks of one process."""

    def __init__(self, *, pauses: Sequence[float] = PAUSES, stable_seconds: float = STABLE_SECONDS) -> None:
        self.tasks: list[BackgroundTask] = []
        self._pauses = pauses
        self._stable_seconds = stable_seconds

    def start(self, name: str, work: Work) -> BackgroundTask:
        """Runs work until it returns or `stop` is called, and again whenever it raises."""
        task = BackgroundTask(name)
        task.running = asyncio.create_task(self._supervise(task, work), name=name)
        self.tasks.append(task)
        return task

    async def stop(self) -> None:
        """Cancels every task, the last started first, and waits for each to end."""
        while self.tasks:
            running = self.tasks.pop().running
            assert running is not None
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    def failing(self) -> list[str]:
        """The names of the tasks that have failed and not yet recovered, in the order of their start."""
        return [task.name for task in self.tasks if task.failing]

    def states(self) -> list[tuple[str, int, bool]]:
        """Name, restarts and whether it is failing, of every task."""
        return [(task.name, task.restarts, task.failing) for task in self.tasks]

    async def _supervise(self, task: BackgroundTask, work: Work) -> None:
        failures = 0
        while True:
            recovery = asyncio.get_running_loop().call_later(self._stable_seconds, _recover, task)
            try:
                await work()
            except Exception as error:
                failures = failures + 1 if task.failing else 1
                pause = self._pauses[min(failures, len(self._pauses)) - 1]
                task.failing, task.error = True, f"{type(error).__name__}: {error}"
                _log.exception("background task failed", task=task.name, failures=failures, restart_in_seconds=pause)
            else:
                task.failing = False
                return
            finally:
                recovery.cancel()
            await asyncio.sleep(pause)
            task.restarts += 1


def _recover(task: BackgroundTask) -> None:
    task.failing = False
