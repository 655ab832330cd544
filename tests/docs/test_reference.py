"""The reference is what the generator makes of the code, and has a heading for every row of every table."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import typer

from groundlevel.api import ROUTES
from groundlevel.cli import make_app
from groundlevel.control.faults import scenarios
from groundlevel.kernel.errors import refusals
from groundlevel.kernel.fields.base import Operator
from groundlevel.kernel.model import DataType
from groundlevel.kernel.settings import SETTINGS
from groundlevel.standard.objects import STANDARD_OBJECTS

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def commands(group: typer.Typer, name: str) -> Iterable[str]:
    """The whole names of all commands."""
    for command in group.registered_commands:
        yield f"{name} {command.name}"
    for family in group.registered_groups:
        assert family.typer_instance is not None
        yield from commands(family.typer_instance, f"{name} {family.name}")


HEADINGS = (
    ("settings.md", 2, [setting.name for setting in SETTINGS]),
    ("commands.md", 2, [*commands(make_app(), "groundlevel"), "Options of every command", "Exit status"]),
    ("operations.md", 3, [f"{route.method} {route.path}" for route in ROUTES]),
    ("operations.md", 2, {route.tag for route in ROUTES}),
    ("control.md", 3, [name for name, _ in scenarios()]),
    ("data-types.md", 2, [each.value for each in DataType]),
    ("search.md", 3, [each.value for each in Operator]),
    ("object-model.md", 3, [row.key for row in STANDARD_OBJECTS]),
)


def headings(page: str, level: int) -> list[str]:
    """The headings of one level."""
    return re.findall(rf"^{'#' * level} (.+)$", (REFERENCE / page).read_text("utf-8"), re.MULTILINE)


def test_the_reference_is_fresh() -> None:
    check = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"], capture_output=True, text=True, check=False
    )

    assert (check.returncode, check.stderr) == (0, "")


@pytest.mark.parametrize(("page", "level", "names"), HEADINGS, ids=[f"{row[0]}-{row[1]}" for row in HEADINGS])
def test_every_row_has_a_heading(page: str, level: int, names: Iterable[str]) -> None:
    assert sorted(headings(page, level)) == sorted(names)


def test_every_error_has_a_page() -> None:
    codes = [refusal.code for refusal in refusals()]

    assert sorted(path.stem for path in (REFERENCE / "errors").iterdir()) == sorted(codes)
    for code in codes:
        assert headings(f"errors/{code}.md", 1) == [code]


def test_every_setting_is_described() -> None:
    text = (REFERENCE / "settings.md").read_text("utf-8")

    for setting in SETTINGS:
        assert f"`{setting.flag}`" in text
        assert f"`{setting.variable}`" in text


def test_the_reference_cites_nothing_that_readers_do_not_have() -> None:
    for page in REFERENCE.rglob("*.md"):
        assert not re.search(r"\bcontract \d|\bdesign section|docs/contract\.md", page.read_text("utf-8")), page


def test_the_readme_says_whose_it_is_not() -> None:
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())

    assert "not affiliated with, endorsed or sponsored by HighLevel" in text
    assert not re.search(r"!\[[^]]*\]\((?!docs/images/)", text), "no picture may need the network"
