"""Runs the snippets of a document one after the other in one shell, beside a server with a fresh demo."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from msgspec import Struct

from tests.compat.node.driver import NODE
from tests.docs.snippets import NOT_RUN, ROOT, SERVED, Snippet, matches
from tests.world import PATIENCE_SECONDS

SHOWN_PORT = "127.0.0.1:8080"
"""Where the documents say that the server is."""

_URL = re.compile(r"127\.0\.0\.1:(\d+)")
_LEFT_OUT = ("GROUNDLEVEL_", "GHL_", "PYTEST_", "PYTHON")


class Workspace(Struct, frozen=True):
    """What looks to a snippet like the directory of a fresh clone after `make install`."""

    directory: Path
    environment: dict[str, str]


class Server(Struct, frozen=True):
    """A server that is ready, or none."""

    printed: str = ""
    port: str = "8080"


def make_workspace(directory: Path, database: str | None) -> Workspace:
    """The directory, with the installed commands as they are in a clone; `database` as GROUNDLEVEL_DATABASE."""
    commands = directory / ".venv" / "bin"
    commands.mkdir(parents=True)
    python = f'"{sys.executable}"'
    for name, words in (
        ("groundlevel", f"{python} -m groundlevel"),
        ("python", python),
        ("python3", python),
        ("node", f'"{NODE}"'),
    ):
        command = commands / name
        command.write_text(f'#!/bin/sh\nexec {words} "$@"\n', "utf-8")
        command.chmod(0o755)
    (directory / "examples").symlink_to(ROOT / "examples")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    environment |= {
        "HOME": str(directory),
        "PATH": f"{commands}{os.pathsep}{environment['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUNBUFFERED": "1",
    }
    if database is not None:
        environment["GROUNDLEVEL_DATABASE"] = database
    return Workspace(directory, environment)


@contextmanager
def serving(workspace: Workspace) -> Iterator[Server]:
    """The server that `make run` starts, on a free port, until the block ends."""
    # A connection that a snippet has left open is not served for some seconds more.
    command = ["groundlevel", "serve", "--seed", "demo", "--port", "0", "--shutdown-grace-seconds", "0.2"]
    with (
        (workspace.directory / "server.log").open("wb") as log,
        subprocess.Popen(
            command, cwd=workspace.directory, env=workspace.environment, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            printed = ""
            while printed.count("\n  curl ") < 2:
                line = process.stdout.readline()
                if not line:
                    pytest.fail(f"the server did not start: {(workspace.directory / 'server.log').read_text('utf-8')}")
                printed += line
            port = _URL.search(printed)
            assert port is not None
            yield Server(printed, port[1])
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def run(snippets: list[Snippet], workspace: Workspace, server: Server) -> list[str]:
    """What each snippet printed; of one that is not run nothing. Fails at the first that ends with an error."""
    hidden = workspace.directory / ".snippets"
    hidden.mkdir()
    steps = ["set -eo pipefail"]
    for number, snippet in enumerate(snippets):
        if snippet.marker is not None:
            continue
        code = hidden / f"{number}.{'sh' if snippet.language == 'bash' else 'py'}"
        code.write_text(snippet.code, "utf-8")
        if snippet.file is not None:
            steps.append(f"cp {code} {snippet.file}")
        else:
            program = "." if snippet.language == "bash" else "python"
            steps.append(f"{program} {code} >{hidden}/{number}.out 2>&1 </dev/null")
    environment = {**workspace.environment, "GROUNDLEVEL_PORT": server.port}
    status = _finished(["bash", "-c", "\n".join(steps)], workspace.directory, environment)
    printed = [_printed(hidden / f"{number}.out") for number in range(len(snippets))]
    if status != 0:
        last = max(number for number in range(len(snippets)) if (hidden / f"{number}.out").exists())
        pytest.fail(
            f"line {snippets[last].line} ended with {status}:\n{snippets[last].code}\n{printed[last]}", pytrace=False
        )
    return [_as_shown(text, server) for text in printed]


def faults(snippets: list[Snippet], printed: list[str], server: Server) -> Iterator[str]:
    """A text for each snippet that printed something else than its document shows."""
    for snippet, text in zip(snippets, printed, strict=True):
        if snippet.expected is None or (snippet.marker or "").startswith(NOT_RUN):
            continue
        actual = _as_shown(server.printed, server) if snippet.marker == SERVED else text
        if not matches(snippet.expected, actual):
            yield f"line {snippet.line}\n{snippet.code}is shown to print\n{snippet.expected}and prints\n{actual}"


def _finished(command: list[str], directory: Path, environment: dict[str, str]) -> int:
    """The exit status of a shell; whatever it left running in the background is ended with it."""
    with subprocess.Popen(command, cwd=directory, env=environment, start_new_session=True) as shell:
        try:
            return shell.wait(PATIENCE_SECONDS)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
            with suppress(FileNotFoundError, ProcessLookupError):
                os.kill(json.loads((directory / "data" / "double.json").read_text("utf-8"))["pid"], signal.SIGKILL)


def _printed(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def _as_shown(text: str, server: Server) -> str:
    return text.replace(f"127.0.0.1:{server.port}", SHOWN_PORT)
