"""The relations that are shown with records: of either side, in order, no more than a few of each."""

from __future__ import annotations

import pytest

from groundlevel.associations import relation_store
from groundlevel.associations import store as associations_store
from groundlevel.associations.relation_store import RELATIONS_SHOWN
from groundlevel.kernel.model import Relation
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from tests.differential.relations import make_associations
from tests.world import PET, World, world_in

REX, TOM, ANN, NOBODY = (f"{n:024x}" for n in range(1, 5))


class Bench:
    """A location with pets, and associations of pets with contacts, of contacts with pets and of pets with pets."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.numbers: list[int] = []

    async def make(self) -> None:
        await self.world.pet()

        async def define(tx: Transaction) -> list[int]:
            objects = [(await tx.read_schema(key)).object for key in (PET, "contact")]
            made = make_associations(*((each.number, each.key) for each in objects))
            return [(await associations_store.insert_association(tx, each)).number for each in made]

        self.numbers = await self.world.storage.change_schema(self.world.location, define)

    async def relate(self, *pairs: tuple[int, str, str]) -> list[Relation]:
        """Relations by the association with an index, in this order, written past the rules."""
        ids = self.world.storage.ids
        made = [Relation(ids.record_id(), self.numbers[n], first, second) for n, first, second in pairs]

        async def add(tx: Transaction) -> None:
            for each in made:
                await relation_store.insert_relation(tx, each)

        await self.world.storage.write(self.world.location, add)
        return made

    async def shown(self, *record_ids: str) -> dict[str, list[Relation]]:
        return await self.world.storage.read(
            self.world.location, lambda tx: relation_store.list_related(tx, record_ids)
        )


@pytest.fixture
async def bench(storage: Storage) -> Bench:
    made = Bench(await world_in(storage))
    await made.make()
    return made


async def test_of_either_side_by_association_and_age(bench: Bench) -> None:
    alike, second, late, early, other = await bench.relate(
        (2, REX, TOM), (1, ANN, REX), (0, REX, NOBODY), (0, REX, ANN), (0, TOM, ANN)
    )

    assert await bench.shown(REX, TOM, NOBODY[::-1]) == {REX: [late, early, second, alike], TOM: [other, alike]}
    assert await bench.shown() == {}


async def test_a_relation_with_itself_comes_once(bench: Bench) -> None:
    own, from_other = await bench.relate((2, REX, REX), (2, TOM, REX))

    assert await bench.shown(REX, TOM) == {REX: [own, from_other], TOM: [from_other]}


async def test_no_more_than_are_shown_of_each_record(bench: Bench) -> None:
    contacts = [f"{n:024x}" for n in range(100, 100 + RELATIONS_SHOWN)]
    await bench.relate(*((1, contact, REX) for contact in contacts))
    before = await bench.relate(*((0, REX, contact) for contact in contacts[:60]))
    (toms,) = await bench.relate((1, contacts[0], TOM))

    shown = await bench.shown(REX, TOM)

    assert len(shown[REX]) == RELATIONS_SHOWN
    assert shown[REX][:60] == before
    assert [each.first_id for each in shown[REX][60:]] == contacts[: RELATIONS_SHOWN - 60]
    assert shown[TOM] == [toms]


async def test_not_those_of_another_location(bench: Bench, storage: Storage) -> None:
    await bench.relate((0, REX, ANN))
    elsewhere = Bench(await world_in(storage))
    await elsewhere.make()
    own = await elsewhere.relate((0, REX, TOM))

    assert await elsewhere.shown(REX, ANN) == {REX: own}
    assert own[0].association not in bench.numbers
