"""Relates records by rows: one chunk of a bulk request in each transaction, with an outcome for each row."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from groundlevel.associations.relation_rules import NewRelation, delete_named, ensure, resolve_association
from groundlevel.kernel.errors import InvalidShape, RecordNotFound, Refusal
from groundlevel.kernel.model import Json
from groundlevel.kernel.rows import CREATED, DELETED, UNCHANGED, Outcome, Written
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, writing
from groundlevel.standard.ids import public_id


class NaturalKey(Struct, frozen=True, gc=False):
    """The value of a unique field by which a record is named."""

    field: str
    """Its key, short or full."""
    value: Json


RecordName = str | NaturalKey
"""What names a record: its public id, or a value of a unique field."""


class RelationRow(Struct, frozen=True, gc=False):
    """An association, by its key or id, and a record on either side of it."""

    association: str
    first: RecordName
    second: RecordName


class RelationRows(Struct, frozen=True):
    """Relations to be created, or deleted, in one transaction."""

    rows: Sequence[RelationRow | str | Refusal]
    """A text is the id of a relation to delete. Those refused already have their refusal as their outcome."""
    deleting: bool = False


@writing
async def write_relation_rows(tx: Transaction, call: Call, request: RelationRows) -> list[Outcome]:
    """The outcome of each row. A relation that is to be created and is there already is unchanged."""
    outcomes: list[Outcome] = []
    for row in request.rows:
        try:
            if isinstance(row, Refusal):
                raise row
            outcomes.append(await (_delete(tx, row) if request.deleting else _create(tx, call, row)))
        except Refusal as refusal:
            outcomes.append(refusal)
    if any(isinstance(outcome, Refusal) for outcome in outcomes):
        await tx.verify()
    return outcomes


async def _create(tx: Transaction, call: Call, row: RelationRow | str) -> Written:
    view, new = await ensure(tx, call, await _resolve(tx, row))
    return Written(CREATED if new else UNCHANGED, view.relation.id)


async def _delete(tx: Transaction, row: RelationRow | str) -> Written:
    view = await delete_named(tx, row if isinstance(row, str) else await _resolve(tx, row))
    return Written(DELETED, view.relation.id)


async def _resolve(tx: Transaction, row: RelationRow | str) -> NewRelation:
    """The records that a row means. Raises AssociationNotFound, RecordNotFound, UnknownProperty, MatchNotUnique."""
    if isinstance(row, str):
        raise InvalidShape(["property id should not exist"], hint="A relation to create has records; its id is made.")
    association = await resolve_association(tx, row.association)
    first = await _find(tx, association.first_key, row.first)
    return NewRelation(association.id, first, await _find(tx, association.second_key, row.second))


async def _find(tx: Transaction, object_key: str, name: RecordName) -> str:
    """The public id of a record."""
    if isinstance(name, str):
        return name
    schema = await tx.schema(object_key)
    field = schema.unique_field(name.field)
    form = schema.match_form(field, name.value)
    holder = None if form is None else await tx.records.find_holder(schema, field.number, form)
    if holder is None:
        raise RecordNotFound(f"{object_key} with {field.key} {name.value}")
    return public_id(object_key, holder)
