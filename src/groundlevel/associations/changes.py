"""What is logged of the changes of associations and relations (decision 0069)."""

from __future__ import annotations

from collections.abc import Sequence

from groundlevel.kernel.changes import CREATE, DELETE, UPDATE, Change, declare_kind, states_of, thing_of
from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.model import Association, Json, Relation
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.standard.ids import public_id

ASSOCIATION = declare_kind("association", "an association")
RELATION = declare_kind("relation", "a relation between two records")


def log_association(tx: Transaction, before: Association | None, after: Association | None) -> None:
    """Logs that an association is new, relabelled or gone."""
    states = states_of(before, after, _state_of)
    tx.log.append_definition(Change(ASSOCIATION, UPDATE, thing_of(before, after).id), states)


def _state_of(association: Association) -> dict[str, Json]:
    return {
        "key": association.key,
        "firstObjectKey": association.first_key,
        "firstObjectLabel": association.first_label,
        "secondObjectKey": association.second_key,
        "secondObjectLabel": association.second_label,
        "cardinality": association.cardinality,
    }


def log_relations_created(tx: Transaction, association: Association, relations: Sequence[Relation]) -> None:
    """Logs that relations of one association are new."""
    _log_relations(tx, CREATE, association, relations)


def log_relations_deleted(tx: Transaction, association: Association, relations: Sequence[Relation]) -> None:
    """Logs that relations of one association are gone."""
    _log_relations(tx, DELETE, association, relations)


def _log_relations(tx: Transaction, operation: str, association: Association, relations: Sequence[Relation]) -> None:
    if not tx.log.is_on:
        return
    member = "after" if operation == CREATE else "before"
    for relation in relations:
        state = {
            "associationId": association.id,
            "firstObjectKey": association.first_key,
            "firstRecordId": public_id(association.first_key, relation.first_id),
            "secondObjectKey": association.second_key,
            "secondRecordId": public_id(association.second_key, relation.second_id),
        }
        tx.log.append(Change(RELATION, operation, relation.id, detail=encode_text({member: state})))
