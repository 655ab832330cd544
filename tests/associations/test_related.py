"""What records show of their relations, searches by relations, and what neither costs where nothing is related."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import pytest

from groundlevel.associations.related import RelatedRecord
from groundlevel.associations.relation_rules import NewRelation, create_relation, delete_relation
from groundlevel.associations.rules import NewAssociation, create_association
from groundlevel.kernel.ids import timestamp_of, to_short_id
from groundlevel.kernel.model import Association, Json
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.connection import Connection, Row
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import UseCase
from groundlevel.records.rules import (
    NewRecord,
    RecordChange,
    RecordKey,
    RecordView,
    create_record,
    get_record,
    new_row,
    update_record,
)
from groundlevel.records.search import Found, Search, search_records
from groundlevel.schema.indexes import IndexKey, build_index
from groundlevel.schema.object_rules import NewObject, create_object
from tests.world import ORIGIN, PET, R, T, World, world_in

VET = "custom_objects.vet"


class Clinic:
    """Pets and vets, and the associations between them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.treats: Association
        self.mates: Association

    async def make(self) -> None:
        await self.world.pet()
        await self.world.field("age", "NUMERICAL")
        await self.world.do(create_object, NewObject(VET, "Vet", "Vets", None, "name", "Name", "TEXT"))

    async def associate(self) -> None:
        self.treats = await self.world.do(create_association, NewAssociation("treats", VET, "Vet", PET, "Patient"))
        self.mates = await self.world.do(create_association, NewAssociation("mates", PET, "One", PET, "Other"))

    async def vet(self, name: str) -> str:
        return (await self.world.do(create_record, NewRecord(VET, {"name": name}))).record.id

    async def relate(self, association: Association, first: str, second: str) -> str:
        view = await self.world.do(create_relation, NewRelation(association.id, first, second))
        return view.relation.id

    async def get(self, record_id: str, key: str = PET) -> RecordView:
        return await self.world.do(get_record, RecordKey(key, record_id))


@pytest.fixture
async def clinic(storage: Storage) -> Clinic:
    made = Clinic(await world_in(storage))
    await made.make()
    return made


class Counted(Connection):
    """Hands statements on, and counts them."""

    def __init__(self, inner: Connection) -> None:
        self.inner = inner
        self.number = 0

    async def rows(self, statement: Statement, *args: object) -> list[Row]:
        self.number += 1
        return await self.inner.rows(statement, *args)

    async def row(self, statement: Statement, *args: object) -> Row | None:
        self.number += 1
        return await self.inner.row(statement, *args)

    async def run(self, statement: Statement, *args: object) -> None:
        self.number += 1
        await self.inner.run(statement, *args)

    async def run_many(self, statement: Statement, rows: Iterable[Sequence[object]]) -> None:
        self.number += 1
        await self.inner.run_many(statement, rows)

    async def script(self, sql: str) -> None:
        self.number += 1
        await self.inner.script(sql)


async def statements(world: World, use_case: UseCase[R, T], request: R) -> int:
    """How many statements a reading use case takes when everything that can be is remembered."""

    async def work(tx: Transaction) -> int:
        tx.connection = counted = Counted(tx.connection)
        await use_case(tx, world.call, request)
        return counted.number

    # News of the last change of the schema may arrive in between, and make one of them look everything up.
    return min([await world.storage.read(world.location, work) for _ in range(5)])


def related_to(record_id: Json, *associations: Association) -> Json:
    """A condition on relations."""
    parts = [{"field": "recordId", "operator": "eq", "value": record_id}]
    if associations:
        ids = [each.id for each in associations]
        parts.append({"field": "associationId", "operator": "eq", "value": ids})
    return {"field": "relations", "operator": "nested", "value": parts}


async def test_both_sides_show_a_relation(clinic: Clinic) -> None:
    await clinic.associate()
    rex, ann = await clinic.world.create({"name": "Rex"}), await clinic.vet("Ann")
    relation = await clinic.relate(clinic.treats, ann, rex)
    made = timestamp_of(relation)

    (of_rex,) = (await clinic.get(rex)).relations
    (of_ann,) = (await clinic.get(ann, VET)).relations
    found = await clinic.world.search()

    assert of_rex == RelatedRecord(clinic.treats.id, relation, VET, ann, made)
    assert of_ann == RelatedRecord(clinic.treats.id, relation, PET, rex, made)
    assert [view.relations for view in found.views] == [(of_rex,)]
    await clinic.world.do(delete_relation, relation)
    assert (await clinic.get(rex)).relations == (await clinic.get(ann, VET)).relations == ()


async def test_a_contact_is_shown_by_its_own_id(clinic: Clinic) -> None:
    owns = await clinic.world.do(create_association, NewAssociation("owns", "contact", "Owner", PET, "Pet"))
    rex = await clinic.world.create({"name": "Rex"})
    contact = await clinic.world.storage.write(clinic.world.location, add_contact)
    relation = await clinic.relate(owns, to_short_id(contact), rex)

    view = await clinic.get(rex)

    assert view.relations == (
        RelatedRecord(owns.id, relation, "contact", to_short_id(contact), timestamp_of(relation)),
    )
    assert await clinic.world.found(filters=[related_to(to_short_id(contact))]) == [rex]


async def add_contact(tx: Transaction) -> str:
    """The stored id of a contact."""
    schema = await tx.schema("contact")
    record_id = await tx.records.new_id(schema)
    await tx.records.insert(schema, [new_row(schema, record_id, {}, origin=ORIGIN)])
    return record_id


async def test_an_update_shows_relations_and_a_creation_none(clinic: Clinic) -> None:
    await clinic.associate()
    rex = await clinic.world.do(create_record, NewRecord(PET, {"name": "Rex"}))
    await clinic.relate(clinic.treats, await clinic.vet("Ann"), rex.record.id)

    updated = await clinic.world.do(update_record, RecordChange(PET, rex.record.id, {"age": 3}))

    assert rex.relations == ()
    assert updated.relations == (await clinic.get(rex.record.id)).relations != ()


async def test_the_live_platform_shows_them_in_searches_alone(clinic: Clinic) -> None:
    await clinic.associate()
    rex, ann = await clinic.world.create({"name": "Rex"}), await clinic.vet("Ann")
    await clinic.relate(clinic.treats, ann, rex)
    world = clinic.world
    strict = msgspec.structs.replace(world, call=msgspec.structs.replace(world.call, strict=True))

    got = await strict.do(get_record, RecordKey(PET, rex))
    updated = await strict.do(update_record, RecordChange(PET, rex, {"age": 3}))
    found = await strict.search(filters=[related_to(ann)])

    assert got.relations == updated.relations == ()
    assert [(view.record.id, len(view.relations)) for view in found.views] == [(rex, 1)]


async def test_an_object_without_associations_costs_nothing_more(clinic: Clinic) -> None:
    rex = await clinic.world.create({"name": "Rex"})
    get, search = RecordKey(PET, rex), Search(PET, SearchRequest())
    before = [await statements(clinic.world, get_record, get), await statements(clinic.world, search_records, search)]
    assert before == [1, 1]

    await clinic.associate()

    after = [await statements(clinic.world, get_record, get), await statements(clinic.world, search_records, search)]
    assert after == [2, 2]


@pytest.mark.parametrize("way", ["few", "many", "by an index"])
async def test_searches_by_relations(clinic: Clinic, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With text, order and cursors, whether the relations or the records are looked at first."""
    world = clinic.world
    await clinic.associate()
    ann, bob = await clinic.vet("Ann"), await clinic.vet("Bob")
    pets = [await world.create({"name": f"Rex {n}" if n % 2 else f"Tom {n}", "age": n % 3}) for n in range(12)]
    for n, pet in enumerate(pets):
        await clinic.relate(clinic.treats, ann if n < 9 else bob, pet)
    await clinic.relate(clinic.mates, pets[0], pets[10])
    await clinic.relate(clinic.mates, pets[11], pets[0])
    if way != "few":
        monkeypatch.setattr("groundlevel.kernel.storage.search.MAX_CANDIDATES", 0)
    if way == "by an index":
        number = next(field.number for field in (await world.object()).fields if field.key == "age")
        await build_index(world.storage, world.call, IndexKey(PET, number))
    by_age: Json = [{"field": "properties.age", "direction": "asc"}]

    first = await world.search(filters=[related_to(ann)], sort=by_age, page_limit=5)
    rest = await world.search(filters=[related_to(ann)], sort=by_age, page_limit=5, search_after=first.cursors[-1])

    assert found_in(first, rest) == [pets[n] for n in (0, 3, 6, 1, 4, 7, 2, 5, 8)]
    assert first.total == rest.total == 9
    assert await world.found("rex", filters=[related_to([ann, bob])]) == [pets[n] for n in (11, 9, 7, 5, 3, 1)]
    assert await world.found(filters=[related_to(pets[0])]) == [pets[11], pets[10]]
    assert await world.found(filters=[related_to(pets[0], clinic.treats)]) == []
    assert await world.found(filters=[related_to(ann), related_to(pets[10])]) == [pets[0]]
    assert await world.found(filters=[related_to("0" * 24)]) == await world.found(filters=[related_to("x")]) == []
    either: Json = {"group": "OR", "filters": [related_to(pets[10]), related_to(bob, clinic.treats)]}
    assert await world.found(filters=[either]) == [pets[n] for n in (11, 10, 9, 0)]


def found_in(*pages: Found[RecordView]) -> list[str]:
    """The ids of the records of pages, in order."""
    return [view.record.id for page in pages for view in page.views]


async def test_another_location_is_not_searched(clinic: Clinic, storage: Storage) -> None:
    await clinic.associate()
    rex, ann = await clinic.world.create({"name": "Rex"}), await clinic.vet("Ann")
    await clinic.relate(clinic.treats, ann, rex)
    elsewhere = Clinic(await world_in(storage))
    await elsewhere.make()
    await elsewhere.associate()
    await elsewhere.world.create({"name": "Rex"})

    assert await elsewhere.world.found(filters=[related_to(ann)]) == []
    assert await elsewhere.world.found(filters=[related_to(ann, clinic.treats)]) == []
