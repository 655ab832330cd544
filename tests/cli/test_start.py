"""A command loads what it needs, and no more."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from msgspec import Struct

from groundlevel.api import ROUTES
from groundlevel.cli import FAMILIES, Family, families_of, make_app
from groundlevel.kernel.events import event_kinds
from groundlevel.kernel.scopes import declared_scopes

HTTP = ("groundlevel.api", "groundlevel.app", "groundlevel.kernel.http.server", "uvicorn", "starlette", "jinja2")
STORAGE = ("groundlevel.kernel.storage.base", "apsw", "asyncpg", "phonenumbers", "structlog", "prometheus_client")


class Start(Struct, frozen=True):
    """A command line, and modules that it does without."""

    arguments: tuple[str, ...]
    unloaded: tuple[str, ...]


STARTS = (
    Start(("version",), (*HTTP, *STORAGE, "aiohttp", "cryptography", "jwt", "rich.console", "groundlevel.access")),
    Start(("--version",), (*HTTP, *STORAGE, "aiohttp", "cryptography", "jwt", "rich.console", "groundlevel.access")),
    Start(("version", "--json"), (*HTTP, *STORAGE, "aiohttp", "cryptography", "jwt", "rich.console")),
    Start(("migrate",), (*HTTP, "asyncpg", "aiohttp", "cryptography", "jwt")),
    Start(("location", "list"), (*HTTP, "asyncpg", "aiohttp")),
    Start(("doctor",), (*HTTP, "asyncpg", "aiohttp")),
    Start(("upkeep",), (*HTTP, "asyncpg", "aiohttp")),
    Start(("seed", "demo"), (*HTTP, "asyncpg", "aiohttp", "yaml")),
    Start(("token", "list"), ("asyncpg", "aiohttp", "mcp")),
)
LOADED = """
import json, sys
from groundlevel.cli import run
status = run(json.loads(sys.argv[1]))
print(json.dumps({"status": status, "modules": sorted(sys.modules)}))
"""


@pytest.mark.parametrize("module", ["groundlevel.control.commands", "groundlevel.cli.detached", "groundlevel.cli.tls"])
def test_what_steers_or_starts_a_server_is_no_server(module: str) -> None:
    program = f"import sys, {module}; print([name for name in sys.argv[1:] if name in sys.modules])"
    unloaded = (*HTTP, *STORAGE, "aiohttp", "cryptography", "jwt", "groundlevel.access")
    done = subprocess.run([sys.executable, "-c", program, *unloaded], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("start", STARTS, ids=[" ".join(start.arguments) for start in STARTS])
def test_what_a_command_does_without(start: Start, tmp_path: Path) -> None:
    needs_database = not {"version", "--version"} & {*start.arguments}
    database = ["--database", f"sqlite:///{tmp_path / 'a.db'}"] if needs_database else []
    if needs_database:
        made = [sys.executable, "-m", "groundlevel", "migrate", *database]
        subprocess.run(made, check=True, capture_output=True, cwd=tmp_path)
    command = [sys.executable, "-c", LOADED, json.dumps([*start.arguments, *database])]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path)
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["status"] == 0, done.stdout
    assert "groundlevel.cli" in said["modules"]
    assert [name for name in start.unloaded if name in said["modules"]] == []


def words_of(app: typer.Typer) -> set[str]:
    """The first words of all its commands."""
    commands = [command.name for command in app.registered_commands]
    return {name for name in (*commands, *(group.name for group in app.registered_groups)) if name is not None}


@pytest.mark.parametrize("word", sorted({word for family in FAMILIES for word in family.words}))
def test_a_word_leads_to_its_families(word: str) -> None:
    needed = families_of(["--json", word, "--help"])
    assert word in words_of(make_app(needed))
    assert needed == tuple(family for family in FAMILIES if word in family.words)


def test_the_version_is_a_command_and_an_option() -> None:
    assert families_of(["--version"]) == families_of(["version"]) != FAMILIES


def test_all_words_are_known() -> None:
    assert words_of(make_app()) == {word for family in FAMILIES for word in family.words}


@pytest.mark.parametrize("arguments", [[], ["--help"], ["nothing"], ["--install-completion"]])
def test_help_and_mistakes_know_every_command(arguments: list[str]) -> None:
    assert families_of(arguments) == FAMILIES


def test_completions_know_every_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_GROUNDLEVEL_COMPLETE", "complete_bash")
    assert families_of(["version"]) == FAMILIES


def test_a_family_that_does_not_exist_is_noticed() -> None:
    with pytest.raises(ModuleNotFoundError):
        make_app([Family("groundlevel.nothing", ("nothing",))])


def json_of(*arguments: str, database: Path) -> dict[str, Any]:
    """What a command of its own process prints."""
    command = [sys.executable, "-m", "groundlevel", *arguments, "--database", f"sqlite:///{database}", "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=database.parent)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_commands_know_the_scopes_and_events_of_every_noun(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    location = json_of("location", "create", "--name", "A place", database=database)["locationId"]
    token = json_of("token", "create", "--location", location, database=database)
    assert {route.scope for route in ROUTES if route.scope} <= set(token["scopes"]) == set(declared_scopes())
    every = ",".join(kind.type for kind in event_kinds())
    url = "https://example.com/"
    webhook = json_of("webhooks", "add", url, "--location", location, "--events", every, database=database)
    assert set(webhook["events"]) == set(every.split(","))
