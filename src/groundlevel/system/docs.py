"""The pages of the reference: a viewer of the OpenAPI document, and what the tables say of data types and errors."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from groundlevel import __version__
from groundlevel.kernel.errors import Refusal, refusals
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.base import OPERATORS, Operator
from groundlevel.kernel.http.openapi import default_message, example_of
from groundlevel.kernel.http.refusals import status_of
from groundlevel.kernel.http.rendering import render
from groundlevel.kernel.http.routing import Page
from groundlevel.kernel.model import DataType
from groundlevel.system.assets import asset_path

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Everything comes from this server, and no page may be put into another's. The viewer's pictures are in its style."""
KEPT = 200
"""Pages of a kind that are kept once they are made: anybody may ask for them, without a token."""
_error_pages: dict[str, Page] = {}
"""By code."""


@lru_cache(KEPT)
def home_page(address: str, *, console: bool) -> Page:
    """What this is and where to go, for whoever opens the server's address in a browser."""
    return _page("home.html", title="GroundLevel", version=__version__, address=address, console=console)


@lru_cache(1)
def reference_page() -> Page:
    """Every operation, in a viewer that shows the OpenAPI document and sends requests."""
    return _page("reference.html", version=__version__)


@lru_cache(1)
def data_types_page() -> Page:
    """The types that fields may have."""
    rows = []
    for name in DataType:
        kind = type_of(name)
        operators = ", ".join(each.value for each in Operator if each in OPERATORS[kind.comparison])
        doc = (type(kind).__doc__ or "").partition("\n\n")[0]
        rows.append({"name": name.value, "doc": doc, "operators": operators})
    return _page("data_types.html", title="Data types", data_types=rows)


@lru_cache(1)
def errors_page() -> Page:
    """Every refusal with its status and message."""
    rows = [{"code": each.code, "status": status_of(each)[0], "message": default_message(each)} for each in refusals()]
    return _page("errors.html", title="Errors", errors=rows)


def error_page(refusal: type[Refusal]) -> Page:
    """What one refusal means and what to change."""
    page = _error_pages.get(refusal.code)
    if page is None:
        page = _error_pages[refusal.code] = _make_error_page(refusal)
    return page


def _make_error_page(refusal: type[Refusal]) -> Page:
    status, reason = status_of(refusal)
    return _page(
        "error.html",
        title=refusal.code,
        status=status,
        reason=reason,
        message=default_message(refusal),
        about=refusal.about,
        hint=refusal.hint,
        body=msgspec.json.format(msgspec.json.encode(example_of(refusal)), indent=2).decode(),
    )


def _page(template: str, **values: object) -> Page:
    headers = (
        (b"content-security-policy", _POLICY.encode("ascii")),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
    )
    return Page("text/html; charset=utf-8", render(__package__, template, asset=asset_path, **values), headers=headers)
