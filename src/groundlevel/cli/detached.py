"""Doubles that go on when the command that has started them ends: the file that tells of one, and how it is stopped.

The file is locked for as long as its double runs, by the double itself: a lock that can be had says that it has ended,
however that happened, where its process id alone might be that of another process by now.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer
from msgspec import Struct

from groundlevel.kernel.command import Options, Result, command
from groundlevel.kernel.errors import InputError
from groundlevel.kernel.private_files import OWNER_ALONE, create_file_anew
from groundlevel.testing.process import StartError, launch

FILE = Path("data/double.json")
"""Where a double is told of unless another file is named."""
_STOP_SECONDS = 15.0
_LOOK_SECONDS = 0.01


class DetachedError(InputError):
    """No double can be started or found by this file."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


class Detached(Struct, rename="camel", frozen=True):
    """A double that runs on, as its file tells of it."""

    url: str
    pid: int
    log: str
    token: str = ""
    """Of the demo, or what else it was seeded with; empty where that has no location."""
    location_id: str = ""


class StopOptions(Options, frozen=True, kw_only=True):
    """Options of `stop`."""

    file: Annotated[Path, typer.Option(help="The file that `double --detach` has written.")] = FILE


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    command(app, "stop")(stop)


async def stop(options: StopOptions) -> Result:
    """Stop the double that `groundlevel double --detach` has started; its requests are finished, and its file goes."""
    with _opened(options.file) as file:
        if _is_lockable(file):
            raise _ended(options.file)
        found = _read(file, options.file)
        os.kill(found.pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while not _is_lockable(file):
            if time.monotonic() > deadline:
                os.kill(found.pid, signal.SIGKILL)
            time.sleep(_LOOK_SECONDS)  # noqa: ASYNC251  nothing else runs in this process
        options.file.unlink(missing_ok=True)
        log = Path(found.log)
        if log.exists() and log.stat().st_size == 0:
            log.unlink()
    return Result({"url": found.url, "pid": found.pid}, f"{found.url} has stopped.")


def detach(words: Sequence[str], path: Path) -> Result:
    """Starts the double of a command line, and returns when it is ready. Raises DetachedError."""
    log = _log_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ALONE), "r+b") as file:
            if not _is_lockable(file):
                raise DetachedError(
                    f"a double that {path} tells of is running",
                    "`groundlevel stop` stops it; with --file another one is told of in another file.",
                )
            file.truncate()
            with create_file_anew(log) as lines:
                process, said = launch(words, lines, stdin=subprocess.DEVNULL, pass_fds=(file.fileno(),))
            assert process.stdout is not None  # which nothing more comes from
            process.stdout.close()
            found = msgspec.convert({**said, "pid": process.pid, "log": str(log.resolve())}, Detached)
            file.write(msgspec.json.encode(found) + b"\n")
    except StartError as problem:
        path.unlink(missing_ok=True)
        raise DetachedError(str(problem), problem.hint or f"{log} says more.") from problem
    except OSError as problem:
        raise DetachedError(
            f"{problem.filename} cannot be written: {problem.strerror}", "--file names another place."
        ) from problem
    text = (
        f"A double runs at {found.url}; `groundlevel stop` stops it.\n"
        f"  Token     {found.token or 'none'}\n"
        f"  Location  {found.location_id or 'none'}\n"
        f"  Console   {said.get('console', 'none')}\n"
        f"  File      {path}"
    )
    return Result(msgspec.to_builtins(found), text)


def find_detached(path: Path) -> Detached:
    """The double that a file tells of, which is running. Raises DetachedError."""
    with _opened(path) as file:
        if _is_lockable(file):
            raise _ended(path)
        return _read(file, path)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("r+b")
    except OSError as problem:
        raise DetachedError(
            f"{path} tells of no double: {problem.strerror}", "`groundlevel double --detach` starts one."
        ) from problem


def _read(file: BinaryIO, path: Path) -> Detached:
    try:
        return msgspec.json.decode(file.read(), type=Detached)
    except msgspec.DecodeError:
        raise DetachedError(f"{path} tells of no double yet", "It is still starting: try again.") from None


def _is_lockable(file: BinaryIO) -> bool:
    """Whether no double holds the file; it is held from now on."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _ended(path: Path) -> DetachedError:
    return DetachedError(
        f"the double that {path} tells of is not running any more",
        f"{_log_of(path)} may say why. `groundlevel double --detach` starts another.",
    )


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + ".log")
