"""Starts servers in processes of their own: such as end with whoever has started them, and such as go on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

from groundlevel.testing.session import Session

_STOP_SECONDS = 15.0
_SHOWN = 2_000
"""Characters of the log that are shown where a server did not start."""


class StartError(Exception):
    """A server did not start; `hint` says what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def launch(words: Sequence[str], log: IO[bytes], **process: Any) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    """Starts a server and waits until it is ready: its process, and what it says of itself (`url`, `token`, …).

    `words` are a command and its flags, `log` is the open file that its log goes to, and `process` is what
    `subprocess.Popen` is told beside that. Raises StartError.
    """
    # -P: a module of the program under test, which may be called as one of ours imports, is not taken for that.
    command = [sys.executable, "-P", "-m", "groundlevel", *words, "--json"]
    # In a session of its own, a server goes on answering while a program that was interrupted puts things in order.
    started = subprocess.Popen(  # noqa: S603  our own program, with flags of whoever calls
        command, stdout=subprocess.PIPE, stderr=log, start_new_session=True, **process
    )
    assert started.stdout is not None  # as asked for
    said: dict[str, Any] = {}
    try:
        line = started.stdout.readline()
        with suppress(ValueError):
            said = json.loads(line)
        if "url" not in said:
            why = said.get("error") or line.decode(errors="replace").strip() or "it ended without a word"
            raise StartError(f"the server did not start: {why}", said.get("hint", ""))
    except BaseException:
        end(started)
        raise
    return started, said


def end(process: subprocess.Popen[bytes]) -> None:
    """Returns when a process has ended: by itself once it is asked to, or else killed."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


class ServerProcess:
    """A server for the length of a `with` block, which gives its `Session`.

    It ends when this process does, however that happens. `words` are a command and its flags; `environment` are the
    variables that it finds, those of this process if left out.
    """

    def __init__(self, *words: str, environment: Mapping[str, str] | None = None) -> None:
        self._words = (*words, "--until-stdin-ends")
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Session:
        """Returns when it is ready. Raises StartError, which shows the end of its log."""
        with tempfile.TemporaryFile() as log:
            try:
                self._process, said = launch(self._words, log, stdin=subprocess.PIPE, env=self._environment)
            except StartError as problem:
                log.seek(0)
                lines = log.read()[-_SHOWN:].decode(errors="replace")
                raise StartError(f"{problem}\n{lines}".strip(), problem.hint) from None
        return Session(said["url"], said.get("token", ""), said.get("locationId", ""))

    def stop(self) -> None:
        """Returns when it has ended."""
        if self._process is not None:
            end(self._process)
            self._process = None

    def __enter__(self) -> Session:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()


class Double(ServerProcess):
    """A double for the length of a `with` block.

        with Double() as groundlevel:
            print(groundlevel.url, groundlevel.token, groundlevel.location)

    It listens on a free port. `settings` are the flags of `groundlevel double`:
    `Double(profile="live", database="sqlite:///test.db")`.
    """

    def __init__(self, **settings: object) -> None:
        flags = (f"--{name.replace('_', '-')}={_text(value)}" for name, value in settings.items())
        super().__init__("double", "--port=0", *flags, environment=_environment())


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _environment() -> Mapping[str, str]:
    """This process's, without the settings of another server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GROUNDLEVEL_")}
