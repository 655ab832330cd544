"""Objects are created, changed and deleted by the rules (operations O1 to O4).

See docs/contract.md#schemas-and-fields, #standard-schemas, #decisions.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import (
    DuplicateKey,
    InvalidKey,
    InvalidShape,
    LimitExceeded,
    NotSupported,
    ObjectNotFound,
    Refusal,
    UnknownProperty,
)
from groundlevel.kernel.model import DataType
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.upkeep import carry_out
from groundlevel.schema import store as schema_store
from groundlevel.schema.folder_rules import NewFolder, create_folder
from groundlevel.schema.object_rules import (
    NewObject,
    ObjectChange,
    create_object,
    delete_object,
    get_object,
    list_objects,
    update_object,
)
from groundlevel.schema.reindexing import CHUNK
from groundlevel.standard.objects import STANDARD_OBJECTS
from tests.world import PET, World, options, world_in


@pytest.fixture
async def world(storage: Storage) -> World:
    return await world_in(storage)


def new(key: str = PET, **members: Any) -> NewObject:
    given = {
        "singular": "Pet", "plural": "Pets", "description": None,
        "primary_key": "name", "primary_name": "Name", "primary_type": "TEXT",
    }  # fmt: skip
    return NewObject(key, **{**given, **members})


async def change(world: World, key: str, searchable: list[str], **members: Any) -> Any:
    return await update_object(world.storage, world.call, ObjectChange(key, searchable, **members))


async def test_a_location_is_born_with_the_standard_objects(world: World) -> None:
    objects = await world.do(list_objects, None)
    assert [each.key for each in objects] == ["contact", "opportunity", "business"]
    for stored, row in zip(objects, STANDARD_OBJECTS, strict=True):
        assert (stored.singular, stored.plural, stored.primary, stored.searchable) == (
            row.singular, row.plural, row.primary, row.searchable
        )  # fmt: skip
        assert {field.key for field in stored.fields if field.required} == set(row.required)
        assert [(field.key, field.data_type) for field in stored.fields] == [(key, kind) for key, _, kind in row.fields]
        assert stored.standard
        assert all(field.standard for field in stored.fields)
        assert len(stored.id) == 24


async def test_a_new_object_has_a_folder_and_its_primary_field(world: World) -> None:
    created = await world.do(create_object, new(description="Animals", primary_type="NUMERICAL"))
    (folder,), (field,) = created.folders, created.fields
    assert (created.key, created.primary, created.searchable) == (PET, "name", ("name",))
    assert (created.singular, created.plural, created.description, created.standard) == (
        "Pet",
        "Pets",
        "Animals",
        False,
    )
    assert (folder.standard, len(folder.id)) == (True, 20)
    assert (field.key, field.name, field.data_type) == ("name", "Name", DataType.NUMERICAL)
    assert (field.required, field.folder_id, len(field.id)) == (True, folder.id, 20)
    assert [each.key for each in await world.do(list_objects, None)][3:] == [PET]
    assert await world.do(get_object, created.id) == await world.do(get_object, PET) == created


@pytest.mark.parametrize(
    ("key", "primary"),
    [
        ("pet", "name"),
        ("custom_objects.pet", "custom_objects.pet.name"),
        ("custom_object.pet", "custom_object.pet.name"),
        ("pet", "custom_objects.pet.name"),
    ],
)
async def test_keys_come_short_or_full(world: World, key: str, primary: str) -> None:
    created = await world.do(create_object, new(key, primary_key=primary))
    assert (created.key, created.primary) == (PET, "name")
    assert await world.do(get_object, "custom_object.pet") == created


@pytest.mark.parametrize(
    "key", ["Pet", "1pet", "_pet", "pe t", "pet-x", "pet.x", "", "custom_objects.", "p" * 101, "pét"]
)
@pytest.mark.parametrize("part", ["key", "primary_key"])
async def test_a_key_that_is_not_one_is_refused(world: World, part: str, key: str) -> None:
    request = new(key) if part == "key" else new(primary_key=key)
    with pytest.raises(InvalidKey):
        await world.do(create_object, request)
    assert len(await world.do(list_objects, None)) == 3


NOT_PRIMARY = [*sorted(set(DataType) - {DataType.TEXT, DataType.NUMERICAL}), "", "text", "STANDARD_FIELD"]


@pytest.mark.parametrize("kind", NOT_PRIMARY)
async def test_only_texts_and_numbers_are_primary(world: World, kind: str) -> None:
    with pytest.raises(InvalidShape):
        await world.do(create_object, new(primary_type=kind))


async def test_a_key_is_taken_once(world: World) -> None:
    await world.do(create_object, new())
    with pytest.raises(DuplicateKey):
        await world.do(create_object, new("custom_object.pet"))
    await world.do(create_object, new("contact"))
    elsewhere = await world_in(world.storage)
    await elsewhere.do(create_object, new())


@pytest.mark.parametrize("key", ["custom_objects.none", "none", "", "f" * 24])
async def test_an_unknown_object_is_not_found(world: World, key: str) -> None:
    for use_case in (get_object, delete_object):
        with pytest.raises(ObjectNotFound):
            await world.do(use_case, key)
    with pytest.raises(ObjectNotFound):
        await change(world, key, ["name"])


async def test_objects_of_another_location_are_not_seen(world: World) -> None:
    created = await world.do(create_object, new())
    elsewhere = await world_in(world.storage)
    assert len(await elsewhere.do(list_objects, None)) == 3
    for key in (created.key, created.id):
        with pytest.raises(ObjectNotFound):
            await elsewhere.do(get_object, key)


async def test_labels_and_description_change_alone(world: World) -> None:
    before = await world.do(create_object, new(description="Old"))
    one = await change(world, PET, ["name"], singular="Animal")
    assert (one.singular, one.plural, one.description) == ("Animal", "Pets", "Old")
    two = await change(world, PET, ["name"], plural="Animals", description="New")
    assert (two.singular, two.plural, two.description) == ("Animal", "Animals", "New")
    three = await change(world, before.id, ["name"], description=None)
    assert (three.singular, three.description, three.key) == ("Animal", None, PET)
    assert before.updated_at < one.updated_at < two.updated_at < three.updated_at
    assert before.created_at == three.created_at
    assert await world.object() == three


async def test_searchable_properties_come_short_full_and_twice(world: World) -> None:
    await world.pet()
    await world.field("age", "NUMERICAL")
    for keys in (["age", "name"], [f"{PET}.age", "name", "age"], ["custom_object.pet.age", f"{PET}.name"]):
        assert (await change(world, PET, keys)).searchable == ("age", "name")


@pytest.mark.parametrize(
    ("searchable", "refusal"),
    [
        ([], LimitExceeded),
        (["name", "a", "b", "c"], LimitExceeded),
        (["color"], UnknownProperty),
        (["name", f"{PET}.color"], UnknownProperty),
        (["business.name"], UnknownProperty),
        (["files"], NotSupported),
    ],
)
async def test_searchable_properties_that_are_refused(
    world: World, searchable: list[str], refusal: type[Refusal]
) -> None:
    await world.pet()
    for key in "abc":
        await world.field(key)
    await world.field("files", "FILE_UPLOAD", accepted_formats="all", max_file_limit=2)
    with pytest.raises(refusal) as refused:
        await change(world, PET, searchable, singular="Other")
    assert (await world.object()).singular == "Pet"
    if len(searchable) == 4:
        assert refused.value.message == "Too many searchable properties. Maximum allowed is 3, but received 4."


async def test_of_a_standard_object_only_what_is_searchable_changes(world: World) -> None:
    changed = await change(world, "business", ["business.name", "city", "phone", "email"])
    assert changed.searchable == ("name", "city", "phone", "email")
    assert (await change(world, "business", ["name"], singular="Company", plural="", description=None)).searchable
    for members in ({"singular": "Firm"}, {"plural": "Firms"}, {"description": "Firms"}):
        with pytest.raises(NotSupported):
            await change(world, "business", ["name"], **members)
    keys = ["name", "email", "businessName", "tags", "phone"]
    assert (await change(world, "contact", keys)).searchable == tuple(keys)


async def test_a_standard_object_is_not_deleted(world: World) -> None:
    for key in ("contact", "opportunity", "business"):
        with pytest.raises(NotSupported):
            await world.do(delete_object, key)


async def test_an_object_goes_with_all_that_is_its(world: World) -> None:
    created = await world.pet()
    chip = await world.field("chip", unique=True)
    await world.do(create_folder, NewFolder(PET, "More"))
    ids = [await world.create({"name": f"Rex {n}", "chip": str(n)}) for n in range(5)]
    deleted = await world.do(delete_object, created.id)
    assert (deleted.id, deleted.fields) == (created.id, [created.fields[0].id, chip.id])
    with pytest.raises(ObjectNotFound):
        await world.found("rex")
    again = await world.pet()
    assert again.id != created.id
    assert await world.found() == []
    assert await world.storage.read(world.location, lambda tx: schema_store.find_field_owner(tx, chip.id)) is None
    await world.field("chip", unique=True)
    assert await world.create({"name": "Rex", "chip": "0"}) not in ids
    assert (await examine(world.storage)).ok


# --- search texts follow what is searchable ------------------------------------------------------------------------


async def test_texts_follow_what_is_searchable(world: World) -> None:
    await world.pet()
    await world.field("color", "SINGLE_OPTIONS", options=options("Light Red", "Blue"))
    await world.field("boxes", "TEXTBOX_LIST", options=options("Left", "Right"))
    rex = await world.create({"name": "Rex", "color": "light_red", "boxes.left": "ball"})
    bo = await world.create({"name": "Bo"})
    assert await world.found("light") == await world.found("ball") == []
    await change(world, PET, ["color", "boxes"])
    assert (await world.found("light"), await world.found("ball"), await world.found("rex")) == ([rex], [rex], [])
    await change(world, PET, ["name"])
    assert (await world.found("light"), await world.found("bo")) == ([], [bo])
    assert (await examine(world.storage)).ok


async def test_texts_of_many_records_are_made_again(world: World) -> None:
    await world.pet()
    await world.field("note")
    for number in range(CHUNK + 20):
        await world.create({"name": "Rex", "note": f"note {number}" if number % 2 else ""})
    await change(world, PET, ["note"])
    await carry_out(world.storage)
    assert (await world.search("note")).total == (CHUNK + 20) // 2
    assert (await world.search("rex")).total == 0
    await change(world, PET, ["name"])
    await carry_out(world.storage)
    assert (await world.search("rex")).total == CHUNK + 20
    assert (await examine(world.storage)).ok


def test_unset_differs_from_null() -> None:
    assert ObjectChange("a", []).description is UNSET
