"""Keeps the last requests of this process in memory, as they came and as they were answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from groundlevel.kernel.model import Actor

KEPT = 2_000
SHOWN_BYTES = 16 * 1024
"""How much of a body is kept."""


class LoggedRequest(Struct, frozen=True, gc=False):
    """One request with its answer. Bodies hold secrets as they were sent: whoever shows them masks those."""

    number: int
    """Counts up from 1, so that whoever follows the log can tell what is new."""
    time: int
    trace_id: str
    method: str
    path: str
    query: bytes
    operation: str
    """Empty where there is none at the path."""
    actor: Actor | None
    location_id: str
    headers: Mapping[bytes, bytes]
    body: bytes
    status: int
    seconds: float
    answer_headers: Sequence[tuple[bytes, bytes]]
    answer: bytes
    media_type: str


class RequestLog:
    """A ring of the last requests."""

    __slots__ = ("_kept", "count")

    def __init__(self) -> None:
        self._kept: deque[LoggedRequest] = deque(maxlen=KEPT)
        self.count = 0
        """Requests since the process began."""

    def add(self, entry: LoggedRequest) -> None:
        """Keeps one more, and lets the oldest go where there are too many."""
        self._kept.append(entry)

    def newest(self) -> Iterator[LoggedRequest]:
        """What is kept, the newest first."""
        return reversed(self._kept)

    @property
    def oldest(self) -> int:
        """The number of the oldest that is kept; 0 when there is none."""
        return self._kept[0].number if self._kept else 0
