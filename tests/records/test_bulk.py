"""Many records in one transaction: the refused ones do no harm to the others, and nothing is half-written."""

from __future__ import annotations

import msgspec
import pytest

from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import NotSupported, ObjectNotFound
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.bulk import (
    SEVERAL,
    Draft,
    DryRun,
    NewRecords,
    Written,
    check_records,
    create_records,
)
from groundlevel.records.match_keys import MatchKeysAfter, list_match_keys_after
from groundlevel.records.rules import RecordKey, get_record
from tests.world import PET, World, world_in


@pytest.fixture
async def world(storage: Storage) -> World:
    world = await world_in(storage)
    await world.pet()
    await world.field("age", "NUMERICAL", name="Age")
    await world.field("chip", "TEXT", unique=True)
    await world.field("mail", "EMAIL", unique=True)
    return world


async def written(world: World, *rows: dict[str, Json], **how: Json) -> Written:
    return await world.do(create_records, NewRecords(PET, rows, **how))


async def pets(world: World) -> list[dict[str, Json]]:
    found = await world.search(page_limit=100, sort=[{"field": "createdAt", "direction": "asc"}])
    return [msgspec.json.decode(view.record.properties) for view in found.views]


async def draft(world: World) -> Draft:
    return Draft(CompiledObject(await world.object()), exists=True)


def texts(outcome: Written) -> list[tuple[int, str]]:
    return [(index, refusal.message) for index, refusal in outcome.errors]


async def test_records_are_created_in_order_counted_and_found(world: World) -> None:
    outcome = await written(world, *({"name": f"Pet {n}", "age": n} for n in range(30)))
    assert (outcome.created, outcome.updated, outcome.errors) == (30, 0, [])
    assert [pet["age"] for pet in await pets(world)] == list(range(30))
    assert (await world.search("pet 7")).total == 1
    assert (await world.search(page_limit=1)).total == 30


async def test_created_records_show_who_wrote_them_and_when(world: World) -> None:
    outcome = await written(world, {"name": "Rex", "chip": "1"}, match="chip")
    record = (await world.do(get_record, RecordKey(PET, outcome.fresh["1"]))).record
    assert msgspec.json.decode(record.created_by) == {
        "channel": "OAUTH",
        "source": "INTEGRATION",
        "sourceId": "a-token",
    }
    assert record.updated_at == record.created_at
    assert record.version == 1


async def test_refused_rows_do_not_stop_the_others(world: World) -> None:
    outcome = await written(world, {"name": "Rex"}, {"age": 1}, {"name": "Tom", "age": "old"}, {"name": "Kim"})
    assert outcome.created == 2
    assert texts(outcome) == [
        (1, "Missing required properties to create Pet - name"),
        (2, "Age: expected a number, got a string"),
    ]
    assert outcome.errors[1][1].field_key == f"{PET}.age"
    assert [pet["name"] for pet in await pets(world)] == ["Rex", "Kim"]


async def test_of_two_rows_with_one_unique_value_the_later_is_refused(world: World) -> None:
    outcome = await written(
        world, {"name": "Rex", "chip": "1"}, {"name": "Tom", "chip": "1"}, {"name": "Kim", "chip": "2"}
    )
    assert outcome.created == 2
    assert [index for index, _ in outcome.errors] == [1]
    assert "must be unique" in outcome.errors[0][1].message


async def test_a_row_refused_for_one_unique_value_does_not_keep_its_other(world: World) -> None:
    await written(world, {"name": "Rex", "chip": "1"})
    refused = await written(world, {"name": "Tom", "chip": "1", "mail": "tom@example.com"})
    assert (refused.created, len(refused.errors)) == (0, 1)
    again = await written(world, {"name": "Tom", "chip": "2", "mail": "tom@example.com"})
    assert (again.created, again.errors) == (1, [])


async def test_matching_updates_and_leaves_other_properties(world: World) -> None:
    await written(world, {"name": "Rex", "chip": "1", "age": 3})
    outcome = await written(world, {"name": "Rexy", "chip": "1"}, {"name": "Tom", "chip": "2"}, match="chip")
    assert (outcome.created, outcome.updated) == (1, 1)
    assert await pets(world) == [{"name": "Rexy", "chip": "1", "age": 3}, {"name": "Tom", "chip": "2"}]
    assert len(await world.found("rexy")) == 1
    assert await world.found("rex 1") == []


async def test_an_update_need_not_repeat_required_properties(world: World) -> None:
    await written(world, {"name": "Rex", "chip": "1"})
    outcome = await written(world, {"chip": "1", "age": 4}, {"chip": "9", "age": 5}, match="chip")
    assert (outcome.created, outcome.updated, len(outcome.errors)) == (0, 1, 1)
    assert await pets(world) == [{"name": "Rex", "chip": "1", "age": 4}]


async def test_unique_values_match_in_their_unique_form(world: World) -> None:
    await written(world, {"name": "Ann", "mail": "Ann@Example.com"})
    outcome = await written(world, {"name": "Anna", "mail": "ann@example.com"}, match="mail")
    assert (outcome.created, outcome.updated, outcome.errors) == (0, 1, [])


async def test_long_unique_values_match(world: World) -> None:
    chip = "x" * 5_000
    await written(world, {"name": "Rex", "chip": chip})
    assert (await written(world, {"name": "Rexy", "chip": chip}, match="chip")).updated == 1
    assert len((await written(world, {"name": "Tom", "chip": chip})).errors) == 1


async def test_rows_that_mean_one_record_are_applied_one_after_the_other(world: World) -> None:
    rows: list[dict[str, Json]] = [{"name": "Rex", "chip": "1"}, {"name": "Rexy", "chip": "1"}, {"chip": "1", "age": 9}]
    outcome = await written(world, *rows, match="chip")
    assert (outcome.created, outcome.updated, outcome.errors) == (1, 2, [])
    assert await pets(world) == [{"name": "Rexy", "chip": "1", "age": 9}]


async def test_an_update_frees_the_unique_value_it_replaces(world: World) -> None:
    await written(world, {"name": "Rex", "chip": "1", "mail": "rex@example.com"})
    await written(world, {"chip": "1", "mail": "rexy@example.com"}, match="chip")
    outcome = await written(world, {"name": "Tom", "mail": "rex@example.com"})
    assert (outcome.created, outcome.errors) == (1, [])


async def test_matching_by_a_field_that_is_not_unique(world: World) -> None:
    first = await written(world, {"name": "Rex"}, {"name": "Tom"}, {"name": "Tom"})
    assert first.created == 3
    known: dict[str, str] = {}
    after = ""
    while True:
        pairs, after = await world.do(list_match_keys_after, MatchKeysAfter(PET, "name", after, 2))
        for form, record_id in pairs:
            known[form] = SEVERAL if form in known else record_id
        if not after:
            break
    assert sorted(known) == ["Rex", "Tom"]
    rows: list[dict[str, Json]] = [{"name": "Rex", "age": 1}, {"name": "Tom", "age": 2}, {"name": "Kim"}]
    outcome = await written(world, *rows, match="name", known=known)
    assert (outcome.created, outcome.updated) == (1, 1)
    assert texts(outcome) == [(1, "Name: more than one record holds this value")]


async def test_a_record_deleted_meanwhile_is_created_again(world: World) -> None:
    record_id = await world.create({"name": "Rex"})
    await world.delete(record_id)
    outcome = await written(world, {"name": "Rex"}, match="name", known={"Rex": record_id})
    assert (outcome.created, outcome.updated) == (1, 0)


async def test_a_check_says_what_would_happen_and_writes_nothing(world: World) -> None:
    await written(world, {"name": "Rex", "chip": "1"})
    rows: list[dict[str, Json]] = [{"name": "Tom", "chip": "1"}, {"name": "Kim", "chip": "2"}, {"age": 1}]
    outcome = await world.do(check_records, DryRun(NewRecords(PET, rows), await draft(world)))
    assert (outcome.created, outcome.updated) == (1, 0)
    assert [index for index, _ in outcome.errors] == [0, 2]
    matched = await world.do(check_records, DryRun(NewRecords(PET, rows[:2], "chip"), await draft(world)))
    assert (matched.created, matched.updated, matched.errors) == (1, 1, [])
    assert len(await pets(world)) == 1


CHUNKS: list[list[dict[str, Json]]] = [
    [{"name": "Rex", "chip": "1"}, {"name": "Tom", "chip": "2"}, {"name": "Max", "chip": "1"}],
    [{"name": "Rex", "chip": "3"}, {"name": "Rex", "chip": "3", "age": 4}, {"name": "Kim", "chip": "1"}],
    [{"name": "Kim", "chip": "1"}, {"name": "Tom", "chip": "3"}, {"name": "Tom", "chip": "2"}, {"age": 1}],
    [
        {"name": "Kim", "age": 5},
        {"name": "Kim", "age": None},
        {"name": "Rex", "chip": "5"},
        {"name": "Ann", "chip": "3"},
    ],
]


@pytest.mark.parametrize("match", [None, "name", "chip"])
async def test_a_dry_run_of_many_chunks_has_the_outcome_of_a_real_one(world: World, match: str | None) -> None:
    state = await draft(world)

    async def outcomes(*, dry: bool) -> list[object]:
        known: dict[str, str] | None = {} if match == "name" else None
        found: list[object] = []
        for rows in CHUNKS:
            request = NewRecords(PET, rows, match, known)
            done = await (world.do(check_records, DryRun(request, state)) if dry else world.do(create_records, request))
            if known is not None:
                known.update(done.fresh)
            found.append((done.created, done.updated, done.unchanged, texts(done)))
        return found

    dry = await outcomes(dry=True)
    assert await pets(world) == []
    assert dry == await outcomes(dry=False)
    assert (await examine(world.storage)).ok


async def test_what_says_what_is_there_is_not_written(world: World) -> None:
    await written(world, {"name": "Rex", "chip": "1", "age": 3})
    before = (await world.search()).views[0].record
    outcome = await written(world, {"chip": "1", "age": 3.0}, {"chip": "1", "name": "Rex"}, match="chip")
    assert (outcome.created, outcome.updated, outcome.unchanged) == (0, 0, 2)
    assert (await world.search()).views[0].record == before


async def test_objects_without_records(world: World) -> None:
    with pytest.raises(ObjectNotFound):
        await world.do(create_records, NewRecords("custom_objects.none", [{"name": "x"}]))
    with pytest.raises(NotSupported):
        await world.do(create_records, NewRecords("contact", [{"email": "x@example.com"}]))
