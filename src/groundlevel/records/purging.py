"""Removes the records of deleted objects, a slice at a time (decision 0028)."""

from __future__ import annotations

from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, writing
from groundlevel.records.rules import remove_unrelated_record
from groundlevel.schema import store

SLICE = 100
"""Records that one transaction removes."""


@writing
async def purge_records(tx: Transaction, call: Call, number: int) -> bool:
    """Removes some records of the deleted object with this number and emits their events; whether there may be more.

    Their relations go with the associations of the object, which were deleted with it.
    """
    definition = await store.lock_deleted_object(tx, number)
    if definition is None:
        return False
    schema = CompiledObject(definition)
    records, more = await tx.records.list_after(schema, "", SLICE)
    for record in records:
        await remove_unrelated_record(tx, schema, record)
    if more:
        return True
    # Hardly anything is left, so that this takes no longer than a slice.
    await tx.records.erase(schema)
    await store.forget_deleted_object(tx, number)
    return False
