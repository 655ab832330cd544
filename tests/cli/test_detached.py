"""Doubles that go on when the command that has started them ends, and how they are found and stopped."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from groundlevel.cli import run
from groundlevel.control.client import ControlError
from groundlevel.testing.session import Session
from tests.cli.test_serve import environment
from tests.world import PATIENCE_SECONDS

FILE = Path("data/double.json")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The directory that commands run in; what is left running there is ended."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for file in tmp_path.rglob("*.json"):
        with suppress(ValueError, KeyError, ProcessLookupError):
            os.kill(json.loads(file.read_text("utf-8"))["pid"], signal.SIGKILL)


def groundlevel(*words: str, status: int = 0) -> dict[str, Any]:
    """What a command answers with --json, in a process of its own."""
    command = [sys.executable, "-m", "groundlevel", *words, "--json"]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
    )
    assert done.returncode == status, done.stdout + done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def session_of(said: dict[str, Any]) -> Session:
    """The double that a command has told of."""
    return Session(said["url"], said["token"], said["locationId"])


def test_it_goes_on_until_it_is_stopped() -> None:
    said = groundlevel("double", "--detach", "--port", "0", "--profile", "live")
    assert json.loads(FILE.read_text("utf-8")) == said
    assert FILE.stat().st_mode & 0o777 == 0o600
    session = session_of(said)
    assert session.records("pet")
    assert session.control.ask("GET", "")["profile"] == "live"
    session.reset()

    assert groundlevel("env", "--double", str(FILE)) == session.env
    for given in ("--location", "--url"):
        assert "knows its own" in groundlevel("env", "--double", str(FILE), given, "a", status=1)["error"]
    groundlevel("clock", "set", "2031-01-01T00:00:00Z")
    assert session.clock.now.startswith("2031"), "commands steer it unless they name another one"
    assert "127.0.0.1:9" in groundlevel("clock", "show", "--url", "http://127.0.0.1:9", status=1)["error"]
    assert "is running" in groundlevel("double", "--detach", "--port", "0", status=1)["error"]
    assert session.records("pet"), "the first one is left alone"

    assert groundlevel("stop") == {"url": said["url"], "pid": said["pid"]}
    with pytest.raises(ControlError, match="does not answer"):
        Session(said["url"]).control.ask("GET", "")
    assert list(FILE.parent.iterdir()) == []
    assert "tells of no double" in groundlevel("stop", status=1)["error"]
    assert said["url"] not in groundlevel("clock", "show", status=1)["error"]


def test_two_stand_side_by_side_in_files_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.json", "b.json"):
        command = [sys.executable, "-m", "groundlevel", "double", "--detach", "--port", "0", "--seed", "none"]
        printed = subprocess.run([*command, "--file", name], check=True, capture_output=True, text=True).stdout
        assert "  Location  none\n" in printed
        assert printed.endswith(f"  File      {name}\n")
    first, second = (json.loads(Path(name).read_text("utf-8")) for name in ("a.json", "b.json"))
    assert first["url"] != second["url"]
    assert run(["stop", "--file", "a.json"]) == 0
    assert capsys.readouterr().out == f"{first['url']} has stopped.\n"
    assert Session(second["url"]).control.ask("GET", "")["disposable"] is True
    assert run(["stop", "--file", "b.json"]) == 0


def test_one_that_has_ended_by_itself_is_told_from_one_that_runs() -> None:
    said = groundlevel("double", "--detach", "--port", "0")
    os.kill(said["pid"], signal.SIGKILL)
    with FILE.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
    for words in (("stop",), ("env", "--double", str(FILE))):
        refused = groundlevel(*words, status=1)
        assert "is not running any more" in refused["error"]
        assert str(FILE) in refused["hint"]

    again = groundlevel("double", "--detach", "--port", "0")
    assert session_of(again).records("pet")
    groundlevel("stop")


def test_one_that_still_starts_is_not_taken_for_another() -> None:
    FILE.parent.mkdir()
    with FILE.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for words in (("stop",), ("env", "--double", str(FILE))):
            assert groundlevel(*words, status=1)["hint"] == "It is still starting: try again."
    assert FILE.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--profile", "lively"], "lively"),
        (["--seed", "nothing.json"], "nothing.json cannot be read"),
        (["--until-stdin-ends"], "--detach goes on"),
        (["--file", "taken/double.json"], "taken"),
    ],
)
def test_one_that_cannot_start_says_why_and_leaves_no_file(words: list[str], message: str, folder: Path) -> None:
    (folder / "taken").write_text("")
    refused = groundlevel("double", "--detach", "--port", "0", *words, status=1)
    assert message in refused["error"]
    assert refused["hint"]
    assert not FILE.exists()
