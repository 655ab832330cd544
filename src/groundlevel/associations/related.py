"""What records show of their relations: who stands on the other side, and by which association.

See docs/contract.md#record-replies.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from groundlevel.associations import relation_store, store
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.ids import timestamp_of
from groundlevel.kernel.model import Association, Relation
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.standard.ids import public_id


class RelatedRecord(Struct, frozen=True, gc=False):
    """A relation as it is seen from one of its records: the other one, and what links them."""

    association_id: str
    relation_id: str
    object_key: str
    record_id: str
    """The id by which the world knows the record."""
    created_at: int


async def related_records(
    tx: Transaction, schema: CompiledObject, ids: Sequence[str]
) -> dict[str, tuple[RelatedRecord, ...]]:
    """What records of the object are related to, by their ids; those that are related to nothing are absent.

    Nothing is asked of the database unless an association involves the object.
    """
    involved = await store.associations_of_object(tx, schema)
    if not involved or not ids:
        return {}
    shown = await relation_store.list_related(tx, ids)
    if not shown:
        return {}
    associations = {each.number: each for each in involved}
    return {
        record_id: tuple(
            _view_from(record_id, relation, associations[relation.association])
            for relation in relations
            # By one that another process has made a moment ago: it is not known here yet.
            if relation.association in associations
        )
        for record_id, relations in shown.items()
    }


def _view_from(record_id: str, relation: Relation, association: Association) -> RelatedRecord:
    if relation.first_id == record_id:
        key, other = association.second_key, relation.second_id
    else:
        key, other = association.first_key, relation.first_id
    return RelatedRecord(association.id, relation.id, key, public_id(key, other), timestamp_of(relation.id))
