"""Stores relations and the counts of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from msgspec import Struct

from groundlevel.associations import store
from groundlevel.kernel.model import Association, Relation
from groundlevel.kernel.storage.connection import Row, StaleSchemaError
from groundlevel.kernel.storage.transaction import Transaction


class Pair(Struct, frozen=True, gc=False):
    """How two records stand to each other by an association."""

    relation: Relation | None
    """The relation, if there is one."""
    of_first: int
    """How many second records the first one is related to."""
    of_second: int
    """How many first records the second one is related to."""


class Window(Struct, frozen=True, gc=False):
    """A part of a record's relations by one association, the oldest first."""

    association: int
    skip: int
    limit: int


async def lock_records(tx: Transaction, first: tuple[int, str], second: tuple[int, str]) -> tuple[bool, bool]:
    """Locks two records, each given by the number of its object and its id, against deletion and other relating
    until the transaction ends. Whether there are such records. Raises StaleSchemaError."""
    wanted = [(number, bytes.fromhex(record_id)) for number, record_id in (first, second)]
    rows = await tx.connection.rows(tx.sql["lock_records"], tx.loc, *wanted[0], *wanted[1])
    if rows and tx.cache.relied is not None and rows[0][2] != tx.cache.relied:
        raise StaleSchemaError
    found = {(row[0], row[1]) for row in rows}
    return wanted[0] in found, wanted[1] in found


async def find_pair(tx: Transaction, association: Association, first_id: str, second_id: str) -> Pair:
    """How two records stand to each other by the association."""
    ids = (bytes.fromhex(first_id), bytes.fromhex(second_id))
    row = await tx.connection.row(tx.sql["find_pair"], tx.loc, association.number, *ids)
    assert row is not None, "the statement always has a row"
    relation = None if row[0] is None else Relation(row[0].hex(), association.number, first_id, second_id)
    return Pair(relation, row[1], row[2])


async def insert_relation(tx: Transaction, relation: Relation) -> None:
    """Adds a relation that is not there yet, between records that are locked, and counts it for both."""
    pair = _bytes(relation)
    await tx.connection.run(tx.sql["insert_relation"], tx.loc, *pair, bytes.fromhex(relation.id))
    await tx.connection.run(tx.sql["count_relation"], tx.loc, *pair)


async def find_relation(tx: Transaction, relation_id: str) -> Relation | None:
    """The relation with this id, or None."""
    row = await tx.connection.row(tx.sql["find_relation"], tx.loc, bytes.fromhex(relation_id))
    return None if row is None else _relation_of(row)


async def delete_relation(tx: Transaction, relation: Relation) -> bool:
    """Deletes a relation and counts it no more; whether it was still there."""
    pair = _bytes(relation)
    if await tx.connection.row(tx.sql["delete_relation"], tx.loc, *pair) is None:
        return False
    await tx.connection.run(tx.sql["uncount_relation"], tx.loc, *pair)
    return True


async def list_relation_counts(tx: Transaction, record_id: str) -> dict[int, int]:
    """How many relations a record has, by the number of the association, in the order of the numbers.

    Raises StaleSchemaError when there are some by an association that another process has just made.
    """
    rows = await tx.connection.rows(tx.sql["list_relation_counts"], tx.loc, bytes.fromhex(record_id))
    counts: dict[int, int] = {row[0]: row[1] for row in rows}
    known = {each.number for each in await store.cached_associations(tx)}
    if counts.keys() <= known:
        return counts
    await tx.verify()
    return {number: count for number, count in counts.items() if number in known}


async def count_relations(tx: Transaction) -> dict[int, int]:
    """How many relations the location has, by the number of the association; one without any is left out."""
    return {row[0]: row[1] for row in await tx.connection.rows(tx.sql["count_relations"], tx.loc)}


async def list_relations(
    tx: Transaction, record_id: str, among: Collection[int] | None = None, *, skip: int = 0, limit: int
) -> tuple[list[Relation], int]:
    """A page of a record's relations, on either side, and their number: by association, the oldest first.

    `among` are the numbers of the associations that count, None for all. The counts say where the page lies, so
    that nothing in front of it is read but what one association has there.
    """
    counts = await list_relation_counts(tx, record_id)
    windows, total, end = [], 0, skip + limit
    for number, count in counts.items():
        if among is not None and number not in among:
            continue
        start, stop = max(skip - total, 0), min(end - total, count)
        if start < stop:
            windows.append(Window(number, start, stop - start))
        total += count
    rows = await list_relation_rows(tx, bytes.fromhex(record_id), windows) if windows else []
    return [_relation_of(row) for row in rows], total


async def list_relation_rows(tx: Transaction, record_id: bytes, windows: Sequence[Window]) -> list[Row]:
    """The rows of a record's relations in each window, in order."""
    if tx.dialect.takes_arrays:
        columns = ([each.association for each in windows], [each.skip for each in windows], [w.limit for w in windows])
        return await tx.connection.rows(tx.sql["list_relation_rows"], tx.loc, record_id, *columns)
    rows: list[Row] = []
    for each in windows:
        window = (each.association, each.skip, each.limit)
        rows += await tx.connection.rows(tx.sql["list_relation_rows"], record_id, *window)
    return rows


async def delete_relations_of(tx: Transaction, record_id: str, associations: Iterable[int]) -> None:
    """Deletes every relation of a record, given the numbers of the associations that they are counted by."""
    own = bytes.fromhex(record_id)
    await tx.connection.run(tx.sql["uncount_others"], tx.loc, own)
    await tx.connection.run(tx.sql["delete_relations_of"], tx.loc, own)
    for number in associations:
        await tx.connection.run(tx.sql["delete_counts_of"], tx.loc, number, own)


async def delete_relations_by(tx: Transaction, association: Association, *, most: int) -> list[Relation]:
    """Deletes up to `most` relations by an association, but not the counts of them. Returns those."""
    rows = await tx.connection.rows(tx.sql["delete_relations_by"], tx.loc, association.number, most)
    return [_relation_of(row) for row in rows]


async def delete_counts_by(tx: Transaction, association: Association, *, most: int) -> int:
    """Deletes up to `most` counts of relations by an association. Returns how many."""
    return len(await tx.connection.rows(tx.sql["delete_counts_by"], tx.loc, association.number, most))


# --- for the doctor


async def count_dangling_relations(tx: Transaction) -> tuple[int, int]:
    """How many relations the location has, and how many of them lack a record."""
    row = await tx.connection.row(tx.sql["count_dangling_relations"], tx.loc)
    assert row is not None, "the statement always has a row"
    return row[0], row[1]


async def count_miscounted_relations(tx: Transaction) -> int:
    """How many counts of relations differ from what there is."""
    row = await tx.connection.row(tx.sql["count_miscounted_relations"], tx.loc)
    assert row is not None, "the statement always has a row"
    return int(row[0])


def _bytes(relation: Relation) -> tuple[int, bytes, bytes]:
    """What a relation is found by: association and records."""
    return relation.association, bytes.fromhex(relation.first_id), bytes.fromhex(relation.second_id)


def _relation_of(row: Row) -> Relation:
    return Relation(row[1].hex(), row[0], row[2].hex(), row[3].hex())


RELATIONS_SHOWN: Final = 100
"""Most relations that are shown with a record; a page of records costs no more than this, however many there are."""


async def list_related(tx: Transaction, record_ids: Sequence[str]) -> dict[str, list[Relation]]:
    """Up to RELATIONS_SHOWN relations of each record that has any, in which it stands on either side.

    By association, the oldest first. A relation of a record with itself comes once.
    """
    found: dict[str, list[Relation]] = {}
    if tx.dialect.takes_arrays:
        ids = [bytes.fromhex(record_id) for record_id in record_ids]
        for row in await tx.connection.rows_by_id(tx.sql["list_related"], ids, tx.loc, RELATIONS_SHOWN):
            relation = Relation(row[2].hex(), row[1], row[3].hex(), row[4].hex())
            found.setdefault(row[0].hex(), []).append(relation)
        return found
    for record_id in record_ids:
        rows = await tx.connection.rows(tx.sql["list_related"], tx.loc, bytes.fromhex(record_id), RELATIONS_SHOWN)
        if rows:
            found[record_id] = [Relation(row[1].hex(), row[0], row[2].hex(), row[3].hex()) for row in rows]
    return found
