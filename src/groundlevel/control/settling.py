"""Waits until nothing is left to happen by itself, so that a test need not sleep."""

from __future__ import annotations

import asyncio
import time

from groundlevel.kernel.storage.base import Storage
from groundlevel.records.upkeep import list_jobs
from groundlevel.webhooks.delivery_store import has_due_work

LOOK_SECONDS = 0.005


async def list_unfinished(storage: Storage) -> dict[str, int]:
    """What is being done or is due now, by its kind; empty when there is nothing."""
    before = {name: look() for name, look in storage.progress.items()}
    found: dict[str, int] = {}
    if "deliveries" in before:
        # Where no worker of this process delivers, events wait for another one, and may do so for ever.
        due = await storage.read(None, lambda tx: has_due_work(tx, None, storage.ids.now()))
        found["events"] = int(due)
    found["jobs"] = len(await storage.read(None, list_jobs))
    found["indexes"] = len(storage.cache.demand.wanted)
    # What is not due any more may have been begun since the first look.
    for name, earlier in before.items():
        found[name] = earlier.unfinished + (storage.progress[name]().begun != earlier.begun)
    return {name: count for name, count in found.items() if count}


async def settle(storage: Storage, seconds: float) -> dict[str, int]:
    """Returns when nothing is left to do, or after so many seconds: what is left then.

    A webhook that is to be tried again later is not waited for; the clock can be moved there.
    """
    deadline = time.monotonic() + seconds
    while (left := await list_unfinished(storage)) and time.monotonic() < deadline:
        storage.work_available.set()
        storage.long_work.set()
        await asyncio.sleep(LOOK_SECONDS)
    return left
