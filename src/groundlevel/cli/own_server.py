"""Runs a server in a process of its own for as long as a command needs one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from groundlevel.kernel.errors import InputError
from groundlevel.testing.process import ServerProcess, StartError
from groundlevel.testing.session import Session

_FIXED = {
    "host": "127.0.0.1",
    "port": "0",
    "workers": "1",
    "tls_certificate": "none",
    "tls_key": "none",
    "control": "true",
    # Warnings are for who runs a server, and the lines of the command's own program stand beside these.
    "log_level": "error",
    # When the command is done nobody asks any more, for whom a connection would be kept a while.
    "shutdown_grace_seconds": "0.2",
}
_USUAL = {"database": "sqlite:///:memory:", "seed": "demo"}


class OwnServerError(InputError):
    """The server of a command has not started, or is of no use to it."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


@contextmanager
def own_server(config: Path | None = None, **settings: str | None) -> Iterator[Session]:
    """A server for one command alone, in memory with the demo if not told otherwise.

    A setting that is None is the one of the file `config`, the environment, or `groundlevel.toml`, as for every
    command. Raises OwnServerError.
    """
    given = {name: value for name, value in settings.items() if value is not None}
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in {**_USUAL, **given, **_FIXED}.items()]
    if config is not None:
        flags.append(f"--config={config}")
    process = ServerProcess("serve", *flags)
    try:
        session = process.start()
    except StartError as problem:
        raise OwnServerError(str(problem), problem.hint) from problem
    try:
        if not session.token:
            raise OwnServerError(
                "the database has no location that the seed describes",
                "Leave --database out, or name one that `groundlevel serve --seed` has filled.",
            )
        yield session
    finally:
        process.stop()
