"""The compiled form of an object: wire properties into stored ones and back."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from groundlevel.kernel.errors import InvalidUpdate, InvalidValue, Refusal, RequiredPropertyMissing, UnknownProperty
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import DataType, Field, Json, Object, Option
from tests.kernel.fields.examples import EXAMPLES


def field(key: str, data_type: DataType = DataType.TEXT, **settings: Any) -> Field:
    """A definition whose settings are those of the table of examples."""
    settings.setdefault("stored_key", key)
    return replace(
        EXAMPLES[data_type].field, key=key, name=key.capitalize(), object_key="custom_objects.pet", **settings
    )


NAME = field("name", number=1, required=True)
TAG = field("tag", number=2, unique=True)
AGE = field("age", DataType.NUMERICAL, number=3, unique=True)
COLOURS = field("colours", DataType.MULTIPLE_OPTIONS, number=4)
NOTES = field("notes", DataType.TEXTBOX_LIST, number=5)
FILES = field("files", DataType.FILE_UPLOAD, number=6)

PET = Object(
    number=7,
    id="0123456789abcdef01234567",
    key="custom_objects.pet",
    singular="Pet",
    plural="Pets",
    description=None,
    primary="name",
    searchable=("name", "notes", "colours"),
    standard=False,
    created_at=0,
    updated_at=0,
    version=1,
    fields=(NAME, TAG, AGE, COLOURS, NOTES, FILES),
)
SHAPE = CompiledObject(PET)


def created(properties: dict[str, Json], *, schema: CompiledObject = SHAPE, strict: bool = False) -> dict[str, Json]:
    """`properties` as stored, with the assurance that they were not changed in place."""
    before = copy.deepcopy(properties)
    stored = schema.validate_new(properties, strict=strict)
    assert properties == before
    return stored


def changed(
    stored: dict[str, Json], properties: dict[str, Json], *, schema: CompiledObject = SHAPE, strict: bool = False
) -> dict[str, Json]:
    """`stored` after an update, with the assurance that nothing was changed in place."""
    before = copy.deepcopy((stored, properties))
    after = schema.validate_change(stored, properties, strict=strict)
    assert (stored, properties) == before
    return after


# --- creating ----------------------------------------------------------------------------------------------------


def test_created_normalises_every_property() -> None:
    assert created({"name": "Rex", "age": 3.0, "colours": ["Red", "red"], "notes.option_a": "one"}) == {
        "name": "Rex",
        "age": 3,
        "colours": ["red"],
        "notes.option_a": "one",
    }


def test_created_leaves_out_what_is_null_or_empty() -> None:
    assert created({"name": "Rex", "tag": None, "colours": [], "files": [], "notes": None, "notes.option_a": None}) == {
        "name": "Rex"
    }


@pytest.mark.parametrize("properties", [{}, {"tag": "x"}, {"name": None}, {"name": ""}])
def test_created_asks_for_required_properties(properties: dict[str, Json]) -> None:
    with pytest.raises(RequiredPropertyMissing) as refused:
        created(properties)
    assert refused.value.message == "Missing required properties to create Pet - name"
    assert (refused.value.error_code, refused.value.field_key) == ("required_property_missing", NAME.full_key)


def test_what_need_not_be_complete_may_lack_required_properties() -> None:
    assert SHAPE.validate_new({"tag": "x"}, strict=False, complete=False) == {"tag": "x"}
    assert SHAPE.validate_change({"name": "Rex", "tag": "x"}, {"name": None}, strict=False, complete=False) == {
        "tag": "x"
    }


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    "key",
    [
        "colour",
        "Name",
        "",
        "name.first",
        "notes.option_c",
        "custom_objects.cat.name",
        "pet.name",
        "custom_objects.pet.",
    ],
)
def test_created_refuses_unknown_keys(key: str, strict: bool) -> None:
    with pytest.raises(UnknownProperty) as refused:
        created({"name": "Rex", key: None}, strict=strict)
    assert refused.value.message.startswith("We couldn't validate the mapped field")
    assert refused.value.field_key == f"custom_objects.pet.{key.removeprefix('custom_objects.pet.')}"


@pytest.mark.parametrize("prefix", ["custom_objects.pet.", "custom_object.pet."])
def test_full_keys_are_understood_unless_strict(prefix: str) -> None:
    full = {f"{prefix}name": "Rex", f"{prefix}notes.option_a": "one"}
    assert created(full) == {"name": "Rex", "notes.option_a": "one"}
    assert changed({"name": "Rex"}, {f"{prefix}notes": {"option_b": "two"}}) == {"name": "Rex", "notes.option_b": "two"}
    for refuse in (created, lambda properties, strict: changed({"name": "Rex"}, properties, strict=strict)):
        with pytest.raises(UnknownProperty):
            refuse(full, strict=True)


def test_a_standard_object_has_one_prefix() -> None:
    business = CompiledObject(replace(PET, key="business"))
    assert created({"business.name": "Acme"}, schema=business) == {"name": "Acme"}
    assert business.full_key("name") == business.full_key("business.name") == "business.name"
    with pytest.raises(UnknownProperty):
        created({"name": "Acme", "custom_object.business.name": "Acme"}, schema=business)


@pytest.mark.parametrize(
    ("key", "short"),
    [
        ("name", "name"),
        ("custom_objects.pet.name", "name"),
        ("custom_object.pet.name", "name"),
        ("custom_objects.pet.notes.option_a", "notes.option_a"),
        ("custom_objects.pets.name", "custom_objects.pets.name"),
        ("custom_objects.pet", "custom_objects.pet"),
    ],
)
def test_short_key(key: str, short: str) -> None:
    assert SHAPE.short_key(key) == short


@pytest.mark.parametrize("key", ["age", "custom_objects.pet.age", "custom_object.pet.age"])
def test_full_key_is_plural(key: str) -> None:
    assert SHAPE.full_key(key) == AGE.full_key == "custom_objects.pet.age"


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"age": "3"}, "Age"),
        ({"colours": "red"}, "Colours"),
        ({"notes.option_a": 5}, "Notes"),
        ({"files": [1]}, "Files"),
    ],
)
def test_refusals_name_the_field(properties: dict[str, Json], named: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{named}: "):
        created({"name": "Rex"} | properties)
    with pytest.raises(InvalidValue, match=f"^{named}: "):
        changed({"name": "Rex"}, properties)


# --- text-box lists ----------------------------------------------------------------------------------------------


def test_a_text_box_list_is_taken_nested_or_flat() -> None:
    flat = {"name": "Rex", "notes.option_a": "one", "notes.option_b": "two"}
    assert created(flat) == flat
    assert created({"name": "Rex", "notes": {"option_a": "one", "option_b": "two"}}) == flat
    assert created({"name": "Rex", "notes": {"option_a": "one", "option_b": None}}) == {
        "name": "Rex",
        "notes.option_a": "one",
    }
    assert created({"name": "Rex", "notes": {}}) == {"name": "Rex"}


def test_null_clears_one_box_or_all() -> None:
    stored = {"name": "Rex", "notes.option_a": "one", "notes.option_b": "two"}
    assert changed(stored, {"notes": None}) == {"name": "Rex"}
    assert changed(stored, {"notes": {"option_a": None}}) == {"name": "Rex", "notes.option_b": "two"}
    assert changed(stored, {"notes.option_b": None}) == {"name": "Rex", "notes.option_a": "one"}
    assert changed(stored, {"notes": {"option_a": "new"}}) == stored | {"notes.option_a": "new"}
    assert changed(stored, {"notes": {}}) == stored


def test_a_text_box_list_names_its_boxes_only() -> None:
    with pytest.raises(UnknownProperty) as unknown:
        created({"name": "Rex", "notes": {"option_c": "three"}})
    assert unknown.value.field_key == "custom_objects.pet.notes.option_c"
    for wrong, kind in (("one", "a string"), (["one"], "an array"), (5, "a number"), (True, "a boolean")):
        with pytest.raises(InvalidValue, match=f"^Notes: expected an object of option keys and texts, got {kind}$"):
            created({"name": "Rex", "notes": wrong})


def test_a_required_text_box_list_needs_one_box() -> None:
    schema = CompiledObject(replace(PET, fields=(replace(NAME, required=False), replace(NOTES, required=True))))
    assert created({"notes.option_b": "two"}, schema=schema) == {"notes.option_b": "two"}
    for properties in ({}, {"name": "Rex"}, {"notes": {"option_a": ""}}, {"notes": None}):
        with pytest.raises(RequiredPropertyMissing, match="Missing required properties to create Pet - notes"):
            created(properties, schema=schema)


# --- updating ----------------------------------------------------------------------------------------------------


def test_changed_keeps_what_is_absent_and_clears_what_is_null() -> None:
    stored = {"name": "Rex", "tag": "x", "age": 3}
    assert changed(stored, {"age": 4.0}) == {"name": "Rex", "tag": "x", "age": 4}
    assert changed(stored, {"age": None}) == {"name": "Rex", "tag": "x"}
    assert changed(stored, {"colours": None}) == stored
    assert changed(stored, {}) == stored


def test_changed_applies_deltas() -> None:
    stored = {"name": "Rex", "colours": ["red", "green"]}
    assert changed(stored, {"colours": {"add": ["dark_blue"], "remove": ["red"]}})["colours"] == ["green", "dark_blue"]
    assert changed(stored, {"colours": {"remove": ["red", "green"]}}) == {"name": "Rex"}
    assert changed({"name": "Rex"}, {"colours": {"add": ["red"]}}) == {"name": "Rex", "colours": ["red"]}
    assert changed({"name": "Rex"}, {"colours": {}}) == {"name": "Rex"}


def test_changed_replaces_lists_unless_strict() -> None:
    stored = {"name": "Rex", "colours": ["red"]}
    assert changed(stored, {"colours": ["green"]}) == {"name": "Rex", "colours": ["green"]}
    assert changed(stored, {"colours": []}) == {"name": "Rex"}
    with pytest.raises(InvalidUpdate, match="We couldn't apply updates to Colours due to an unexpected format"):
        changed(stored, {"colours": ["green"]}, strict=True)


@pytest.mark.parametrize("value", [None, ""])
def test_changed_never_clears_a_required_property(value: Json) -> None:
    with pytest.raises(RequiredPropertyMissing):
        changed({"name": "Rex"}, {"name": value})


def test_changed_refuses_unknown_keys() -> None:
    with pytest.raises(UnknownProperty):
        changed({"name": "Rex"}, {"nick": None})


def test_a_refused_update_leaves_the_record_alone() -> None:
    stored: dict[str, Json] = {"name": "Rex", "colours": ["red"]}
    with pytest.raises(Refusal):
        changed(stored, {"colours": {"add": ["green"]}, "age": "three"})
    assert stored == {"name": "Rex", "colours": ["red"]}


# --- deleted fields ----------------------------------------------------------------------------------------------

REBORN = CompiledObject(
    replace(
        PET,
        fields=(
            NAME,
            replace(TAG, stored_key="tag~2"),
            replace(NOTES, stored_key="notes~3", options=(Option("option_a", "Option A"),)),
        ),
        searchable=("name", "tag", "notes"),
        retired_keys=frozenset({"tag", "notes", "age"}),
    )
)
"""The object after `tag` and `notes` were deleted and made again, and `age` was deleted."""

REMAINS: dict[str, Json] = {
    "name": "Rex",
    "tag": "dead",
    "age": 3,
    "notes.option_a": "dead",
    "tag~2": "alive",
    "notes~3.option_a": "alive too",
}


def test_values_of_deleted_fields_are_not_seen() -> None:
    assert REBORN.visible(REMAINS) == {"name": "Rex", "tag~2": "alive", "notes~3.option_a": "alive too"}
    assert SHAPE.visible(REMAINS) == REMAINS
    assert SHAPE.visible(REMAINS) is not REMAINS


def test_a_field_made_again_is_shown_under_its_own_key() -> None:
    shown = REBORN.to_wire(msgspec.json.encode(REMAINS).decode())
    assert msgspec.json.decode(shown) == {"name": "Rex", "tag": "alive", "notes.option_a": "alive too"}


def test_without_deleted_fields_properties_are_shown_as_stored() -> None:
    text = '{"name": "Zoë",  "age": 3}'
    assert bytes(SHAPE.to_wire(text)) == text.encode()


def test_a_field_made_again_is_stored_apart() -> None:
    properties = {"name": "Rex", "tag": "new", "notes": {"option_a": "note"}}
    assert created(properties, schema=REBORN) == {"name": "Rex", "tag~2": "new", "notes~3.option_a": "note"}


def test_an_update_drops_the_values_of_deleted_fields() -> None:
    assert changed(REMAINS, {"tag": None}, schema=REBORN) == {"name": "Rex", "notes~3.option_a": "alive too"}
    assert changed(REMAINS, {}, schema=REBORN) == REBORN.visible(REMAINS)


def test_search_and_uniqueness_read_the_living_value() -> None:
    assert REBORN.search_text(REMAINS) == "rex\nalive\nalive too"
    assert REBORN.unique_values(REMAINS) == {2: "alive"}


# --- search text -------------------------------------------------------------------------------------------------


def test_search_text_has_a_line_for_each_searchable_property() -> None:
    stored = {
        "name": "ZOË  the\nDog",
        "colours": ["dark_blue", "green"],
        "notes.option_b": "Two",
        "tag": "not searched",
    }
    assert SHAPE.search_text(stored) == "zoe the dog\n\ntwo\ndark blue, grun"


def test_search_text_is_empty_when_all_lines_are() -> None:
    assert SHAPE.search_text({}) == ""
    assert SHAPE.search_text({"name": " \n ", "tag": "x"}) == ""


@pytest.mark.parametrize(
    ("key", "lines"), [("name", (1,)), ("notes", (2, 3)), ("colours", (4,)), ("tag", ()), ("unknown", ())]
)
def test_search_lines(key: str, lines: tuple[int, ...]) -> None:
    assert SHAPE.search_lines(key) == lines


def test_files_are_never_searched() -> None:
    schema = CompiledObject(replace(PET, searchable=("files", "name", "gone")))
    assert schema.search_lines("files") == ()
    assert schema.search_lines("name") == (1,)
    assert (
        schema.search_text({"name": "Rex", "files": [{"url": "https://x.example/a", "meta": {"name": "a"}}]}) == "rex"
    )


def test_search_layout_changes_with_what_search_texts_depend_on() -> None:
    colours = replace(COLOURS, options=(*COLOURS.options, Option("new", "New")))
    relabelled = replace(PET, fields=(NAME, TAG, AGE, colours, NOTES, FILES))
    renamed = replace(PET, fields=(replace(NAME, name="Called"), TAG, AGE, COLOURS, NOTES, FILES), version=2)
    reborn = replace(PET, fields=(replace(NAME, stored_key="name~9"), TAG, AGE, COLOURS, NOTES, FILES))
    reordered = replace(PET, searchable=("notes", "name", "colours"))
    assert CompiledObject(renamed).search_layout == SHAPE.search_layout
    for other in (relabelled, reborn, reordered):
        assert CompiledObject(other).search_layout != SHAPE.search_layout


# --- uniqueness --------------------------------------------------------------------------------------------------


def test_unique_values_by_field_number() -> None:
    assert SHAPE.unique_values({"name": "Rex", "tag": "A1", "age": 3}) == {2: "A1", 3: "3"}
    assert SHAPE.unique_values({"name": "Rex", "age": 0}) == {3: "0"}


def test_no_value_is_not_held_unique() -> None:
    assert SHAPE.unique_values({"name": "Rex"}) == {}
    assert SHAPE.unique_values({"name": "Rex", "tag": ""}) == {}


# --- every type --------------------------------------------------------------------------------------------------

EVERY = CompiledObject(
    replace(PET, fields=tuple(examples.field for examples in EXAMPLES.values()), searchable=(), primary="text")
)


@pytest.mark.parametrize("data_type", DataType)
@pytest.mark.parametrize("strict", [False, True])
def test_every_type_passes_through_a_record(data_type: DataType, strict: bool) -> None:
    examples = EXAMPLES[data_type]
    key = f"{examples.field.key}.option_a" if data_type is DataType.TEXTBOX_LIST else examples.field.key
    for wire, stored in examples.accepted:
        found = created({key: wire}, schema=EVERY, strict=strict)
        assert found == ({} if stored is None else {key: stored})
        text = msgspec.json.encode(found).decode()
        assert msgspec.json.decode(EVERY.to_wire(text)) == found
        assert changed(found, {key: None}, schema=EVERY, strict=strict) == {}
    for wire, _ in examples.refused:
        with pytest.raises(InvalidValue):
            created({key: wire}, schema=EVERY, strict=strict)
    for before, update, after in examples.changed:
        held = {} if before is None else {key: before}
        assert changed(held, {key: update}, schema=EVERY) == ({} if after is None else {key: after})
