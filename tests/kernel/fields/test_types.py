"""One suite over every row of the table of examples, and the rules that every field type obeys."""

from __future__ import annotations

import copy
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundlevel.kernel.errors import InvalidUpdate, InvalidValue, Refusal, RequiredPropertyMissing
from groundlevel.kernel.fields import TYPES, type_of
from groundlevel.kernel.fields.base import OPERATORS, Comparison
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import DataType, Field, Json, Object
from tests.kernel.fields.examples import ALL, EXAMPLES, Examples, RefusedChange

ID = "{0.field.data_type}"


def rows(attribute: str) -> list[Any]:
    """Every example in one column of the table, with the definition it belongs to."""
    return [
        pytest.param(examples, row, id=f"{examples.field.data_type}-{number}")
        for examples in ALL
        for number, row in enumerate(getattr(examples, attribute))
    ]


def same(left: Json, right: Json) -> bool:
    """Whether two JSON values are equal and print alike: 5 is not 5.0, 0.0 is not -0.0, True is not 1."""
    return repr(left) == repr(right)


@pytest.mark.parametrize("data_type", DataType)
def test_every_data_type_has_examples(data_type: DataType) -> None:
    examples = EXAMPLES[data_type]
    assert examples.field.data_type is data_type
    for column in ("accepted", "refused", "search", "changed", "refused_changes", "cells", "refused_cells", "operands"):
        assert getattr(examples, column), f"{data_type} has no examples of `{column}`"
    assert bool(examples.distinct) == type_of(data_type).may_be_unique


@pytest.mark.parametrize("data_type", DataType)
def test_the_table_of_types_is_whole(data_type: DataType) -> None:
    kind = type_of(data_type)
    assert kind.name is data_type
    assert TYPES[data_type] is kind
    assert kind.comparison in OPERATORS
    assert not vars(kind), "a field type has no state"
    assert kind.has_options == bool(EXAMPLES[data_type].field.options)


def test_comparisons_are_those_of_the_contract() -> None:
    texts = {"TEXT", "LARGE_TEXT", "PHONE", "EMAIL", "SINGLE_OPTIONS", "RADIO", "TEXTBOX_LIST"}
    expected = {
        Comparison.TEXT: texts,
        Comparison.NUMBER: {"NUMERICAL", "MONETORY"},
        Comparison.DAY: {"DATE"},
        Comparison.MEMBERS: {"CHECKBOX", "MULTIPLE_OPTIONS"},
        Comparison.FILES: {"FILE_UPLOAD"},
    }
    found: dict[Comparison, set[str]] = {comparison: set() for comparison in Comparison}
    for kind in TYPES.values():
        found[kind.comparison].add(kind.name.value)
    assert found == expected
    assert [kind.name for kind in TYPES.values() if not kind.may_be_searchable] == [DataType.FILE_UPLOAD]
    assert [kind.name for kind in TYPES.values() if kind.path] == [DataType.MONETARY]


@pytest.mark.parametrize(("examples", "row"), rows("accepted"))
def test_accepts(examples: Examples, row: tuple[Json, Json]) -> None:
    wire, stored = row
    kind, before = type_of(examples.field.data_type), copy.deepcopy(wire)
    found = kind.normalise(examples.field, wire)
    assert same(found, stored)
    assert same(wire, before), "the wire value was changed in place"
    assert same(msgspec.json.decode(msgspec.json.encode(found)), stored), "the stored form does not survive JSON"
    if stored is not None:
        assert same(kind.normalise(examples.field, stored), stored), "the form shown is not accepted back"
        assert same(kind.change(examples.field, None, stored, strict=False), stored)


@pytest.mark.parametrize(("examples", "row"), rows("refused") + rows("refused_beyond_json"))
def test_refuses(examples: Examples, row: tuple[Json, str]) -> None:
    wire, message = row
    before = copy.deepcopy(wire)
    with pytest.raises(InvalidValue) as refused:
        type_of(examples.field.data_type).normalise(examples.field, wire)
    assert message in refused.value.message
    assert examples.field.name in refused.value.message
    assert (refused.value.error_code, refused.value.field_key) == ("invalid_value", examples.field.full_key)
    assert same(wire, before), "the wire value was changed in place"
    (refused.value.message + refused.value.advice).encode()


@pytest.mark.parametrize("examples", ALL, ids=ID.format)
def test_every_refused_example_can_be_sent(examples: Examples) -> None:
    for wire, _ in examples.refused:
        assert same(msgspec.json.decode(msgspec.json.encode(wire)), wire)


BLANKS = ("", " ", "\t", "\n", "\r\n", "\u00a0", " \u00a0\u3000\u2007 ")


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
@pytest.mark.parametrize("examples", ALL, ids=ID.format)
def test_a_text_of_blanks_is_no_value(examples: Examples, blank: str) -> None:
    field = examples.field
    schema = object_of(msgspec.structs.replace(field, required=False))
    key = next(iter(schema.properties_by_key))
    for strict in (False, True):
        assert schema.validate_new({key: blank}, strict=strict) == {}
        for wire in filled(examples):
            stored = schema.validate_new({key: wire}, strict=strict)
            assert stored
            assert schema.validate_change(stored, {key: blank}, strict=strict) == {}
    assert schema.validate_new({field.key: blank}, strict=False) == {}
    required = object_of(msgspec.structs.replace(field, required=True))
    with pytest.raises(RequiredPropertyMissing):
        required.validate_new({key: blank}, strict=False)


def object_of(field: Field) -> CompiledObject:
    """An object with one field."""
    return CompiledObject(
        Object(1, "o", "custom_objects.pet", "Pet", "Pets", None, field.key, (), False, 0, 0, 1, (field,))
    )


def filled(examples: Examples) -> list[Json]:
    """Wire values that are stored; there are none while a field has no options."""
    return [wire for wire, stored in examples.accepted if stored is not None]


def change(examples: Examples, stored: Json, update: Json, *, strict: bool) -> Json:
    """The stored form after an update, with the assurance that nothing was changed in place."""
    before = copy.deepcopy((stored, update))
    try:
        return type_of(examples.field.data_type).change(examples.field, stored, update, strict=strict)
    finally:
        assert same((stored, update), before), "an argument was changed in place"


@pytest.mark.parametrize(("examples", "row"), rows("changed"))
def test_changes(examples: Examples, row: tuple[Json, Json, Json]) -> None:
    stored, update, after = row
    assert same(change(examples, stored, update, strict=False), after)


@pytest.mark.parametrize(("examples", "row"), rows("strictly_changed"))
def test_changes_strictly(examples: Examples, row: tuple[Json, Json, Json]) -> None:
    stored, update, after = row
    assert same(change(examples, stored, update, strict=True), after)


@pytest.mark.parametrize(("examples", "row"), rows("refused_changes"))
def test_refuses_changes(examples: Examples, row: RefusedChange) -> None:
    with pytest.raises(Refusal) as refused:
        change(examples, row.stored, row.update, strict=row.strict)
    assert type(refused.value) is row.refusal
    assert row.message in refused.value.message
    assert (refused.value.error_code, refused.value.field_key) == (row.refusal.code, examples.field.full_key)


@pytest.mark.parametrize(("examples", "row"), rows("cells"))
def test_reads_cells(examples: Examples, row: tuple[str, Json]) -> None:
    cell, wire = row
    kind = type_of(examples.field.data_type)
    found = kind.from_cell(examples.field, cell)
    assert same(found, wire)
    kind.normalise(examples.field, found)


@pytest.mark.parametrize(("examples", "row"), rows("refused_cells"))
def test_refuses_cells(examples: Examples, row: str) -> None:
    kind = type_of(examples.field.data_type)
    with pytest.raises(InvalidValue):
        kind.normalise(examples.field, kind.from_cell(examples.field, row))


@pytest.mark.parametrize(("examples", "row"), rows("search"))
def test_search_text(examples: Examples, row: tuple[Json, str]) -> None:
    stored, text = row
    assert type_of(examples.field.data_type).search_text(examples.field, stored) == text


@pytest.mark.parametrize(("examples", "row"), rows("operands"))
def test_operands(examples: Examples, row: tuple[Json, Json]) -> None:
    value, compared = row
    kind = type_of(examples.field.data_type)
    assert same(kind.operand(examples.field, value), compared)
    assert same(kind.operand(examples.field, compared), compared)


@pytest.mark.parametrize(("examples", "row"), rows("refused_operands"))
def test_refuses_operands(examples: Examples, row: Json) -> None:
    with pytest.raises(InvalidValue):
        type_of(examples.field.data_type).operand(examples.field, row)


@pytest.mark.parametrize(("examples", "row"), rows("distinct"))
def test_unique_forms(examples: Examples, row: tuple[Json, Json, bool]) -> None:
    one, other, both = row
    forms = [type_of(examples.field.data_type).unique_form(examples.field, stored) for stored in (one, other)]
    assert (forms[0] != forms[1]) is both
    # PostgreSQL holds an index row of at most a third of a page of 8 KiB.
    assert all(len(form.encode()) <= 2_048 for form in forms)


@pytest.mark.parametrize("examples", ALL, ids=ID.format)
def test_a_stored_value_can_be_asked_for(examples: Examples) -> None:
    """A filter with the value that a record shows finds the record: the operand is what is stored."""
    kind = type_of(examples.field.data_type)
    if kind.comparison is Comparison.FILES:
        return
    for _, stored in examples.accepted:
        compared = stored
        for member in kind.path:
            compared = compared[member]
        for part in compared if isinstance(compared, list) else () if compared is None else (compared,):
            assert same(kind.operand(examples.field, part), part)


# --- any value at all --------------------------------------------------------------------------------------------

SCRAPS = (
    "red", "Twin", "add", "remove", "url", "meta", "name", "size", "currency", "value", "EUR", "default",
    "+12025550123", "2024-07-11", "ann@example.com", "https://x.example/a.pdf", "https://[", "12 EUR", "\x00", "\ud800",
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(SCRAPS)
)
NAMES = st.sampled_from(SCRAPS) | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
STORED = {
    examples.field.data_type: [stored for _, stored in examples.accepted if stored is not None]
    for examples in EXAMPLES.values()
}


@pytest.mark.parametrize("examples", ALL, ids=ID.format)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_value_is_accepted_or_refused(examples: Examples, data: st.DataObject) -> None:
    field, kind = examples.field, type_of(examples.field.data_type)
    known = st.sampled_from([row[0] for row in (*examples.accepted, *examples.refused)])
    value = data.draw((VALUES | known).filter(lambda drawn: drawn is not None))
    before = copy.deepcopy(value)
    try:
        stored = kind.normalise(field, value)
    except InvalidValue as refused:
        (refused.message + refused.advice).encode()
    else:
        if stored is not None:
            assert same(kind.normalise(field, stored), stored)
            assert same(msgspec.json.decode(msgspec.json.encode(stored)), stored)
            assert isinstance(kind.search_text(field, stored), str)
    assert same(value, before)


@pytest.mark.parametrize("examples", ALL, ids=ID.format)
@settings(deadline=None, max_examples=60)
@given(data=st.data(), strict=st.booleans())
def test_any_update_is_applied_or_refused(examples: Examples, data: st.DataObject, strict: bool) -> None:
    field, kind = examples.field, type_of(examples.field.data_type)
    held = STORED[field.data_type]
    members = st.lists(st.sampled_from([part for whole in held if isinstance(whole, list) for part in whole] or [""]))
    deltas = st.dictionaries(st.sampled_from(("add", "remove")), members | VALUES, max_size=2)
    stored = data.draw(st.none() | st.sampled_from(held))
    update = data.draw((VALUES | deltas).filter(lambda drawn: drawn is not None))
    before = copy.deepcopy((stored, update))
    try:
        after = kind.change(field, stored, update, strict=strict)
    except (InvalidValue, InvalidUpdate) as refused:
        (refused.message + refused.advice).encode()
    else:
        assert after != []
        assert same(msgspec.json.decode(msgspec.json.encode(after)), after)
    assert same((stored, update), before)


@pytest.mark.parametrize("examples", ALL, ids=ID.format)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_cell_and_operand_is_read_or_refused(examples: Examples, data: st.DataObject) -> None:
    field, kind = examples.field, type_of(examples.field.data_type)
    cell = data.draw(st.text(st.characters(), min_size=1) | st.sampled_from(SCRAPS))
    try:
        wire = kind.from_cell(field, cell)
        assert wire is not None
        kind.normalise(field, wire)
    except InvalidValue:
        pass
    value = data.draw(VALUES)
    try:
        compared = kind.operand(field, value)
    except InvalidValue:
        return
    assert isinstance(compared, str) or math.isfinite(compared)
    assert same(kind.operand(field, compared), compared)


@given(digits=st.text("0123456789", min_size=3, max_size=15))
@settings(deadline=None, max_examples=100)
def test_a_phone_number_keeps_its_form(digits: str) -> None:
    field, kind = EXAMPLES[DataType.PHONE].field, type_of(DataType.PHONE)
    try:
        stored = kind.normalise(field, "+" + digits)
    except InvalidValue:
        return
    assert kind.normalise(field, stored) == stored
    assert kind.operand(field, stored) == stored


@given(number=st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e15, 1e15))
def test_an_exported_number_is_read_back(number: float) -> None:
    field, kind = EXAMPLES[DataType.NUMERICAL].field, type_of(DataType.NUMERICAL)
    stored = kind.normalise(field, number)
    assert same(kind.normalise(field, kind.from_cell(field, str(stored))), stored)
