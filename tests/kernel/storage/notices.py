"""Waits until a process has heard of the changes that were committed, by itself or by others."""

from __future__ import annotations

from uuid import uuid4

import asyncpg

from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.postgres.engine import PostgresStorage
from groundlevel.kernel.storage.postgres.transaction import CHANNEL
from groundlevel.kernel.storage.transaction import Transaction
from tests.world import eventually

_TABLE = "heard"


async def hear_changes(storage: Storage) -> None:
    """Returns when the process of the storage has heard of every change committed so far.

    A process hears of its own changes too. Until it has, a notice may drop what was cached after the change.
    """
    if isinstance(storage, PostgresStorage):
        await _hear_notices(storage)
    else:
        # A write begins with a look at what other connections have committed.
        await storage.write(None, _write_nothing)


async def _write_nothing(tx: Transaction) -> None:
    """Leaves everything as it is."""


async def _hear_notices(storage: PostgresStorage) -> None:
    """PostgreSQL delivers notices in the order of commits, so the last one is waited for: it drops a value."""
    topic = f"token/{uuid4()}"
    cache = storage.cache

    async def is_kept() -> bool:
        cache.keep(_TABLE, (0,), topic, topics=(topic,), epoch=cache.epoch)
        return (0,) in cache.tables.get(_TABLE, {})

    async def is_dropped() -> bool:
        return (0,) not in cache.tables.get(_TABLE, {})

    await eventually(is_kept)
    connection = await asyncpg.connect(storage.url)
    try:
        await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, topic)
    finally:
        await connection.close()
    await eventually(is_dropped)
