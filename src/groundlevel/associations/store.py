"""Stores associations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import msgspec

from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Association, Cardinality
from groundlevel.kernel.storage.connection import Row, StaleSchemaError
from groundlevel.kernel.storage.transaction import Transaction, raise_schema_version

_decode = msgspec.json.Decoder(Association).decode
_ALL = "associations"
"""The cache of every association of a location, with the schema version they were read at."""
_OF_OBJECT = "associations of object"
"""The cache of those of one object, with the schema version of its compiled form."""


async def cached_associations(tx: Transaction) -> tuple[Association, ...]:
    """All associations of the location, cached between requests: system ones first, then by age."""
    known = None if tx.cache.schema_changed else tx.cache.find(_ALL, (tx.loc,))
    if known is not None:
        version, cached = known
        tx.cache.rely(version)
        return cast("tuple[Association, ...]", cached)
    version = await tx.schema_version()
    found = await list_associations(tx)
    if not tx.cache.schema_changed:
        tx.cache.keep(_ALL, (tx.loc,), (version, found))
    return found


async def list_associations(tx: Transaction) -> tuple[Association, ...]:
    """All associations of the location as they stand in the database."""
    rows = await tx.connection.rows(tx.sql["list_associations"], tx.loc)
    return tuple(_association_of(row) for row in rows)


async def find_association(tx: Transaction, name: str) -> Association | None:
    """The association with this id or key, cached between requests, or None."""
    return _find_by_name(name, await cached_associations(tx))


async def read_association(tx: Transaction, name: str) -> Association | None:
    """The association with this id or key as it stands in the database now, or None."""
    return _find_by_name(name, await list_associations(tx))


async def association_by_number(tx: Transaction, number: int) -> Association:
    """The association with this number. Raises StaleSchemaError for one that another process has just made."""
    for each in await cached_associations(tx):
        if each.number == number:
            return each
    raise StaleSchemaError


async def associations_of_object(tx: Transaction, schema: CompiledObject) -> tuple[Association, ...]:
    """The associations that the object takes part in, no older than the schema; cached between requests."""
    key = (tx.loc, schema.object.number)
    known = None if tx.cache.schema_changed else tx.cache.find(_OF_OBJECT, key)
    if known is not None and known[0] == schema.object.version:
        return cast("tuple[Association, ...]", known[1])
    every = await cached_associations(tx)
    if tx.cache.relied is not None and tx.cache.relied != schema.object.version:
        every = tuple(await list_associations(tx))
    found = tuple(each for each in every if schema.object.number in (each.first_object, each.second_object))
    if not tx.cache.schema_changed:
        tx.cache.keep(_OF_OBJECT, key, (schema.object.version, found))
    return found


async def insert_association(tx: Transaction, association: Association) -> Association:
    """Stores a new association, which gets its number here. Returns it as stored."""
    tx.cache.schema_changed = True
    await tx.connection.run(
        tx.sql["insert_association"],
        tx.loc,
        association.id,
        association.key,
        association.first_object,
        association.first_label,
        association.second_object,
        association.second_label,
        association.cardinality.value,
        association.first_limit,
        association.second_limit,
        int(association.standard),
        association.created_at,
    )
    await raise_schema_version(tx)
    return next(each for each in await list_associations(tx) if each.id == association.id)


async def update_association(tx: Transaction, association: Association) -> None:
    """Stores the labels of an association."""
    tx.cache.schema_changed = True
    await tx.connection.run(
        tx.sql["update_association"],
        tx.loc,
        association.number,
        association.first_label,
        association.second_label,
        association.updated_at,
    )
    await raise_schema_version(tx)


async def insert_deleted_association(tx: Transaction, association: Association) -> None:
    """Keeps an association for the removal of its relations."""
    definition = encode_text(association)
    await tx.connection.run(tx.sql["insert_deleted_association"], tx.loc, association.number, definition)


async def list_deleted_associations(tx: Transaction) -> list[tuple[str, int]]:
    """Location id and number of every deleted association whose relations are not all removed."""
    return [(row[0], row[1]) for row in await tx.connection.rows(tx.sql["list_deleted_associations"])]


async def deleted_associations(tx: Transaction) -> list[Association]:
    """The deleted associations of the location whose relations are not all removed."""
    rows = await tx.connection.rows(tx.sql["list_deleted_association_definitions"], tx.loc)
    return [_decode(row[0]) for row in rows]


async def lock_deleted_association(tx: Transaction, number: int) -> Association | None:
    """A deleted association as it was, locked against other processes until the transaction ends; None when nothing is
    left of it."""
    row = await tx.connection.row(tx.sql["lock_deleted_association"], tx.loc, number)
    return None if row is None else _decode(row[0])


async def forget_deleted_association(tx: Transaction, number: int) -> None:
    """Notes that nothing is left of a deleted association."""
    await tx.connection.run(tx.sql["forget_deleted_association"], tx.loc, number)


async def delete_association(tx: Transaction, association: Association) -> None:
    """Deletes the rule; its relations are deleted apart."""
    tx.cache.schema_changed = True
    await tx.connection.run(tx.sql["delete_association"], tx.loc, association.number)
    await raise_schema_version(tx)


async def locations_with_association(tx: Transaction, company_id: str, association_id: str) -> list[str]:
    """The ids of a company's locations that have an association with this id."""
    rows = await tx.connection.rows(tx.sql["locations_with_association"], company_id, association_id)
    return [row[0] for row in rows]


def _find_by_name(name: str, associations: Iterable[Association]) -> Association | None:
    found = [each for each in associations if name in (each.id, each.key)]
    # One association's key may be another's id, and the id counts.
    return next((each for each in found if each.id == name), found[0] if found else None)


def _association_of(row: Row) -> Association:
    return Association(
        number=row[0],
        id=row[1],
        key=row[2],
        first_object=row[3],
        first_key=row[4],
        first_label=row[5],
        second_object=row[6],
        second_key=row[7],
        second_label=row[8],
        cardinality=Cardinality(row[9]),
        first_limit=row[10],
        second_limit=row[11],
        standard=bool(row[12]),
        created_at=row[13],
        updated_at=row[14],
    )
