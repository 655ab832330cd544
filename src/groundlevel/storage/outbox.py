"""What a transaction tells the world: who listens in its location, and the events that become durable with it."""

from __future__ import annotations

from typing import cast

import msgspec

from groundlevel.model import Audience
from groundlevel.storage.connection import Row
from groundlevel.storage.transaction import Transaction

_AUDIENCES = "audiences"
_texts = msgspec.json.Decoder(tuple[str, ...]).decode


async def audiences(tx: Transaction) -> tuple[Audience, ...]:
    """The webhooks of the location, remembered between requests."""
    known = None if tx.cache.access_changed else tx.cache.find(_AUDIENCES, (tx.loc,))
    if known is not None:
        return cast("tuple[Audience, ...]", known)
    found = await audiences_at(tx, tx.loc)
    if not tx.cache.access_changed:
        tx.cache.keep(_AUDIENCES, (tx.loc,), found)
    return found


async def audiences_at(tx: Transaction, loc: int) -> tuple[Audience, ...]:
    """The webhooks that hear of events in the location with this number, as they stand in the database.

    An app that is installed both there and in the whole company is named twice.
    """
    return tuple(audience_of(row) for row in await tx.connection.rows(tx.sql["list_audiences"], loc))


def audience_of(row: Row) -> Audience:
    """An audience from a webhook's id, events and app, and the scopes of an install of that."""
    return Audience(row[0], frozenset(_texts(row[1])), row[2], frozenset((row[3] or "").split()))
