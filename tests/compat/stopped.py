"""Runs the server with a clock that stands still until a file tells how far it has moved: for what waits for a time.

The file's name is in CLOCK_FILE; it holds milliseconds, and need not be there.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from groundlevel.__main__ import main
from groundlevel.kernel.ids import Clock

_START = time.time_ns() // 1_000_000
_FILE = Path(os.environ["CLOCK_FILE"])


def now(_: Clock) -> int:
    """Epoch milliseconds of the start, and what the file adds to them."""
    with suppress(FileNotFoundError, ValueError):  # not there yet, or not written yet
        return _START + int(_FILE.read_text())
    return _START


Clock.now = now  # type: ignore[assignment, method-assign]

if __name__ == "__main__":
    main()
