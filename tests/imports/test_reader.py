"""Files are read as they come: delimiters, encodings, quoted line breaks, ragged rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from groundlevel.imports.reader import SheetError, SheetRow, delimiter_of, open_sheet


def written(directory: Path, name: str, content: str | bytes) -> Path:
    path = directory / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "columns", "rows"),
    [
        pytest.param("name,age\nRex,3\n", ("name", "age"), [["Rex", "3"]], id="comma"),
        pytest.param("name;age\nRex, the dog;3\n", ("name", "age"), [["Rex, the dog", "3"]], id="semicolon"),
        pytest.param("name\tage\nRex\t3\n", ("name", "age"), [["Rex", "3"]], id="tab"),
        pytest.param("name|age\nRex|3\n", ("name", "age"), [["Rex", "3"]], id="bar"),
        pytest.param("name\nRex\nZoë\n", ("name",), [["Rex"], ["Zoë"]], id="one column"),
        pytest.param("\ufeffname,age\r\nRex,3\r\n", ("name", "age"), [["Rex", "3"]], id="byte order mark and CRLF"),
        pytest.param('a,b\n"x\ny",2\n', ("a", "b"), [["x\ny", "2"]], id="line break in a cell"),
        pytest.param('a,b\n"say ""hi""",2\n', ("a", "b"), [['say "hi"', "2"]], id="doubled quotes"),
        pytest.param("a,b\n\n1,2\n,\n\n", ("a", "b"), [["1", "2"]], id="blank rows are skipped"),
        pytest.param("a,,c\n1,2,3\n", ("a", "column 2", "c"), [["1", "2", "3"]], id="nameless column"),
        pytest.param("a,b\n1,2", ("a", "b"), [["1", "2"]], id="no line break at the end"),
    ],
)
def test_csv(tmp_path: Path, content: str, columns: tuple[str, ...], rows: list[list[str]]) -> None:
    sheet = open_sheet(written(tmp_path, "t.csv", content))
    assert sheet.columns == columns
    assert [list(row.values) for row in sheet.rows()] == rows
    assert [list(row.values) for row in sheet.rows()] == rows, "a sheet can be read again"


def test_rows_know_the_line_they_start_on(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, "t.csv", 'a,b\n"1\n1",2\n\n3,4\n'))
    assert [row.line for row in sheet.rows()] == [2, 5]


def test_ragged_rows_are_faults_and_keep_their_cells(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, "t.csv", "a,b\n1\n1,2\n1,2,3\n"))
    assert list(sheet.rows()) == [
        SheetRow(2, ["1"], "the row has 1 cells, the first row has 2"),
        SheetRow(3, ["1", "2"]),
        SheetRow(4, ["1", "2", "3"], "the row has 3 cells, the first row has 2"),
    ]


def test_json_lines(tmp_path: Path) -> None:
    content = '{"a":1,"b":"x"}\n\n{"b":null,"c":["y"]}\n[1]\n{"a":\n'
    sheet = open_sheet(written(tmp_path, "t.jsonl", content))
    assert sheet.columns == ("a", "b", "c")
    fault = "the line is not a JSON object"
    assert list(sheet.rows()) == [
        SheetRow(1, [1, "x", None]),
        SheetRow(3, [None, None, ["y"]]),
        SheetRow(4, [[1]], fault),
        SheetRow(5, ['{"a":'], fault),
    ]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("t.csv", b"name\nZo\xeb\n", "is not UTF-8 text"),
        ("t.csv", b"", "is empty"),
        ("t.jsonl", b"1\n", "holds no JSON objects"),
        ("t.xlsx", b"PK", "neither CSV nor JSON Lines"),
    ],
)
def test_unreadable_files(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    with pytest.raises(SheetError, match=problem) as refused:
        list(open_sheet(written(tmp_path, name, content)).rows())
    assert refused.value.advice


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="cannot be read: No such file"):
        open_sheet(tmp_path / "none.csv")


def test_position_reaches_the_size(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, "t.csv", "a\n" + "x\n" * 5_000))
    seen = [sheet.position for _ in sheet.rows()]
    assert seen == sorted(seen)
    assert 0 < seen[3_000] < sheet.size
    assert sheet.position == sheet.size


def test_the_delimiter_that_fits_most_rows_wins() -> None:
    assert delimiter_of(["a;b\n", "1,5;2\n", "2,5;3\n"]) == ";"
    assert delimiter_of(["only\n", "one\n"]) == ","
