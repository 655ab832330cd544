"""What a transaction does with relations and with the counts of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct

from groundlevel.model import Association, Relation
from groundlevel.storage.associations import AssociationMethods
from groundlevel.storage.connection import Row, StaleSchemaError


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


class RelationMethods(AssociationMethods):
    """The relation part of a transaction. Ids are hex texts outside and twelve bytes inside."""

    async def hold_records(self, first: tuple[int, str], second: tuple[int, str]) -> tuple[bool, bool]:
        """Holds two records, each given by the number of its object and its id, against deletion and other relating
        until the transaction ends. Whether there are such records. Raises StaleSchemaError."""
        wanted = [(number, bytes.fromhex(record_id)) for number, record_id in (first, second)]
        rows = await self.connection.rows(self.sql["hold_records"], self.loc, *wanted[0], *wanted[1])
        if rows and self.relied is not None and rows[0][2] != self.relied:
            raise StaleSchemaError
        found = {(row[0], row[1]) for row in rows}
        return wanted[0] in found, wanted[1] in found

    async def find_pair(self, association: Association, first_id: str, second_id: str) -> Pair:
        """How two records stand to each other by the association."""
        ids = (bytes.fromhex(first_id), bytes.fromhex(second_id))
        row = await self.connection.row(self.sql["find_pair"], self.loc, association.number, *ids)
        assert row is not None, "the statement always has a row"
        relation = None if row[0] is None else Relation(row[0].hex(), association.number, first_id, second_id)
        return Pair(relation, row[1], row[2])

    async def add_relation(self, relation: Relation) -> None:
        """Adds a relation that is not there yet, between records that are held, and counts it for both."""
        pair = _bytes(relation)
        await self.connection.run(self.sql["add_relation"], self.loc, *pair, bytes.fromhex(relation.id))
        await self.connection.run(self.sql["count_relation"], self.loc, *pair)

    async def find_relation(self, relation_id: str) -> Relation | None:
        """The relation with this id, or None."""
        row = await self.connection.row(self.sql["find_relation"], self.loc, bytes.fromhex(relation_id))
        return None if row is None else _relation_of(row)

    async def delete_relation(self, relation: Relation) -> bool:
        """Deletes a relation and counts it no more; whether it was still there."""
        pair = _bytes(relation)
        if await self.connection.row(self.sql["delete_relation"], self.loc, *pair) is None:
            return False
        await self.connection.run(self.sql["uncount_relation"], self.loc, *pair)
        return True

    async def relation_counts(self, record_id: str) -> dict[int, int]:
        """How many relations a record has, by the number of the association, in the order of the numbers.

        Raises StaleSchemaError when there are some by an association that another process has just made.
        """
        rows = await self.connection.rows(self.sql["list_relation_counts"], self.loc, bytes.fromhex(record_id))
        counts: dict[int, int] = {row[0]: row[1] for row in rows}
        known = {each.number for each in await self.associations()}
        if counts.keys() <= known:
            return counts
        await self.verify()
        return {number: count for number, count in counts.items() if number in known}

    async def list_relations(
        self, record_id: str, among: Collection[int] | None = None, *, skip: int = 0, limit: int
    ) -> tuple[list[Relation], int]:
        """A page of a record's relations, on either side, and their number: by association, the oldest first.

        `among` are the numbers of the associations that count, None for all. The counts say where the page lies, so
        that nothing in front of it is read but what one association has there.
        """
        counts = await self.relation_counts(record_id)
        windows, total, end = [], 0, skip + limit
        for number, count in counts.items():
            if among is not None and number not in among:
                continue
            start, stop = max(skip - total, 0), min(end - total, count)
            if start < stop:
                windows.append(Window(number, start, stop - start))
            total += count
        rows = await self.relation_rows(bytes.fromhex(record_id), windows) if windows else []
        return [_relation_of(row) for row in rows], total

    @abstractmethod
    async def relation_rows(self, record_id: bytes, windows: Sequence[Window]) -> list[Row]:
        """The rows of a record's relations in each window, in order."""

    async def relations_by(self, association: Association) -> list[Relation]:
        """Every relation by an association."""
        rows = await self.connection.rows(self.sql["relations_by"], self.loc, association.number)
        return [_relation_of(row) for row in rows]

    async def delete_relations_of(self, record_id: str, associations: Iterable[int]) -> None:
        """Deletes every relation of a record, given the numbers of the associations that they are counted by."""
        own = bytes.fromhex(record_id)
        await self.connection.run(self.sql["uncount_others"], self.loc, own)
        await self.connection.run(self.sql["delete_relations_of"], self.loc, own)
        for number in associations:
            await self.connection.run(self.sql["delete_counts_of"], self.loc, number, own)

    async def delete_relations_by(self, association: Association) -> None:
        """Deletes every relation by an association with all counts of them."""
        for name in ("delete_relations_by", "delete_counts_by"):
            await self.connection.run(self.sql[name], self.loc, association.number)

    # --- for the doctor

    async def lost_relations(self) -> tuple[int, int]:
        """How many relations the location has, and how many of them lack a record."""
        row = await self.connection.row(self.sql["lost_relations"], self.loc)
        assert row is not None, "the statement always has a row"
        return row[0], row[1]

    async def miscounted_relations(self) -> int:
        """How many counts of relations differ from what there is."""
        row = await self.connection.row(self.sql["miscounted_relations"], self.loc)
        assert row is not None, "the statement always has a row"
        return int(row[0])


def _bytes(relation: Relation) -> tuple[int, bytes, bytes]:
    """What a relation is found by: association and records."""
    return relation.association, bytes.fromhex(relation.first_id), bytes.fromhex(relation.second_id)


def _relation_of(row: Row) -> Relation:
    return Relation(row[1].hex(), row[0], row[2].hex(), row[3].hex())
