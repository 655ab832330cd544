"""Creates files of records: for their owner alone, as the database is that the records come from or go to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

_OWNER_ALONE = 0o600


def create_private_file(path: Path) -> TextIO:
    """An empty file to write UTF-8 to, instead of one that has the name. Raises OSError.

    What stood there is removed, not written to: it could be a link to another file, or open to other users.
    """
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE)
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")
