"""Starts a double in a process of its own and stops it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any

from groundlevel.testing.session import Session

_STOP_SECONDS = 15.0
_SHOWN = 2_000
"""Characters of the log that are shown where the server did not start."""


class DoubleError(Exception):
    """The double did not start."""


class Double:
    """A server for the length of a `with` block, which gives its `Session`.

        with Double() as groundlevel:
            print(groundlevel.url, groundlevel.token, groundlevel.location)

    It listens on a free port, and ends when this process does, however that happens. `settings` are the flags of
    `groundlevel double`: `Double(profile="live", database="sqlite:///test.db")`.
    """

    def __init__(self, **settings: object) -> None:
        self._flags = [f"--{name.replace('_', '-')}={_text(value)}" for name, value in settings.items()]
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    def start(self) -> Session:
        """Returns when it answers. Raises DoubleError."""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed by `stop`
        self._process = subprocess.Popen(  # noqa: S603  our own program, with flags of the test's author
            [sys.executable, "-m", "groundlevel", "double", "--json", "--port=0", "--until-stdin-ends", *self._flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=_environment(),
        )
        assert self._process.stdout is not None  # as asked for
        line = self._process.stdout.readline()
        said: dict[str, Any] = {}
        with suppress(ValueError):
            said = json.loads(line)
        if "url" not in said:
            self.stop()
            raise DoubleError(
                f"the double did not start: {said.get('error') or line.decode(errors='replace')}{self._said}"
            )
        return Session(said["url"], said.get("token", ""), said.get("locationId", ""))

    def stop(self) -> None:
        """Returns when it has ended."""
        process, log = self._process, self._log
        if process is None or log is None:
            return
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018  as asked for
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        log.seek(0)
        self._said = log.read()[-_SHOWN:].decode(errors="replace")
        log.close()
        self._process = self._log = None

    _said = ""

    def __enter__(self) -> Session:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _environment() -> Mapping[str, str]:
    """This process's, without the settings of another server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GROUNDLEVEL_")}
