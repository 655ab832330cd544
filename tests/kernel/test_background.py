"""Background tasks are restarted when they fail, and what happens to them can be seen."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from groundlevel.kernel.background import Background
from tests.world import PATIENCE_SECONDS


@pytest.fixture
async def background() -> AsyncIterator[Background]:
    """Tasks that are restarted at once and never count as stable."""
    tasks = Background(pauses=(0.0,), stable_seconds=600)
    yield tasks
    await tasks.stop()


class Failing:
    """Work that fails so many times, and then runs until it is stopped."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.starts = 0
        self.running = asyncio.Event()
        self.stopped = False

    async def __call__(self) -> None:
        self.starts += 1
        if self.starts <= self.times:
            raise LookupError(f"failure {self.starts}")
        self.running.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped = True


async def test_a_task_that_fails_is_started_again(background: Background) -> None:
    work = Failing(3)
    with capture_logs() as lines:
        task = background.start("sweeper", work)
        async with asyncio.timeout(30):
            await work.running.wait()
    assert (work.starts, task.restarts) == (4, 3)
    assert [(line["task"], line["failures"], line["log_level"]) for line in lines] == [
        ("sweeper", 1, "error"), ("sweeper", 2, "error"), ("sweeper", 3, "error"),
    ]  # fmt: skip
    assert background.failing() == ["sweeper"]
    assert task.error == "LookupError: failure 3"
    assert background.states() == [("sweeper", 3, True)]


UNLOGGED = """
import asyncio, sys
from groundlevel.kernel.background import Background
from groundlevel.kernel.observe import start_logging

async def main():
    runs = []
    again = asyncio.Event()

    async def work():
        runs.append(1)
        if len(runs) == 1:
            raise LookupError("nobody expected it")
        again.set()

    background = Background(pauses=(0.0,))
    background.start("work", work)
    await asyncio.wait_for(again.wait(), 60)
    await background.stop()

start_logging("text", "info")
sys.stderr.close()
asyncio.run(main())
print("started again")
"""
"""In a process of its own, since the log belongs to the whole process."""


def test_a_task_whose_failure_cannot_be_logged_is_started_again() -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNLOGGED], stdout=subprocess.PIPE, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert done.stdout == "started again\n"


async def test_a_failure_does_not_touch_the_others(background: Background) -> None:
    one, two = Failing(1), Failing(0)
    background.start("one", one)
    background.start("two", two)
    async with asyncio.timeout(30):
        await asyncio.gather(one.running.wait(), two.running.wait())
    assert background.failing() == ["one"]
    assert two.starts == 1


async def test_a_task_that_runs_stably_has_recovered() -> None:
    background = Background(pauses=(0.0,), stable_seconds=0.0)
    work = Failing(1)
    task = background.start("sweeper", work)
    async with asyncio.timeout(30):
        await work.running.wait()
        while task.failing:  # noqa: ASYNC110  a timer of the loop ends it
            await asyncio.sleep(0)
    assert background.failing() == []
    await background.stop()


async def test_pauses_grow_with_the_failures_in_a_row() -> None:
    background = Background(pauses=(0.0, 0.001, 0.002), stable_seconds=600)
    work = Failing(5)
    with capture_logs() as lines:
        background.start("sweeper", work)
        async with asyncio.timeout(30):
            await work.running.wait()
    assert [line["restart_in_seconds"] for line in lines] == [0.0, 0.001, 0.002, 0.002, 0.002]
    await background.stop()


async def test_work_that_ends_is_not_started_again(background: Background) -> None:
    starts = []

    async def once() -> None:
        starts.append(1)

    task = background.start("once", once)
    assert task.running is not None
    await task.running
    assert (starts, task.restarts, task.failing) == ([1], 0, False)


async def test_stopping_ends_every_task_also_one_that_waits_to_be_restarted() -> None:
    background = Background(pauses=(600.0,), stable_seconds=600)
    work, broken = Failing(0), Failing(1_000_000)
    background.start("work", work)
    failing = background.start("broken", broken)
    async with asyncio.timeout(30):
        await work.running.wait()
        while not failing.failing:  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0)
        await background.stop()
    assert work.stopped
    assert broken.starts == 1
    assert background.tasks == []
