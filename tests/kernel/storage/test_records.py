"""Every method of a transaction on records does on both engines what its contract says."""

from __future__ import annotations

import inspect

import msgspec
import pytest

from groundlevel.doctor.store import Inspection, PostgresInspection, SqliteInspection
from groundlevel.kernel.errors import SchemaBusy
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Record
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.postgres.transaction import PostgresRecordTable
from groundlevel.kernel.storage.records import RecordTable, UniqueClaim
from groundlevel.kernel.storage.sqlite.transaction import SqliteRecordTable
from groundlevel.kernel.storage.transaction import Transaction, Work
from tests.kernel.storage.rows import SAME, add, find, names, new_row
from tests.world import PET, World, world_in

NOBODY = "f" * 24


class Bench:
    """An object and short ways to work on its records."""

    def __init__(self, world: World, schema: CompiledObject) -> None:
        self.storage: Storage = world.storage
        self.location = world.location
        self.world = world
        self.schema = schema

    async def write(self, work: Work[object]) -> object:
        return await self.storage.write(self.location, work)

    async def add(self, *texts: str) -> list[str]:
        return await self.storage.write(self.location, lambda tx: add(tx, self.schema, texts))

    async def find(self, text: str | None = None, *, limit: int = 20) -> tuple[list[str], int]:
        return await self.storage.scan(self.location, lambda tx: find(tx, self.schema, text, limit=limit))

    async def record(self, record_id: str) -> Record | None:
        return await self.storage.read(self.location, lambda tx: tx.records.find(self.schema, record_id))

    async def count(self) -> int:
        return await self.storage.read(self.location, lambda tx: tx.records.count(self.schema))


@pytest.fixture
async def bench(storage: Storage) -> Bench:
    world = await world_in(storage)
    schema = CompiledObject(await world.pet())
    return Bench(world, schema)


def test_no_method_is_left_abstract() -> None:
    for kind in (SqliteRecordTable, PostgresRecordTable, SqliteInspection, PostgresInspection):
        assert not inspect.isabstract(kind)
    assert inspect.isabstract(RecordTable)
    assert inspect.isabstract(Inspection)


async def test_new_ids_ascend(bench: Bench) -> None:
    async def work(tx: Transaction) -> list[str]:
        return [await tx.records.new_id(bench.schema) for _ in range(50)]

    first, second = await bench.storage.write(bench.location, work), await bench.storage.write(bench.location, work)
    assert first + second == sorted({*first, *second})


async def test_added_records_are_found_whole(bench: Bench) -> None:
    async def work(tx: Transaction) -> str:
        record_id = await tx.records.new_id(bench.schema)
        await tx.records.insert(bench.schema, [new_row(record_id, owners=("ann", "bob"))])
        return record_id

    record_id = await bench.storage.write(bench.location, work)
    record = await bench.record(record_id)
    assert record is not None
    assert (record.id, record.version, record.owners, record.followers) == (record_id, 1, ("ann", "bob"), ())
    assert record.created_at == record.updated_at
    assert record.updated_by == record.created_by == '{"channel":"A"}'
    assert msgspec.json.decode(record.properties) == {"name": "Rex"}
    assert await bench.record(NOBODY) is None


async def test_records_are_counted_and_walked_in_order(bench: Bench) -> None:
    ids = await bench.add("one", "two", "three") + await bench.add("four")
    assert await bench.count() == 4

    async def after(tx: Transaction, record_id: str, limit: int) -> list[str]:
        return names((await tx.records.list_after(bench.schema, record_id, limit)).records)

    assert await bench.storage.read(bench.location, lambda tx: after(tx, "", 2)) == ids[:2]
    assert await bench.storage.read(bench.location, lambda tx: after(tx, ids[1], 9)) == ids[2:]
    assert await bench.storage.read(bench.location, lambda tx: after(tx, ids[3], 9)) == []


async def test_records_added_together_each_have_what_is_their_own(bench: Bench) -> None:
    people = [(), ("ann",), (), ("bob", "ann"), ()]

    async def work(tx: Transaction) -> list[str]:
        ids = [await tx.records.new_id(bench.schema) for _ in people]
        rows = [
            msgspec.structs.replace(
                new_row(record_id, owners=owners, name=f"Rex {number}", text=f"rex {number}" if number % 2 else ""),
                followers=("eve",) if number == 4 else (),
                created_by=f'{{"channel":"{number // 3}"}}',
            )
            for number, (record_id, owners) in enumerate(zip(ids, people, strict=True))
        ]
        await tx.records.insert(bench.schema, rows)
        return ids

    ids = await bench.storage.write(bench.location, work)

    found = [await bench.record(record_id) for record_id in ids]
    assert [record and record.owners for record in found] == people
    assert [record and record.followers for record in found] == [(), (), (), (), ("eve",)]
    assert [record and record.created_by for record in found] == [f'{{"channel":"{n // 3}"}}' for n in range(5)]
    assert [record and msgspec.json.decode(record.properties) for record in found] == [
        {"name": f"Rex {n}"} for n in range(5)
    ]
    assert await bench.count() == 5
    assert sorted((await bench.find("rex"))[0]) == [ids[1], ids[3]]


async def test_adding_nothing_is_allowed(bench: Bench) -> None:
    await bench.add()
    assert await bench.count() == 0


async def test_a_change_replaces_what_may_change(bench: Bench) -> None:
    (record_id,) = await bench.add("rex")

    async def change(tx: Transaction) -> None:
        before = await tx.records.lock(bench.schema, record_id)
        assert before is not None
        after = msgspec.structs.replace(
            before,
            updated_at=before.updated_at + 5,
            owners=(),
            followers=("cat",),
            updated_by='{"channel":"B"}',
            properties='{"name":"Max"}',
        )
        await tx.records.update(bench.schema, after, search_text="max", entries=SAME)

    before = await bench.record(record_id)
    assert before is not None
    await bench.write(change)
    record = await bench.record(record_id)
    assert record is not None
    assert (record.version, record.followers, record.updated_by) == (2, ("cat",), '{"channel":"B"}')
    assert record.updated_at == before.updated_at + 5
    assert record.created_at == before.created_at
    assert record.created_by == '{"channel":"A"}'
    assert msgspec.json.decode(record.properties) == {"name": "Max"}
    assert (await bench.find("max"), await bench.find("rex")) == (([record_id], 1), ([], 0))


@pytest.mark.parametrize(("before", "change", "found"), [
    ("rex", None, {"rex": 1}),
    ("rex", "", {"rex": 0}),
    ("", "max", {"max": 1}),
    ("", None, {"max": 0}),
    ("rex", "rexxon", {"rex": 1, "rexxon": 1}),
    ("a", "b", {"a": 0, "b": 1}),
])  # fmt: skip
async def test_a_search_text_stays_goes_or_comes(
    bench: Bench, before: str, change: str | None, found: dict[str, int]
) -> None:
    (record_id,) = await bench.add(before)

    async def work(tx: Transaction) -> None:
        record = await tx.records.lock(bench.schema, record_id)
        assert record is not None
        await tx.records.update(bench.schema, record, search_text=change, entries=SAME)

    await bench.write(work)
    assert {text: (await bench.find(text))[1] for text in found} == found


async def test_several_changes_of_one_text_in_one_transaction(bench: Bench) -> None:
    async def work(tx: Transaction) -> None:
        one, two = await add(tx, bench.schema, ["one", "two"])
        await tx.records.update_search_texts(bench.schema, [(one, "first"), (two, "")])
        await tx.records.update_search_texts(bench.schema, [(one, "last"), (two, "again")])
        await tx.records.delete(bench.schema, two, entries=frozenset())
        await add(tx, bench.schema, ["three"])

    await bench.write(work)
    totals = {text: (await bench.find(text))[1] for text in ("one", "two", "first", "last", "again", "three")}
    assert totals == {"one": 0, "two": 0, "first": 0, "last": 1, "again": 0, "three": 1}
    assert await bench.count() == 2


async def test_a_deleted_record_leaves_nothing(bench: Bench) -> None:
    ids = await bench.add("rex", "max", "zoe")
    await bench.write(lambda tx: tx.records.delete(bench.schema, ids[2], entries=frozenset()))
    assert await bench.record(ids[2]) is None
    assert await bench.count() == 2
    assert await bench.find("zoe") == ([], 0)
    newer = await bench.add("zoe")
    assert await bench.find() == ([*newer, ids[1], ids[0]], 3)
    assert await bench.find("zoe") == (newer, 1)


async def test_all_records_of_an_object_go_and_no_others(bench: Bench) -> None:
    other = CompiledObject(await bench.world.object("business"))

    async def work(tx: Transaction) -> None:
        await add(tx, bench.schema, ["rex", ""])
        await add(tx, other, ["rex"])
        await add(tx, bench.schema, ["max"])
        await tx.records.delete_all(bench.schema)
        await add(tx, bench.schema, ["bo"])

    await bench.write(work)
    assert await bench.count() == 1
    assert [await bench.find(text) for text in ("rex", "max")] == [([], 0)] * 2
    assert (await bench.find("bo"))[1] == 1
    assert (await bench.storage.scan(bench.location, lambda tx: find(tx, other, "rex")))[1] == 1


@pytest.mark.parametrize("limit", [1, 2, 3, 20])
async def test_totals_of_full_and_short_pages(bench: Bench, limit: int) -> None:
    ids = await bench.add("rex a", "rex b", "max")
    assert await bench.find(limit=limit) == (ids[::-1][:limit], 3)
    assert await bench.find("rex", limit=limit) == (ids[1::-1][:limit], 2)


@pytest.mark.parametrize("text", ["50%", "%", "_", "\\", '"', "'", "a\nb", "日本", "日本語", "🐶", "*", "near(a b)"])
async def test_texts_that_engines_might_take_for_more(bench: Bench, text: str) -> None:
    (record_id,) = await bench.add(f"x{text}y".replace("\n", " "))
    await bench.add("anything", "5000", "ab")
    assert await bench.find(text) == ([record_id], 1)


async def test_text_is_found_in_one_object_only(bench: Bench) -> None:
    other = CompiledObject(await bench.world.object("business"))
    await bench.write(lambda tx: add(tx, other, ["rexona", "re"]))
    (record_id,) = await bench.add("rex")
    assert [await bench.find(text) for text in ("r", "re", "rex")] == [([record_id], 1)] * 3


async def test_a_unique_value_is_taken_once_and_given_back(bench: Bench) -> None:
    number = (await bench.world.field("chip", unique=True)).number
    schema = CompiledObject(await bench.world.object())
    one, two = "0" * 23 + "1", "0" * 23 + "2"
    claims = [UniqueClaim(number, "x", one), UniqueClaim(number, "y", one)]

    async def work(tx: Transaction) -> None:
        assert await tx.records.claim_values(schema, []) == []
        assert await tx.records.claim_values(schema, claims) == []
        assert await tx.records.claim_values(
            schema, [UniqueClaim(number, "x", two), UniqueClaim(number, "z", two)]
        ) == [UniqueClaim(number, "x", two)]
        assert await tx.records.find_holder(schema, number, "x") == one
        await tx.records.release_values(schema, [UniqueClaim(number, "x", two)])
        assert await tx.records.find_holder(schema, number, "x") == one
        await tx.records.release_values(schema, claims)
        assert await tx.records.find_holder(schema, number, "x") is None
        assert await tx.records.find_holder(schema, number, "z") == two
        await tx.records.release_field(number)
        assert await tx.records.find_holder(schema, number, "z") is None

    await bench.write(work)


@pytest.mark.parametrize("count", [1, 1_000])
async def test_a_stale_schema_never_writes(bench: Bench, count: int) -> None:
    stale = bench.schema
    await bench.world.field("age", "NUMERICAL")

    async def adding(tx: Transaction) -> None:
        await tx.records.insert(stale, [new_row(await tx.records.new_id(stale)) for _ in range(count)])

    async def holding(tx: Transaction) -> None:
        await tx.records.lock(stale, NOBODY)

    # The engine runs it again, each time with the same stale schema.
    for work in (adding, holding):
        with pytest.raises(SchemaBusy):
            await bench.write(work)
    assert await bench.count() == 0


async def test_no_transaction_reaches_another_location(bench: Bench) -> None:
    (record_id,) = await bench.add("rex")
    elsewhere = await world_in(bench.storage)
    schema = CompiledObject(await elsewhere.pet())
    assert schema.object.key == PET

    async def look(tx: Transaction) -> tuple[object, ...]:
        return await tx.records.find(schema, record_id), await find(tx, schema, "rex"), await tx.records.count(schema)

    assert await bench.storage.scan(elsewhere.location, look) == (None, ([], 0), 0)
