"""Creates files for their owner alone, and writes small ones whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

OWNER_ALONE = 0o600
"""The mode of whatever holds records, tokens or keys."""


def create_file(path: Path, mode: int = OWNER_ALONE) -> BinaryIO:
    """A new, empty file to write to, which nobody else could open at any moment.

    Raises OSError; FileExistsError where there is anything of that name, a link to another file too.
    """
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")


def create_file_anew(path: Path, mode: int = OWNER_ALONE) -> BinaryIO:
    """As `create_file`, instead of what has the name: that is removed and not written to. Raises OSError."""
    path.unlink(missing_ok=True)
    return create_file(path, mode)


def write_whole(path: Path, content: bytes, mode: int = OWNER_ALONE) -> None:
    """Writes a file that has all of the content as soon as it has the name. Raises OSError."""
    fresh = path.with_name(path.name + ".new")
    with create_file_anew(fresh, mode) as file:
        file.write(content)
    fresh.replace(path)
