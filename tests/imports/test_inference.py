"""Types of columns are guessed without losing anything."""

from __future__ import annotations

import pytest

from groundlevel.imports.cells import Conventions, DateForm, split_values
from groundlevel.imports.inference import Evidence, key_of, narrow_types, options_of
from groundlevel.kernel.model import DataType, Json, Option

PLAIN = Conventions()

GUESSES: list[tuple[str, list[str], DataType]] = [
    ("whole numbers", ["1", "20", "-3"], DataType.NUMERICAL),
    ("decimal numbers", ["1.5", "2", "0.25"], DataType.NUMERICAL),
    ("no digit before the point", [".5", "-.25"], DataType.NUMERICAL),
    ("numbers and blanks", ["1", "\u00a0", " "], DataType.NUMERICAL),
    ("numbers with leading zeros", ["007", "012"], DataType.TEXT),
    ("thousands separators", ["1,000", "2,500"], DataType.TEXT),
    ("numbers beyond what is exact", ["9007199254740993", "1"], DataType.TEXT),
    ("fractions beyond what is exact", ["3.14159265358979323"], DataType.TEXT),
    ("numbers and one text", ["1", "2", "n/a"], DataType.TEXT),
    ("days", ["2024-07-11", "1999-12-31"], DataType.DATE),
    ("midnights", ["2024-07-11T00:00:00Z", "2024-07-12"], DataType.DATE),
    ("timestamps", ["2024-07-11T10:30:00Z"], DataType.TEXT),
    ("days that do not exist", ["2024-02-30"], DataType.TEXT),
    ("days of some country", ["03/04/2024"], DataType.TEXT),
    ("e-mail addresses", ["ann@example.com", "bo@example.org"], DataType.EMAIL),
    ("phone numbers", ["+46 70 174 06 05", "+33639981234"], DataType.PHONE),
    ("national phone numbers", ["070-174 06 05"], DataType.TEXT),
    ("a choice", ["dog", "cat", "dog", "cat"] * 3, DataType.SINGLE_OPTIONS),
    ("numbers repeated are still numbers", ["1", "2"] * 10, DataType.NUMERICAL),
    ("too few to be a choice", ["dog", "cat", "dog"], DataType.TEXT),
    ("one value only", ["dog"] * 20, DataType.TEXT),
    ("lists", ["a;b", "b", "a;c", "b;c"] * 4, DataType.MULTIPLE_OPTIONS),
    ("lists as JSON", ['["a","b"]', '["b"]', "[]", '["a"]'] * 4, DataType.MULTIPLE_OPTIONS),
    ("lists with commas", ["red, blue", "blue, green, red", "red", "green"] * 5, DataType.MULTIPLE_OPTIONS),
    ("names with commas", ["Doe, Jane", "Roe, John"] * 8, DataType.SINGLE_OPTIONS),
    ("sentences with commas", [f"well, this is number {n}, done" for n in range(200)], DataType.TEXT),
    ("several lines", ["one\ntwo", "x"], DataType.LARGE_TEXT),
    ("long text", ["x" * 300], DataType.LARGE_TEXT),
    ("nothing", ["", "", " "], DataType.TEXT),
]  # fmt: skip


@pytest.mark.parametrize(("values", "expected"), [row[1:] for row in GUESSES], ids=[row[0] for row in GUESSES])
def test_guesses_from_cells(values: list[str], expected: DataType) -> None:
    assert evidence(list(values), typed=False).guess().data_type is expected


@pytest.mark.parametrize(
    ("values", "forms", "expected"),
    [
        (["31/12/2024", "1/2/24"], [DateForm.DMY], DataType.DATE),
        (["12/31/2024 0:00", "2024-07-11"], [DateForm.MDY], DataType.DATE),
        (["12/31/2024 10:30"], [DateForm.MDY], DataType.TEXT),
        (["31/12/2024"], [DateForm.MDY], DataType.TEXT),
        (["45484"], [DateForm.EXCEL], DataType.NUMERICAL),
    ],
)
def test_guesses_of_dates(values: list[str], forms: list[DateForm], expected: DataType) -> None:
    seen = evidence(list(values), typed=False, conventions=Conventions(dates=tuple(forms)))
    assert seen.guess().data_type is expected


TYPED: list[tuple[str, list[Json], DataType]] = [
    ("numbers", [1, 2.5, None], DataType.NUMERICAL),
    ("texts that look like numbers", ["1", "2"], DataType.TEXT),
    ("booleans", [True, False] * 8, DataType.SINGLE_OPTIONS),
    ("lists of few texts", [["a"], ["a", "b"], ["b"]] * 4, DataType.MULTIPLE_OPTIONS),
    ("lists of many texts", [[f"a{n}", f"b{n}"] for n in range(100)], DataType.LARGE_TEXT),
    ("money", [{"currency": "EUR", "value": 1}] * 3, DataType.MONETARY),
    ("other objects", [{"x": 1}], DataType.LARGE_TEXT),
    ("numbers and texts", [1, "x"], DataType.TEXT),
    ("a number and a text that looks like one", [1, "2"], DataType.TEXT),
    ("a text that looks like a number, and a number", ["2", 1], DataType.TEXT),
    ("numbers beyond what is exact", [2**53, 1], DataType.TEXT),
    ("numbers and money", [1, {"currency": "EUR", "value": 1}, 2], DataType.MONETARY),
    ("money and texts", [{"currency": "EUR", "value": 1}, "free"], DataType.TEXT),
    ("a number and a boolean", [1, True], DataType.TEXT),
    ("blanks", [" ", "\u00a0", 5], DataType.NUMERICAL),
]


@pytest.mark.parametrize(("values", "expected"), [row[1:] for row in TYPED], ids=[row[0] for row in TYPED])
def test_guesses_from_json(values: list[Json], expected: DataType) -> None:
    assert evidence(values, typed=True).guess().data_type is expected


def evidence(values: list[Json], *, typed: bool, conventions: Conventions = PLAIN) -> Evidence:
    found = Evidence(narrow_types(conventions), typed=typed)
    for line, value in enumerate(values, 2):
        found.add(value, line)
    return found


def test_the_value_that_spoils_a_type_is_named_with_its_line() -> None:
    assert evidence(["1", "2", "n/a", "3"], typed=False).guess().reason == 'line 4: "n/a" is not a number'


def test_a_late_value_counts_as_much_as_an_early_one() -> None:
    assert evidence([str(n) for n in range(5_000)], typed=False).guess().data_type is DataType.NUMERICAL
    assert evidence([*(str(n) for n in range(5_000)), "x"], typed=False).guess().data_type is DataType.TEXT
    assert evidence(["dog", "cat"] * 2_000, typed=False).guess().data_type is DataType.SINGLE_OPTIONS
    late = ["dog", "cat"] * 2_000 + [f"beast {n}" for n in range(100)]
    assert evidence(list(late), typed=False).guess().data_type is DataType.TEXT


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Name", "name"),
        ("Installed size (KiB)", "installed_size_kib"),
        ("Straße & Nr.", "strasse_nr"),
        ("Zoë's age", "zoe_s_age"),
        ("2nd owner", "column_2nd_owner"),
        ("名前", "column"),
        ("taken", "taken_2"),
    ],
)
def test_keys(name: str, key: str) -> None:
    assert key_of(name, taken={"taken"}) == key


def test_no_option_key_means_another_options_label() -> None:
    options = options_of(["A", "a", "A!", "a_2"])
    labels = {option.label for option in options}
    assert len({option.key for option in options}) == 4
    assert all(option.key == option.label for option in options if option.key in labels)
    assert Option("a", "a") in options


def test_separated() -> None:
    assert split_values("a, b;c") == ["a, b", "c"]
    assert split_values("a, b") == ["a", "b"]
    assert split_values("a | b |") == ["a", "b"]
    assert split_values('["a;b", "c, d", " "]') == ["a;b", "c, d"]
    assert split_values("[a, b]") == ["[a", "b]"]
