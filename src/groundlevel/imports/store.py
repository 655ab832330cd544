"""Stores how far imports of files have come."""

from __future__ import annotations

from groundlevel.kernel.storage.transaction import Transaction


async def find_import(tx: Transaction, import_id: str) -> str | None:
    """The position of an import that has not ended, or None."""
    row = await tx.connection.row(tx.sql["find_import"], tx.loc, import_id)
    return None if row is None else str(row[0])


async def move_import(tx: Transaction, import_id: str, position: str, *, before: str | None) -> bool:
    """Stores a position in the place of the one before it; False where another one is there."""
    now = tx.ids.now()
    if before is None:
        row = await tx.connection.row(tx.sql["insert_import"], tx.loc, import_id, position, now)
    else:
        row = await tx.connection.row(tx.sql["update_import"], tx.loc, import_id, position, now, before)
    return row is not None


async def delete_import(tx: Transaction, import_id: str) -> None:
    """Forgets an import."""
    await tx.connection.run(tx.sql["delete_import"], tx.loc, import_id)


async def delete_abandoned_imports(tx: Transaction, *, before: int) -> None:
    """Forgets the imports that nobody has gone on with since a moment, in epoch milliseconds."""
    await tx.connection.run(tx.sql["delete_abandoned_imports"], tx.loc, before)
