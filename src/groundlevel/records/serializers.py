"""Turns records into the bodies of replies."""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from groundlevel.associations.related import RelatedRecord
from groundlevel.kernel.model import Json
from groundlevel.kernel.timestamps import iso
from groundlevel.records.rules import RecordView
from groundlevel.records.schemas import RecordBody, RelatedRecordBody


def record_body(view: RecordView, *, strict: bool, cursor: list[Json] | UnsetType = UNSET) -> RecordBody:
    """The wire form of a record; in a page of a search with the cursor behind it."""
    record = view.record
    schema = view.schema
    added = iso(record.created_at)
    updated = added if record.updated_at == record.created_at else iso(record.updated_at)
    created = origin_body(record.created_by, added)
    return RecordBody(
        record.id,
        record.owners,
        record.owners,
        record.followers,
        schema.to_wire(record.properties),
        added,
        updated,
        added,
        updated,
        view.location.id,
        schema.object.id,
        schema.object.key,
        created,
        created if updated is added else origin_body(record.updated_by, updated),
        [_related_body(related) for related in view.relations] if view.relations else [],
        record.followers if strict else UNSET,
        cursor,
        cursor,
    )


def _related_body(related: RelatedRecord) -> RelatedRecordBody:
    return RelatedRecordBody(
        related.association_id, related.relation_id, related.object_key, related.record_id, iso(related.created_at)
    )


def origin_body(origin: str, timestamp: str) -> Raw:
    """The wire form of an origin: its stored JSON text, with the timestamp put in."""
    return Raw(f'{origin[:-1]},"createdAt":"{timestamp}"}}'.encode())
