"""Finds the double that goes on by itself, by the file that tells of it.

The file is locked for as long as its double runs, by the double itself: a lock that can be had says that it has ended,
however that happened, where its process id alone might be that of another process by now.
"""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from groundlevel.kernel.errors import InputError

FILE = Path("data/double.json")
"""Where a double is told of unless another file is named."""


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


def find_detached(path: Path) -> Detached:
    """The double that a file tells of, which is running. Raises DetachedError."""
    with open_file(path) as file:
        if take_lock(file):
            raise ended(path)
        return read_file(file, path)


def open_file(path: Path) -> BinaryIO:
    """The file of a double. Raises DetachedError."""
    try:
        return path.open("r+b")
    except OSError as problem:
        raise DetachedError(
            f"{path} tells of no double: {problem.strerror}", "`groundlevel double --detach` starts one."
        ) from problem


def read_file(file: BinaryIO, path: Path) -> Detached:
    """What an open file tells of. Raises DetachedError."""
    try:
        return msgspec.json.decode(file.read(), type=Detached)
    except msgspec.DecodeError:
        raise DetachedError(f"{path} tells of no double yet", "It is still starting: try again.") from None


def take_lock(file: BinaryIO) -> bool:
    """Whether no double holds the file; it is held from now on."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def ended(path: Path) -> DetachedError:
    """What is said of a double that has ended without being stopped."""
    return DetachedError(
        f"the double that {path} tells of is not running any more",
        f"{log_of(path)} may say why. `groundlevel double --detach` starts another.",
    )


def log_of(path: Path) -> Path:
    """Where the double that a file tells of writes its log."""
    return path.with_name(path.name + ".log")
