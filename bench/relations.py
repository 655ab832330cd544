"""Measures relations of a record that has very many, at the store, and makes them."""

from __future__ import annotations

import time

from msgspec import Struct

from bench.databases import Database
from bench.report import Budget, Row, judged, median, median_ratio
from bench.scale import Scale
from bench.store import SECTION, Opened, opened
from groundlevel.associations.relation_rules import MAX_PAGE, RelationQuery, list_relations
from groundlevel.associations.rules import NewAssociation, create_association
from groundlevel.kernel.model import Origin
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import perform
from groundlevel.records.rules import new_row
from groundlevel.schema.object_rules import NewObject, create_object

NODE = "custom_objects.node"
NOBODY = Origin("", "", "")
MANY = 50_000
"""Most relations of the one record: there are no more than records of the large object."""
TOGETHER = 50
"""Relations of one transaction: the counter of the one record has a version for each until it ends."""
READS = Budget("p50 ≤ 1 ms", most=1.0, records=100_000)


class Linked(Struct, frozen=True, kw_only=True):
    """What is related in a database: records of an object of their own, so that those of the other stand alone."""

    association_id: str
    first: str
    """A record that is the first of many relations."""
    second: str
    """A record that is the second of many."""
    others: list[str]
    """What these two are related to; each of them has a relation with either."""


async def link(database: Database, count: int) -> Linked:
    """Makes an object with records, and relates one of them to so many others, and those to another one."""
    async with opened(database) as at:
        call = database.call(at.storage)
        await perform(at.storage, call, create_object, NewObject(NODE, "Node", "Nodes", None, "name", "Name", "TEXT"))
        new = NewAssociation("follows", NODE, "Follower", NODE, "Followed")
        association = await perform(at.storage, call, create_association, new)
        first, second, *others = [
            each for _ in range(0, count + 2, TOGETHER) for each in await at.storage.write(database.location, _nodes)
        ][: count + 2]
        pairs = [pair for other in others for pair in ((first, other), (other, second))]
        for start in range(0, len(pairs), TOGETHER):
            part = pairs[start : start + TOGETHER]

            async def relate(tx: Transaction, part: list[tuple[str, str]] = part) -> None:
                ends = [(tx.loc, association.number, *(bytes.fromhex(each) for each in pair)) for pair in part]
                made = [(*each, bytes.fromhex(tx.ids.record_id())) for each in ends]
                await tx.connection.run_many(tx.sql["insert_relation"], made)
                await tx.connection.run_many(tx.sql["count_relation"], ends)

            await at.storage.write(database.location, relate)
    return Linked(association_id=association.id, first=first, second=second, others=others)


async def _nodes(tx: Transaction) -> list[str]:
    """Adds some records and returns their ids."""
    schema = await tx.schema(NODE)
    ids = [await tx.records.new_id(schema) for _ in range(TOGETHER)]
    await tx.records.insert(schema, [new_row(schema, each, {"name": each}, origin=NOBODY) for each in ids])
    return ids


async def measure_relations(database: Database, linked: Linked, scale: Scale) -> list[Row]:
    """A row for either side, compared with a record that has a few."""
    sides = {"first": linked.first, "second": linked.second}
    turns: dict[str, list[float]] = {side: [] for side in sides}
    plain: list[float] = []
    async with opened(database) as at:
        for _ in range(scale.rounds):
            plain.append(await _turn(at, linked.others[-1], scale.searches))
            for side, record_id in sides.items():
                turns[side].append(await _turn(at, record_id, scale.searches))
    rows = []
    for side, medians in turns.items():
        row = Row(
            section=SECTION,
            work=f"relations of a record, the {side} of {len(linked.others):,}, page of {MAX_PAGE} with total",
            engine=database.engine,
            figure=median(medians) * 1e3,
            unit="ms",
            ceiling=median(plain) * 1e3,
            ratio=median_ratio(medians, plain),
        )
        rows.append(judged(row, READS, scale.records))
    return rows


async def _turn(at: Opened, record_id: str, times: int) -> float:
    """The median of so many reads, in seconds."""
    call, query, spent = at.database.call(at.storage), RelationQuery(record_id), []
    for _ in range(times):
        started = time.perf_counter()
        await perform(at.storage, call, list_relations, query)
        spent.append(time.perf_counter() - started)
    return median(spent)
