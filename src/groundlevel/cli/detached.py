"""Starts doubles that go on when the command that has started them ends, and stops them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from groundlevel.control.detached import FILE, Detached, DetachedError, ended, log_of, open_file, read_file, take_lock
from groundlevel.kernel.command import Options, Result, command
from groundlevel.kernel.private_files import OWNER_ALONE, create_file_anew
from groundlevel.testing.process import StartError, launch

_STOP_SECONDS = 15.0
_LOOK_SECONDS = 0.01


class StopOptions(Options, frozen=True, kw_only=True):
    """Options of `stop`."""

    file: Annotated[Path, typer.Option(help="The file that `double --detach` has written.")] = FILE


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    command(app, "stop")(stop)


async def stop(options: StopOptions) -> Result:
    """Stop the double that `groundlevel double --detach` has started; its requests are finished, and its file goes."""
    with open_file(options.file) as file:
        if take_lock(file):
            raise ended(options.file)
        found = read_file(file, options.file)
        os.kill(found.pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while not take_lock(file):
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
    log = log_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ALONE), "r+b") as file:
            if not take_lock(file):
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
