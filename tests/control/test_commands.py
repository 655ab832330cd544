"""The commands that steer a running double."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from groundlevel.cli import run
from groundlevel.testing import Double
from groundlevel.testing.session import Session
from tests.control.lab import RECORDS
from tests.world import PATIENCE_SECONDS


@pytest.fixture(scope="module")
def server() -> Iterator[Session]:
    with Double() as running:
        yield running


@pytest.fixture
def session(server: Session) -> Session:
    """A double that the tests of this module share, as it was at the start."""
    server.reset()
    return server


class Terminal:
    """Runs commands on the double."""

    def __init__(self, session: Session, printed: pytest.CaptureFixture[str]) -> None:
        self._session = session
        self._printed = printed

    def __call__(self, *words: str, status: int = 0) -> Any:
        """What a command answers with --json."""
        assert run([*words, "--url", self._session.url, "--json"]) == status
        return json.loads(self._printed.readouterr().out)

    def text(self, *words: str) -> str:
        """What a command prints for people."""
        assert run([*words, "--url", self._session.url]) == 0
        return self._printed.readouterr().out


@pytest.fixture
def groundlevel(session: Session, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(session, capsys)


def create(session: Session) -> None:
    """Creates a pet."""
    body = {"locationId": session.location, "properties": {"name": "Zorro", "species": "dog"}}
    session.api("POST", RECORDS, body)


def test_back_to_the_start_and_to_checkpoints(session: Session, groundlevel: Terminal) -> None:
    before = session.records("pet")
    create(session)
    assert groundlevel("checkpoint", "save", "a b")["checkpoints"] == ["empty", "seed", "a b"]
    assert groundlevel("reset")["tookMs"] > 0
    assert session.records("pet") == before
    groundlevel("checkpoint", "restore", "a b")
    create(session)
    (change,) = groundlevel("checkpoint", "changes", "a b")["changes"]
    assert (change["op"], change["kind"]) == ("create", "record")
    assert "custom_objects.pet" in groundlevel.text("checkpoint", "changes", "a b")
    groundlevel("checkpoint", "restore", "a b")
    assert len(session.records("pet")) == len(before) + 1
    assert groundlevel.text("checkpoint", "list").split("\n")[2] == "a b"
    groundlevel("checkpoint", "delete", "a b")
    assert "no checkpoint a b" in groundlevel("checkpoint", "restore", "a b", status=1)["error"]
    assert groundlevel.text("reset", "empty").startswith("as it was at empty, in ")


def test_faults(session: Session, groundlevel: Terminal, tmp_path: Path) -> None:
    rule = {"match": {"path": "/objects/**", "times": 1}, "then": {"status": 503}}
    (fault,) = groundlevel("fault", "add", json.dumps(rule))["faults"]
    assert fault["rule"] == rule
    (tmp_path / "rule.json").write_text(json.dumps(rule), "utf-8")
    groundlevel("fault", "add", f"@{tmp_path}/rule.json")
    groundlevel("fault", "use", "rate-limited")
    assert [each["scenario"] for each in groundlevel("fault", "list")["faults"]] == ["", "", "rate-limited"]
    assert "0 of 0" in groundlevel.text("fault", "list")
    groundlevel("fault", "clear", fault["id"])
    assert len(groundlevel("fault", "list")["faults"]) == 2
    groundlevel("fault", "clear")
    assert "lost-answers" in groundlevel.text("fault", "list")
    for wrong in ("{", "[]", "@nowhere.json", '{"then": {"explode": true}}'):
        assert groundlevel("fault", "add", wrong, status=1)["error"]


def test_the_clock(groundlevel: Terminal) -> None:
    groundlevel("clock", "freeze")
    assert groundlevel("clock", "set", "2030-01-01T00:00:00Z")["now"] == "2030-01-01T00:00:00.000Z"
    assert groundlevel("clock", "advance", "25h")["now"] == "2030-01-02T01:00:00.000Z"
    assert groundlevel.text("clock", "show") == "2030-01-02T01:00:00.000Z frozen\n"
    assert groundlevel("clock", "freeze", "--undo")["frozen"] is False
    assert groundlevel("clock", "advance", "soon", status=1)["error"].startswith("advance must be")


def test_requests(session: Session, groundlevel: Terminal, tmp_path: Path) -> None:
    create(session)
    with pytest.raises(AssertionError):
        session.api("GET", "/objects/custom_objects.none")
    assert [each["status"] for each in groundlevel("requests")["requests"]] == [422, 201]
    (refused,) = groundlevel("requests", "--refused")["requests"]
    assert refused["path"] == "/objects/custom_objects.none"
    assert len(groundlevel("requests", "--path", RECORDS)["requests"]) == 1
    assert f"201 POST {RECORDS}" in groundlevel.text("requests").split("\n")[0]
    assert groundlevel("requests", "--har", str(tmp_path / "all.har"))["file"]
    assert len(json.loads((tmp_path / "all.har").read_text("utf-8"))["log"]["entries"]) == 2


def test_requests_as_they_come(session: Session) -> None:
    command = [sys.executable, "-m", "groundlevel", "requests", "--follow", "--json", "--url", session.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        try:
            for _ in range(2):
                create(session)
                assert json.loads(following.stdout.readline())["path"] == RECORDS
        finally:
            following.terminate()
            following.wait(PATIENCE_SECONDS)


def test_an_inbox(session: Session, groundlevel: Terminal) -> None:
    assert groundlevel.text("inbox") == "nothing has arrived\n"
    session.control.ask("POST", "/inbox/test", {"type": "Ping"})
    assert [each["event"] for each in groundlevel("inbox")["messages"]] == ["Ping"]
    assert "missing" in groundlevel.text("inbox", "test")


def test_where_nothing_answers_it_is_said_how_to_start_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reset", "--url", "http://127.0.0.1:9", "--json"]) == 1
    assert "groundlevel double" in json.loads(capsys.readouterr().out)["hint"]
