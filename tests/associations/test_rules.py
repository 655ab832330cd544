"""Associations are made, relabelled and deleted by their rules, and everybody hears of it."""

from __future__ import annotations

import msgspec
import pytest

from groundlevel.associations.errors import AssociationNotFound, SameLabels
from groundlevel.associations.relation_rules import NewRelation, RelationQuery, create_relation, list_relations
from groundlevel.associations.rules import (
    MAX_PER_PAIR,
    AssociationQuery,
    NewAssociation,
    Relabelling,
    create_association,
    delete_association,
    get_association,
    list_associations,
    list_associations_of,
    update_association,
)
from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import (
    DuplicateKey,
    InvalidKey,
    InvalidValue,
    LimitExceeded,
    NotSupported,
    ObjectNotFound,
    Refusal,
)
from groundlevel.kernel.model import Association, Cardinality
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import perform
from groundlevel.schema.object_rules import delete_object
from groundlevel.standard.objects import BUSINESSES_CONTACTS, OPPORTUNITIES_CONTACTS
from tests.webhooks.event_capture import heard, listen
from tests.world import PET, World, world_in

KEEPER = NewAssociation("pet_keeper", PET, "Pet", "contact", "Keeper")
FRIEND = NewAssociation("friend", PET, "Friend of", PET, "Friend")


@pytest.fixture
async def world(storage: Storage) -> World:
    world = await world_in(storage)
    await world.pet()
    return world


async def keys(world: World) -> list[str]:
    found, total = await world.do(list_associations, AssociationQuery())
    assert total == len(found)
    return [each.key for each in found]


async def test_a_location_begins_with_the_system_associations(world: World) -> None:
    found, total = await world.do(list_associations, AssociationQuery())
    assert [(each.id, each.first_key, each.second_key, each.cardinality) for each in found] == [
        (BUSINESSES_CONTACTS, "business", "contact", Cardinality.ONE_TO_MANY),
        (OPPORTUNITIES_CONTACTS, "opportunity", "contact", Cardinality.MANY_TO_MANY),
    ]
    assert (total, [(each.first_limit, each.second_limit) for each in found]) == (2, [(10_000, 1), (25, 1000)])


async def test_a_new_one_is_found_every_way(world: World) -> None:
    made = await world.do(create_association, KEEPER)
    assert (made.first_key, made.second_key, made.cardinality) == (PET, "contact", Cardinality.MANY_TO_MANY)
    for name in (made.id, made.key):
        assert await world.do(get_association, name) == made
    for key in (PET, "custom_object.pet", (await world.object()).id):
        assert await world.do(list_associations_of, key) == [made]
    assert made in await world.do(list_associations_of, "contact")
    page, total = await world.do(list_associations, AssociationQuery(skip=1, limit=1))
    assert ([each.id for each in page], total) == ([OPPORTUNITIES_CONTACTS], 3)


async def test_an_id_goes_before_a_key(world: World) -> None:
    made = await world.do(create_association, KEEPER)
    await world.do(create_association, msgspec.structs.replace(FRIEND, key=f"a{made.id[1:]}"))
    namesake = await world.do(create_association, msgspec.structs.replace(FRIEND, key="friend2"))
    assert (await world.do(get_association, namesake.id)).key == "friend2"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"key": "1st"}, InvalidKey),
        ({"key": "a b"}, InvalidKey),
        ({"second_label": "Pet"}, SameLabels),
        ({"first_object": "custom_objects.yak"}, ObjectNotFound),
        ({"second_object": "custom_objects.yak"}, ObjectNotFound),
        ({"key": BUSINESSES_CONTACTS}, DuplicateKey),
        ({"cardinality": Cardinality.ONE_TO_MANY, "mirrored": Cardinality.ONE_TO_MANY}, InvalidValue),
    ],
)
async def test_a_wrong_one_is_refused(world: World, change: dict[str, str], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        await world.do(create_association, msgspec.structs.replace(KEEPER, **change))
    assert await keys(world) == [BUSINESSES_CONTACTS, OPPORTUNITIES_CONTACTS]


async def test_a_key_is_taken_once(world: World) -> None:
    await world.do(create_association, KEEPER)
    with pytest.raises(DuplicateKey, match="Duplicate Association key"):
        await world.do(create_association, msgspec.structs.replace(FRIEND, key=KEEPER.key))


@pytest.mark.parametrize(
    ("seen", "mirrored", "expected"),
    [
        (Cardinality.ONE_TO_MANY, None, Cardinality.ONE_TO_MANY),
        (None, Cardinality.ONE_TO_MANY, Cardinality.MANY_TO_ONE),
        (Cardinality.MANY_TO_ONE, Cardinality.ONE_TO_MANY, Cardinality.MANY_TO_ONE),
        (None, Cardinality.ONE_TO_ONE, Cardinality.ONE_TO_ONE),
    ],
)
async def test_a_cardinality_may_be_seen_from_either_side(
    world: World, seen: Cardinality | None, mirrored: Cardinality | None, expected: Cardinality
) -> None:
    new = msgspec.structs.replace(KEEPER, cardinality=seen, mirrored=mirrored)
    assert (await world.do(create_association, new)).cardinality is expected


async def test_the_labels_change_and_nothing_else(world: World) -> None:
    made = await world.do(create_association, KEEPER)
    changed = await world.do(update_association, Relabelling(made.id, "Animal", "Owner"))
    assert changed == msgspec.structs.replace(
        made, first_label="Animal", second_label="Owner", updated_at=changed.updated_at
    )
    assert await world.do(get_association, made.key) == changed
    with pytest.raises(SameLabels):
        await world.do(update_association, Relabelling(made.id, "Same", "Same"))


async def test_system_associations_stay_as_they_are(world: World) -> None:
    with pytest.raises(NotSupported):
        await world.do(update_association, Relabelling(BUSINESSES_CONTACTS, "A", "B"))
    with pytest.raises(NotSupported):
        await world.do(delete_association, BUSINESSES_CONTACTS)


async def related(world: World, association: Association) -> list[str]:
    """Two pets that are friends."""
    pets = [await world.create({"name": name}) for name in ("Rex", "Max")]
    await world.do(create_relation, NewRelation(association.id, *pets))
    return pets


async def test_a_deleted_one_takes_its_relations_along(world: World) -> None:
    await listen(world)
    made = await world.do(create_association, FRIEND)
    pets = await related(world, made)
    await world.do(update_association, Relabelling(made.id, "A", "B"))
    await world.do(delete_association, made.id)
    assert await world.do(list_relations, RelationQuery(pets[0])) == ([], 0)
    with pytest.raises(AssociationNotFound):
        await world.do(delete_association, made.id)
    told = [(kind, payload) for kind, payload in await heard(world) if "Record" not in kind]
    assert [kind for kind, _ in told] == [
        "AssociationCreate",
        "RelationCreate",
        "AssociationUpdate",
        "RelationDelete",
        "AssociationDelete",
    ]
    assert "firstObjectToSecondObjectCardinality" not in told[0][1]
    assert told[2][1]["firstObjectToSecondObjectCardinality"] == "MANY_TO_MANY"
    assert told[3][1] == told[1][1]
    assert (await examine(world.storage)).ok


async def test_a_deleted_object_takes_its_associations_along(world: World) -> None:
    made = [await world.do(create_association, new) for new in (KEEPER, FRIEND)]
    await related(world, made[1])
    await listen(world)
    deleted = await world.do(delete_object, PET)
    assert deleted.associations == [each.id for each in made]
    assert [kind for kind, _ in await heard(world)] == ["AssociationDelete", "RelationDelete", "AssociationDelete"]
    assert await keys(world) == [BUSINESSES_CONTACTS, OPPORTUNITIES_CONTACTS]
    assert (await examine(world.storage)).ok


async def test_ten_of_one_pair_where_limits_hold(world: World) -> None:
    limited = msgspec.structs.replace(world.call, limited=True)
    for number in range(MAX_PER_PAIR):
        await perform(world.storage, limited, create_association, msgspec.structs.replace(KEEPER, key=f"k{number}"))
    turned = NewAssociation("more", "contact", "A", PET, "B")
    with pytest.raises(LimitExceeded):
        await perform(world.storage, limited, create_association, turned)
    await perform(world.storage, limited, create_association, FRIEND)
    await world.do(create_association, turned)


async def test_another_location_sees_nothing_of_it(world: World) -> None:
    made = await world.do(create_association, KEEPER)
    other = await world_in(world.storage)
    assert len(await keys(other)) == 2
    with pytest.raises(AssociationNotFound):
        await other.do(get_association, made.id)
