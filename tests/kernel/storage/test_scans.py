"""On SQLite a scan is tried on the event loop; one that took long there is not tried again for a while."""

from __future__ import annotations

import math
import threading

import pytest

from groundlevel.kernel.storage.fair_slots import declare_kind
from groundlevel.kernel.storage.sqlite import scans
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from tests.conftest import Opening
from tests.needs import not_applicable
from tests.world import World, world_in

LOOP, THREAD = "loop", "thread"
LONG = scans.TICK_STEPS * 10
_COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {steps}) SELECT count(*) FROM n"


class Asked:
    """Scans of so many steps, and where they got as far as to read, and to the end."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.begun: list[str] = []
        self.ended: list[str] = []

    async def ask(self, question: str | None, steps: int = 1) -> None:
        self.begun.clear()
        self.ended.clear()

        async def work(tx: Transaction) -> int:
            if question is not None:
                declare_kind(lambda: "any", question)
            where = LOOP if threading.current_thread() is threading.main_thread() else THREAD
            self.begun.append(where)
            row = await tx.connection.row(Statement.query(_COUNT.format(steps=steps)))
            self.ended.append(where)
            assert row is not None
            return int(row[0])

        assert await self._world.storage.scan(self._world.location, work) == steps


@pytest.fixture
async def asked(opening: Opening, engine_name: str, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """In a file, since a database in memory is never scanned on a thread. All that can be noticed is too long."""
    if engine_name != "sqlite":
        not_applicable("on PostgreSQL nothing is scanned on the event loop")
    monkeypatch.setattr(scans, "QUICK_SECONDS", -math.inf)
    return Asked(await world_in(await opening()))


async def test_what_took_long_is_not_tried_again(asked: Asked) -> None:
    await asked.ask("a", LONG)
    assert (asked.begun, asked.ended) == ([LOOP, THREAD], [THREAD])
    await asked.ask("a", LONG)
    assert (asked.begun, asked.ended) == ([THREAD], [THREAD])


async def test_another_question_is_tried(asked: Asked) -> None:
    await asked.ask("a", LONG)
    await asked.ask("b")
    assert (asked.begun, asked.ended) == ([LOOP], [LOOP])


async def test_what_nobody_knows_is_tried_each_time(asked: Asked) -> None:
    for _ in range(2):
        await asked.ask(None, LONG)
        assert (asked.begun, asked.ended) == ([LOOP, THREAD], [THREAD])


async def test_what_has_become_quick_is_tried_again(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    await asked.ask("a", LONG)
    monkeypatch.setattr(scans, "QUICK_SECONDS", math.inf)
    await asked.ask("a")
    assert (asked.begun, asked.ended) == ([THREAD], [THREAD])
    await asked.ask("a", LONG)
    assert (asked.begun, asked.ended) == ([LOOP], [LOOP])
