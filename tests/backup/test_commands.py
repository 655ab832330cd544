"""`groundlevel backup` and `groundlevel restore` as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from groundlevel.cli import run


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps the settings of the machine out of the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GROUNDLEVEL_DATABASE", "sqlite:///live.db")


def answered(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """The status of a command, and the one object that it printed."""
    status = run([*arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_a_backup_is_made_and_restored(capsys: pytest.CaptureFixture[str]) -> None:
    _, made = answered(capsys, "location", "create", "--name", "North")
    status, backup = answered(capsys, "backup", "north.tar.gz")
    assert status == 0
    assert backup["fileBytes"] == Path("north.tar.gz").stat().st_size
    assert backup["contents"]["rows"]["locations"] == 1
    status, restored = answered(capsys, "restore", "north.tar.gz", "--into", "sqlite:///other.db")
    assert (status, restored["kept"], restored["sha256"]) == (0, None, backup["sha256"])
    _, listed = answered(capsys, "location", "list", "--database", "sqlite:///other.db")
    assert [at["locationId"] for at in listed["locations"]] == [made["locationId"]]


def test_what_is_there_is_replaced_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    answered(capsys, "location", "create", "--name", "North")
    answered(capsys, "backup", "north.tar.gz")
    status, refused = answered(capsys, "restore", "north.tar.gz")
    assert status == 1
    assert "--replace" in refused["hint"]
    assert run(["restore", "north.tar.gz", "--replace"]) == 0
    said = capsys.readouterr().out
    assert "restored the backup of" in said
    (kept,) = Path().glob("live.db.replaced-*")
    assert str(kept) in said


def test_a_file_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    status, refused = answered(capsys, "restore", "nothing.tar.gz")
    assert status != 0
    assert "nothing.tar.gz" in refused["error"]


@pytest.mark.parametrize("command", [("backup", "new"), ("restore", "old.tar.gz")])
def test_postgresql_has_programs_of_its_own(command: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("old.tar.gz").touch()
    status, refused = answered(capsys, *command, "--database", "postgresql://127.0.0.1/none")
    assert status == 1
    assert "pg_dump" in refused["hint"]
