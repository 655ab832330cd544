"""Stores what was answered to requests with an Idempotency-Key, in the transaction of what they did."""

from __future__ import annotations

import asyncio

from msgspec import Struct

from groundlevel.kernel.errors import IdempotencyKeyReused
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction

KEPT_MS = 24 * 3_600_000
"""How long a reply is kept."""
CLEAN_SECONDS = 600.0


class RequestKey(Struct, frozen=True):
    """A request as its sender names it."""

    holder: str
    """Whose key it is: the id of a private integration token, or the client id of an app."""
    key: str
    digest: bytes
    """SHA-256 of the request."""


class StoredReply(Struct, frozen=True):
    """What was answered: the status and the bytes of the body."""

    status: int
    content: bytes


async def claim_key(tx: Transaction, request: RequestKey) -> StoredReply | None:
    """Takes the key for this transaction, or returns the reply that was stored under it.

    Waits for another transaction that is using the key. Raises IdempotencyKeyReused when the key was sent with another
    request.
    """
    now = tx.ids.now()
    scope = (tx.location_number, request.holder, request.key)
    if await tx.connection.row(tx.sql["claim_key"], *scope, request.digest, now, now - KEPT_MS) is not None:
        return None
    row = await tx.connection.row(tx.sql["find_key"], *scope)
    if row is None or bytes(row[0]) != request.digest:
        raise IdempotencyKeyReused
    return StoredReply(row[1], bytes(row[2]))


async def store_reply(tx: Transaction, request: RequestKey, reply: StoredReply) -> None:
    """Stores the reply under a key that this transaction has claimed."""
    scope = (tx.location_number, request.holder, request.key)
    await tx.connection.run(tx.sql["store_reply"], *scope, reply.status, reply.content)


async def delete_expired_keys(storage: Storage) -> None:
    """Deletes the keys whose time is over."""

    async def work(tx: Transaction) -> None:
        await tx.connection.run(tx.sql["delete_expired_keys"], tx.ids.now() - KEPT_MS)

    await storage.write(None, work)


async def keep_deleting_expired_keys(storage: Storage) -> None:
    """Deletes expired keys from time to time, until it is cancelled."""
    while True:
        await asyncio.sleep(CLEAN_SECONDS)
        await delete_expired_keys(storage)
