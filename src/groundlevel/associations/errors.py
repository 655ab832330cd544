"""Refusals about associations and the relations between records (docs/contract.md#relations)."""

from __future__ import annotations

from groundlevel.kernel.errors import SHOWN, BadRequest, NotFound, Unprocessable


class DuplicateRelation(BadRequest):
    """Could not create relation: duplicate relation of object Ids for given association"""

    code = "duplicate_relation"
    hint = "The two records are related already. PUT /x/associations/relations creates a relation only if it is new."
    about = "An association relates two records once. The relation that exists was left as it is."


class CardinalityExceeded(BadRequest):
    """The association allows no further relation of this record"""

    code = "cardinality_exceeded"
    hint = "Delete the relation that stands in the way, or use an association of another cardinality."
    about = "The cardinality of the association, or a published limit of it, allows no more relations of the record."

    @classmethod
    def example(cls) -> CardinalityExceeded:
        return cls("The record 668fa61b0802420000000001 can have at most 1 relations by friends")


class PrimaryContactRelation(BadRequest):
    """The relation of an opportunity with its primary contact cannot be deleted"""

    code = "primary_contact_relation"
    hint = "Name another primary contact with PUT /opportunities/{id} and contactId, or delete the opportunity."
    about = "An opportunity is always related to its primary contact. The relation was left as it is."


class SameLabels(Unprocessable):
    """Both object labels can not be same"""

    code = "same_labels"
    hint = "Give the two sides different labels, also when both sides are records of one object."
    about = "The labels tell the two sides of an association apart."


class InvalidRelation(Unprocessable):
    """Invalid record id for association"""

    code = "invalid_relation"
    hint = "firstRecordId is a record of firstObjectKey, secondRecordId one of secondObjectKey."
    about = "A record of the relation does not exist, or stands on the wrong side of the association."

    @classmethod
    def example(cls) -> InvalidRelation:
        return cls("Invalid record id 668fa61b0802420000000001 for association")


class AssociationNotFound(NotFound):
    """Association not found"""

    code = "association_not_found"
    hint = "GET /associations/?locationId= lists the associations of a location."
    about = "The location has no association with this id or key."

    def __init__(self, association_id: str) -> None:
        super().__init__(f"Association ({association_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> AssociationNotFound:
        return cls("6b04a3f09c402f19e9a8d4c1")


class RelationNotFound(NotFound):
    """Relation not found"""

    code = "relation_not_found"
    hint = "GET /associations/relations/{recordId} lists the relations of a record."
    about = "The location has no relation with this id: it was deleted, or never existed."

    def __init__(self, relation_id: str) -> None:
        super().__init__(f"Relation ({relation_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> RelationNotFound:
        return cls("6b04a3f11a802f19e9a8d4d2")
