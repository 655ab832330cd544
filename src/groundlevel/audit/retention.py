"""Shortens the log of changes, a slice at a time (decision 0069)."""

from __future__ import annotations

import asyncio
import time

from msgspec import Struct

from groundlevel.audit import store
from groundlevel.kernel.changes import NO_LOCATION
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction

SLICE = 100
"""Changes that one transaction deletes."""
PRUNE_SECONDS = 600.0
"""How often it is looked for changes that are past their time."""
REST = 20.0
"""For how long, in times of what a slice took, others have the database to themselves after it."""
_DAY_MS = 86_400_000


class Retention(Struct, frozen=True):
    """Which changes are kept."""

    days: int
    max_rows: int = 0
    """How many of each location at most; 0 for any number."""


async def keep_pruning(storage: Storage, retention: Retention) -> None:
    """Deletes what is past its time again and again, until cancelled."""
    while True:
        await prune(storage, retention, rest=REST)
        await asyncio.sleep(PRUNE_SECONDS)


async def prune(storage: Storage, retention: Retention, *, rest: float = 0.0) -> int:
    """Deletes what is past its time; how many changes. After each slice it rests for so many times what that took."""
    deleted = 0
    location = await _next_location(storage, NO_LOCATION - 1)
    while location is not None:
        while True:
            began = time.monotonic()
            gone = await _prune_slice(storage, retention, location)
            deleted += gone
            await asyncio.sleep(rest * (time.monotonic() - began))
            if gone < SLICE:
                break
        location = await _next_location(storage, location)
    return deleted


async def _next_location(storage: Storage, location: int) -> int | None:
    return await storage.read(None, lambda tx: store.find_next_audited(tx, location))


async def _prune_slice(storage: Storage, retention: Retention, location: int) -> int:
    before = storage.ids.now() - retention.days * _DAY_MS

    async def work(tx: Transaction) -> int:
        # Numbers have no gaps, so that they say how many changes there are.
        up_to = await store.find_newest(tx, location) - retention.max_rows if retention.max_rows else 0
        return await store.prune_changes(tx, location, before=before, up_to=up_to, most=SLICE)

    return await storage.write(None, work)
