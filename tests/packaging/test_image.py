"""The Dockerfile and the compose file name what exists; there need be no Docker to know that."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVERS = [service for service in COMPOSE["services"].values() if "postgres:" not in service.get("image", "")]

_SERVER = """
import http.server, sys
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[1]) if self.path == "/health" else 404)
        self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", 0), Health)
print(server.server_port, flush=True)
server.handle_request()
"""


def instructions() -> Iterator[tuple[str, str]]:
    """Every instruction of the Dockerfile and what stands behind it, with continued lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line.strip():
            name, _, rest = line.partition(" ")
            yield name, rest


def last(name: str) -> str:
    """What stands behind the last instruction of that name."""
    return [rest for each, rest in instructions() if each == name][-1]


def environment() -> dict[str, str]:
    """The variables that the image sets."""
    return dict(word.split("=", 1) for name, rest in instructions() if name == "ENV" for word in shlex.split(rest))


def reaches_the_builder(path: str) -> bool:
    """Whether .dockerignore lets a path through; its last pattern that fits decides."""
    kept = True
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.removeprefix("!").removeprefix("**/")
        if not line or line.startswith("#"):
            continue
        parts = path.split("/") if line.startswith("**/") else path.split("/")[:1]
        if any(fnmatch.fnmatch(part, pattern) for part in parts):
            kept = line.startswith("!")
    return kept


def variables_of_settings() -> set[str]:
    """The environment variables that the reference names, which is made from the table of settings."""
    text = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")
    return set(re.findall(r"`(GROUNDLEVEL_\w+)`", text))


def options_of(command: str) -> set[str]:
    """The flags of a command, as its help lists them."""
    done = subprocess.run(
        [sys.executable, "-m", "groundlevel", command, "--help"],
        capture_output=True,
        text=True,
        check=False,
        env={"COLUMNS": "200", "PYTHONPATH": str(ROOT / "src")},
    )
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"--[a-z-]+", done.stdout))


def test_what_is_copied_exists_and_reaches_the_builder() -> None:
    copied = [rest.split()[:-1] for name, rest in instructions() if name == "COPY" and "--from=" not in rest]
    sources = [source for group in copied for source in group]

    assert "src" in sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [source for source in sources if not reaches_the_builder(source)] == []


@pytest.mark.parametrize("path", [".git", ".venv", ".env", "data/groundlevel.db", "src/groundlevel/__pycache__/a.pyc"])
def test_what_does_not_belong_into_an_image_stays_outside(path: str) -> None:
    assert not reaches_the_builder(path)


def test_what_the_build_reads_is_copied() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    copied = {source for name, rest in instructions() if name == "COPY" for source in rest.split()[:-1]}

    named = re.findall(r'^(?:readme = |license-files = \[)"([^"]+)"', project, re.MULTILINE)

    assert sorted(named) == ["LICENSE", "README.md"]
    assert copied >= {*named, "pyproject.toml", "requirements.lock"}


def test_it_runs_without_rights_and_keeps_its_data() -> None:
    assert last("USER") == "groundlevel"
    assert last("VOLUME") == last("WORKDIR") == "/data"
    assert environment()["GROUNDLEVEL_DATABASE"].startswith("sqlite:////data/")
    assert last("EXPOSE") == environment()["GROUNDLEVEL_PORT"]


def test_its_variables_are_settings() -> None:
    in_image = {name for name in environment() if name.startswith("GROUNDLEVEL_")}
    in_compose = {name for service in SERVERS for name in service.get("environment", {})}

    assert "GROUNDLEVEL_HOST" in in_image
    assert (in_image | in_compose) - variables_of_settings() == set()


def test_its_command_exists() -> None:
    commands = [json.loads(last("CMD")), *(service["command"] for service in SERVERS if "command" in service)]

    assert json.loads(last("ENTRYPOINT")) == ["groundlevel"]
    assert len(commands) > 1
    for name, *words in commands:
        assert {word for word in words if word.startswith("--")} - options_of(name) == set()


def run_health_check(folder: Path, port: str) -> int:
    """The exit status of the image's health check, with a server of the image on this port."""
    program, *arguments = json.loads(re.sub(r"^.*?CMD ", "", last("HEALTHCHECK")))
    assert [program] == json.loads(last("ENTRYPOINT"))
    command = [sys.executable, "-m", program, *arguments]
    return subprocess.run(command, cwd=folder, env=environment() | {"GROUNDLEVEL_PORT": port}, check=False).returncode


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_tells_health(status: int, healthy: bool, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _SERVER, str(status)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        found = run_health_check(tmp_path, server.stdout.readline().strip())
        server.wait()

    assert (found == 0) is healthy


def test_the_health_check_fails_where_nothing_listens(tmp_path: Path) -> None:
    assert run_health_check(tmp_path, "1") != 0


def test_services_ask_for_services_and_volumes_that_exist() -> None:
    services, volumes = COMPOSE["services"], COMPOSE["volumes"]

    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= services.keys(), name
        assert service.get("extends", {"service": name})["service"] in services
        assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= volumes.keys(), name
        for needed, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert "healthcheck" in services[needed]


def test_ports_are_published_on_this_machine_alone() -> None:
    published = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]

    assert published
    for port in published:
        assert port.startswith("${GROUNDLEVEL_ADDRESS:-127.0.0.1}:")
        assert port.endswith(f":{environment()['GROUNDLEVEL_PORT']}")


def test_the_database_of_the_profile_is_the_one_that_it_starts() -> None:
    server = COMPOSE["services"]["groundlevel-postgres"]["environment"]["GROUNDLEVEL_DATABASE"]
    database = COMPOSE["services"]["postgres"]["environment"]
    user, password, name = (database[f"POSTGRES_{part}"] for part in ("USER", "PASSWORD", "DB"))

    assert server == f"postgresql://{user}:{password}@postgres:5432/{name}"
