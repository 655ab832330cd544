"""The commands that show and follow changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from groundlevel.cli import run


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps groundlevel.toml and the variables of the machine out of the tests."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE", "SEED", "AUDIT"):
        monkeypatch.delenv(f"GROUNDLEVEL_{name}", raising=False)


class Line:
    """The command line on the test's database."""

    def __init__(self, url: str, printed: pytest.CaptureFixture[str]) -> None:
        self.url = url
        self._printed = printed

    def ask(self, *arguments: str) -> tuple[int, Any]:
        """The status of a command with --json and the object that it prints."""
        status = run([*arguments, "--database", self.url, "--json"])
        return status, json.loads(self._printed.readouterr().out)

    def text(self, *arguments: str) -> str:
        """What a command prints for people."""
        assert run([*arguments, "--database", self.url]) == 0
        return self._printed.readouterr().out


@pytest.fixture
def line(shared_url: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Line:
    """A database with a location, and pets that were imported from a file."""
    made = Line(shared_url, capsys)
    made.ask("location", "create", "--name", "North")
    (tmp_path / "pets.csv").write_text("name,age\nRex,3\nMax,4\n")
    status, _ = made.ask("import", "pets.csv", "--object", "pet", "--create-object")
    assert status == 0
    return made


def test_changes_are_shown_and_gone_on_with(line: Line) -> None:
    status, page = line.ask("changes", "--types", "record", "--limit", "1")
    assert status == 0
    (first,) = page["changes"]
    assert first["after"]["properties"] == {"name": "Rex", "age": 3}
    assert first["actor"] == {"kind": "import", "id": "pets.csv", "source": "INTEGRATION"}
    assert not page["complete"]
    _, page = line.ask("changes", "--types", "record", "--since", page["next"])
    assert [each["after"]["properties"]["name"] for each in page["changes"]] == ["Max"]
    assert page["complete"]
    assert "create record custom_objects.pet" in line.text("changes")


def test_the_audit_is_shown_and_narrowed(line: Line) -> None:
    _, found = line.ask("audit", "--kind", "record")
    assert [each["op"] for each in found["changes"]] == ["create", "create"]
    _, found = line.ask("audit", "--limit", "1")
    assert found["changes"][0]["after"]["properties"]["name"] == "Max"
    _, found = line.ask("audit", "--from", "2999-01-01")
    assert found["changes"] == []
    assert "Nothing of that kind" in line.text("audit", "--to", "2001-01-01")


def test_what_belongs_to_no_location_is_shown_apart(line: Line) -> None:
    status, app = line.ask("app", "create", "--name", "Zap", "--redirect-uri", "https://zap.example.com/back")
    assert status == 0
    _, found = line.ask("audit", "--no-location")
    (made,) = found["changes"]
    assert (made["op"], made["kind"], made["after"]["name"]) == ("create", "app", "Zap")
    assert made["actor"]["kind"] == "command"
    assert app["clientSecret"] not in json.dumps(found)


def test_what_there_is_not_is_refused(line: Line) -> None:
    status, answer = line.ask("changes", "--types", "unicorn")
    assert status == 1
    assert "unicorn" in answer["error"]
    status, answer = line.ask("changes", "--since", "100000")
    assert status == 1
    assert "100000" in answer["error"]


def test_following_prints_what_comes(line: Line, tmp_path: Path) -> None:
    """Another process changes something while the command waits, and the command prints it."""
    start = line.ask("changes")[1]["next"]
    command = [sys.executable, "-m", "groundlevel", "changes", "--follow", "--since", start, "--json"]
    environment = {**os.environ, "GROUNDLEVEL_DATABASE": line.url}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as following:
        assert following.stdout is not None
        (tmp_path / "more.csv").write_text("name,age\nMoritz,5\n")
        line.ask("import", "more.csv", "--object", "pet")
        change = json.loads(following.stdout.readline())
        following.terminate()
    assert change["after"]["properties"] == {"name": "Moritz", "age": 5}
