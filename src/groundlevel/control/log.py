"""Looks into the log of requests for a test: picks requests, waits for them, and writes them as HAR."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct

from groundlevel import __version__
from groundlevel.control.fault_rules import path_pattern
from groundlevel.kernel.http.request_log import KEPT, LoggedRequest, RequestLog
from groundlevel.kernel.model import Json
from groundlevel.requests.rules import Asked, RequestBody, list_requests

LOOK_SECONDS = 0.005
"""How often a waiting test looks. A request pays nothing for being waited for."""
NOT_BELOW = 400
"""The least status of a refusal."""


class Wanted(Struct, frozen=True, kw_only=True):
    """Which requests; None is any."""

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    """As in a rule: `*` is any part, a last `**` any rest."""
    status: int | None = None
    refused: bool | None = None
    location_id: str | None = None
    trace_id: str | None = None
    after: int = 0
    """Only those with a higher number."""


def find_requests(log: RequestLog, wanted: Wanted, *, limit: int = KEPT) -> list[RequestBody]:
    """The requests, the newest first."""
    return list_requests(log, Asked(after=wanted.after, limit=limit), _test_of(wanted))


async def wait_for_requests(log: RequestLog, wanted: Wanted, *, count: int, seconds: float) -> list[RequestBody]:
    """The requests once there are so many of them, or after so many seconds."""
    deadline = time.monotonic() + seconds
    seen = -1
    found: list[RequestBody] = []
    while True:
        if log.count != seen:
            seen = log.count
            found = find_requests(log, wanted)
        if len(found) >= count or time.monotonic() >= deadline:
            return found
        await asyncio.sleep(LOOK_SECONDS)


def _test_of(wanted: Wanted) -> Callable[[LoggedRequest], bool]:
    path = None if wanted.path is None else path_pattern(wanted.path)

    def holds(entry: LoggedRequest) -> bool:
        refused = entry.status >= NOT_BELOW
        return (
            wanted.operation in (None, entry.operation)
            and (wanted.method is None or wanted.method.upper() == entry.method)
            and (path is None or path.fullmatch(entry.path.decode("latin-1")) is not None)
            and wanted.status in (None, entry.status)
            and wanted.refused in (None, refused)
            and wanted.location_id in (None, entry.location_id)
            and wanted.trace_id in (None, entry.trace_id)
        )

    return holds


def as_har(requests: Sequence[RequestBody], address: str) -> dict[str, Json]:
    """The requests as an HTTP archive (HAR 1.2), the oldest first, which browsers and proxies open."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "GroundLevel", "version": __version__},
            "entries": [_entry(each, address) for each in reversed(requests)],
        }
    }


def _entry(request: RequestBody, address: str) -> dict[str, Json]:
    query = f"?{request.query}" if request.query else ""
    sent: dict[str, Json] = {
        "method": request.method,
        "url": f"{address}{request.path}{query}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "User-Agent", "value": request.client}],
        "queryString": [],
        "headersSize": -1,
        "bodySize": len(request.body.encode()),
    }
    if request.body:
        sent["postData"] = {"mimeType": "application/json", "text": request.body}
    answer = {"size": len(request.answer.encode()), "mimeType": "application/json", "text": request.answer}
    return {
        "startedDateTime": datetime.fromisoformat(request.time).isoformat(),
        "time": request.milliseconds,
        "request": sent,
        "response": {
            "status": request.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [{"name": "x-trace-id", "value": request.trace_id}],
            "content": answer,
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(request.answer.encode()),
        },
        "cache": {},
        "timings": {"send": 0, "wait": request.milliseconds, "receive": 0},
        "comment": request.reason,
    }
