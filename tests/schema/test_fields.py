"""Custom fields and folders are managed by the rules (operations F1 to F8).

See docs/contract.md#custom-fields, #schemas-and-fields, #product-limits, #decisions.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import (
    DuplicateKey,
    InUse,
    InvalidKey,
    InvalidShape,
    InvalidValue,
    LimitExceeded,
    NotSupported,
    ObjectNotFound,
    Refusal,
    RequiredPropertyMissing,
    UniqueConflict,
    UnknownProperty,
)
from groundlevel.kernel.model import DataType, Json, Option
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.rules import RecordKey, get_record
from groundlevel.schema.errors import FieldNotFound, FolderNotFound
from groundlevel.schema.field_rules import (
    MAX_UNIQUE,
    FieldChange,
    FieldView,
    NewField,
    NewOption,
    create_field,
    delete_field,
    get_field,
    list_fields,
    update_field,
)
from groundlevel.schema.folder_rules import FolderChange, NewFolder, create_folder, delete_folder, rename_folder
from groundlevel.schema.object_rules import ObjectChange, update_object
from tests.world import PET, World, options, world_in

WITH_OPTIONS = (
    DataType.SINGLE_OPTIONS,
    DataType.MULTIPLE_OPTIONS,
    DataType.CHECKBOX,
    DataType.RADIO,
    DataType.TEXTBOX_LIST,
)
UNIQUE_TYPES = (DataType.TEXT, DataType.LARGE_TEXT, DataType.NUMERICAL, DataType.PHONE, DataType.EMAIL)
NEVER_UNIQUE = tuple(kind for kind in DataType if kind not in UNIQUE_TYPES)


@pytest.fixture
async def world(storage: Storage) -> World:
    world = await world_in(storage)
    await world.pet()
    return world


async def change(world: World, field_id: str, **members: Any) -> FieldView:
    return await update_field(world.storage, world.call, FieldChange(field_id, **{"visible_in_forms": True, **members}))


async def shown(world: World, record_id: str) -> Json:
    view = await world.do(get_record, RecordKey(PET, record_id))
    return msgspec.json.decode(bytes(view.schema.to_wire(view.record.properties)))


def settings_for(kind: DataType) -> dict[str, Any]:
    if kind in WITH_OPTIONS:
        return {"options": options("Red", "Light Blue")}
    return {"accepted_formats": ".pdf", "max_file_limit": 3} if kind is DataType.FILE_UPLOAD else {}


@pytest.mark.parametrize("kind", DataType)
async def test_a_field_of_each_type(world: World, kind: DataType) -> None:
    field = await world.field("thing", kind, name="Thing", description="d", placeholder="p", **settings_for(kind))
    view = await world.do(get_field, field.id)
    assert view.field == field
    assert view.object.key == PET
    assert (field.key, field.stored_key, field.name, field.data_type) == ("thing", "thing", "Thing", kind)
    assert (field.description, field.placeholder, field.position, len(field.id)) == ("d", "p", 1, 20)
    if kind in WITH_OPTIONS:
        assert field.options == (Option("red", "Red"), Option("light_blue", "Light Blue"))
    assert (await world.do(list_fields, PET)).fields[1] == field


@pytest.mark.parametrize("key", ["age", f"{PET}.age", "custom_object.pet.age"])
async def test_a_key_comes_short_or_full_and_is_the_name_without_one(world: World, key: str) -> None:
    field = await world.field(key)
    assert (field.key, field.name) == ("age", "age")


@pytest.mark.parametrize(
    ("key", "kind", "settings", "refusal"),
    [
        ("name", "TEXT", {}, DuplicateKey),
        (f"{PET}.name", "TEXT", {}, DuplicateKey),
        ("Age", "TEXT", {}, InvalidKey),
        ("a.b", "TEXT", {}, InvalidKey),
        ("business.age", "TEXT", {}, InvalidKey),
        ("age~2", "TEXT", {}, InvalidKey),
        ("x", "STANDARD_FIELD", {}, InvalidShape),
        ("x", "text", {}, InvalidShape),
        ("x", "TEXT", {"options": options("a")}, InvalidValue),
        *[("x", kind, {}, InvalidValue) for kind in WITH_OPTIONS],
        *[("x", kind, {"options": []}, InvalidValue) for kind in WITH_OPTIONS],
        ("x", "RADIO", {"options": options("a", "b", "a")}, DuplicateKey),
        ("x", "RADIO", {"options": [NewOption("a", key="k"), NewOption("b", key="k")]}, DuplicateKey),
        ("x", "RADIO", {"options": [NewOption("a", key='q"')]}, InvalidKey),
        ("x", "RADIO", {"options": [NewOption("a", key="a.b")]}, InvalidKey),
        ("x", "CHECKBOX", {"options": [NewOption("a", url="https://x.example/a.png")]}, InvalidValue),
        ("x", "CHECKBOX", {"options": options("a"), "custom_option_allowed": True}, InvalidValue),
        ("x", "TEXT", {"accepted_formats": ".pdf"}, InvalidValue),
        ("x", "TEXT", {"max_file_limit": 1}, InvalidValue),
        ("x", "FILE_UPLOAD", {"accepted_formats": ".exe"}, InvalidValue),
        ("x", "FILE_UPLOAD", {"max_file_limit": 0}, InvalidValue),
        ("x", "FILE_UPLOAD", {"options": options("a")}, InvalidValue),
        *[("x", kind, {"unique": True, **settings_for(kind)}, InvalidValue) for kind in NEVER_UNIQUE],
    ],
    ids=str,
)  # fmt: skip
async def test_a_field_that_is_refused(
    world: World, key: str, kind: str, settings: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await world.field(key, kind, **settings)
    assert len((await world.object()).fields) == 1


async def test_a_field_needs_a_folder_of_its_object(world: World) -> None:
    folder = (await world.object("business")).folders[0].id
    for parent in (folder, "none", ""):
        with pytest.raises(InvalidValue):
            await world.do(create_field, NewField(PET, "age", "TEXT", parent))


@pytest.mark.parametrize("key", ["contact", "opportunity"])
async def test_fields_of_contact_and_opportunity_are_not_managed_here(world: World, key: str) -> None:
    definition = await world.object(key)
    attempts = [
        world.do(list_fields, key),
        world.do(create_field, NewField(key, "age", "TEXT", definition.folders[0].id)),
        world.do(create_folder, NewFolder(key, "More")),
        world.do(create_folder, NewFolder(definition.id, "More")),
        world.do(rename_folder, FolderChange(definition.folders[0].id, "More")),
        world.do(delete_field, definition.fields[1].id),
        change(world, definition.fields[1].id, name="Other"),
    ]
    for attempt in attempts:
        with pytest.raises(NotSupported, match="Api does not support objectKey of type contact or opportunity"):
            await attempt


async def test_fields_of_business_are(world: World) -> None:
    definition = await world.do(list_fields, "business")
    view = await world.do(create_field, NewField("business", "size", "NUMERICAL", definition.folders[0].id))
    assert view.field is not None
    assert (await change(world, view.field.id, name="Size")).field is not None
    await world.do(delete_field, view.field.id)
    with pytest.raises(NotSupported):
        await world.do(delete_field, definition.fields[1].id)


async def test_unknown_fields_folders_and_objects(world: World) -> None:
    elsewhere = await world_in(world.storage)
    theirs = (await elsewhere.object("business")).fields[0].id
    for field_id in ("none", "", theirs):
        for attempt in (world.do(get_field, field_id), world.do(delete_field, field_id), change(world, field_id)):
            with pytest.raises(FieldNotFound):
                await attempt
        for folder in (world.do(rename_folder, FolderChange(field_id, "x")), world.do(delete_folder, field_id)):
            with pytest.raises(FolderNotFound):
                await folder
    for listing in (world.do(list_fields, "none"), world.do(create_folder, NewFolder("none", "x"))):
        with pytest.raises(ObjectNotFound):
            await listing


async def test_a_field_changes_what_is_given(world: World) -> None:
    before = await world.field("color", "RADIO", options=options("Red"), description="d", placeholder="p")
    after = (await change(world, before.id, visible_in_forms=False, name="Colour", placeholder=None)).field
    assert after is not None
    assert after == msgspec.structs.replace(
        before, name="Colour", placeholder=None, visible_in_forms=False, updated_at=after.updated_at
    )
    assert after.updated_at > before.updated_at
    assert (await world.do(get_field, before.id)).field == after


async def test_options_are_merged_by_key_then_label(world: World) -> None:
    field = await world.field(
        "color", "RADIO", options=[NewOption("Red", url="https://x.example/r.png"), NewOption("Blue")]
    )
    sent = [NewOption("Azure", key="blue"), NewOption("Red"), NewOption("Light Green"), NewOption("Grey", key="G")]
    after = (await change(world, field.id, options=sent)).field
    assert after is not None
    assert after.options == (
        Option("blue", "Azure"),
        Option("red", "Red", "https://x.example/r.png"),
        Option("light_green", "Light Green"),
        Option("G", "Grey"),
    )


async def test_a_new_option_gets_a_key_of_its_own(world: World) -> None:
    field = await world.field("grade", "SINGLE_OPTIONS", options=options("A+", "Zoë"))
    assert field.options == (Option("a", "A+"), Option("zoe", "Zoë"))
    sent = [*options("A+", "Zoë", "A-", "zoe"), NewOption("Best", key="a_2")]
    after = (await change(world, field.id, options=sent)).field
    assert after is not None
    assert [option.key for option in after.options] == ["a", "zoe", "a_3", "zoe_2", "a_2"]
    await world.create({"name": "Rex", "grade": "A-"})
    assert await world.found(filters=[{"field": "properties.grade", "operator": "eq", "value": "a_3"}])


@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        (options("Red"), InvalidValue),
        ([], InvalidValue),
        (options("Red", "Blue", "Blue"), DuplicateKey),
        (options("Red", "Blue", "Grey", "Grey"), DuplicateKey),
        ([*options("Red", "Blue"), NewOption("x", key="red")], DuplicateKey),
        ([*options("Red", "Blue"), NewOption("x", key="a.b")], InvalidKey),
    ],
    ids=str,
)
async def test_options_that_are_refused(world: World, sent: list[NewOption], refusal: type[Refusal]) -> None:
    field = await world.field("color", "CHECKBOX", options=options("Red", "Blue"))
    with pytest.raises(refusal):
        await change(world, field.id, options=sent)
    assert (await world.do(get_field, field.id)).field == field


async def test_texts_follow_labels_of_options(world: World) -> None:
    field = await world.field("color", "SINGLE_OPTIONS", options=options("Red"))
    await update_object(world.storage, world.call, ObjectChange(PET, ["color"]))
    record_id = await world.create({"name": "Rex", "color": "red"})
    assert await world.found("red") == [record_id]
    await change(world, field.id, options=[NewOption("Crimson", key="red")])
    assert (await world.found("crimson"), await world.found("red")) == ([record_id], [])
    assert (await examine(world.storage)).ok


async def test_required_is_asked_of_new_records_only(world: World) -> None:
    old = await world.create({"name": "Rex"})
    field = await world.field("age", "NUMERICAL", required=True)
    with pytest.raises(RequiredPropertyMissing) as refused:
        await world.create({"name": "Max"})
    assert refused.value.message == "Missing required properties to create Pet - age"
    assert (refused.value.error_code, refused.value.field_key) == ("required_property_missing", f"{PET}.age")
    await world.update(old, {"name": "Rexona"})
    await world.update(old, {"age": 3})
    with pytest.raises(RequiredPropertyMissing):
        await world.update(old, {"age": None})
    await change(world, field.id, required=False)
    await world.update(old, {"age": None})
    await world.create({"name": "Max"})
    primary = (await world.object()).fields[0]
    with pytest.raises(NotSupported):
        await change(world, primary.id, required=False)


async def test_unique_is_set_at_birth_and_only_taken_off(world: World) -> None:
    field = await world.field("chip", unique=True)
    other = await world.field("other")
    await world.create({"name": "Rex", "chip": "a"})
    with pytest.raises(UniqueConflict):
        await world.create({"name": "Max", "chip": "a"})
    with pytest.raises(NotSupported):
        await change(world, other.id, unique=True)
    await change(world, field.id, unique=True)
    await change(world, field.id, unique=False)
    await world.create({"name": "Max", "chip": "a"})
    with pytest.raises(NotSupported):
        await change(world, field.id, unique=True)
    assert (await examine(world.storage)).ok


async def test_unique_fields_are_limited(world: World) -> None:
    for number in range(MAX_UNIQUE):
        await world.field(f"unique_{number}", unique=True)
    with pytest.raises(LimitExceeded):
        await world.field("one_more", unique=True)
    await world.field("plain")


async def test_a_deleted_field_is_gone_from_records_and_does_not_come_back(world: World) -> None:
    field = await world.field("age", unique=True)
    rex = await world.create({"name": "Rex", "age": "old"})
    await world.do(delete_field, field.id)
    assert await shown(world, rex) == {"name": "Rex"}
    for attempt in (world.do(delete_field, field.id), world.do(get_field, field.id)):
        with pytest.raises(FieldNotFound):
            await attempt
    with pytest.raises(UnknownProperty):
        await world.create({"name": "Max", "age": "new"})
    again = await world.field("age", "NUMERICAL")
    assert (again.key, again.stored_key) == ("age", "age~2")
    assert await shown(world, rex) == {"name": "Rex"}
    assert await world.found(filters=[{"field": "properties.age", "operator": "exists"}]) == []
    await world.update(rex, {"age": 3})
    assert await shown(world, rex) == {"name": "Rex", "age": 3}
    assert await world.found(filters=[{"field": "properties.age", "operator": "eq", "value": 3}]) == [rex]
    await world.do(delete_field, again.id)
    assert (await world.field("age", unique=True)).stored_key == "age~3"
    max_id = await world.create({"name": "Max", "age": "old"})
    assert await shown(world, max_id) == {"name": "Max", "age": "old"}
    assert (await examine(world.storage)).ok


async def test_a_deleted_textbox_list_does_not_come_back(world: World) -> None:
    field = await world.field("boxes", "TEXTBOX_LIST", options=options("Left", "Right"))
    rex = await world.create({"name": "Rex", "boxes": {"left": "a", "right": "b"}})
    assert await shown(world, rex) == {"name": "Rex", "boxes.left": "a", "boxes.right": "b"}
    await world.do(delete_field, field.id)
    await world.field("boxes", "TEXTBOX_LIST", options=options("Left"))
    assert await shown(world, rex) == {"name": "Rex"}
    await world.update(rex, {"boxes.left": "c"})
    assert await shown(world, rex) == {"name": "Rex", "boxes.left": "c"}
    assert (await examine(world.storage)).ok


async def test_fields_in_use_are_not_deleted(world: World) -> None:
    note = await world.field("note")
    await update_object(world.storage, world.call, ObjectChange(PET, ["note"]))
    primary = (await world.object()).fields[0]
    for field_id in (note.id, primary.id):
        with pytest.raises(InUse):
            await world.do(delete_field, field_id)
    await update_object(world.storage, world.call, ObjectChange(PET, ["name"]))
    await world.do(delete_field, note.id)


async def test_folders_come_are_renamed_and_go(world: World) -> None:
    created = (await world.do(create_folder, NewFolder("custom_object.pet", "More"))).folder
    assert created is not None
    assert (created.name, created.standard, len(created.id)) == ("More", False, 20)
    assert (await world.do(get_field, created.id)).folder == created
    renamed = (await world.do(rename_folder, FolderChange(created.id, "Much more"))).folder
    assert renamed is not None
    assert (renamed.id, renamed.name) == (created.id, "Much more")
    assert [folder.name for folder in (await world.do(list_fields, PET)).folders] == ["Pet Details", "Much more"]
    view = await world.do(create_field, NewField(PET, "age", "TEXT", created.id))
    assert view.field is not None
    with pytest.raises(InUse):
        await world.do(delete_folder, created.id)
    await world.do(delete_field, view.field.id)
    assert (await world.do(delete_folder, created.id)).folder == renamed
    assert len((await world.do(list_fields, PET)).folders) == 1


async def test_the_default_folder_stays_and_a_field_is_no_folder(world: World) -> None:
    definition = await world.object()
    with pytest.raises(InUse):
        await world.do(delete_folder, definition.folders[0].id)
    for attempt in (
        world.do(delete_folder, definition.fields[0].id),
        world.do(rename_folder, FolderChange(definition.fields[0].id, "x")),
    ):
        with pytest.raises(FolderNotFound):
            await attempt
    for field in (world.do(delete_field, definition.folders[0].id), change(world, definition.folders[0].id)):
        with pytest.raises(FieldNotFound):
            await field
