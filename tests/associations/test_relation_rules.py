"""Records are related by the rules of their association, on both engines and at once."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from groundlevel.associations.errors import (
    AssociationNotFound,
    CardinalityExceeded,
    DuplicateRelation,
    InvalidRelation,
    RelationNotFound,
)
from groundlevel.associations.relation_rules import (
    MAX_RELATIONS,
    Batch,
    NewRelation,
    RelationQuery,
    change_relations,
    create_relation,
    delete_relation,
    ensure_relation,
    list_relations,
)
from groundlevel.associations.rules import NewAssociation, create_association
from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import Refusal
from groundlevel.kernel.model import Association, Cardinality
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import perform
from groundlevel.records.rules import NewRecord, RecordKey, create_record, delete_record
from groundlevel.schema.object_rules import NewObject, create_object
from tests.webhooks.event_capture import heard, listen
from tests.world import PET, World, world_in

VET = "custom_objects.vet"
NOBODY = "0" * 24
WRITERS = 20


class Clinic(msgspec.Struct, frozen=True):
    """Pets and vets, associated both ways round."""

    world: World
    treats: Association
    """Vets first, pets second."""
    mates: Association

    async def vet(self) -> str:
        """A new vet."""
        return (await self.world.do(create_record, NewRecord(VET, {"name": "Dr. Who"}))).record.id

    async def pet(self) -> str:
        """A new pet."""
        return await self.world.create({"name": "Rex"})

    async def relate(self, association: Association, first: str, second: str) -> str:
        """Relates two records and returns the relation's id."""
        new = NewRelation(association.id, first, second)
        return (await self.world.do(create_relation, new)).relation.id

    async def of(self, record_id: str, **query: object) -> list[str]:
        """The relations of a record, whose number must be right where all are asked for."""
        found, total = await self.world.do(list_relations, RelationQuery(record_id, **query))  # type: ignore[arg-type]
        assert query or len(found) == total
        return [view.relation.id for view in found]

    async def healthy(self) -> None:
        """Nothing is left behind or miscounted."""
        report = await examine(self.world.storage)
        assert report.ok, report


async def clinic_in(world: World, cardinality: Cardinality = Cardinality.MANY_TO_MANY) -> Clinic:
    """A clinic whose vets treat pets as the cardinality says."""
    await world.pet()
    await world.do(create_object, NewObject(VET, "Vet", "Vets", None, "name", "Name", "TEXT"))
    treats = NewAssociation("treats", VET, "Vet", PET, "Patient", cardinality)
    mates = NewAssociation("mates", PET, "One", PET, "Other")
    return Clinic(world, await world.do(create_association, treats), await world.do(create_association, mates))


@pytest.fixture
async def clinic(storage: Storage) -> Clinic:
    return await clinic_in(await world_in(storage))


async def test_a_relation_is_seen_from_both_sides_and_deleted_once(clinic: Clinic) -> None:
    vet, pet = await clinic.vet(), await clinic.pet()
    made = await clinic.relate(clinic.treats, vet, pet)
    assert await clinic.of(vet) == await clinic.of(pet) == [made]
    assert (await clinic.world.do(delete_relation, made)).relation.id == made
    assert await clinic.of(vet) == await clinic.of(pet) == []
    for gone in (made, NOBODY, "no id"):
        with pytest.raises(RelationNotFound):
            await clinic.world.do(delete_relation, gone)
    assert (await clinic.world.search()).total == 1
    await clinic.healthy()


async def test_pages_come_by_association_and_age(clinic: Clinic) -> None:
    pet, other = await clinic.pet(), await clinic.pet()
    mates = [
        await clinic.relate(clinic.mates, pet, other),
        await clinic.relate(clinic.mates, pet, pet),
        await clinic.relate(clinic.mates, other, pet),
    ]
    vets = [await clinic.relate(clinic.treats, await clinic.vet(), pet) for _ in range(3)]
    assert await clinic.of(pet) == [*vets, *mates]
    for skip in range(7):
        for limit in range(1, 7):
            assert await clinic.of(pet, skip=skip, limit=limit) == [*vets, *mates][skip : skip + limit]
    only = frozenset((clinic.mates.id, "nothing"))
    assert await clinic.of(pet, association_ids=only) == mates
    assert await clinic.of(pet, association_ids=only, skip=1, limit=1) == mates[1:2]
    assert await clinic.of(pet, association_ids=frozenset(("nothing",))) == []
    assert await clinic.of(other) == [mates[0], mates[2]]
    await clinic.healthy()


@pytest.mark.parametrize("record_id", [NOBODY, "x", "0" * 20])
async def test_of_an_unknown_record_there_are_none(clinic: Clinic, record_id: str) -> None:
    assert await clinic.of(record_id) == []


async def test_two_records_are_related_once(clinic: Clinic) -> None:
    vet, pet = await clinic.vet(), await clinic.pet()
    made = await clinic.relate(clinic.treats, vet, pet)
    with pytest.raises(
        DuplicateRelation, match="Could not create relation: duplicate relation of object Ids for given"
    ):
        await clinic.relate(clinic.treats, vet, pet)
    ensured = await clinic.world.do(ensure_relation, NewRelation(clinic.treats.id, vet, pet))
    assert (ensured[0].relation.id, ensured[1]) == (made, False)
    assert (await clinic.world.do(ensure_relation, NewRelation(clinic.mates.id, pet, pet)))[1]
    await clinic.relate(clinic.mates, other := await clinic.pet(), pet)
    await clinic.relate(clinic.mates, pet, other)
    await clinic.healthy()


async def test_records_stand_on_their_sides(clinic: Clinic) -> None:
    vet, pet = await clinic.vet(), await clinic.pet()
    with pytest.raises(InvalidRelation, match=f"Invalid record id {pet} for association") as refused:
        await clinic.relate(clinic.treats, pet, vet)
    assert f"send firstRecordId {vet} and secondRecordId {pet}" in refused.value.advice
    for first, second, wrong in ((vet, NOBODY, NOBODY), (NOBODY, pet, NOBODY), (vet, "x", "x"), (vet, vet, vet)):
        with pytest.raises(InvalidRelation, match=f"Invalid record id {wrong} for association") as refused:
            await clinic.relate(clinic.treats, first, second)
        assert "swapped" not in refused.value.advice
    with pytest.raises(AssociationNotFound):
        await clinic.world.do(create_relation, NewRelation(NOBODY, vet, pet))
    assert await clinic.of(vet) == []


async def test_another_location_reaches_nothing(clinic: Clinic) -> None:
    vet, pet = await clinic.vet(), await clinic.pet()
    made = await clinic.relate(clinic.treats, vet, pet)
    other = await clinic_in(await world_in(clinic.world.storage))
    assert await other.of(pet) == []
    with pytest.raises(RelationNotFound):
        await other.world.do(delete_relation, made)
    with pytest.raises(InvalidRelation):
        await other.relate(other.treats, vet, await other.pet())
    with pytest.raises(AssociationNotFound):
        await other.relate(clinic.treats, vet, pet)
    assert await clinic.of(pet) == [made]


@pytest.mark.parametrize(
    ("cardinality", "another_pet", "another_vet"),
    [
        (Cardinality.ONE_TO_ONE, False, False),
        (Cardinality.ONE_TO_MANY, True, False),
        (Cardinality.MANY_TO_ONE, False, True),
        (Cardinality.MANY_TO_MANY, True, True),
    ],
)
async def test_the_cardinality_holds(
    storage: Storage, cardinality: Cardinality, *, another_pet: bool, another_vet: bool
) -> None:
    clinic = await clinic_in(await world_in(storage), cardinality)
    vet, pet = await clinic.vet(), await clinic.pet()
    made = await clinic.relate(clinic.treats, vet, pet)
    for first, second, allowed in ((vet, await clinic.pet(), another_pet), (await clinic.vet(), pet, another_vet)):
        if allowed:
            await clinic.relate(clinic.treats, first, second)
        else:
            with pytest.raises(CardinalityExceeded):
                await clinic.relate(clinic.treats, first, second)
    await clinic.world.do(delete_relation, made)
    await clinic.healthy()


async def test_a_relation_with_itself_counts_on_both_sides(clinic: Clinic) -> None:
    one = NewAssociation("one", PET, "One", PET, "Other", Cardinality.ONE_TO_ONE)
    association = await clinic.world.do(create_association, one)
    pet, other = await clinic.pet(), await clinic.pet()
    itself = await clinic.relate(association, pet, pet)
    for first, second in ((pet, other), (other, pet)):
        with pytest.raises(CardinalityExceeded):
            await clinic.relate(association, first, second)
    await clinic.world.do(delete_relation, itself)
    await clinic.relate(association, pet, other)
    await clinic.relate(association, other, pet)
    await clinic.healthy()


async def test_the_published_limit_holds_where_asked_for(clinic: Clinic) -> None:
    limited = msgspec.structs.replace(clinic.world.call, limited=True)
    vet, pets = await clinic.vet(), [await clinic.pet() for _ in range(MAX_RELATIONS + 1)]
    batch = Batch([NewRelation(clinic.treats.id, vet, pet) for pet in pets])
    outcome = await perform(clinic.world.storage, limited, change_relations, batch)
    assert len(outcome.created) == MAX_RELATIONS
    assert [type(each.refusal) for each in outcome.refused] == [CardinalityExceeded]
    await clinic.relate(clinic.treats, vet, pets[-1])


async def test_each_part_of_a_batch_stands_for_itself(clinic: Clinic) -> None:
    vet, pet, other = await clinic.vet(), await clinic.pet(), await clinic.pet()
    first = await clinic.relate(clinic.treats, vet, pet)
    second = await clinic.relate(clinic.treats, vet, other)
    ends = NewRelation(clinic.treats.id, vet, pet)
    wrong = NewRelation(clinic.treats.id, pet, vet)
    batch = Batch((ends, ends, wrong, NewRelation(NOBODY, vet, pet)), (first, second, second, wrong))
    outcome = await clinic.world.do(change_relations, batch)
    assert [view.relation.id for view in outcome.deleted] == [first, second]
    assert [each.item for each in outcome.refused] == [second, wrong, ends, wrong, NewRelation(NOBODY, vet, pet)]
    assert [type(each.refusal) for each in outcome.refused] == [
        RelationNotFound,
        RelationNotFound,
        DuplicateRelation,
        InvalidRelation,
        AssociationNotFound,
    ]
    assert await clinic.of(vet) == [view.relation.id for view in outcome.created]
    await clinic.world.do(change_relations, Batch((), (ends,)))
    assert await clinic.of(vet) == []
    await clinic.healthy()


async def test_a_deleted_record_takes_its_relations_along(clinic: Clinic) -> None:
    vet, pet, other = await clinic.vet(), await clinic.pet(), await clinic.pet()
    kept = await clinic.relate(clinic.treats, vet, other)
    gone = [
        await clinic.relate(clinic.treats, vet, pet),
        await clinic.relate(clinic.mates, pet, other),
        await clinic.relate(clinic.mates, other, pet),
        await clinic.relate(clinic.mates, pet, pet),
    ]
    await listen(clinic.world)
    await clinic.world.delete(pet)
    assert await clinic.of(vet) == await clinic.of(other) == [kept]
    assert await clinic.of(pet) == []
    told = await heard(clinic.world)
    assert [(kind, payload["id"]) for kind, payload in told] == [
        *(("RelationDelete", each) for each in gone),
        ("RecordDelete", pet),
    ]
    assert told[0][1] == {
        "id": gone[0],
        "firstObjectKey": VET,
        "firstRecordId": vet,
        "secondObjectKey": PET,
        "secondRecordId": pet,
        "associationId": clinic.treats.id,
        "locationId": clinic.world.location.id,
    }
    await clinic.healthy()


async def test_an_association_made_elsewhere_is_known(pair: tuple[Storage, Storage]) -> None:
    """What another process has just made is used, listed and cascaded before its news arrives."""
    here = await clinic_in(await world_in(pair[0]))
    there = await world_in(pair[1], here.world.location)
    pet = await here.pet()
    assert (await there.do(list_relations, RelationQuery(pet)))[1] == 0
    new = await here.world.do(create_association, NewAssociation("new", PET, "A", PET, "B"))
    made = await there.do(create_relation, NewRelation(new.id, pet, pet))
    newer = await there.do(create_association, NewAssociation("newer", PET, "A", PET, "B"))
    await there.do(create_relation, NewRelation(newer.id, pet, pet))
    found, total = await here.world.do(list_relations, RelationQuery(pet))
    assert (found[0].relation, total) == (made.relation, 2)
    newest = await here.world.do(create_association, NewAssociation("newest", PET, "A", PET, "B"))
    related = await here.relate(newest, pet, pet)
    assert (await there.do(delete_relation, related)).association == newest
    await here.world.delete(pet)
    await here.healthy()


async def test_of_many_at_once_one_is_first(pair: tuple[Storage, Storage]) -> None:
    here = await clinic_in(await world_in(pair[0]), Cardinality.ONE_TO_ONE)
    worlds = [here.world, await world_in(pair[1], here.world.location)]
    vet, pets = await here.vet(), [await here.pet() for _ in range(WRITERS)]
    attempts = (worlds[n % 2].do(create_relation, NewRelation(here.treats.id, vet, pet)) for n, pet in enumerate(pets))
    results = await asyncio.gather(*attempts, return_exceptions=True)
    refused = [each for each in results if isinstance(each, BaseException)]
    assert len(refused) == WRITERS - 1
    assert all(isinstance(each, CardinalityExceeded) for each in refused), refused
    assert len(await here.of(vet)) == 1
    await here.healthy()


async def test_of_many_that_delete_a_relation_one_has_deleted_it(pair: tuple[Storage, Storage]) -> None:
    here = await clinic_in(await world_in(pair[0]))
    worlds = [here.world, await world_in(pair[1], here.world.location)]
    made = await here.relate(here.treats, await here.vet(), await here.pet())
    attempts = (worlds[n % 2].do(delete_relation, made) for n in range(WRITERS))
    results = await asyncio.gather(*attempts, return_exceptions=True)
    refused = [each for each in results if isinstance(each, BaseException)]
    assert len(refused) == WRITERS - 1
    assert all(isinstance(each, RelationNotFound) for each in refused), refused
    await here.healthy()


async def test_no_count_is_lost_among_many_writers(pair: tuple[Storage, Storage]) -> None:
    """Records are related, unrelated and deleted at once, and everything agrees in the end."""
    here = await clinic_in(await world_in(pair[0]))
    worlds = [here.world, await world_in(pair[1], here.world.location)]
    pets = [await here.pet() for _ in range(6)]
    pairs = [(first, second) for first in pets for second in pets]

    async def relate(number: int, ends: tuple[str, str]) -> None:
        world = worlds[number % 2]
        view = await world.do(create_relation, NewRelation(here.mates.id, *ends))
        if number % 3 == 0:
            await world.do(delete_relation, view.relation.id)

    work = [relate(number, ends) for number, ends in enumerate(pairs)]
    work.insert(18, worlds[1].do(delete_record, RecordKey(PET, pets[0])))  # type: ignore[arg-type]
    results = await asyncio.gather(*work, return_exceptions=True)
    expected = (InvalidRelation, RelationNotFound)
    assert all(isinstance(each, expected) for each in results if isinstance(each, Refusal | Exception)), results
    assert await here.of(pets[0]) == []
    await here.healthy()
