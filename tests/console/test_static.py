"""The files of the console: what others have made is unchanged, and nothing is written as HTML."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest

from tests.compat.node.driver import MODULES
from tests.needs import missing

STATIC = Path(__file__).resolve().parents[2] / "src" / "groundlevel" / "console" / "static"
VENDOR = STATIC / "vendor"
VENDORED = tomllib.loads((VENDOR / "VENDORED.toml").read_text())["files"]
SCRIPTS = sorted(STATIC.glob("*.js"))


@pytest.mark.parametrize("entry", VENDORED, ids=[entry["file"] for entry in VENDORED])
def test_what_others_have_made_is_as_it_was_published(entry: dict[str, str]) -> None:
    content = (VENDOR / entry["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert (VENDOR / entry["licence_file"]).stat().st_size > 500
    published = MODULES / entry["package"] / entry["source"]
    if not published.is_file():
        missing("what tests run with Node.js is not installed: make node-sdk")
    assert published.read_bytes() == content


def test_nothing_lies_in_vendor_unnamed() -> None:
    named = {entry[name] for entry in VENDORED for name in ("file", "licence_file")}
    assert {file.name for file in VENDOR.iterdir()} == named | {"VENDORED.toml"}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_are_checked_short_and_write_no_html(script: Path) -> None:
    text = script.read_text()
    assert text.startswith("// @ts-check\n// ")
    assert text.count("\n") <= 400
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "dangerouslySetInnerHTML",
        "eval(",
        "http://",
        "https://",
    ):
        assert word not in text, word
