"""What cells mean: dates and telephone numbers as countries write them, lists, amounts, blanks."""

from __future__ import annotations

import pytest

from groundlevel.imports.cells import Conventions, DateForm, make_converter, parse_day
from groundlevel.kernel.errors import BadRequest, InvalidValue
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.model import DataType, Json, Option
from tests.kernel.fields.examples import ALL, Examples, field_of

DMY, MDY, YMD, EXCEL, EXCEL_1904 = DateForm


@pytest.mark.parametrize(
    ("text", "form", "day"),
    [
        ("31/12/2024", DMY, "2024-12-31"),
        ("1.2.2024", DMY, "2024-02-01"),
        ("01-02-24", DMY, "2024-02-01"),
        ("1/2/29", DMY, "2029-02-01"),
        ("1/2/30", DMY, "1930-02-01"),
        ("31/12/2024 10:30", DMY, "2024-12-31"),
        ("12/31/2024", MDY, "2024-12-31"),
        ("12/31/2024 10:30:15 PM", MDY, "2024-12-31"),
        ("2024/12/31", YMD, "2024-12-31"),
        ("24.12.31", YMD, "2024-12-31"),
        ("1", EXCEL, "1900-01-01"),
        ("59", EXCEL, "1900-02-28"),
        ("61", EXCEL, "1900-03-01"),
        ("45484", EXCEL, "2024-07-11"),
        ("45484.75", EXCEL, "2024-07-11"),
        ("2958465", EXCEL, "9999-12-31"),
        ("0", EXCEL_1904, "1904-01-01"),
        ("44022", EXCEL_1904, "2024-07-11"),
        ("12/31/2024", DMY, None),
        ("31/12/2024", MDY, None),
        ("29/02/2023", DMY, None),
        ("31/12-2024", DMY, None),
        ("31/12/124", DMY, None),
        ("2024/12/31", DMY, None),
        ("0", EXCEL, None),
        ("60", EXCEL, None),
        ("2958466", EXCEL, None),
        ("-5", EXCEL, None),
        ("٣١/12/2024", DMY, None),
    ],
)
def test_days(text: str, form: DateForm, day: str | None) -> None:
    assert parse_day(text, [form]) == day


def test_several_forms_are_tried() -> None:
    assert [parse_day(text, [DMY, EXCEL]) for text in ("31/12/2024", "45484")] == ["2024-12-31", "2024-07-11"]
    assert parse_day("45484", [DMY, EXCEL], midnight=True) is None


@pytest.mark.parametrize(
    ("conventions", "problem"),
    [
        (Conventions(country="XX"), "--country XX"),
        (Conventions(dates=(DMY, MDY)), "--dates dmy and mdy"),
        (Conventions(dates=(EXCEL_1904, EXCEL)), "--dates excel and excel-1904"),
    ],
)
def test_conventions_that_are_refused(conventions: Conventions, problem: str) -> None:
    with pytest.raises(BadRequest, match=problem):
        conventions.check()


def test_conventions_that_agree() -> None:
    Conventions().check()
    Conventions(country="SE", dates=(YMD, DMY, EXCEL)).check()


COLOURS = (
    Option("red", "Red"),
    Option("a;b", "A; B"),
    Option("zoe", "Zoë"),
    Option("5", "Five"),
    Option("true", "Yes"),
)
SWEDEN = Conventions(country="SE")
SERIALS = Conventions(dates=(DMY, EXCEL))
MONEY = {"currency": "default", "value": 12.5}

CELLS: list[tuple[DataType, Conventions, str, Json]] = [
    (DataType.DATE, SERIALS, " 31/12/2024 ", "2024-12-31"),
    (DataType.DATE, SERIALS, "2024-12-31T10:00:00Z", "2024-12-31"),
    (DataType.DATE, SERIALS, "45484", "2024-07-11"),
    (DataType.PHONE, SWEDEN, "070-174 06 05", "+46701740605"),
    (DataType.PHONE, SWEDEN, "0046701740605", "+46701740605"),
    (DataType.PHONE, SWEDEN, "+1 202 555 0123", "+12025550123"),
    (DataType.PHONE, Conventions(country="US"), "(202) 555-0123", "+12025550123"),
    (DataType.MONETARY, Conventions(), "12.5", MONEY),
    (DataType.MONETARY, Conventions(), ".5 EUR", {"currency": "EUR", "value": 0.5}),
    (DataType.MONETARY, Conventions(), '{"currency":"EUR","value":3}', {"currency": "EUR", "value": 3}),
    (DataType.NUMERICAL, Conventions(), " .5 ", 0.5),
    (DataType.MULTIPLE_OPTIONS, Conventions(), '["red","A; B"]', ["red", "a;b"]),
    (DataType.MULTIPLE_OPTIONS, Conventions(), "A; B", ["a;b"]),
    (DataType.CHECKBOX, Conventions(), "Red, Zoë", ["red", "zoe"]),
    (DataType.SINGLE_OPTIONS, Conventions(), " Red ", "red"),
    (DataType.RADIO, Conventions(), "Zoë", "zoe"),
    (DataType.FILE_UPLOAD, Conventions(), '["https://x.example/a.pdf"]',
        [{"url": "https://x.example/a.pdf", "meta": {"name": "a.pdf", "extension": "pdf"}}]),
    (DataType.TEXT, Conventions(), '["red"]', '["red"]'),
]  # fmt: skip


@pytest.mark.parametrize(("data_type", "conventions", "cell", "stored"), CELLS)
def test_cells(data_type: DataType, conventions: Conventions, cell: str, stored: Json) -> None:
    assert store(data_type, conventions, cell, typed=False) == stored


VALUES: list[tuple[DataType, Conventions, Json, Json]] = [
    (DataType.MONETARY, Conventions(), 12.5, MONEY),
    (DataType.MONETARY, Conventions(), {"currency": "EUR", "value": 3}, {"currency": "EUR", "value": 3}),
    (DataType.DATE, SERIALS, 45484, "2024-07-11"),
    (DataType.DATE, SERIALS, "31/12/2024", "2024-12-31"),
    (DataType.PHONE, SWEDEN, "070-174 06 05", "+46701740605"),
    (DataType.TEXT, Conventions(), 5, "5"),
    (DataType.TEXT, Conventions(), True, "true"),
    (DataType.TEXT, Conventions(), {"a": [1]}, '{"a":[1]}'),
    (DataType.SINGLE_OPTIONS, Conventions(), 5, "5"),
    (DataType.SINGLE_OPTIONS, Conventions(), True, "true"),
    (DataType.MULTIPLE_OPTIONS, Conventions(), ["red", "Zoë"], ["red", "zoe"]),
    (DataType.MULTIPLE_OPTIONS, Conventions(), "red;zoe", ["red", "zoe"]),
    (DataType.NUMERICAL, Conventions(), 5, 5),
]


@pytest.mark.parametrize(("data_type", "conventions", "value", "stored"), VALUES)
def test_values_of_json(data_type: DataType, conventions: Conventions, value: Json, stored: Json) -> None:
    assert store(data_type, conventions, value, typed=True) == stored


REFUSED: list[tuple[DataType, Json, bool, str]] = [
    (DataType.DATE, "31/12/2024", False, "--dates says how others are written"),
    (DataType.DATE, "45484", False, "--dates says how others are written"),
    (DataType.DATE, "2024-02-30", False, "not in the calendar"),
    (DataType.DATE, "soon", False, "expected a date"),
    (DataType.DATE, 45484, True, "expected a string, got a number"),
    (DataType.PHONE, "070-174 06 05", False, "--country says where"),
    (DataType.PHONE, "none", False, "expected an international phone number"),
    (DataType.MONETARY, "12.5", True, "expected an object"),
    (DataType.NUMERICAL, "12.5", True, "expected a number"),
    (DataType.NUMERICAL, "1,5", False, "expected a plain decimal number"),
    (DataType.MULTIPLE_OPTIONS, '["red","grey"]', False, "not one of the options"),
    (DataType.MULTIPLE_OPTIONS, "[5]", False, "not one of the options"),
]


@pytest.mark.parametrize(("data_type", "value", "typed", "problem"), REFUSED)
def test_refused_values(data_type: DataType, value: Json, typed: bool, problem: str) -> None:
    with pytest.raises(InvalidValue, match=problem):
        store(data_type, Conventions(), value, typed=typed)


@pytest.mark.parametrize("text", ["123", "070-174 06 05 06 07 08", "0701 call me"])
def test_no_number_of_the_country(text: str) -> None:
    with pytest.raises(InvalidValue, match="expected an international phone number"):
        store(DataType.PHONE, SWEDEN, text, typed=False)


@pytest.mark.parametrize("examples", ALL, ids=lambda examples: str(examples.field.data_type))
@pytest.mark.parametrize("typed", [False, True])
def test_every_example_of_a_cell_is_read_alike(examples: Examples, typed: bool) -> None:
    field, kind = examples.field, type_of(examples.field.data_type)
    convert = make_converter(field, Conventions(), typed=typed)
    for cell, wire in examples.cells:
        if not typed or not isinstance(wire, int | float | dict):
            read = cell if convert is None else convert(cell)
            assert kind.normalise(field, read) == kind.normalise(field, wire)


def store(data_type: DataType, conventions: Conventions, value: Json, *, typed: bool) -> Json:
    """The stored form of a value of a file."""
    kind = type_of(data_type)
    field = field_of(data_type, options=COLOURS if kind.has_options else ())
    convert = make_converter(field, conventions, typed=typed)
    return kind.normalise(field, value if convert is None else convert(value))
