"""How many relations follow an association, and how many a record may have by it."""

from __future__ import annotations

from groundlevel.associations.relation_rules import MAX_RELATIONS, NewRelation, create_relation
from groundlevel.associations.rules import NewAssociation, create_association
from groundlevel.associations.usage_rules import count_usage, list_usage
from groundlevel.kernel.model import Cardinality
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.rules import NewRecord, create_record
from groundlevel.standard.objects import BUSINESSES_CONTACTS, OPPORTUNITIES_CONTACTS
from tests.kernel.http.world import open_world
from tests.world import PET, world_in


async def test_relations_are_counted_by_association(storage: Storage) -> None:
    world = await world_in(storage)
    await world.pet()
    mates = await world.do(create_association, NewAssociation("mates", PET, "One", PET, "Other"))
    keeps = NewAssociation("keeps", PET, "Pet", PET, "Keeper", Cardinality.ONE_TO_MANY)
    await world.do(create_association, keeps)
    ids = [(await world.do(create_record, NewRecord(PET, {"name": name}))).record.id for name in "abc"]
    for other in ids:
        await world.do(create_relation, NewRelation(mates.id, ids[0], other))
    found = {each.association.key: each for each in await world.do(count_usage, None)}
    assert (found["mates"].relations, found["keeps"].relations) == (3, 0)
    assert found[OPPORTUNITIES_CONTACTS].relations == 0
    assert (found["mates"].most_of_first, found["mates"].most_of_second) == (None, None)
    assert (found["keeps"].most_of_first, found["keeps"].most_of_second) == (None, 1)
    assert {each.relations for each in await world.do(list_usage, None)} == {None}


async def test_the_limits_of_the_live_platform_are_told_where_they_hold(storage: Storage) -> None:
    async with open_world(storage, Settings(limits="live")) as world:
        path = f"/x/associations/usage?locationId={world.location}&counts=false"
        found = (await world.client.get(path, headers=world.headers())).json()["associations"]
        limits = {each["key"]: (each["mostOfFirst"], each["mostOfSecond"]) for each in found}
        assert limits == {BUSINESSES_CONTACTS: (10_000, 1), OPPORTUNITIES_CONTACTS: (25, MAX_RELATIONS)}
        assert all(each["relations"] is None for each in found)
        wrong = await world.client.get(path.replace("false", "no"), headers=world.headers())
        assert wrong.status_code == 422
