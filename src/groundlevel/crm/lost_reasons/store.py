"""What a transaction does with lost reasons."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.transaction import Transaction


class LostReason(Struct, frozen=True, gc=False):
    """Why an opportunity was lost: one of those that a location chooses from."""

    id: str
    """20 characters."""
    name: str
    deleted: bool
    """Whether it is chosen no longer; opportunities that were lost for it go on naming it."""
    created_at: int
    updated_at: int


async def list_lost_reasons(tx: Transaction) -> list[LostReason]:
    """All of the location, deleted ones too, oldest first."""
    return [_reason_of(row) for row in await tx.connection.rows(tx.sql["list_lost_reasons"], tx.loc)]


async def find_lost_reason(tx: Transaction, reason_id: str) -> LostReason | None:
    """The lost reason, also a deleted one, or None."""
    row = await tx.connection.row(tx.sql["find_lost_reason"], tx.loc, reason_id)
    return None if row is None else _reason_of(row)


async def insert_lost_reason(tx: Transaction, new: LostReason) -> None:
    """Stores a new lost reason."""
    await tx.connection.run(tx.sql["insert_lost_reason"], tx.loc, new.id, new.name, new.created_at)


async def mark_lost_reason_deleted(tx: Transaction, reason: LostReason, at: int) -> None:
    """Lets a lost reason be chosen no longer, from a timestamp on."""
    await tx.connection.run(tx.sql["mark_lost_reason_deleted"], tx.loc, reason.id, at)


def _reason_of(row: Row) -> LostReason:
    return LostReason(row[0], row[1], bool(row[2]), row[3], row[4])
