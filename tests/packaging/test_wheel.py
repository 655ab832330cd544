"""The wheel, installed by pip alone into an empty environment, holds all that a server needs.

GROUNDLEVEL_TEST_WHEEL names a wheel that has been built already; else one is built from the tree.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

import groundlevel
from tests.needs import missing
from tests.world import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "src")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel: made from the source distribution, so that both are proved to be whole."""
    if named := os.environ.get("GROUNDLEVEL_TEST_WHEEL"):
        return Path(named).resolve()
    tree = tmp_path_factory.mktemp("tree")
    for name in BUILT_FROM:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tree / name)
    _run(tree, sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist")
    (built,) = (tree / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment with nothing but the wheel and what it asks for, as it is locked."""
    folder = tmp_path_factory.mktemp("installed")
    _run(folder, sys.executable, "-m", "venv", "environment")
    commands = folder / "environment" / "bin"
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    # Hashes would be asked of the wheel too, which has none in the lock.
    pins = [line.removesuffix(" \\") for line in lock.splitlines() if re.match(r"[a-z]", line)]
    (folder / "constraints").write_text("\n".join(pins), "utf-8")
    pip = (commands / "python", "-m", "pip")
    # Retries would only make a machine without a network wait.
    reached = _attempt(
        folder, *pip, "download", "--retries", "1", "--no-deps", "--constraint", "constraints", "msgspec"
    )
    if reached.returncode:
        missing("the dependencies of the wheel cannot be reached from here")
    _run(folder, *pip, "install", "--constraint", "constraints", wheel)
    return commands


def test_it_holds_every_file_of_the_package(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "src/groundlevel"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        missing("what belongs to the package is known in a clone only")
    wanted = {path.removeprefix("src/") for path in tracked.stdout.splitlines() if (ROOT / path).exists()}

    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert {f"groundlevel/{name}" for name in ("py.typed", "tls/hooks/connect.cjs")} < wanted
    assert any(name.endswith(".sql") for name in wanted)
    assert any("/console/static/" in name for name in wanted)
    assert wanted - held == set()
    assert {name for name in held - wanted if not (ROOT / "src" / name).exists()} == set()


def test_it_serves_the_demo_from_an_empty_environment_and_directory(installed: Path, tmp_path: Path) -> None:
    said = json.loads(_run(tmp_path, installed / "groundlevel", "version", "--json"))
    imported = _run(tmp_path, installed / "python", "-c", "import groundlevel; print(groundlevel.__file__)")
    broken = _run(tmp_path, installed / "python", "-m", "pip", "check")
    with _serving(installed, tmp_path) as welcome:
        listed = _get(welcome, f"/objects/?locationId={welcome['locationId']}")
        (pets,) = (each for each in listed["objects"] if each["key"] == "custom_objects.pet")
        found = _get(welcome, f"/objects/{pets['key']}/records/search", {"page": 1, "pageLimit": 1, "query": "rex"})
        record = _get(welcome, f"/objects/{pets['key']}/records/{found['records'][0]['id']}")
        document = _get(welcome, "/openapi.json")
        page = _text(welcome, "/console/")
        scripts = [_text(welcome, path) for path in re.findall(r'src="([^"]+\.js)"', page)]
        healthy = _run(tmp_path, installed / "groundlevel", "healthcheck", "--url", welcome["url"])

    assert said["version"] == groundlevel.__version__
    assert imported.startswith(str(installed.parent))
    assert "No broken requirements" in broken
    assert record["record"]["properties"]["name"] == "Rex"
    assert scripts
    assert all(scripts)
    assert healthy == f"{welcome['url']} is healthy\n"
    assert document == json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"], "it writes into ./data alone"


@contextmanager
def _serving(installed: Path, folder: Path) -> Iterator[dict[str, str]]:
    """A server with the demo on a free port: what it says when it is ready. It has to end without an error."""
    command: list[str | Path] = [installed / "groundlevel", "serve", "--seed", "demo", "--port", "0", "--json"]
    with subprocess.Popen(
        command, cwd=folder, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            yield json.loads(line) if line else pytest.fail(server.communicate()[1], pytrace=False)
        finally:
            server.terminate()
            _, problems = server.communicate(timeout=PATIENCE_SECONDS)
    assert server.returncode == 0, problems


def _get(welcome: dict[str, str], path: str, body: dict[str, Any] | None = None) -> Any:
    """The answer of the server; a body makes it a POST, within the location."""
    sent = None if body is None else json.dumps({"locationId": welcome["locationId"], **body}).encode()
    headers = {"Authorization": f"Bearer {welcome['token']}", "Version": "2021-07-28"}
    request = urllib.request.Request(welcome["url"] + path, sent, headers)
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as reply:
        return json.load(reply)


def _text(welcome: dict[str, str], path: str) -> str:
    """What everybody gets at a path."""
    with urllib.request.urlopen(urljoin(welcome["url"], path), timeout=PATIENCE_SECONDS) as reply:
        content: bytes = reply.read()
    return content.decode()


def _environment() -> dict[str, str]:
    """The environment without what leads Python to the tree or settings to the server."""
    left_out = ("GROUNDLEVEL_", "GHL_", "PYTHON", "PYTEST_", "COVERAGE_", "COV_", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


def _attempt(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False)


def _run(folder: Path, *command: str | Path) -> str:
    """What a command prints; one that fails fails the test with what it said."""
    done = _attempt(folder, *command)
    if done.returncode:
        pytest.fail(f"{command}\n{done.stdout}{done.stderr}", pytrace=False)
    return done.stdout
