"""Relations are found by their indexes, however many a record has, and their rules are as fresh as the objects."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from groundlevel.associations import relation_store
from groundlevel.associations import store as associations_store
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Association, Cardinality, Location, Object, Relation
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction, find_object
from groundlevel.locations.rules import NewLocation, create_location
from tests.kernel.storage.rows import add
from tests.needs import not_applicable

MANY = 1_500


@pytest.fixture
async def location(storage: Storage) -> Location:
    return await create_location(storage, NewLocation("A place"))


async def contacts(tx: Transaction) -> Object:
    found = await find_object(tx, "contact")
    assert found is not None
    return found


async def friends(tx: Transaction, key: str) -> Association:
    """Contacts may be friends of contacts."""
    number = (await contacts(tx)).number
    return await associations_store.insert_association(
        tx,
        Association(
            number=0,
            id=tx.ids.object_id(),
            key=key,
            first_object=number,
            first_key="contact",
            first_label="One",
            second_object=number,
            second_key="contact",
            second_label="Other",
            cardinality=Cardinality.MANY_TO_MANY,
            first_limit=None,
            second_limit=None,
            standard=False,
            created_at=1,
            updated_at=1,
        ),
    )


async def relate(tx: Transaction, association: Association, pairs: Sequence[tuple[str, str]]) -> list[Relation]:
    made = [Relation(tx.ids.record_id(), association.number, *pair) for pair in pairs]
    for each in made:
        await relation_store.insert_relation(tx, each)
    return made


async def crowd(tx: Transaction, count: int) -> tuple[Association, list[str]]:
    """Contacts; the first is the friend of all others, and they are its friends."""
    association = await friends(tx, "friends")
    ids = await add(tx, CompiledObject(await contacts(tx)), [""] * count)
    await relate(tx, association, [pair for other in ids[1:] for pair in ((ids[0], other), (other, ids[0]))])
    return association, ids


async def test_a_page_is_read_from_the_indexes(storage: Storage, location: Location) -> None:
    association, ids = await storage.change_schema(location, lambda tx: crowd(tx, MANY))
    hub = bytes.fromhex(ids[0])

    async def plan(tx: Transaction) -> str:
        if storage.engine == "sqlite":
            sql, args = f"EXPLAIN QUERY PLAN {tx.sql['list_relation_rows'].sql}", (hub, association.number, 0, 20)
            return "\n".join(row[3] for row in await tx.connection.rows(Statement.query(sql), *args))
        arrays = ([association.number], [0], [20])
        rows = await tx.connection.rows(
            Statement.query(f"EXPLAIN {tx.sql['list_relation_rows'].sql}"), tx.loc, hub, *arrays
        )
        return "\n".join(row[0] for row in rows)

    seen = await storage.read(location, plan)
    assert re.search(r"relations_first\b", seen), seen
    assert re.search(r"relations_second\b", seen), seen
    assert re.search("MERGE|Merge Append", seen), seen
    assert not re.search("TEMP B-TREE|Seq Scan|Bitmap", seen), seen


async def test_pairs_and_counts_are_found_by_their_keys(storage: Storage, location: Location) -> None:
    """Also where the engine knows nothing yet about what the tables hold."""
    if storage.engine != "postgres":
        not_applicable("SQLite takes a key whenever all of its columns are given")
    association, ids = await storage.change_schema(location, lambda tx: crowd(tx, MANY))
    first, second = (bytes.fromhex(each) for each in ids[:2])

    async def plan(tx: Transaction, name: str, args: tuple[object, ...]) -> str:
        rows = await tx.connection.rows(Statement.query(f"EXPLAIN {tx.sql[name].sql}"), tx.loc, *args)
        return "\n".join(row[0] for row in rows)

    number, contact = association.number, association.first_object
    for name, args, index in (
        ("find_pair", (number, first, second), "relations_pkey"),
        ("delete_relation", (number, first, second), "relations_pkey"),
        ("uncount_relation", (number, first, second), "relation_counts_pkey"),
        ("list_relation_counts", (first,), "relation_counts_pkey"),
        ("lock_records", (contact, first, contact, second), "records_pkey"),
    ):
        seen = await storage.read(location, lambda tx, name=name, args=args: plan(tx, name, args))  # type: ignore[misc]
        assert index in seen, seen
        assert not re.search(r"relations_(first|second)\b", seen), seen


async def test_the_counts_say_where_a_page_lies(storage: Storage, location: Location) -> None:
    async def work(tx: Transaction) -> None:
        association, ids = await crowd(tx, 4)
        others = await friends(tx, "others")
        mine = await relate(tx, others, [(ids[0], ids[0]), (ids[0], ids[1])])
        assert await relation_store.list_relation_counts(tx, ids[0]) == {association.number: 6, others.number: 2}
        page, total = await relation_store.list_relations(tx, ids[0], skip=5, limit=2)
        assert ([each.association for each in page], total) == ([association.number, others.number], 8)
        assert page[1] == mine[0]
        assert await relation_store.list_relations(tx, ids[0], {others.number}, limit=9) == (mine, 2)
        assert await relation_store.delete_relation(tx, mine[0])
        assert not await relation_store.delete_relation(tx, mine[0])
        assert await relation_store.list_relations(tx, ids[0], {others.number}, limit=9) == (mine[1:], 1)
        await relation_store.delete_relations_of(tx, ids[0], await relation_store.list_relation_counts(tx, ids[0]))
        assert await relation_store.list_relation_counts(tx, ids[0]) == {}
        assert await relation_store.list_relations(tx, ids[1], limit=9) == ([], 0)
        assert await relation_store.count_miscounted_relations(tx) == 0

    await storage.change_schema(location, work)


async def test_what_was_remembered_is_no_older_than_the_schema(storage: Storage, location: Location) -> None:
    """The news of another process's change may reach the schemas of a location before its associations are read."""

    made = await storage.change_schema(location, lambda tx: friends(tx, "new"))
    storage.cache.keep("associations", (location.number,), (1, ()), topics=(), epoch=storage.cache.epoch)

    async def involved(tx: Transaction) -> list[str]:
        return [each.key for each in await associations_store.associations_of_object(tx, await tx.schema("contact"))]

    assert made.key in await storage.read(location, involved)
