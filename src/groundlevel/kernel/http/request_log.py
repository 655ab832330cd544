"""Keeps the last requests of this process in memory, as they came and as they were answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct

from groundlevel.kernel.http.faults import Fault
from groundlevel.kernel.http.routing import JSON, Endpoint
from groundlevel.kernel.model import Actor, Location

KEPT = 2_000
SHOWN_BYTES = 16 * 1024
"""How much is kept of the body of a request, and of a refusal."""
SHOWN_SUCCESS_BYTES = 1024
"""How much is kept of other answers, where nobody tests with them. To hold on to what is as long as a page of records,
and is seldom looked at, keeps what every request needs out of the processor's caches (decision 0068)."""
SHOWN_LINE_BYTES = 2_000
"""How much is kept of a path, of a query and of what a client calls itself, which whoever has no token can send."""


class LoggedRequest(Struct, frozen=True, gc=False):
    """One request with its answer. Bodies hold secrets as they were sent: whoever shows them masks those."""

    number: int
    """Counts up from 1, so that whoever follows the log can tell what is new."""
    time: float
    """Seconds since the epoch."""
    trace_id: str
    method: str
    path: bytes
    query: bytes
    operation: str
    """Empty where there is none at the path."""
    actor: Actor | None
    location_id: str
    client: bytes
    """What the client calls itself."""
    body: bytes
    status: int
    seconds: float
    answer_headers: Sequence[tuple[bytes, bytes]]
    """Of a refusal."""
    answer: bytes
    media_type: str
    cut: bool
    """Whether more was sent or answered than is here."""
    fault: str
    """The id of the rule by which something was done to it on purpose; empty where nothing was."""


Unusual: TypeAlias = tuple[str, Sequence[tuple[bytes, bytes]], Fault | None]
"""What few answers have: another media type than JSON, the headers of a refusal, a fault that was done to it."""
_USUAL: Unusual = (JSON, (), None)

_Parts: TypeAlias = tuple[
    float, float, str, str, bytes, bytes, bytes, Endpoint | None, Actor | None, Location | None, bytes, int, bytes,
    Unusual | None,
]  # fmt: skip
"""What the members of a LoggedRequest are made of: time, seconds, trace id, method, path, query, client, endpoint,
actor, location, body, status, answer, and what is unusual in it."""


class RequestLog:
    """A ring of the last requests."""

    __slots__ = ("_kept", "add", "count", "success_bytes")

    def __init__(self, success_bytes: int = SHOWN_SUCCESS_BYTES) -> None:
        self.success_bytes = success_bytes
        """How much is kept of an answer that refuses nothing."""
        self._kept: deque[_Parts] = deque(maxlen=KEPT)
        self.add = self._kept.append
        """Keeps one more, and lets the oldest go where there are too many. `count` goes up with each."""
        self.count = 0
        """Requests since the process began."""

    def clear(self) -> None:
        """Forgets everything; the numbers go on."""
        self._kept.clear()

    def cut(
        self, lines: tuple[bytes, bytes, bytes], body: bytes, answer: bytes, *, refused: bool
    ) -> tuple[bytes, bytes, bytes, bytes, bytes]:
        """What is kept of the lines, path, query and client, of a body and of an answer that are long together."""
        path, query, client = (line[:SHOWN_LINE_BYTES] for line in lines)
        return path, query, client, body[:SHOWN_BYTES], answer[: SHOWN_BYTES if refused else self.success_bytes]

    def newest(self) -> Iterator[LoggedRequest]:
        """What is kept, the newest first."""
        count = self.count
        return (self._entry_of(count - age, parts) for age, parts in enumerate(reversed(tuple(self._kept))))

    @property
    def oldest(self) -> int:
        """The number of the oldest that is kept; 0 when there is none."""
        return self.count - len(self._kept) + 1 if self._kept else 0

    def _entry_of(self, number: int, parts: _Parts) -> LoggedRequest:
        (
            time, seconds, trace_id, method, path, query, client, endpoint, actor, location, body, status, answer,
            unusual,
        ) = parts  # fmt: skip
        most = SHOWN_BYTES if status >= 400 else self.success_bytes
        media_type, headers, fault = unusual or _USUAL
        return LoggedRequest(
            number=number,
            time=time,
            trace_id=trace_id,
            method=method,
            path=path,
            query=query,
            operation="" if endpoint is None else endpoint.route.operation_id,
            actor=actor,
            location_id="" if location is None else location.id,
            client=client,
            body=body,
            status=status,
            seconds=seconds,
            answer_headers=headers,
            answer=answer,
            media_type=media_type,
            cut=len(body) >= SHOWN_BYTES or len(answer) >= most,
            fault="" if fault is None else fault.rule,
        )
