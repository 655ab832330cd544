"""Stores when tokens were used last: requests note it in memory, and a background task writes it down each minute."""

from __future__ import annotations

import asyncio
import contextlib

from groundlevel.access import store
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction

EVERY_SECONDS = 60
_LAST_SECONDS = 1.0
"""How long a server that stops waits for the last of them."""


async def store_last_uses(storage: Storage) -> None:
    """Stores which tokens were used since this was done before; what cannot be stored is noted again."""
    used, storage.used_tokens = storage.used_tokens, set()
    if not used:
        return

    async def work(tx: Transaction) -> None:
        for token_id in sorted(used):
            await store.store_last_use(tx, token_id, now=tx.ids.now())

    try:
        await storage.write(None, work)
    except BaseException:
        storage.used_tokens |= used
        raise


async def keep_storing_last_uses(storage: Storage) -> None:
    """Stores last uses from time to time, and what is left of them when it is cancelled."""
    try:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await store_last_uses(storage)
    except asyncio.CancelledError:
        # Of what keeps this from being stored the server does not have to know any more: it stops.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_LAST_SECONDS):
                await store_last_uses(storage)
        raise
