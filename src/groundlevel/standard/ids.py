"""The ids and keys of standard objects (contract 2.7, 4.2)."""

from __future__ import annotations

from groundlevel.kernel.errors import NotSupported
from groundlevel.kernel.fields.compiled import Shape
from groundlevel.kernel.ids import is_record_id, record_of, short_of
from groundlevel.kernel.names import canonical
from groundlevel.kernel.storage.transaction import Transaction

WITHOUT_RECORDS = frozenset(("contact", "opportunity"))
"""Standard objects whose records belong to APIs of their own (contract 4.2)."""


def shown_id(object_key: str, record_id: str) -> str:
    """The id by which the world knows a record: contacts and opportunities have ids of 20 characters (contract 2.7)."""
    return short_of(record_id) if object_key in WITHOUT_RECORDS else record_id


def stored_id(object_key: str, shown: str) -> str | None:
    """The record id meant by a shown one; None for what cannot be the id of a record of the object."""
    if object_key in WITHOUT_RECORDS:
        return record_of(shown)
    return shown if is_record_id(shown) else None


async def shape_with_records(tx: Transaction, key: str) -> Shape:
    """The shape of an object that keeps records here. Raises ObjectNotFound, NotSupported."""
    shape = await tx.schema(canonical(key))
    if shape.object.key in WITHOUT_RECORDS:
        raise NotSupported(f"Records of {shape.object.key} are not available through the Objects API")
    return shape
