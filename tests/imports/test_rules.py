"""Files become records: planned, created where asked for, written chunk by chunk, refused rows given back."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import msgspec
import pytest

from groundlevel.imports.reader import SheetError
from groundlevel.imports.runs import CHUNK
from groundlevel.kernel.errors import BadRequest, UnknownProperty
from groundlevel.kernel.model import DataType
from groundlevel.kernel.storage.base import Storage
from tests.imports.importing import counts, file, imported, pets, planned
from tests.world import PET, World, options, world_in

SAMPLE = Path(__file__).parents[2] / "examples" / "packages_sample.csv"


@pytest.fixture
async def world(storage: Storage) -> World:
    return await world_in(storage)


async def test_an_object_is_made_from_a_file(world: World, tmp_path: Path) -> None:
    rows = [
        f"Pet {n},{n},2024-07-{n + 1:02},{('dog', 'cat')[n % 2]},{('a;b', 'b;c', 'a', 'c')[n % 4]}" for n in range(16)
    ]
    path = file(tmp_path, "Name,Age,Born on,Kind,Tags\n" + "\n".join(rows) + "\n")
    assert counts(await imported(world, path, create=True)) == (16, 16, 0, 0)
    made = await world.object()
    assert (made.singular, made.plural, made.primary, made.searchable) == ("Pet", "Pets", "name", ("name",))
    assert {field.key: (field.name, field.data_type) for field in made.fields} == {
        "name": ("Name", DataType.TEXT),
        "age": ("Age", DataType.NUMERICAL),
        "born_on": ("Born on", DataType.DATE),
        "kind": ("Kind", DataType.SINGLE_OPTIONS),
        "tags": ("Tags", DataType.MULTIPLE_OPTIONS),
    }
    assert (await pets(world))[1] == {
        "name": "Pet 1",
        "age": 1,
        "born_on": "2024-07-02",
        "kind": "cat",
        "tags": ["b", "c"],
    }


async def test_columns_meet_fields_by_key_or_name(world: World, tmp_path: Path) -> None:
    await world.pet()
    await world.field("age", "NUMERICAL", name="Years")
    await world.field("box", "TEXTBOX_LIST", options=options("Left", "Right"))
    path = file(tmp_path, "custom_objects.pet.name,years,box.left\nRex,3,toys\n")
    assert counts(await imported(world, path, object_key=PET)) == (1, 1, 0, 0)
    assert await pets(world) == [{"name": "Rex", "age": 3, "box.left": "toys"}]


async def test_unknown_columns_are_refused_with_the_fields_there_are(world: World, tmp_path: Path) -> None:
    await world.pet()
    with pytest.raises(
        UnknownProperty, match=r"The columns Colour, Size are no field of custom_objects\.pet"
    ) as refused:
        await planned(world, file(tmp_path, "name,Colour,Size\nRex,red,2\n"))
    assert "name (Name)" in refused.value.advice


async def test_missing_fields_are_added_when_asked_for(world: World, tmp_path: Path) -> None:
    await world.pet()
    path = file(tmp_path, "name,Weight\nRex,31.5\n")
    assert counts(await imported(world, path, create=True)) == (1, 1, 0, 0)
    assert await pets(world) == [{"name": "Rex", "weight": 31.5}]


async def test_two_columns_for_one_field_are_refused(world: World, tmp_path: Path) -> None:
    await world.pet()
    with pytest.raises(BadRequest, match="2 columns fill the property name"):
        await planned(world, file(tmp_path, "custom_objects.pet.name,Name\nRex,Rex\n"))


async def test_a_missing_object_is_refused_unless_it_may_be_made(world: World, tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="not found") as refused:
        await planned(world, file(tmp_path, "name\nRex\n"))
    assert "--create-object" in refused.value.advice


@pytest.mark.parametrize(
    ("content", "wanted", "primary"),
    [
        ("id,name\n1,Rex\n2,Tom\n", None, "name"),
        ("kind,name\ndog,\ncat,Tom\n", None, "kind"),
        ("name,code\nRex,1\nRex,2\n", None, "code"),
        ("id,name\n1,Rex\n2,Tom\n", "id", "id"),
        ("Mail,name\na@example.com,Rex\n", "Mail", "mail"),
    ],
)
async def test_the_primary_property(
    world: World, tmp_path: Path, content: str, wanted: str | None, primary: str
) -> None:
    path = file(tmp_path, content)
    assert (await planned(world, path, create=True, primary=wanted)).primary == primary
    await imported(world, path, create=True, primary=wanted)
    assert (await world.object()).primary == primary


async def test_refused_rows_come_back_with_the_reason(world: World, tmp_path: Path) -> None:
    await world.pet()
    await world.field("age", "NUMERICAL", name="Age")
    path = file(tmp_path, 'name,age\nRex,3\nTom,old\n,4\nKim\n"A\nB",5\n')
    summary = await imported(world, path)
    assert counts(summary) == (5, 2, 0, 3)
    assert summary.errors_path == tmp_path / "pets.csv.errors.csv"
    with summary.errors_path.open(encoding="utf-8", newline="") as errors:
        found = list(csv.reader(errors))
    assert found[0] == ["line", "field", "message", "name", "age"]
    assert sorted(found[1:]) == [
        ["3", "age", "Age: expected a plain decimal number", "Tom", "old"],
        ["4", "name", "Missing required properties to create Pet - name", "", "4"],
        ["5", "", "the row has 1 cells, the first row has 2", "Kim"],
    ]
    assert [pet["name"] for pet in await pets(world)] == ["Rex", "A\nB"]


async def test_refused_rows_are_for_the_owner_alone(world: World, tmp_path: Path) -> None:
    await world.pet()
    path = file(tmp_path, "name\nRex,brown\n")
    path.chmod(0o644)
    errors = (await imported(world, path)).errors_path
    assert errors is not None
    assert stat.S_IMODE(errors.stat().st_mode) == 0o600


async def test_the_errors_of_an_earlier_run_do_not_stay(world: World, tmp_path: Path) -> None:
    await world.pet()
    assert (await imported(world, file(tmp_path, "name\n\n"))).errors_path is None
    path = file(tmp_path, "name,name2\n")
    errors = tmp_path / "pets.csv.errors.csv"
    path = file(tmp_path, "name\nRex\n")
    errors.write_text("line\n", encoding="utf-8")
    assert (await imported(world, path)).errors_path is None
    assert not errors.exists()


async def test_rows_beyond_one_chunk(world: World, tmp_path: Path) -> None:
    await world.pet()
    await world.field("code", unique=True)
    total = 2 * CHUNK + 5
    lines = [f"Pet {n},{n % (total - 1)}\n" for n in range(total)]
    path = file(tmp_path, "name,code\n" + "".join(lines))
    assert counts(await imported(world, path, dry=True)) == (total, total - 1, 0, 1)
    assert counts(await imported(world, path)) == (total, total - 1, 0, 1)
    assert (await world.search(page_limit=1)).total == total - 1


async def test_importing_again_updates_the_matching_records(world: World, tmp_path: Path) -> None:
    await world.pet()
    await world.field("age", "NUMERICAL")
    await imported(world, file(tmp_path, "name,age\nRex,3\nTom,4\n"))
    path = file(tmp_path, "name,age\nRex,5\nTom,\nKim,6\nKim,7\n")
    assert counts(await imported(world, path, dry=True, match="name")) == (4, 1, 2, 0)
    done = await imported(world, path, match="name")
    assert (counts(done), done.unchanged) == ((4, 1, 2, 0), 1)
    assert await pets(world) == [{"name": "Rex", "age": 5}, {"name": "Tom", "age": 4}, {"name": "Kim", "age": 7}]


async def test_matching_spans_chunks(world: World, tmp_path: Path) -> None:
    lines = [f"Pet {n % (CHUNK + 1)},{n}\n" for n in range(2 * CHUNK + 2)]
    path = file(tmp_path, "name,n\n" + "".join(lines))
    summary = await imported(world, path, create=True, match="name", primary="name")
    assert counts(summary) == (2 * CHUNK + 2, CHUNK + 1, CHUNK + 1, 0)


@pytest.mark.parametrize("match", ["none", "tags"])
async def test_what_records_cannot_be_matched_by(world: World, tmp_path: Path, match: str) -> None:
    await world.pet()
    await world.field("tags", "MULTIPLE_OPTIONS", options=options("A", "B"))
    with pytest.raises(BadRequest, match=f"--match {match}"):
        await planned(world, file(tmp_path, "name,tags\nRex,a\n"), match=match)


async def test_a_dry_run_creates_nothing_and_finds_every_fault(world: World, tmp_path: Path) -> None:
    path = file(tmp_path, "name,note\nRex," + "x" * 12_001 + "\nTom,y\n")
    assert counts(await imported(world, path, dry=True, create=True)) == (2, 1, 0, 1)
    with pytest.raises(SheetError):
        await planned(world, path)


async def test_json_lines_keep_their_types(world: World, tmp_path: Path) -> None:
    lines = [
        {
            "name": f"Pet {n}",
            "age": n,
            "zip": f"0{n}",
            "tags": ["a", "b"][: n % 2 + 1],
            "tame": n % 2 == 0,
            "extra": None,
        }
        for n in range(12)
    ]
    path = file(tmp_path, "\n".join(msgspec.json.encode(line).decode() for line in lines), "pets.jsonl")
    assert counts(await imported(world, path, create=True)) == (12, 12, 0, 0)
    types = {field.key: field.data_type for field in (await world.object()).fields}
    assert types == {
        "name": DataType.TEXT,
        "age": DataType.NUMERICAL,
        "zip": DataType.TEXT,
        "tags": DataType.MULTIPLE_OPTIONS,
        "tame": DataType.SINGLE_OPTIONS,
        "extra": DataType.TEXT,
    }
    assert (await pets(world))[1] == {"name": "Pet 1", "age": 1, "zip": "01", "tags": ["a", "b"], "tame": "false"}


async def test_a_text_in_json_lines_is_no_number(world: World, tmp_path: Path) -> None:
    await world.pet()
    await world.field("age", "NUMERICAL")
    path = file(tmp_path, '{"name":"Rex","age":"3"}\n{"name":"Tom","age":4}\n', "pets.jsonl")
    assert counts(await imported(world, path)) == (2, 1, 0, 1)


async def test_the_sample_of_the_package_list(world: World, tmp_path: Path) -> None:
    path = file(tmp_path, SAMPLE.read_text(encoding="utf-8"), "packages.csv")
    plan = await planned(world, path, object_key="package", create=True)
    types = {column.key: column.data_type for column in plan.columns}
    assert plan.primary == "package"
    assert types["section"] is types["architecture"] is DataType.SINGLE_OPTIONS
    assert types["installed_size_kib"] is types["download_size_bytes"] is DataType.NUMERICAL
    assert types["version"] is types["maintainer"] is DataType.TEXT
    assert types["depends"] is DataType.LARGE_TEXT
    summary = await imported(world, path, object_key="package", create=True)
    assert summary.created == summary.rows > 100
