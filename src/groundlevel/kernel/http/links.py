"""Links in replies to other pages, which clients of the platform follow as they are."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from groundlevel.kernel.http.request import Request
from groundlevel.kernel.model import Json


def next_page_url(request: Request, cursor: Sequence[Json]) -> str:
    """The URL of the page behind a cursor, a timestamp and an id, of the same list."""
    timestamp, last = cursor
    asked = {name: value for name, value in request.query.items() if name != "page"}
    return _url(request, asked | {"startAfter": str(timestamp), "startAfterId": str(last)})


def numbered_page_url(request: Request, page: int) -> str:
    """The URL of the page with a number, of the same list."""
    return _url(request, request.query | {"page": str(page)})


def _url(request: Request, query: dict[str, str]) -> str:
    return f"{request.address}{request.endpoint.route.path}?{urlencode(query)}"
