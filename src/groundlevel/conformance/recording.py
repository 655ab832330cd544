"""Files of answers, by which a later run is compared with an earlier one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from groundlevel import __version__
from groundlevel.conformance.answers import Answer
from groundlevel.conformance.errors import ConformanceError
from groundlevel.kernel.private_files import write_whole

_MODE = 0o644
"""There is nothing in it that others may not read."""


class Recording(Struct, frozen=True, rename="camel"):
    """The answers of one server at one time."""

    target: str
    recorded_at: str
    groundlevel: str
    """The version that has asked."""
    answers: list[Answer]


def write_recording(path: Path, target: str, answers: list[Answer]) -> None:
    """Writes the answers of a target. Raises ConformanceError."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    content = msgspec.json.format(msgspec.json.encode(Recording(target, now, __version__, answers)), indent=1)
    try:
        write_whole(path, content + b"\n", _MODE)
    except OSError as problem:
        raise ConformanceError(f"{path} cannot be written: {problem.strerror}", "Name another --record.") from problem


def read_recording(path: Path) -> Recording:
    """The answers in a file. Raises ConformanceError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Recording)
    except OSError as problem:
        raise ConformanceError(f"{path} cannot be read: {problem.strerror}", "`--record FILE` writes one.") from problem
    except (msgspec.DecodeError, UnicodeError) as problem:
        raise ConformanceError(f"{path} is no file of answers: {problem}", "`--record FILE` writes one.") from problem
