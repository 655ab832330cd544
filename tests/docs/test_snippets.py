"""Every snippet of the README, the tutorial and the how-to pages runs and prints what the page shows."""

from __future__ import annotations

import ast
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.docs import shell
from tests.docs.snippets import DOCUMENTS, NOT_RUN, ROOT, SERVED, matches, needs_server, snippets
from tests.needs import missing
from tests.postgres import fresh_database

ON_POSTGRES = "docs/how-to/postgresql.md"
MOST_NOT_RUN = 13
"""Snippets that cannot run here, over all documents."""


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The database of a document: a fresh one on PostgreSQL where it is about that, else the default."""
    if request.getfixturevalue("document") != ON_POSTGRES:
        yield None
        return
    with fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.mark.parametrize("document", DOCUMENTS)
def test_snippets_do_what_the_page_says(document: str, database: str | None, tmp_path: Path) -> None:
    if absent := [name for name in ("bash", "curl") if shutil.which(name) is None]:
        missing(f"the snippets need {' and '.join(absent)}")
    found = snippets((ROOT / document).read_text("utf-8"))
    workspace = shell.make_workspace(tmp_path, database)
    with shell.serving(workspace) if needs_server(found) else nullcontext(shell.Server()) as server:
        printed = shell.run(found, workspace, server)
        if faults := list(shell.faults(found, printed, server)):
            pytest.fail("\n".join(faults), pytrace=False)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_page_says_what_its_python_snippets_need(document: str) -> None:
    """A newcomer has an environment with nothing in it but what the page installs."""
    text = (ROOT / document).read_text("utf-8")
    installed = set(re.findall(r"pip\s+install\s+([\w-]+)", text))
    providers = packages_distributions()
    own = {each.file.removesuffix(".py") for each in snippets(text) if each.file}
    for each in snippets(text):
        if each.language != "python":
            continue
        imports = (node for node in ast.walk(ast.parse(each.code)) if isinstance(node, ast.Import | ast.ImportFrom))
        named = (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            for node in imports
        )
        modules = {name.partition(".")[0] for names in named for name in names}
        modules -= sys.stdlib_module_names | own
        for module in modules:
            assert installed & set(providers[module]), f"{document}:{each.line} does not say how to install {module}"


def test_nearly_every_snippet_is_run() -> None:
    found = [(document, each) for document in DOCUMENTS for each in snippets((ROOT / document).read_text("utf-8"))]
    odd = [f"{document}:{each.line}" for document, each in found if each.marker and not _is_known(each.marker)]
    foreign = [
        f"{document}:{each.line}"
        for document, each in found
        if each.language == "js" and not (each.marker or each.file)
    ]
    left_out = [each for _, each in found if (each.marker or "").startswith(NOT_RUN)]

    assert odd == []
    assert foreign == [], "a snippet in a language that the suite does not run has to say so"
    assert len(left_out) <= MOST_NOT_RUN
    assert len(found) > 4 * len(left_out)


def _is_known(marker: str) -> bool:
    return marker == SERVED or len(marker) > len(NOT_RUN) + 10


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("a\nb\n", "a\nb", True),
        ("a\n", "a\nb\n", False),
        ("a...c\n", "a b c\n", True),
        ("a...c\n", "a b\nc\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\n", "a\n", True),
        ("...\nd\n", "a\nb\n", False),
        ("a.c\n", "abc\n", False),
    ],
)
def test_output_is_compared(expected: str, actual: str, same: bool) -> None:
    assert matches(expected, actual) is same


def test_snippets_are_found() -> None:
    first, second, third = snippets(
        "Text\n\n<!-- not run: it needs a ship -->\n```bash\nsail\n```\n\n```text\nland\n```\n"
        "```python\n# sea.py\nx = 1\n```\n\nMore\n\n```text\nno output\n```\n\n```bash\nls\n```\n"
    )

    assert (first.line, first.code, first.expected, first.marker) == (4, "sail\n", "land\n", "not run: it needs a ship")
    assert (second.language, second.file, second.expected, second.marker) == ("python", "sea.py", None, None)
    assert (third.code, third.file, third.expected) == ("ls\n", None, None)
