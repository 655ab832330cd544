"""The ids and keys of standard objects (docs/contract.md#identifiers, #standard-records)."""

from __future__ import annotations

from groundlevel.kernel.errors import NotSupported
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.ids import from_short_id, is_record_id, to_short_id
from groundlevel.kernel.names import canonical_key
from groundlevel.kernel.storage.transaction import Transaction

WITHOUT_RECORDS = frozenset(("contact", "opportunity"))
"""Standard objects whose records belong to APIs of their own (docs/contract.md#standard-records)."""


def public_id(object_key: str, record_id: str) -> str:
    """The public id of a record: contacts and opportunities have ids of 20 characters.

    See docs/contract.md#identifiers.
    """
    return to_short_id(record_id) if object_key in WITHOUT_RECORDS else record_id


def record_id_of(object_key: str, shown: str) -> str | None:
    """The record id meant by a shown one; None for what cannot be the id of a record of the object."""
    if object_key in WITHOUT_RECORDS:
        return from_short_id(shown)
    return shown if is_record_id(shown) else None


async def schema_with_records(tx: Transaction, key: str) -> CompiledObject:
    """The schema of an object that keeps records here. Raises ObjectNotFound, NotSupported."""
    schema = await tx.schema(canonical_key(key))
    if schema.object.key in WITHOUT_RECORDS:
        raise NotSupported(f"Records of {schema.object.key} are not available through the Objects API")
    return schema
