"""The served program: what it prints works when pasted, and it stops when it is asked to."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.needs import not_applicable
from tests.world import PATIENCE_SECONDS

SOURCE = Path(__file__).parents[2] / "src"


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GROUNDLEVEL_")}
    return {**kept, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"}


@contextmanager
def served(directory: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The real command in a process of its own; stopped by SIGTERM unless it has ended."""
    command = [sys.executable, "-m", "groundlevel", "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command, cwd=directory, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(PATIENCE_SECONDS)


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a server started with --json prints when it is ready."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        assert process.stderr is not None
        pytest.fail(f"the server did not start: {process.stderr.read()}")
    found: dict[str, Any] = json.loads(line)
    return found


def answer(url: str, welcome: dict[str, Any], body: object = None) -> Any:
    request = urllib.request.Request(
        url,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {welcome['token']}",
            "Version": "2021-07-28",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as reply:
        return json.load(reply)


@pytest.fixture
def database(database_url: str) -> str:
    if database_url.endswith(":memory:"):
        not_applicable("the test restarts the server on the same database")
    return database_url


def objects(welcome: dict[str, Any]) -> list[str]:
    found = answer(f"{welcome['url']}/objects/?locationId={welcome['locationId']}", welcome)
    return [each["key"] for each in found["objects"] if each["key"].startswith("custom_objects.")]


def test_the_demo_is_served_and_kept(tmp_path: Path, database: str, engine_name: str) -> None:
    arguments = ("--json", "--seed", "demo", "--database", database)
    with served(tmp_path, *arguments) as process:
        first = told(process)
        assert objects(first) == ["custom_objects.pet", "custom_objects.visit", "custom_objects.supply"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
    with served(tmp_path, *arguments) as process:
        second = told(process)
        assert second["locationId"] == first["locationId"]
        assert (second["token"] == first["token"]) is (engine_name == "sqlite")
        assert len(objects(second)) == 3
        if engine_name == "postgres":
            with pytest.raises(urllib.error.HTTPError, match="401"):
                objects({**second, "token": first["token"]})


def test_a_command_beside_the_server_is_seen_by_it(tmp_path: Path, database: str) -> None:
    with served(tmp_path, "--json", "--seed", "demo", "--database", database) as process:
        welcome = told(process)
        made = subprocess.run(
            [sys.executable, "-m", "groundlevel", "env", "--json", "--database", database, "--url", welcome["url"]],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        variables = json.loads(made.stdout)
        assert variables["GHL_LOCATION_ID"] == welcome["locationId"]
        found = answer(
            f"{variables['GHL_BASE_URL']}/objects/custom_objects.pet/records/search",
            {"token": variables["GHL_API_KEY"]},
            {"locationId": welcome["locationId"], "page": 1, "pageLimit": 5, "query": "buddy"},
        )
        assert found["total"] == 1


def test_the_printed_commands_can_be_pasted(tmp_path: Path) -> None:
    with served(tmp_path, "--seed", "demo") as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.strip())
            if '"query"' in line:
                break
        commands = [line for line in lines if line.startswith("curl ")]
        assert len(commands) == 2
        printed = "\n".join(lines)
        assert "GroundLevel is ready." in printed
        bodies = [posted(command) for command in commands]
        assert bodies[0]["record"]["properties"]["name"] == "Waffle"
        assert bodies[1]["total"] == 1


def posted(command: str) -> Any:
    """Does what a printed curl command does, so that the test needs no curl."""
    words = shlex.split(command)
    headers = dict(words[n + 1].split(": ", 1) for n, word in enumerate(words) if word == "-H")
    body = words[words.index("-d") + 1].encode()
    url = next(word for word in words if word.startswith("http://"))
    request = urllib.request.Request(url, data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as reply:
        return json.load(reply)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_without_locations_starts_and_stops(tmp_path: Path, number: signal.Signals) -> None:
    with served(tmp_path, "--json") as process:
        welcome = told(process)
        assert welcome.keys() == {"url", "console"}
        process.send_signal(number)
        assert process.wait(PATIENCE_SECONDS) == 0
    assert (tmp_path / "data" / "groundlevel.db").exists()


def test_several_processes_on_one_database(tmp_path: Path, migrated_postgres: str, postgres_server: str) -> None:
    from tests.postgres import fresh_database

    with (
        fresh_database(postgres_server) as database,
        served(tmp_path, "--json", "--workers", "2", "--seed", "demo", "--database", database) as process,
    ):
        welcome = told(process)
        assert all(len(objects(welcome)) == 3 for _ in range(6))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        failed = subprocess.run(
            [sys.executable, "-m", "groundlevel", "serve", "--port", port],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert failed.returncode == 1
    assert f"port {port}" in failed.stderr
    assert "--port 0" in failed.stderr
    assert "Traceback" not in failed.stderr


@pytest.mark.parametrize(
    "arguments",
    [("--seed", "none.json"), ("--profile", "odd"), ("--workers", "2"), ("--database", "sqlite:////proc/none/x.db")],
)
def test_a_server_that_cannot_start_says_why(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with served(tmp_path, *arguments) as process:
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1
    assert out == ""
    assert err.startswith("groundlevel: ")
    assert "Traceback" not in err


EDGES: dict[str, tuple[str, ...]] = {"plain": (), "tls": ("--tls",)}
HASTY = ("--json", "--head-timeout-seconds", "0.5")


@pytest.mark.parametrize("how", EDGES)
def test_a_client_that_says_nothing_is_given_up(how: str, tmp_path: Path) -> None:
    with served(tmp_path, *HASTY, *EDGES[how]) as process:
        read_until_closed(told(process))


def test_a_client_that_says_nothing_is_given_up_by_several_processes(database: str, tmp_path: Path) -> None:
    if database.startswith("sqlite"):
        not_applicable("one process serves a SQLite database")
    with served(tmp_path, *HASTY, "--workers", "2", "--database", database) as process:
        read_until_closed(told(process))


def read_until_closed(welcome: dict[str, Any]) -> None:
    """Connects, says nothing, and returns when the server has closed the connection."""
    with socket.create_connection(address_of(welcome), timeout=PATIENCE_SECONDS) as silent:
        while silent.recv(65_536):
            pass


@pytest.mark.parametrize("how", ["plain", "tls"])
def test_clients_that_say_nothing_make_room_for_others(how: str, tmp_path: Path) -> None:
    waits = ("--head-timeout-seconds", "3600", "--max-connections", "2")
    with served(tmp_path, "--json", *waits, *EDGES[how]) as process, ExitStack() as opened:
        welcome = told(process)
        for _ in range(4):
            opened.enter_context(socket.create_connection(address_of(welcome), timeout=PATIENCE_SECONDS))
        trust = ssl.create_default_context(cafile=welcome.get("ca"))
        with urllib.request.urlopen(f"{welcome['url']}/health", timeout=PATIENCE_SECONDS, context=trust) as reply:
            assert reply.status == 200


def address_of(welcome: dict[str, Any]) -> tuple[str, int]:
    return "127.0.0.1", int(welcome["url"].rpartition(":")[2])
