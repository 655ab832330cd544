"""The wire contract has a place for all that cites it, and lists every published operation, here or not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from groundlevel.kernel.events import event_kinds
from groundlevel.kernel.fields.base import Operator
from groundlevel.kernel.model import DataType
from tests.compat.published import FACTS, read_facts, route_at
from tests.docs.test_links import ROOT, anchors

PAGE = ROOT / "docs" / "contract.md"
DECISIONS = 43
CITING = ("src", "tests", "docs")
SUFFIXES = {".py", ".sql", ".md", ".html", ".js", ".toml"}
BEGIN, END = "<!-- missing operations:", "<!-- end of missing operations -->"

_CITATION = re.compile(r"docs/contract\.md((?:,?\s*#[\w-]+)+)")
_MISSING = re.compile(r"^\| `([\w.-]+)` \| `([^`]+)` \| ([A-Z, ]+) \|$", re.MULTILINE)


def cited(text: str) -> list[str]:
    """The anchors of the contract that a text cites: `#a` and `#b` where it has both behind one name of the page."""
    return [name for citation in _CITATION.findall(text) for name in re.findall(r"#([\w-]+)", citation)]


def citing_files(root: Path) -> Iterator[Path]:
    """The texts that may cite the contract."""
    for folder in CITING:
        yield from (path for path in sorted((root / folder).rglob("*")) if path.suffix in SUFFIXES)


def lost_citations(files: Iterable[Path], page: str) -> list[str]:
    """What is cited and is not in the page, with the file that cites it."""
    known = anchors(page)
    return [f"{path.name}: #{name}" for path in files for name in cited(path.read_text("utf-8")) if name not in known]


def published() -> Iterator[tuple[str, str, str]]:
    """Document, method and path of every published operation."""
    for table in sorted(FACTS.iterdir()):
        yield from ((table.name, each.method.upper(), each.path) for each in read_facts(table.name).operations)


def listed_as_missing(page: str) -> list[tuple[str, str, str]]:
    """Document, method and path of the operations that the page says are not here."""
    section = page.partition(BEGIN)[2].partition(END)[0]
    return [
        (document, method, path)
        for document, path, methods in _MISSING.findall(section)
        for method in methods.split(", ")
    ]


def test_every_citation_has_its_place() -> None:
    assert lost_citations(citing_files(ROOT), PAGE.read_text("utf-8")) == []


def test_a_citation_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    text = tmp_path / "module.py"
    name = f"docs/{PAGE.name}"
    text.write_text(f'"""Adds (see {name}#here, #nowhere),\nand ({name}#One,\n    #two), {name}#gone."""', "utf-8")

    assert lost_citations([text], '# Here\n<a id="One"></a>\n') == [
        "module.py: #nowhere",
        "module.py: #two",
        "module.py: #gone",
    ]


def test_every_anchor_is_given_once() -> None:
    page = PAGE.read_text("utf-8")
    given = Counter(re.findall(r'<a id="([\w-]+)"></a>', page))
    headings = anchors(re.sub(r"<a id=[^>]*></a>", "", page))

    assert [name for name, times in given.items() if times > 1 or name in headings] == []


def test_every_decision_is_there() -> None:
    assert {f"decision-{number}" for number in range(1, DECISIONS + 1)} <= anchors(PAGE.read_text("utf-8"))


def test_every_published_operation_is_here_or_listed_as_missing() -> None:
    page = PAGE.read_text("utf-8")
    here = [(method, path) for _, method, path in published() if route_at(method, path) is not None]
    missing = [each for each in published() if route_at(each[1], each[2]) is None]

    assert sorted(listed_as_missing(page)) == sorted(missing)
    assert [f"{method} {path}" for method, path in here if f"`{method} {path}`" not in page] == []


@pytest.mark.parametrize(
    "name",
    [*(each.value for each in DataType), *(each.value for each in Operator), *(each.type for each in event_kinds())],
)
def test_every_name_of_the_wire_is_in_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text("utf-8")
