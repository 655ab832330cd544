"""Files are read as they come: delimiters, encodings, quoted line breaks, ragged rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundlevel.imports.csv_reader import delimiter_of
from groundlevel.imports.files import open_sheet
from groundlevel.imports.reader import Reading, Sheet, SheetError, SheetRow, column_names
from groundlevel.kernel.model import Json


def written(directory: Path, name: str, content: str | bytes) -> Path:
    path = directory / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def filled(sheet: Sheet) -> list[list[Json]]:
    """The values of the rows that have any."""
    return [list(row.values) for row in sheet.rows() if not row.blank]


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
        pytest.param("a,b\n\n1,2\n,\n\n", ("a", "b"), [["1", "2"]], id="blank rows are no data"),
        pytest.param("a,,c\n1,2,3\n", ("a", "column 2", "c"), [["1", "2", "3"]], id="nameless column"),
        pytest.param("a,b\n1,2", ("a", "b"), [["1", "2"]], id="no line break at the end"),
    ],
)
def test_csv(tmp_path: Path, content: str, columns: tuple[str, ...], rows: list[list[str]]) -> None:
    sheet = open_sheet(written(tmp_path, "t.csv", content))
    assert sheet.columns == columns
    assert filled(sheet) == rows
    assert filled(sheet) == rows, "a sheet can be read again"


def test_rows_know_the_line_they_start_on(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, "t.csv", 'a,b\n"1\n1",2\n\n3,4\n'))
    assert [(row.line, row.lines, row.blank) for row in sheet.rows()] == [(2, 2, False), (4, 1, True), (5, 1, False)]
    assert (sheet.lines, sheet.header_lines) == (5, 1)


def test_ragged_rows_are_faults_and_keep_their_cells(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, "t.csv", "a,b\n1\n1,2\n1,2,3\n"))
    assert list(sheet.rows()) == [
        SheetRow(2, ["1"], "the row has 1 cells, the first row has 2"),
        SheetRow(3, ["1", "2"]),
        SheetRow(4, ["1", "2", "3"], "the row has 3 cells, the first row has 2"),
    ]


def test_json_lines(tmp_path: Path) -> None:
    content = '{"a":1,"b":"x"}\n\n{"b":null,"c":["y"]}\n[1]\nnull\n'
    sheet = open_sheet(written(tmp_path, "t.jsonl", content))
    assert sheet.columns == ("a", "b", "c")
    fault = "the line is not a JSON object"
    assert list(sheet.rows()) == [
        SheetRow(1, [1, "x", None]),
        SheetRow(2, [None, None, None]),
        SheetRow(3, [None, None, ["y"]]),
        SheetRow(4, [[1]], fault),
        SheetRow(5, [None], fault),
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"a":', "not valid JSON"),
        ('{"a":NaN}', "NaN and Infinity are not JSON numbers"),
        ('{"a":-Infinity}', "NaN and Infinity are not JSON numbers"),
        ('{"a":1,"a":2}', "names the member a twice"),
        ('{"a" :1, "a": 2}', "names the member a twice"),
        ('{"a":{"b":1,"b":2}}', "names the member b twice"),
        ('{"\\u0061":1,"a":2}', "names the member a twice"),
        ('{"é":1,"e\u0301":2}', "twice"),
        ('{"a":' + "[" * 100_000, "not valid JSON"),
        ('"a"', "not a JSON object"),
    ],
)
def test_lines_of_json_that_are_faults(tmp_path: Path, line: str, fault: str) -> None:
    sheet = open_sheet(written(tmp_path, "t.jsonl", f'{{"a":0,"t":"10:30","o":{{"a":1}}}}\n{line}\n{{"a":1}}\n'))
    rows = list(sheet.rows())
    assert [row.fault is None for row in rows] == [True, False, True]
    assert fault in (rows[1].fault or "")
    assert list(rows[1].values) == ([line] if "not a JSON" not in fault else ["a"])


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("t.csv", b"name\nZo\xeb\n", "line 2: this is not UTF-8 text"),
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


# --- encodings ---------------------------------------------------------------------------------------------------

ZOE = "Name;Größe\r\nZoë;3\r\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        pytest.param(ZOE.encode(), None, id="UTF-8"),
        pytest.param(ZOE.encode("utf-8-sig"), None, id="UTF-8 with its mark"),
        pytest.param(ZOE.encode("utf-8-sig"), "windows-1252", id="a mark outranks the choice"),
        pytest.param(ZOE.encode("utf-8-sig"), "UTF8", id="UTF-8 by choice, with its mark"),
        pytest.param(ZOE.encode("utf-16"), None, id="UTF-16 with its mark"),
        pytest.param("\ufeff".encode("utf-16-be") + ZOE.encode("utf-16-be"), None, id="UTF-16 of the other order"),
        pytest.param(ZOE.encode("utf-16-le"), None, id="UTF-16 without a mark"),
        pytest.param(ZOE.encode("utf-16-be"), None, id="UTF-16 of the other order without a mark"),
        pytest.param(ZOE.encode("utf-32"), None, id="UTF-32"),
        pytest.param(ZOE.encode("cp1252"), "windows-1252", id="Windows-1252 by choice"),
        pytest.param(ZOE.encode("mac-roman"), "mac-roman", id="another one by choice"),
        pytest.param(ZOE.replace("ö", "o\u0308").replace("ë", "e\u0308").encode(), None, id="decomposed letters"),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, encoding: str | None) -> None:
    sheet = open_sheet(written(tmp_path, "t.csv", content), Reading(encoding=encoding))
    assert sheet.columns == ("Name", "Größe")
    assert filled(sheet) == [["Zoë", "3"]]
    assert sheet.lines == 2


@pytest.mark.parametrize(
    ("content", "encoding", "problem"),
    [
        (b"a\n" * 9_000 + b"Zo\xeb\n", None, "line 9001: this is not UTF-8 text"),
        (b"a\r" * 9 + b"b\rZo\xeb\r", None, "line 11: this is not UTF-8 text"),
        (b"a\nb\n\x81\n", "windows-1252", "line 3: this is not windows-1252 text"),
        ("a\nb\n".encode("utf-16") + b"\x00\xd8\x00\xd8", None, "line 3: this is not utf-16 text"),
        (b"a\n", "klingon", "--encoding klingon: there is no such encoding"),
        (b"a\n", "base64", "--encoding base64: there is no such encoding"),
    ],
)
def test_what_cannot_be_decoded(tmp_path: Path, content: bytes, encoding: str | None, problem: str) -> None:
    with pytest.raises(SheetError, match=problem) as refused:
        open_sheet(written(tmp_path, "t.csv", content), Reading(encoding=encoding)).check(ignore)
    assert refused.value.advice


def ignore(_: int) -> None:
    """Nobody watches."""


def test_json_lines_are_composed(tmp_path: Path) -> None:
    lines = '{"Zoe\u0308":{"a":["e\u0301"]}}\n{"Zo\u00eb":"E\\u0301"}\n'
    sheet = open_sheet(written(tmp_path, "t.jsonl", lines.encode("utf-16")))
    assert sheet.columns == ("Zoë",)
    assert filled(sheet) == [[{"a": ["é"]}], ["É"]]


# --- headers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (["Name", " Age "], ("Name", "Age")),
        (["Name", "Name", "name"], ("Name", "Name 2", "name 3")),
        (["Name", "Name 2", "Name"], ("Name", "Name 2", "Name 3")),
        (["", "x", "\u00a0", "column 1"], ("column 2", "x", "column 3", "column 1")),
        (["Zoë", "Zoe\u0308"], ("Zoë", "Zoë 2")),
    ],
)
def test_names_of_columns(header: list[str], names: tuple[str, ...]) -> None:
    assert column_names(header) == names


@given(header=st.lists(st.text("aA 12\u00a0"), min_size=1, max_size=12))
def test_names_of_columns_differ(header: list[str]) -> None:
    names = [name.casefold() for name in column_names(header)]
    assert len(set(names)) == len(header)
    assert all(name.strip() for name in names)


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("sep=;\nName;Age\nRex, the dog;3\n", [["Rex, the dog", "3"]]),
        ('"sep=;"\r\nName;Age\r\nRex;3\r\n', [["Rex", "3"]]),
        ("SEP=,\nName,Age\nRex,3;5\n", [["Rex", "3;5"]]),
        ("sep=\t\nName\tAge\nRex\t3,5\n", [["Rex", "3,5"]]),
        ("sep=^\nName^Age\nRex^3\n", [["Rex", "3"]]),
    ],
)
def test_a_first_line_that_names_the_separator(tmp_path: Path, content: str, rows: list[list[str]]) -> None:
    sheet = open_sheet(written(tmp_path, "t.csv", content))
    assert sheet.columns == ("Name", "Age")
    assert filled(sheet) == rows
    assert (sheet.lines, sheet.header_lines, next(sheet.rows()).line) == (3, 2, 3)


def test_a_file_without_a_header(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, "t.csv", "Rex,3\nTom,4\n"), Reading(header=False))
    assert sheet.columns == ("column 1", "column 2")
    assert filled(sheet) == [["Rex", "3"], ["Tom", "4"]]
    assert (sheet.lines, sheet.header_lines) == (2, 0)


def test_columns_without_name_and_value_are_found(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, "t.csv", "Name,City,,,\nAnn,Paris,, \u00a0,x\nBob,Rome,,,\n"))
    assert sheet.check(ignore) == {2, 3}
    assert open_sheet(written(tmp_path, "n.csv", "a,\n1,2\n")).check(ignore) == frozenset()


def test_blank_cells_beyond_the_header_are_dropped(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, "t.csv", "a,b\n1,2,,\n1,2, \n1,2,3\n,,,\n"))
    assert [(list(row.values), row.fault is None) for row in sheet.rows()] == [
        (["1", "2"], True),
        (["1", "2"], True),
        (["1", "2", "3"], False),
        ([], True),
    ]


# --- quotation marks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('Name,Note\nA,"oops\nB,fine\nC,ok\n', "line 2: a quotation mark opens a cell and is never closed"),
        (
            'Name,Note\nA,"oops\nB,fine\nC,"ok"\n',
            "line 2: a quotation mark opens a cell, and text follows the one that closes it in line 4",
        ),
        ('Name,Note\nA,"5" pipe\nB,x\n', "line 2: a quotation mark opens a cell, and text follows the one that"),
        ('Name,Note\n"A\nA",x,"oops\nB,fine\n', "line 3: a quotation mark opens a cell and is never closed"),
        ('sep=,\nName,Note\nA,"oops\n', "line 3: a quotation mark opens a cell and is never closed"),
        ('"Name,Note\nA,b\n', "line 1: a quotation mark opens a cell and is never closed"),
        ('Name,Note\n"A ""a""","oops\nB ""b"",fine\n', "line 2: a quotation mark opens a cell and is never closed"),
        ("a,b\n" + "1,2\n" * 300 + 'x,"y\n' + "1,2\n" * 300, "line 302: a quotation mark opens a cell and is never"),
        ('a,b\n1,"' + "x" * (17 << 20) + '"\n', "line 2: a cell of more than 16 MiB begins"),
    ],
)
def test_a_stray_quotation_mark_refuses_the_file(tmp_path: Path, content: str, problem: str) -> None:
    with pytest.raises(SheetError, match=problem) as refused:
        open_sheet(written(tmp_path, "t.csv", content)).check(ignore)
    assert "twice" in refused.value.advice


@pytest.mark.parametrize(
    "content",
    ['a,b\n5" pipe,x\n', 'a,b\n"5"" pipe",x\n', 'a,b\n"two\nlines",x\n', 'a,b\n"",""\n', 'a\n"x"\r\n'],
)
def test_quotation_marks_in_their_place(tmp_path: Path, content: str) -> None:
    sheet = open_sheet(written(tmp_path, "t.csv", content))
    assert sheet.check(ignore) == frozenset()
    assert sheet.warnings == []


def test_rows_that_may_have_been_swallowed_are_warned_about(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, "t.csv", 'Name,Size\nA,"5\nB,6\nC,7"\nD,8\n' + 'E,"1\nF,2"\n' * 4))
    sheet.check(ignore)
    assert len(sheet.warnings) == 4
    assert sheet.warnings[0].startswith("line 2: one row takes 3 lines")
    assert sheet.warnings[-1] == "2 further rows look like that"


# --- nothing is lost ---------------------------------------------------------------------------------------------

CELLS = st.text('ab1;,|\t" \n\r\u00a0é=', max_size=6)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def physical_lines(text: str) -> int:
    """The lines of a text, counted apart from the code that is tested."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain.count("\n") + (not plain.endswith("\n") and plain != "")


@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=12), end=ENDS, last=st.booleans())
def test_every_cell_of_a_well_formed_file_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], end: str, last: bool
) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([["one", "two"], *rows])
    text = buffer.getvalue() if last else buffer.getvalue().removesuffix(end)
    sheet = open_sheet(written(tmp_path_factory.mktemp("csv"), "t.csv", "sep=,\n" + text))
    sheet.check(ignore)
    read = list(sheet.rows())
    assert len(read) == len(rows)
    assert sheet.header_lines + sum(row.lines for row in read) == sheet.lines == physical_lines(text) + 1
    for row, cells in zip(read, rows, strict=True):
        if row.fault is None and not row.blank:
            assert list(row.values) == cells[:2]
        elif row.fault is not None:
            assert list(row.values) == cells


@given(text=st.text('ab,;"\n\r\u00a0é\x00', max_size=60), header=st.booleans())
def test_every_line_of_any_file_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, text: str, header: bool
) -> None:
    try:
        sheet = open_sheet(
            written(tmp_path_factory.mktemp("csv"), "t.csv", text), Reading(header=header, encoding="utf-8")
        )
        sheet.check(ignore)
    except SheetError:
        return
    rows = list(sheet.rows())
    assert sheet.header_lines + sum(row.lines for row in rows) == sheet.lines == physical_lines(text)
    starts = [row.line for row in rows]
    assert starts == [sheet.header_lines + 1 + sum(row.lines for row in rows[:n]) for n in range(len(rows))]


@given(lines=st.lists(st.sampled_from(['{"a":1}', '{"a":1,"a":2}', "", " ", "[]", "null", "{", '{"b":"x"}'])))
def test_every_line_of_json_is_accounted_for(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = written(tmp_path_factory.mktemp("json"), "t.jsonl", "".join(f"{line}\n" for line in [*lines, '{"a":0}']))
    sheet = open_sheet(path)
    sheet.check(ignore)
    assert len(list(sheet.rows())) == sheet.lines == len(lines) + 1
