"""Files as people really have them: each once went wrong, and none may lose a row without a word."""

# Long: files as people have them, each beside what it becomes.
from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from groundlevel.imports.cells import Conventions, DateForm
from groundlevel.imports.error_file import ErrorFile
from groundlevel.imports.mapping import ColumnChoices
from groundlevel.imports.reader import Reading, SheetError, SheetRow
from groundlevel.imports.runs import CHUNK
from groundlevel.kernel.errors import BadRequest, InvalidKey
from groundlevel.kernel.model import DataType
from groundlevel.kernel.storage.base import Storage
from tests.imports.importing import counts, errors_of, file, imported, pets, planned
from tests.world import World, options, world_in


@pytest.fixture
async def world(storage: Storage) -> World:
    return await world_in(storage)


def choices(**given: Any) -> ColumnChoices:
    return ColumnChoices(**{name: tuple(value) for name, value in given.items()})


# --- the file as a whole -----------------------------------------------------------------------------------------


async def test_f2_a_stray_quotation_mark_refuses_the_file_before_anything_is_written(
    world: World, tmp_path: Path
) -> None:
    path = file(tmp_path, 'Name,Note\nA,"oops\nB,fine\nC,ok\n')
    with pytest.raises(SheetError, match="line 2: a quotation mark opens a cell and is never closed"):
        await imported(world, path, create=True)
    await world.pet()
    await world.field("note")
    rows = "".join(f"Pet {n},fine\n" for n in range(2 * CHUNK))
    with pytest.raises(SheetError, match=f"line {2 * CHUNK + 2}: "):
        await imported(world, file(tmp_path, f'Name,Note\n{rows}A,"oops\nB,fine\n'))
    assert await pets(world) == []


async def test_bytes_of_another_encoding_refuse_the_file_before_anything_is_written(
    world: World, tmp_path: Path
) -> None:
    await world.pet()
    path = tmp_path / "pets.csv"
    path.write_bytes(b"name\n" + b"Rex\n" * (2 * CHUNK) + b"Zo\xeb\n")
    with pytest.raises(SheetError, match=f"line {2 * CHUNK + 2}: this is not UTF-8 text"):
        await imported(world, path)
    assert await pets(world) == []
    summary = await imported(world, path, reading=Reading(encoding="windows-1252"))
    assert summary.created == 2 * CHUNK + 1
    assert await world.found("zoë")


async def test_every_line_is_accounted_for(world: World, tmp_path: Path) -> None:
    await world.pet()
    await world.field("age", "NUMERICAL", name="Age")
    content = 'sep=,\nname,age\nRex,3\n\n , \u00a0\n"Two\nlines",4\nTom,old\nKim\n,5\n'
    for dry in (True, False):
        summary = await imported(world, file(tmp_path, content), dry=dry)
        assert counts(summary) == (7, 2, 0, 3)
        assert (summary.skipped, summary.lines, summary.header_lines) == (2, 10, 2)
    assert [line for line, *_ in errors_of(summary)] == ["8", "9", "10"]


async def test_f14_a_first_line_that_names_the_separator(world: World, tmp_path: Path) -> None:
    await imported(world, file(tmp_path, "sep=;\nName;Note\nRex;a, b\n"), create=True)
    assert await pets(world) == [{"name": "Rex", "note": "a, b"}]


async def test_utf_16_as_spreadsheets_write_it(world: World, tmp_path: Path) -> None:
    path = tmp_path / "pets.csv"
    path.write_bytes("Name\tGröße\r\nZoë\t3\r\n".encode("utf-16"))
    await imported(world, path, create=True)
    assert await pets(world) == [{"name": "Zoë", "grosse": 3}]


# --- refused rows ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize("name", ["pets.csv.errors.csv", "corrected.csv"])
async def test_f3_refused_rows_are_corrected_and_imported(
    world: World, tmp_path: Path, name: str, create: bool
) -> None:
    await world.pet()
    await world.field("age", "NUMERICAL", name="Age")
    summary = await imported(world, file(tmp_path, "name,age\nRex,3\nTom,old\nKim\n"))
    assert summary.errors_path is not None
    text = summary.errors_path.read_text(encoding="utf-8")
    again = file(tmp_path, text.replace("Tom,old", "Tom,4").replace(",Kim", ",Kim,5"), name)
    assert counts(await imported(world, again, create=create)) == (2, 2, 0, 0)
    assert await pets(world) == [{"name": "Rex", "age": 3}, {"name": "Tom", "age": 4}, {"name": "Kim", "age": 5}]
    assert [field.key for field in (await world.object()).fields] == ["name", "age"]


async def test_f3_rows_refused_twice_keep_one_set_of_columns(world: World, tmp_path: Path) -> None:
    await world.pet()
    await world.field("age", "NUMERICAL", name="Age")
    first = await imported(world, file(tmp_path, "name,age\nTom,old\n"))
    assert first.errors_path is not None
    second = await imported(world, first.errors_path)
    assert errors_of(second) == [["2", "age", "Age: expected a plain decimal number", "Tom", "old"]]
    assert second.errors_path != first.errors_path


async def test_f3_columns_that_an_object_has_are_data(world: World, tmp_path: Path) -> None:
    await imported(world, file(tmp_path, "line,field,message,name\n1,a,b,Rex\n", "log.csv"), create=True)
    assert {field.key for field in (await world.object()).fields} == {"name", "line", "field", "message"}
    assert await pets(world) == [{"line": 1, "field": "a", "message": "b", "name": "Rex"}]
    await imported(world, file(tmp_path, "line,field,message,name\n2,c,d,Tom\n", "log.csv"))
    assert (await pets(world))[1] == {"line": 2, "field": "c", "message": "d", "name": "Tom"}


async def test_f3_refused_lines_of_json_come_back(world: World, tmp_path: Path) -> None:
    await world.pet()
    await world.field("age", "NUMERICAL", name="Age")
    await world.field("tags", "MULTIPLE_OPTIONS", options=options("A", "B"))
    await world.field("price", "MONETORY")
    await world.field("box", "TEXTBOX_LIST", options=options("Left"))
    row = {
        "name": "Tom",
        "age": "4",
        "tags": ["a", "b"],
        "price": {"currency": "EUR", "value": 2},
        "box": {"left": "x"},
    }
    summary = await imported(world, file(tmp_path, msgspec.json.encode(row).decode(), "pets.jsonl"))
    assert counts(summary) == (1, 0, 0, 1)
    assert summary.errors_path is not None
    assert counts(await imported(world, summary.errors_path)) == (1, 1, 0, 0)
    assert await pets(world) == [
        {"name": "Tom", "age": 4, "tags": ["a", "b"], "price": {"currency": "EUR", "value": 2}, "box.left": "x"}
    ]


async def test_a_file_of_errors_that_cannot_be_written_stops_the_import(world: World, tmp_path: Path) -> None:
    await world.pet()
    path = file(tmp_path, "name,age\nRex,3\n")
    (tmp_path / "pets.csv.errors.csv").mkdir()
    with pytest.raises(SheetError, match="cannot be replaced"):
        await imported(world, path, create=True)
    assert await pets(world) == []


async def test_a_file_of_errors_that_cannot_be_opened_stops_the_import(world: World, tmp_path: Path) -> None:
    await world.pet()
    plan = await planned(world, file(tmp_path, "name\nRex\n"))
    errors = ErrorFile(plan)
    errors.path.mkdir()
    with pytest.raises(SheetError, match="cannot be written"):
        errors.add(SheetRow(2, ["Rex"]), "", "no")
    errors.close()
    assert not errors.written


# --- columns -----------------------------------------------------------------------------------------------------


async def test_f15_columns_without_name_and_value_are_left_out(world: World, tmp_path: Path) -> None:
    path = file(tmp_path, "Name,City,,\nAnn,Paris,, \n")
    plan = await planned(world, path, create=True)
    assert [column.name for column in plan.columns] == ["Name", "City"]
    assert [(skipped.name, skipped.reason) for skipped in plan.skipped] == [
        ("column 3", "it has neither a name nor a value"),
        ("column 4", "it has neither a name nor a value"),
    ]
    await imported(world, path, create=True)
    assert await pets(world) == [{"name": "Ann", "city": "Paris"}]


async def test_a_column_without_a_name_keeps_its_values(world: World, tmp_path: Path) -> None:
    await imported(world, file(tmp_path, "Name,\nAnn,Paris\n"), create=True)
    assert await pets(world) == [{"name": "Ann", "column_2": "Paris"}]


async def test_two_columns_of_one_name_are_two_fields(world: World, tmp_path: Path) -> None:
    path = file(tmp_path, "Name,Note,Note\nAnn,a,b\n")
    await imported(world, path, create=True)
    assert await pets(world) == [{"name": "Ann", "note": "a", "note_2": "b"}]
    assert (await imported(world, path, match="name")).unchanged == 1


async def test_f35_columns_are_skipped_and_renamed(world: World, tmp_path: Path) -> None:
    await world.pet()
    await world.field("age", "NUMERICAL", name="Age")
    path = file(tmp_path, "Full=Name,Note,Years\nAnn,x,3\n,y,4\n")
    how = choices(skip=["note"], rename=["Full=Name=name", "years=Age"])
    summary = await imported(world, path, choices=how)
    assert counts(summary) == (2, 1, 0, 1)
    assert errors_of(summary)[0][3:] == ["", "y", "4"], "a refused row is given back with all its columns"
    assert await pets(world) == [{"name": "Ann", "age": 3}]


async def test_f35_a_file_without_a_header(world: World, tmp_path: Path) -> None:
    await world.pet()
    path = file(tmp_path, "Rex,x\nTom,y\n")
    how = choices(skip=["column 2"], rename=["column 1=name"])
    assert counts(await imported(world, path, reading=Reading(header=False), choices=how)) == (2, 2, 0, 0)
    assert await pets(world) == [{"name": "Rex"}, {"name": "Tom"}]


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        (choices(skip=["Colour"]), "--skip colour: the file has no such column"),
        (choices(rename=["Colour=name"]), "--rename colour: the file has no such column"),
        (choices(rename=["Name"]), "--rename Name: this is not COLUMN=VALUE"),
        (choices(rename=["Note=Name"]), "2 columns would be named name"),
        (choices(skip=["Name", "Note"]), "No column is left"),
        (choices(types=["Note=PICTURE"]), "--type Note=PICTURE: there is no such type"),
        (choices(types=["Note=RADIO"]), "--type Note=RADIO: there is no such type"),
        (choices(types=["Name=DATE"]), "--type Name=DATE: the field name exists and is TEXT"),
    ],
)
async def test_choices_that_are_refused(world: World, tmp_path: Path, how: ColumnChoices, problem: str) -> None:
    await world.pet()
    with pytest.raises(BadRequest, match=problem):
        await planned(world, file(tmp_path, "Name,Note\nAnn,x\n"), choices=how, create=True)


async def test_a_type_is_chosen(world: World, tmp_path: Path) -> None:
    path = file(tmp_path, "Name,Born,Phone,Price,Code\nAnn,45484,070-174 06 05,12.5,5\n")
    await imported(
        world,
        path,
        create=True,
        choices=choices(types=["Born=DATE", "Phone=PHONE", "Price=MONETORY", "Code=TEXT"]),
        conventions=Conventions(country="SE", dates=(DateForm.EXCEL,)),
    )
    assert await pets(world) == [
        {
            "name": "Ann",
            "born": "2024-07-11",
            "phone": "+46701740605",
            "price": {"currency": "default", "value": 12.5},
            "code": "5",
        }
    ]


async def test_decomposed_letters_mean_the_same_columns_and_values(world: World, tmp_path: Path) -> None:
    await world.pet()
    await world.field("size", "SINGLE_OPTIONS", name="Größe", options=options("Groß"))
    content = "Name,Größe\nZoë,Groß\n"
    await imported(world, file(tmp_path, content))
    decomposed = content.replace("ö", "o\u0308").replace("ë", "e\u0308")
    summary = await imported(world, file(tmp_path, decomposed), match="name")
    assert summary.unchanged == 1
    assert await pets(world) == [{"name": "Zoë", "size": "gross"}]


async def test_f13_options_of_a_new_field_get_the_keys_of_the_api(world: World, tmp_path: Path) -> None:
    rows = "".join(f"Pet {n},{('A+', 'A-', 'Zoë')[n % 3]}\n" for n in range(15))
    await imported(world, file(tmp_path, f"Name,Grade\n{rows}"), create=True)
    made = next(field for field in (await world.object()).fields if field.key == "grade")
    assert [(option.key, option.label) for option in made.options] == [("a", "A+"), ("a_2", "A-"), ("zoe", "Zoë")]
    sent = await world.field("mark", "SINGLE_OPTIONS", options=options("A+", "A-", "Zoë"))
    assert sent.options == made.options


async def test_a_key_that_an_object_cannot_have_is_refused_in_a_dry_run_too(world: World, tmp_path: Path) -> None:
    path = file(tmp_path, "Name\nAnn\n")
    for dry in (True, False):
        with pytest.raises(InvalidKey):
            await imported(world, path, create=True, object_key="Big Pets", dry=dry)


async def test_h22_many_columns_are_created_together(world: World, tmp_path: Path) -> None:
    async def changes_of_the_schema(columns: int) -> int:
        key = f"wide{columns}"
        names = ",".join(f"Column {number}" for number in range(columns))
        values = ",".join(f"text {number}" for number in range(columns))
        before = await schema_version(world)
        path = file(tmp_path, f"{names}\n{values}\n")
        assert (await imported(world, path, create=True, object_key=key)).created == 1
        assert len((await world.object(f"custom_objects.{key}")).fields) == columns
        return await schema_version(world) - before

    assert await changes_of_the_schema(300) == await changes_of_the_schema(3) <= 3


async def schema_version(world: World) -> int:
    """How often a schema of the location has been changed."""
    return (await world.object("business")).version


# --- values ------------------------------------------------------------------------------------------------------

BLANK = " \u00a0\t"


async def test_f5_a_cell_of_blanks_is_no_value_of_any_type(world: World, tmp_path: Path) -> None:
    await world.pet()
    kinds = [kind for kind in DataType if kind is not DataType.TEXTBOX_LIST]
    for kind in kinds:
        has_options = kind in (DataType.RADIO, DataType.CHECKBOX, DataType.SINGLE_OPTIONS, DataType.MULTIPLE_OPTIONS)
        await world.field(f"f_{kind.lower()}", kind, options=options("A") if has_options else None)
    await world.field("box", "TEXTBOX_LIST", options=options("Left"))
    await world.field("chip", unique=True)
    keys = [*(f"f_{kind.lower()}" for kind in kinds), "box.left", "chip"]
    blanks = ",".join(f'"{BLANK}"' for _ in keys)
    path = file(tmp_path, f"name,{','.join(keys)}\nRex,{blanks}\nTom,{blanks}\n{BLANK},{blanks.replace(BLANK, 'x')}\n")
    summary = await imported(world, path)
    assert counts(summary) == (3, 2, 0, 1)
    assert await pets(world) == [{"name": "Rex"}, {"name": "Tom"}]
    lines = [{"name": name, **dict.fromkeys(keys, BLANK)} for name in ("Kim", "Max", BLANK)]
    path = file(tmp_path, "\n".join(msgspec.json.encode(line).decode() for line in lines), "pets.jsonl")
    assert counts(await imported(world, path)) == (3, 2, 0, 0)


async def test_f37_a_number_without_a_digit_before_the_point(world: World, tmp_path: Path) -> None:
    await imported(world, file(tmp_path, "Name,Share\nRex,.5\nTom,-.25\n"), create=True)
    assert await pets(world) == [{"name": "Rex", "share": 0.5}, {"name": "Tom", "share": -0.25}]


async def test_f38_a_number_and_a_text_are_texts(world: World, tmp_path: Path) -> None:
    path = file(tmp_path, '{"name":"Rex","n":1}\n{"name":"Tom","n":"2"}\n', "pets.jsonl")
    assert counts(await imported(world, path, create=True)) == (2, 2, 0, 0)
    assert await pets(world) == [{"name": "Rex", "n": "1"}, {"name": "Tom", "n": "2"}]


async def test_f38_repeated_members_and_no_numbers_are_refused_by_line(world: World, tmp_path: Path) -> None:
    lines = ['{"name":"Rex"}', '{"name":"Tom","name":"Kim"}', '{"name":NaN}', '{"name":"Max"}']
    summary = await imported(world, file(tmp_path, "\n".join(lines), "pets.jsonl"), create=True)
    assert counts(summary) == (4, 2, 0, 2)
    assert [row[:3] for row in errors_of(summary)] == [
        ["2", "", "the line names the member name twice"],
        ["3", "", "the line is not valid JSON: NaN and Infinity are not JSON numbers"],
    ]


@pytest.mark.parametrize("name", ["pets.csv", "pets.jsonl"])
async def test_plain_amounts_are_money_of_the_location(world: World, tmp_path: Path, name: str) -> None:
    await world.pet()
    await world.field("price", "MONETORY", name="Price")
    content = "name,price\nRex,12.5\n" if name.endswith("csv") else '{"name":"Rex","price":12.5}\n'
    await imported(world, file(tmp_path, content, name))
    assert await pets(world) == [{"name": "Rex", "price": {"currency": "default", "value": 12.5}}]


async def test_arrays_of_json_in_cells(world: World, tmp_path: Path) -> None:
    arrays = ['"[""a"",""b""]"', '"[""b""]"']
    rows = "".join(f"Pet {n},{arrays[n % 2]}\n" for n in range(12))
    await imported(world, file(tmp_path, f"Name,Tags\n{rows}"), create=True)
    assert [pet["tags"] for pet in await pets(world)][:2] == [["a", "b"], ["b"]]


async def test_dates_and_telephone_numbers_of_a_country(world: World, tmp_path: Path) -> None:
    await world.pet()
    await world.field("born", "DATE", name="Born")
    await world.field("phone", "PHONE", name="Phone")
    path = file(tmp_path, "name,born,phone\nRex,31/12/2024,(202) 555-0123\nTom,45484,+46 70 174 06 05\n")
    summary = await imported(world, path)
    assert counts(summary) == (2, 0, 0, 2)
    assert "--dates" in errors_of(summary)[0][2]
    how = Conventions(country="US", dates=(DateForm.DMY, DateForm.EXCEL))
    assert counts(await imported(world, path, conventions=how)) == (2, 2, 0, 0)
    assert await pets(world) == [
        {"name": "Rex", "born": "2024-12-31", "phone": "+12025550123"},
        {"name": "Tom", "born": "2024-07-11", "phone": "+46701740605"},
    ]
