"""What is logged of the changes of records, and how the log is read (decision 0069).

Of a creation nothing is kept but that it happened: what the record was then follows from what it is, and from its
changes since. Of a change the properties that differ are kept, before and after; of a deletion all that the record was.
Of the values of sensitive fields nothing is kept but that they changed (decision 0095).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec
from msgspec import Raw, Struct

from groundlevel.kernel.changes import CREATE, DELETE, RESTORE, UPDATE, Change, declare_kind, difference
from groundlevel.kernel.codec import decode_object, encode_text
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Association, Json, Record, Relation
from groundlevel.kernel.storage.records import NewRow
from groundlevel.kernel.storage.transaction import Transaction

RECORD = declare_kind("record", "a record, also a contact, an opportunity or a business")

_People: TypeAlias = tuple[str, ...]


class RecordDifference(Struct, frozen=True, omit_defaults=True):
    """What a change of a record made different: the values before and after."""

    properties: dict[str, tuple[Json, Json]] = {}
    """By stored key; None for no value, and twice for values that are not told."""
    owners: tuple[_People, _People] | None = None
    followers: tuple[_People, _People] | None = None
    restored: int | None = None
    """The version that the change led back to."""


class LostRelation(Struct, frozen=True, array_like=True):
    """A relation that went with a record, by the ids that the database knows."""

    id: str
    association_id: str
    first_id: str
    second_id: str


class DeletedRecord(Struct, frozen=True):
    """All that a record was when it was deleted."""

    properties: dict[str, Json]
    """By stored key, those of sensitive fields left out."""
    owners: _People
    followers: _People
    created_at: int
    created_by: str
    updated_at: int
    updated_by: str
    place: int
    """Where it stood among the records of its object: what its deletion returned."""
    relations: list[LostRelation] = []


decode_difference = msgspec.json.Decoder(RecordDifference).decode
"""What is kept of a change."""
decode_deleted = msgspec.json.Decoder(DeletedRecord).decode
"""What is kept of a deletion."""


def log_records_created(tx: Transaction, schema: CompiledObject, rows: Sequence[NewRow]) -> None:
    """Logs that records are new."""
    if tx.log.is_on:
        key = schema.object.key
        for row in rows:
            tx.log.append(Change(RECORD, CREATE, row.id, key, 1, at=row.created_at))


def log_record_changed(
    tx: Transaction,
    schema: CompiledObject,
    records: tuple[Record, Record],
    properties: tuple[dict[str, Json], dict[str, Json]],
    *,
    restored: int | None = None,
) -> None:
    """Logs a change of a record, given it and its stored properties before and after.

    `restored` is the version that the change leads back to.
    """
    if not tx.log.is_on:
        return
    before, after = records
    differing = difference(*properties)
    if schema.sensitive:
        differing.update((stored_key, [None, None]) for stored_key in schema.sensitive & differing.keys())
    detail: dict[str, Json] = {"properties": differing}
    if before.owners != after.owners:
        detail["owners"] = (before.owners, after.owners)
    if before.followers != after.followers:
        detail["followers"] = (before.followers, after.followers)
    if restored is not None:
        detail["restored"] = restored
    key, version = schema.object.key, before.version + 1
    tx.log.append(Change(RECORD, UPDATE, after.id, key, version, encode_text(detail), after.updated_at))


def log_record_deleted(
    tx: Transaction,
    schema: CompiledObject,
    record: Record,
    *,
    place: int,
    relations: Sequence[tuple[Association, Relation]] = (),
) -> None:
    """Logs that a record is gone, with what it held and the relations that went with it."""
    if not tx.log.is_on:
        return
    detail = {
        "properties": _drop_sensitive(schema, record),
        "owners": record.owners,
        "followers": record.followers,
        "created_at": record.created_at,
        "created_by": record.created_by,
        "updated_at": record.updated_at,
        "updated_by": record.updated_by,
        "place": place,
    }
    if relations:
        detail["relations"] = [
            LostRelation(relation.id, association.id, relation.first_id, relation.second_id)
            for association, relation in relations
        ]
    tx.log.append(Change(RECORD, DELETE, record.id, schema.object.key, record.version, encode_text(detail)))


def _drop_sensitive(schema: CompiledObject, record: Record) -> Json:
    """The stored properties without those of sensitive fields."""
    if not schema.sensitive:
        return Raw(record.properties.encode())
    return {key: value for key, value in decode_object(record.properties).items() if key not in schema.sensitive}


def log_record_returned(tx: Transaction, schema: CompiledObject, record: Record) -> None:
    """Logs that a deleted record is back."""
    tx.log.append(Change(RECORD, RESTORE, record.id, schema.object.key, record.version, at=record.updated_at))
