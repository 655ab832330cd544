"""The server for tests: what it is without being told, what it refuses to throw away, and when it ends."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from groundlevel.access.rules import list_locations
from groundlevel.cli import run
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.testing import Double
from groundlevel.testing.process import StartError
from groundlevel.testing.session import Session
from tests.world import PATIENCE_SECONDS


async def make_location(url: str) -> None:
    """Puts something into a database."""
    storage = await open_storage(Settings(database=url))
    await create_location(storage, NewLocation("Precious"))
    await storage.close()


async def names_in(url: str) -> list[str]:
    """The names of the locations in a database."""
    storage = await open_storage(Settings(database=url))
    names = [location.name for location in await list_locations(storage)]
    await storage.close()
    return names


def test_a_double_is_in_memory_with_the_demo_and_steered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Double() as session:
        overview = session.control.ask("GET", "")
        assert (overview["engine"], overview["disposable"]) == ("sqlite", True)
        assert (overview["profile"], overview["limits"]) == ("spec", "off")
        assert overview["checkpoints"] == ["empty", "seed"]
        assert session.records("pet")
        assert list(tmp_path.iterdir()) == []


def test_modules_of_the_program_under_test_are_not_taken_for_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("json", "typer", "groundlevel"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the module of the program')", "utf-8")
    with Double(seed="none") as session:
        assert session.control.ask("GET", "")["disposable"] is True


def test_settings_are_those_of_the_server() -> None:
    with Double(profile="live", seed="none", control_key="k" * 32) as session:
        assert session.control.ask("GET", "")["profile"] == "live"
        assert (session.token, session.location) == ("", "")


def test_it_ends_by_itself_when_it_is_asked_to() -> None:
    """Also while a client keeps a connection, and whoever has started it keeps its standard input."""
    command = [sys.executable, "-m", "groundlevel", "double", "--port=0", "--until-stdin-ends", "--json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        session = Session(json.loads(process.stdout.readline())["url"], "", "")
        session.control.ask("GET", "")
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_what_nobody_called_disposable_is_not_thrown_away(shared_url: str) -> None:
    asyncio.run(make_location(shared_url))
    with pytest.raises(StartError, match="not marked as disposable"):
        Double(database=shared_url).start()
    assert asyncio.run(names_in(shared_url)) == ["Precious"]


def test_a_database_can_be_called_disposable_and_precious_again(
    shared_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(make_location(shared_url))
    assert run(["mark-disposable", "--database", shared_url]) == 0
    assert capsys.readouterr().out == "The database is disposable.\n"
    with Double(database=shared_url, seed="none") as session:
        session.reset()
        assert session.control.ask("GET", "/checkpoints")["checkpoints"] == ["seed"]
    assert run(["mark-disposable", "--undo", "--database", shared_url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"disposable": False}
    with pytest.raises(StartError):
        Double(database=shared_url).start()
    assert asyncio.run(names_in(shared_url)) == ["Precious"]


def test_what_a_double_has_made_may_be_thrown_away_by_the_next(shared_url: str) -> None:
    with Double(database=shared_url) as session:
        before = len(session.records("pet"))
    with Double(database=shared_url) as session:
        body = {"locationId": session.location, "properties": {"name": "Zorro", "species": "dog"}}
        session.api("POST", "/objects/custom_objects.pet/records", body)
        session.reset()
        assert len(session.records("pet")) == before


def test_it_ends_with_whoever_started_it() -> None:
    program = (
        "import os, sys; from groundlevel.testing import Double; double = Double(); double.start(); "
        "print(double._process.pid, flush=True); os._exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    watch = f"import os, time\nwhile os.path.exists('/proc/{done.stdout.strip()}'): time.sleep(0.01)"
    subprocess.run([sys.executable, "-c", watch], check=True, timeout=PATIENCE_SECONDS)
