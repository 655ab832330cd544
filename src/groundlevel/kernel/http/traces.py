"""Makes the ids by which a reply and the log lines about it are found together."""

from __future__ import annotations

import os
from collections.abc import Iterator

from groundlevel.kernel.ids import to_uuid

_BATCH = 256


def trace_ids() -> Iterator[str]:
    """Random UUIDs without end; randomness is fetched for many at once, since every request takes one."""
    while True:
        pool = os.urandom(16 * _BATCH).hex()
        for start in range(0, len(pool), 32):
            yield to_uuid(pool[start : start + 32])
