"""Figures are judged by their budgets and shown in a table between the markers of a page."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench.command import PAGE
from bench.corpus import FIELDS, PRIMARY, Records, write_csv
from bench.large import MARKERS
from bench.report import BEGIN, END, Budget, Report, Row, as_json, as_markdown, judged, median_ratio, write_between
from bench.store import GROWTH
from bench.works import WORKS


def _row(**members: float | str) -> Row:
    fixed = {"section": "Over HTTP", "work": "get", "engine": "sqlite", "figure": 50.0, "unit": "requests/s"}
    return msgspec.convert(fixed | members, Row)


@pytest.mark.parametrize(
    ("budget", "met"),
    [
        (Budget(), None),
        (Budget("b", least_ratio=0.5), True),
        (Budget("b", least_ratio=0.51), False),
        (Budget("b", most_ratio=0.5), True),
        (Budget("b", most_ratio=0.49), False),
        (Budget("b", least={"sqlite": 50}), True),
        (Budget("b", least={"sqlite": 51}), False),
        (Budget("b", least={"postgres": 51}), None),
        (Budget("b", most=50), True),
        (Budget("b", most=49), False),
        (Budget("b", least_ratio=0.5, most=49), False),
        (Budget("b", most=49, records=1_001), None),
        (Budget("b", most=49, reference=True), None),
    ],
)
def test_a_budget_judges_a_figure(budget: Budget, met: bool | None) -> None:
    assert judged(_row(ratio=0.5), budget, 1_000).met is met


def test_the_budget_of_another_engine_is_not_shown() -> None:
    assert judged(_row(), Budget("b", least={"postgres": 51}), 0).budget == ""


def test_a_budget_that_cannot_be_judged_says_from_when_on() -> None:
    assert "1,000,000" in judged(_row(ratio=2.0), GROWTH, 100).note


def test_a_ratio_is_that_of_neighbours() -> None:
    assert median_ratio([1, 10, 100], [2, 20, 200]) == 0.5


def _report() -> Report:
    rows = [
        judged(_row(ratio=0.6, ceiling=80.0, p50_ms=1.25), WORKS[0].budget, 100),
        _row(section="At the store", work="page", unit="ms", figure=1.5),
    ]
    return Report(machine="a machine", scale="tiny", records=100, notes=["a note"], rows=rows)


def test_the_table_shows_every_row_and_note() -> None:
    text = as_markdown(_report())
    assert "| get " in text
    assert "| 0.60 " in text
    assert "| yes " in text
    assert "1.50 ms" in text
    assert "- a note" in text
    widths = {len(line) for line in text.splitlines() if line.startswith(("| get", "| work"))}
    assert len(widths) == 2, "one width for each table"


def test_the_json_holds_the_whole_report() -> None:
    assert msgspec.json.decode(as_json(_report()), type=Report) == _report()


def test_the_page_is_rewritten_between_its_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_between(page, (BEGIN, END), as_markdown(_report()))
    assert page.read_text() == f"before\n{BEGIN}\n{as_markdown(_report())}\n{END}\nafter\n"


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("prose")
    with pytest.raises(ValueError, match="has no lines"):
        write_between(page, (BEGIN, END), as_markdown(_report()))
    assert page.read_text() == "prose"


@pytest.mark.parametrize(("markers", "command"), [((BEGIN, END), "make bench"), (MARKERS, "make bench-large")])
def test_the_documentation_has_the_markers(markers: tuple[str, str], command: str) -> None:
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(markers[0])
    assert begin
    assert markers[1] in rest
    assert command in before


def test_the_corpus_is_the_same_every_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_csv(tmp_path / name, iter(Records()), 50)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    heads, *rows = (tmp_path / "one").read_text().splitlines()
    assert heads.split(",") == [PRIMARY, *(key for key, _, _ in FIELDS)]
    assert len(rows) == len(set(rows)) == 50
