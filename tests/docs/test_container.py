"""The class for testcontainers that the page on Docker shows: the library as it is, and a process as the container."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from testcontainers.core import container as library
from testcontainers.core.config import ConnectionMode, testcontainers_config

from groundlevel.testing.session import Session
from tests.docs.snippets import ROOT, snippets
from tests.packaging.test_image import environment as image_environment
from tests.world import PATIENCE_SECONDS

(SHOWN,) = (
    each.code
    for each in snippets((ROOT / "docs/how-to/docker.md").read_text("utf-8"))
    if each.file == "groundlevel_container.py"
)


class Engine:
    """What the library asks of a Docker engine: a container is the image's command in a process of this machine."""

    status = "running"

    def __init__(self, **_: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self._port: int = taken.getsockname()[1]
        self.client = self
        self.id = self.short_id = "container"

    def create(self, image: str, *, command: str, environment: dict[str, str], **_: Any) -> Engine:
        """Notes what the container is to run, as the image sets it up."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GROUNDLEVEL_")}
        inside = {**image_environment(), "PATH": kept["PATH"], "GROUNDLEVEL_PORT": str(self._port)}
        self._environment = {**kept, **inside, **environment}
        self._command = [sys.executable, "-m", "groundlevel", *shlex.split(command)]
        return self

    def start(self, _: Any) -> None:
        """Starts it."""
        self._process = subprocess.Popen(self._command, env=self._environment, stdout=subprocess.DEVNULL)

    def remove(self, **_: Any) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait(PATIENCE_SECONDS)

    def get_connection_mode(self) -> ConnectionMode:
        """How the container is reached."""
        return ConnectionMode.docker_host

    def host(self) -> str:
        """Where it is reached."""
        return "127.0.0.1"

    def port(self, _: str, inside: int) -> int:
        """The port here for the one inside, which is the image's."""
        assert str(inside) == image_environment()["GROUNDLEVEL_PORT"]
        return self._port

    def reload(self) -> None:
        """Looks at how the container is: it always runs."""

    def close(self) -> None:
        """Lets go of the engine."""


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """The class of the page, started."""
    monkeypatch.setattr(library, "DockerClient", Engine)
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    monkeypatch.chdir(tmp_path)
    module = types.ModuleType("groundlevel_container")
    exec(compile(SHOWN, "groundlevel_container.py", "exec"), module.__dict__)
    with module.GroundLevelContainer() as started:
        yield started


def test_the_container_is_a_double(container: Any) -> None:
    session = Session(container.url, container.token, container.location, container.key)
    pets = session.records("pet")
    assert pets
    body = {"locationId": container.location, "properties": {"name": "Zorro", "species": "dog"}}
    session.api("POST", "/objects/custom_objects.pet/records", body)
    assert len(session.records("pet")) == len(pets) + 1
    container.reset()
    assert session.records("pet") == pets
    assert container.control("GET", "")["disposable"] is True
