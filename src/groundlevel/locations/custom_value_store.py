"""Stores the custom values of a location."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.kernel.storage.transaction import Transaction


class CustomValue(Struct, frozen=True, gc=False):
    """A text that a location keeps under a name."""

    id: str
    key: str
    """What templates call it, unique in the location."""
    name: str
    value: str
    created_at: int


async def list_custom_values(tx: Transaction) -> list[CustomValue]:
    """All of the location, oldest first."""
    return [CustomValue(*row) for row in await tx.connection.rows(tx.sql["list_custom_values"], tx.loc)]


async def find_custom_value(tx: Transaction, value_id: str) -> CustomValue | None:
    """The custom value, or None."""
    row = await tx.connection.row(tx.sql["find_custom_value"], tx.loc, value_id)
    return None if row is None else CustomValue(*row)


async def insert_custom_value(tx: Transaction, new: CustomValue) -> None:
    """Stores a new custom value."""
    values = (new.id, new.key, new.name, new.value, new.created_at)
    await tx.connection.run(tx.sql["insert_custom_value"], tx.loc, *values)


async def update_custom_value(tx: Transaction, changed: CustomValue) -> None:
    """Stores another name and value."""
    await tx.connection.run(tx.sql["update_custom_value"], tx.loc, changed.id, changed.name, changed.value)


async def delete_custom_value(tx: Transaction, value_id: str) -> None:
    """Deletes a custom value."""
    await tx.connection.run(tx.sql["delete_custom_value"], tx.loc, value_id)
