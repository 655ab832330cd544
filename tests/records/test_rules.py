"""Records are created, read, changed and deleted by the rules (operations O5 to O8).

See docs/contract.md#record-bodies, #record-replies, #field-types, #decisions.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import (
    InvalidShape,
    InvalidUpdate,
    InvalidValue,
    LimitExceeded,
    NotSupported,
    ObjectNotFound,
    RecordNotFound,
    Refusal,
    RequiredPropertyMissing,
    UniqueConflict,
    UnknownProperty,
)
from groundlevel.kernel.ids import timestamp_of
from groundlevel.kernel.model import Json, Origin
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.rules import (
    NewRecord,
    RecordChange,
    RecordKey,
    RecordView,
    create_record,
    delete_record,
    get_record,
    update_record,
)
from tests.world import ORIGIN, PET, World, options, world_in

ANN, BOB = "ann0000000000000000a", "bob0000000000000000b"
MANY = [f"user{number:016d}" for number in range(11)]


@pytest.fixture
async def world(storage: Storage) -> World:
    world = await world_in(storage)
    await world.pet()
    return world


async def read(world: World, record_id: str, key: str = PET) -> RecordView:
    return await world.do(get_record, RecordKey(key, record_id))


async def shown(world: World, record_id: str) -> Json:
    view = await read(world, record_id)
    return msgspec.json.decode(bytes(view.schema.to_wire(view.record.properties)))


async def test_a_record_is_read_as_it_was_created(world: World) -> None:
    await world.field("age", "NUMERICAL")
    created = await world.do(create_record, NewRecord(PET, {"name": "Rex", "age": 3}, [ANN], [BOB]))
    view = await read(world, created.record.id)
    assert msgspec.structs.replace(view.record, properties="") == msgspec.structs.replace(created.record, properties="")
    assert await shown(world, view.record.id) == {"name": "Rex", "age": 3}
    assert (view.record.owners, view.record.followers, view.record.version) == ((ANN,), (BOB,), 1)
    assert view.record.created_at == view.record.updated_at == timestamp_of(view.record.id)
    assert msgspec.json.decode(view.record.created_by, type=Origin) == ORIGIN
    assert view.record.updated_by == view.record.created_by
    assert view.location == world.location
    by_id = await read(world, created.record.id, view.schema.object.id)
    assert by_id.record == (await read(world, created.record.id, "custom_object.pet")).record == view.record


@pytest.mark.parametrize(
    ("properties", "refusal"),
    [
        ({}, RequiredPropertyMissing),
        ({"name": None}, RequiredPropertyMissing),
        ({"name": ""}, RequiredPropertyMissing),
        ({"name": " \u00a0"}, RequiredPropertyMissing),
        ({"name": "Rex", "color": "red"}, UnknownProperty),
        ({"name": "Rex", "business.name": "red"}, UnknownProperty),
        ({"name": 5}, InvalidValue),
        ({"name": "a\x00b"}, InvalidValue),
        ({"name": "Rex", "age": "3"}, InvalidValue),
    ],
    ids=str,
)
async def test_a_creation_that_is_refused_writes_nothing(
    world: World, properties: dict[str, Json], refusal: type[Refusal]
) -> None:
    await world.field("age", "NUMERICAL")
    with pytest.raises(refusal):
        await world.create(properties)
    assert (await world.search()).total == 0
    assert (await examine(world.storage)).ok


async def test_a_missing_required_property_is_named(world: World) -> None:
    with pytest.raises(RequiredPropertyMissing) as refused:
        await world.create({})
    assert refused.value.message == "Missing required properties to create Pet - name"
    assert (refused.value.error_code, refused.value.field_key) == ("required_property_missing", f"{PET}.name")


async def test_the_strict_profile_takes_short_keys_only(world: World) -> None:
    await world.create({f"{PET}.name": "Rex"})
    strict = msgspec.structs.replace(world, call=msgspec.structs.replace(world.call, strict=True))
    with pytest.raises(UnknownProperty):
        await strict.create({f"{PET}.name": "Rex"})


async def test_an_update_keeps_what_it_does_not_name(world: World) -> None:
    await world.field("age", "NUMERICAL")
    await world.field("note")
    record_id = await world.create({"name": "Rex", "age": 3, "note": "good"}, owners=[ANN])
    before = (await read(world, record_id)).record
    other = msgspec.structs.replace(world.call, origin=Origin("APP", "WEB_USER", "u"))
    change = RecordChange(PET, record_id, {"age": 4, "note": None})
    await msgspec.structs.replace(world, call=other).do(update_record, change)
    after = (await read(world, record_id)).record
    assert await shown(world, record_id) == {"name": "Rex", "age": 4}
    assert (after.owners, after.version, after.created_at) == ((ANN,), 2, before.created_at)
    assert after.updated_at > before.updated_at
    assert after.created_by == before.created_by
    assert msgspec.json.decode(after.updated_by, type=Origin) == Origin("APP", "WEB_USER", "u")


async def test_many_updates_in_one_millisecond_all_show(world: World) -> None:
    record_id = await world.create({"name": "Rex"})
    timestamps = []
    for name in "abcde":
        await world.update(record_id, {"name": name})
        timestamps.append((await read(world, record_id)).record.updated_at)
    assert timestamps == sorted(set(timestamps))


async def test_lists_take_deltas(world: World) -> None:
    for key, kind in (("tags", "MULTIPLE_OPTIONS"), ("checks", "CHECKBOX")):
        await world.field(key, kind, options=options("A", "B", "C"))
    record_id = await world.create({"name": "Rex", "tags": ["a"], "checks": ["a", "b"]})
    await world.update(record_id, {"tags": {"add": ["b", "b"], "remove": []}, "checks": {"remove": ["a"]}})
    assert await shown(world, record_id) == {"name": "Rex", "tags": ["a", "b"], "checks": ["b"]}
    await world.update(record_id, {"tags": ["c"], "checks": None})
    assert await shown(world, record_id) == {"name": "Rex", "tags": ["c"]}
    with pytest.raises(InvalidValue):
        await world.update(record_id, {"tags": {"remove": ["a"]}})
    with pytest.raises(InvalidUpdate):
        await world.update(record_id, {"tags": {"set": ["a"]}})
    assert await shown(world, record_id) == {"name": "Rex", "tags": ["c"]}


@pytest.mark.parametrize(
    ("record_id", "key", "refusal"),
    [
        ("f" * 24, PET, RecordNotFound),
        ("F" * 24, PET, RecordNotFound),
        ("short", PET, RecordNotFound),
        ("", PET, RecordNotFound),
        ("rex", "custom_objects.none", ObjectNotFound),
        ("rex", "business", RecordNotFound),
        ("rex", "contact", NotSupported),
        ("rex", "opportunity", NotSupported),
    ],
)
async def test_records_that_are_not_there(world: World, record_id: str, key: str, refusal: type[Refusal]) -> None:
    rex = await world.create({"name": "Rex"})
    record_id = rex if record_id == "rex" else record_id
    for attempt in (
        world.do(get_record, RecordKey(key, record_id)),
        world.do(update_record, RecordChange(key, record_id, {"name": "Max"})),
        world.do(delete_record, RecordKey(key, record_id)),
    ):
        with pytest.raises(refusal):
            await attempt
    assert await shown(world, rex) == {"name": "Rex"}


async def test_records_of_another_location_are_not_there(world: World) -> None:
    rex = await world.create({"name": "Rex"})
    elsewhere = await world_in(world.storage)
    await elsewhere.pet()
    for attempt in (read(elsewhere, rex), elsewhere.update(rex, {"name": "Max"}), elsewhere.delete(rex)):
        with pytest.raises(RecordNotFound):
            await attempt
    assert await elsewhere.found() == []
    assert await world.found("rex") == [rex]


async def test_a_record_is_deleted_once(world: World) -> None:
    await world.field("chip", unique=True)
    rex, other = [await world.create({"name": "Rex", "chip": chip}) for chip in "ab"]
    assert await world.do(delete_record, RecordKey(PET, rex)) == rex
    for attempt in (world.delete(rex), read(world, rex), world.update(rex, {"name": "Max"})):
        with pytest.raises(RecordNotFound):
            await attempt
    assert await world.found("rex") == await world.found() == [other]
    assert (await world.search()).total == 1
    await world.create({"name": "Max", "chip": "a"})
    assert (await examine(world.storage)).ok


async def test_records_of_business_have_no_owner(world: World) -> None:
    for owners in ([ANN], {"add": [ANN]}):
        with pytest.raises(NotSupported):
            await world.do(create_record, NewRecord("business", {"name": "Acme"}, owners))
    view = await world.do(create_record, NewRecord("business", {"name": "Acme"}, [], [BOB]))
    assert (view.record.owners, view.record.followers) == ((), (BOB,))


# --- owners and followers (docs/contract.md#decision-3)


@pytest.mark.parametrize(
    ("given", "owners", "followers"),
    [
        ({}, (ANN,), (ANN, BOB)),
        ({"owners": None, "followers": None}, (ANN,), (ANN, BOB)),
        ({"owners": [], "followers": []}, (), ()),
        ({"owners": [BOB], "followers": [BOB]}, (BOB,), (BOB,)),
        ({"owners": {}, "followers": {}}, (ANN,), (ANN, BOB)),
        ({"owners": {"add": [BOB], "remove": [ANN]}}, (BOB,), (ANN, BOB)),
        ({"owners": {"remove": [ANN]}, "followers": {"remove": [ANN, "nobody"]}}, (), (BOB,)),
        ({"owners": {"add": [ANN]}, "followers": {"add": [BOB, "new", "new"]}}, (ANN,), (ANN, BOB, "new")),
        ({"followers": [BOB, BOB, ANN]}, (ANN,), (BOB, ANN)),
        ({"followers": MANY[:10]}, (ANN,), tuple(MANY[:10])),
    ],
    ids=str,
)
async def test_owners_and_followers_are_set_or_changed(
    world: World, given: dict[str, Json], owners: tuple[str, ...], followers: tuple[str, ...]
) -> None:
    record_id = await world.create({"name": "Rex"}, owners=[ANN], followers=[ANN, BOB])
    await world.update(record_id, {}, **given)
    record = (await read(world, record_id)).record
    assert (record.owners, record.followers) == (owners, followers)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"owners": [ANN, BOB]}, LimitExceeded),
        ({"owners": {"add": [ANN, BOB]}}, LimitExceeded),
        ({"followers": MANY}, LimitExceeded),
        ({"followers": {"add": MANY}}, LimitExceeded),
        ({"owners": "ann"}, InvalidShape),
        ({"owners": 5}, InvalidShape),
        ({"owners": [5]}, InvalidShape),
        ({"owners": [""]}, InvalidShape),
        ({"owners": ["not an id"]}, InvalidShape),
        ({"followers": {"add": "ann"}}, InvalidShape),
        ({"followers": {"set": [ANN]}}, InvalidUpdate),
    ],
    ids=str,
)
@pytest.mark.parametrize("creating", [True, False])
async def test_owners_and_followers_that_are_refused(
    world: World, given: dict[str, Json], refusal: type[Refusal], creating: bool
) -> None:
    record_id = None if creating else await world.create({"name": "Rex"})
    with pytest.raises(refusal):
        await (world.create({"name": "Rex"}, **given) if record_id is None else world.update(record_id, {}, **given))
    assert (await world.search()).total == int(not creating)


async def test_an_eleventh_follower_is_refused(world: World) -> None:
    record_id = await world.create({"name": "Rex"}, followers=MANY[:10])
    with pytest.raises(LimitExceeded):
        await world.update(record_id, {"name": "Max"}, followers={"add": [MANY[10]]})
    await world.update(record_id, {}, followers={"add": [MANY[10]], "remove": [MANY[0]]})
    assert (await read(world, record_id)).record.followers == tuple(MANY[1:])
    assert await shown(world, record_id) == {"name": "Rex"}


async def test_the_strict_profile_sets_on_create_and_changes_on_update(world: World) -> None:
    strict = msgspec.structs.replace(world, call=msgspec.structs.replace(world.call, strict=True))
    record_id = await strict.create({"name": "Rex"}, owners=[ANN])
    await strict.update(record_id, {}, owners={"remove": [ANN]}, followers={"add": [BOB]})
    with pytest.raises(InvalidShape, match="followers must be an object"):
        await strict.update(record_id, {}, followers=[ANN])
    with pytest.raises(InvalidShape, match="owners must be an array"):
        await strict.create({"name": "Rex"}, owners={"add": [ANN]})


# --- unique values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "one", "same", "other"),
    [
        ("TEXT", "a", "a", "A"),
        ("TEXT", "x" * 5000, "x" * 5000, "x" * 4999 + "y"),
        ("LARGE_TEXT", "日" * 3000, "日" * 3000, "日" * 2999),
        ("NUMERICAL", 1, 1.0, 1.5),
        ("NUMERICAL", 0, -0.0, 1),
        ("NUMERICAL", 2**53 - 1, 9007199254740991.0, 2**53 - 2),
        ("PHONE", "+14155552671", "+1 415 555 2671", "+14155552672"),
    ],
)
async def test_a_unique_value_is_one_record_s(world: World, kind: str, one: Any, same: Any, other: Any) -> None:
    await world.field("chip", kind, unique=True)
    rex = await world.create({"name": "Rex", "chip": one})
    with pytest.raises(UniqueConflict) as refused:
        await world.create({"name": "Max", "chip": same})
    assert (refused.value.error_code, refused.value.field_key) == ("unique_property_conflict", f"{PET}.chip")
    assert "chip must be unique" in refused.value.message
    assert await world.found() == [rex]
    bo = await world.create({"name": "Bo", "chip": other})
    with pytest.raises(UniqueConflict):
        await world.update(bo, {"chip": same, "name": "Changed"})
    assert (await shown(world, bo))["name"] == "Bo"
    await world.update(rex, {"chip": same, "name": "Rexona"})
    await world.update(rex, {"chip": None})
    await world.update(bo, {"chip": same})
    for _ in range(2):
        await world.create({"name": "None"})
    assert (await examine(world.storage)).ok


async def test_unique_values_are_apart_by_field_object_and_location(world: World) -> None:
    await world.field("chip", unique=True)
    await world.field("tag", unique=True)
    await world.create({"name": "Rex", "chip": "a", "tag": "b"})
    await world.create({"name": "Max", "chip": "b", "tag": "a"})
    elsewhere = await world_in(world.storage)
    await elsewhere.pet()
    await elsewhere.field("chip", unique=True)
    await elsewhere.create({"name": "Rex", "chip": "a"})
    with pytest.raises(UniqueConflict, match="tag must be unique"):
        await world.create({"name": "Bo", "chip": "c", "tag": "b"})
    await world.create({"name": "Bo", "chip": "c"})
    assert (await examine(world.storage)).ok
