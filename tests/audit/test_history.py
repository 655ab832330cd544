"""The history of records, and their return to earlier versions: what the log says agrees with what was."""

from __future__ import annotations

import random
from typing import Any

import pytest

from groundlevel.audit import store
from groundlevel.audit.errors import AuditOff, VersionGone, VersionNotFound
from groundlevel.audit.history_rules import HistoryQuery, VersionKey, list_history, restore_version
from groundlevel.audit.model import ChangeView
from groundlevel.audit.retention import Retention, prune
from groundlevel.audit.rules import ChangesQuery, changes_since
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import RecordNotFound, UniqueConflict
from groundlevel.kernel.ids import Clock
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.errors import RecordChanged
from groundlevel.records.rules import RecordKey, RecordView, get_record
from groundlevel.schema.field_rules import delete_field
from tests.world import PET, World, options, world_in

STEPS = 60
LONG_MS = 91 * 86_400_000
PEOPLE = ("sx6wyHhbFdRXh302LLNR", "aaaaBBBBccccDDDDeeee")


class Later(Clock):
    """Goes three months ahead."""

    def now(self) -> int:
        return super().now() + LONG_MS


@pytest.fixture
async def world(storage: Storage) -> World:
    made = await world_in(storage)
    await made.pet()
    await made.field("age", "NUMERICAL")
    await made.field("chip", unique=True)
    await made.field("traits", "MULTIPLE_OPTIONS", options=options("calm", "loud", "old"))
    return made


def state_of(view: RecordView) -> dict[str, Any]:
    """What a record holds."""
    record = view.record
    return {
        "properties": decode_object(record.properties),
        "owners": list(record.owners),
        "followers": list(record.followers),
    }


async def now(world: World, record_id: str) -> dict[str, Any]:
    return state_of(await world.do(get_record, RecordKey(PET, record_id)))


async def history(world: World, record_id: str, **query: int) -> list[ChangeView]:
    return await world.do(list_history, HistoryQuery(PET, record_id, **query))


async def restore(world: World, record_id: str, version: int, **query: Any) -> RecordView:
    return await world.do(restore_version, VersionKey(PET, record_id, version, **query))


async def test_every_version_can_be_had_again(world: World) -> None:
    """Random changes of a few records, whose states a plain list remembers: each is what the record is led back to."""
    dice = random.Random(7)
    ids = [await world.create({"name": f"Pet {n}"}) for n in range(3)]
    model = {record_id: [await now(world, record_id)] for record_id in ids}
    for step in range(STEPS):
        record_id = dice.choice(ids)
        change = {
            "name": f"step {step}",
            "age": dice.choice([None, step]),
            "chip": dice.choice([None, f"{record_id}-{dice.randrange(3)}"]),
            "traits": dice.sample(["calm", "loud", "old"], dice.randrange(3)),
        }
        keys = dice.sample(sorted(change), dice.randrange(1, 4))
        people = {"followers": dice.sample(PEOPLE, dice.randrange(3))} if dice.random() < 0.3 else {}
        await world.update(record_id, {key: change[key] for key in keys}, **people)
        state = await now(world, record_id)
        if state != model[record_id][-1]:
            model[record_id].append(state)
    for record_id in ids:
        versions = list(model[record_id])
        for number in dice.sample(range(1, len(versions) + 1), min(len(versions), 8)):
            view = await restore(world, record_id, number)
            assert state_of(view) == versions[number - 1]
            assert await now(world, record_id) == versions[number - 1]
        changes = await history(world, record_id, limit=500)
        assert [each.row.version for each in changes] == list(range(len(changes), 0, -1))
        assert changes[-1].after is not None
        assert changes[-1].after["properties"] == versions[0]["properties"]


async def test_a_restoration_says_which_version_it_led_back_to(world: World) -> None:
    record_id = await world.create({"name": "Rex", "age": 3})
    await world.update(record_id, {"name": "Max", "age": None})
    await restore(world, record_id, 1)
    latest, *_ = await history(world, record_id)
    assert (latest.row.operation, latest.restored) == ("update", 1)
    assert latest.after == {"properties": {"name": "Rex", "age": 3}}


async def test_the_version_that_a_record_has_changes_nothing(world: World) -> None:
    record_id = await world.create({"name": "Rex"})
    assert (await restore(world, record_id, 1)).record.version == 1
    assert len(await history(world, record_id)) == 1


async def test_history_comes_in_pages(world: World) -> None:
    record_id = await world.create({"name": "0"})
    for n in range(1, 6):
        await world.update(record_id, {"name": str(n)})
    first = await history(world, record_id, limit=4)
    rest = await history(world, record_id, limit=4, before=first[-1].row.number)
    assert [each.row.version for each in (*first, *rest)] == [6, 5, 4, 3, 2, 1]


async def test_all_rules_hold_for_a_restoration(world: World) -> None:
    record_id = await world.create({"name": "Rex", "chip": "1"})
    await world.update(record_id, {"chip": None})
    await world.create({"name": "Max", "chip": "1"})
    with pytest.raises(UniqueConflict):
        await restore(world, record_id, 1)
    with pytest.raises(RecordChanged):
        await restore(world, record_id, 1, versions=frozenset((1,)))
    for number in (0, 3):
        with pytest.raises(VersionNotFound):
            await restore(world, record_id, number)
    with pytest.raises(RecordNotFound):
        await restore(world, "0" * 24, 1)
    assert await now(world, record_id) == {"properties": {"name": "Rex"}, "owners": [], "followers": []}


async def test_what_a_deleted_field_held_does_not_come_back(world: World) -> None:
    record_id = await world.create({"name": "Rex", "age": 3})
    await world.update(record_id, {"name": "Max", "age": 4})
    (field,) = (each for each in (await world.object()).fields if each.key == "age")
    await world.do(delete_field, field.id)
    await world.field("age", "TEXT")
    await world.update(record_id, {"age": "old"})
    view = await restore(world, record_id, 1)
    assert decode_object(view.schema.to_wire(view.record.properties)) == {"name": "Rex"}


async def test_a_version_behind_what_is_kept_is_gone(world: World) -> None:
    record_id = await world.create({"name": "0"})
    for n in range(1, 5):
        await world.update(record_id, {"name": str(n)})
    await prune(world.storage, Retention(days=90, max_rows=2))
    assert [each.row.version for each in await history(world, record_id)] == [5, 4]
    with pytest.raises(VersionGone):
        await restore(world, record_id, 1)
    view = await restore(world, record_id, 3)
    assert state_of(view)["properties"] == {"name": "2"}


async def test_a_version_behind_an_unlogged_change_is_gone(world: World) -> None:
    record_id = await world.create({"name": "0"})
    world.storage.audited = False
    await world.update(record_id, {"name": "1"})
    with pytest.raises(AuditOff):
        await history(world, record_id)
    with pytest.raises(AuditOff):
        await restore(world, record_id, 1)
    world.storage.audited = True
    await world.update(record_id, {"name": "2"})
    with pytest.raises(VersionGone):
        await restore(world, record_id, 1)
    assert state_of(await restore(world, record_id, 2))["properties"] == {"name": "1"}


async def test_the_history_of_what_never_was_is_not_found(world: World) -> None:
    for record_id in ("0" * 24, "nothing"):
        with pytest.raises(RecordNotFound):
            await history(world, record_id)


async def test_the_history_of_one_record_is_found_by_the_index(world: World) -> None:
    for number in range(60):
        await world.create({"name": f"Rex {number}"})

    async def plan(tx: Any) -> str:
        sql = tx.sql["list_history"].sql
        if world.storage.engine == "sqlite":
            rows = await tx.connection.rows(
                tx.sql["list_history"].query("EXPLAIN QUERY PLAN " + sql), tx.loc, "x", 10**9, 9
            )
            return "\n".join(str(row[3]) for row in rows)
        # Of a table that nothing is known of, any index seems as good as another.
        await tx.connection.script("ANALYZE audit; SET LOCAL enable_seqscan = off")
        rows = await tx.connection.rows(tx.sql["list_history"].query("EXPLAIN " + sql), tx.loc, "x", 10**9, 9)
        return "\n".join(str(row[0]) for row in rows)

    assert "audit_subject" in await world.storage.write(world.location, plan)


async def test_pruning_keeps_the_numbers_going(world: World) -> None:
    for n in range(5):
        await world.create({"name": str(n)})
    newest = (await world.do(changes_since, ChangesQuery())).next
    assert await prune(world.storage, Retention(days=90)) == 0
    world.storage.ids.clock = Later()
    assert await prune(world.storage, Retention(days=90)) > 0
    bounds = await world.storage.read(world.location, store.find_bounds)
    assert (bounds.oldest, bounds.newest) == (newest, newest)
    await world.create({"name": "after"})
    assert (await world.do(changes_since, ChangesQuery())).next == newest + 1
    assert (await world.storage.read(world.location, store.find_bounds)).oldest == newest
