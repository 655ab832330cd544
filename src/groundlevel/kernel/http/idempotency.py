"""Answers a request with an Idempotency-Key once: a retry gets the reply of the first, and nothing is done again.

The whole request runs in one transaction, in which its reply is stored too. A refusal stores nothing, so that a
corrected or a later attempt may use the key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from groundlevel.kernel.errors import IdempotencyKeyInvalid, IdempotencyUnsupported
from groundlevel.kernel.http.request import NO_LOCATION, Request
from groundlevel.kernel.storage.connection import AwaitedElsewhereError
from groundlevel.kernel.storage.idempotency import RequestKey, StoredReply, claim_key, store_reply
from groundlevel.kernel.storage.nested import NestedStorage, OtherTransaction
from groundlevel.kernel.storage.transaction import Transaction

HEADER = b"idempotency-key"
REPLAYED = (b"idempotency-replayed", b"true")
"""The header of a reply that was stored."""
SAFE_METHODS = ("GET", "HEAD")
"""Methods that change nothing: sending them again is safe without a key."""
MAX_KEY = 255
_TRANSACTIONS = 4
"""How often a request is begun until the transaction is of the right location and kind."""


def request_key(request: Request, key: bytes, parts: tuple[str, bytes, bytes]) -> RequestKey:
    """The key of a request whose method and path, query and body are `parts`. Raises IdempotencyKeyInvalid."""
    text = key.decode("latin-1").strip()
    if not text or len(text) > MAX_KEY or not text.isascii() or not text.isprintable():
        raise IdempotencyKeyInvalid
    target, query, body = parts
    digest = hashlib.sha256()
    for part in (target.encode("latin-1"), query, body):
        digest.update(len(part).to_bytes(8) + part)
    return RequestKey(request.actor.source_id, text, digest.digest())


async def answer_once(
    request: Request, key: RequestKey, answer: Callable[[Request], Awaitable[StoredReply]]
) -> tuple[StoredReply, bool]:
    """The reply, and whether it was stored by an earlier request.

    Raises what answering raises, IdempotencyKeyReused, and IdempotencyUnsupported where the operation does more
    than one transaction can.
    """
    context = request.context
    storage = context.storage
    location = None if request.location is NO_LOCATION else request.location
    schema = False
    for _ in range(_TRANSACTIONS):

        async def work(tx: Transaction, *, schema: bool = schema) -> tuple[StoredReply, bool]:
            stored = await claim_key(tx, key)
            if stored is not None:
                return stored, True
            request.context = context.over(NestedStorage(storage, tx, schema=schema))
            try:
                reply = await answer(request)
            finally:
                request.context = context
            await store_reply(tx, key, reply)
            return reply, False

        try:
            if schema and location is not None:
                return await storage.change_schema(location, work)
            return await storage.write(location, work)
        except OtherTransaction as other:
            location, schema = other.location, other.schema
        except AwaitedElsewhereError as error:
            raise IdempotencyUnsupported from error
    raise IdempotencyUnsupported
