"""Decides who may do what, and where.

The server runs the checks of an operation in the order of `CHECKS`, and the first that fails answers. Before them, an
unknown path is 404 and an unknown method 405, and before those, a missing `Version` is told
(docs/contract.md#decision-33); after them come the rules of the use case.

Where a location may stand (`Placement`), in profile `spec` and in profile `live` (docs/contract.md#record-bodies):

================ ===================================================== =============================================
placement        spec                                                  live
================ ===================================================== =============================================
BODY, QUERY      either of them; required, 422                         only the documented one
EITHER           either of them or the token's                         what the route's `live_placement` (STATED:
                                                                       the body, missing 400; BODY: missing 422)
                                                                       or its `live_check` says
FOUND            the query, the token's, or found by the path's id     the same
PATH             the path                                              the same
COMPANY          none: the company of the token counts                 the same
NOWHERE          none                                                  the same
================ ===================================================== =============================================
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from msgspec import UNSET

from groundlevel.kernel.errors import (
    BodyTooLarge,
    InvalidShape,
    LocationMismatch,
    LocationMissing,
    RateLimited,
    ScopeMissing,
    TokenInvalid,
    VersionInvalid,
    VersionMissing,
)
from groundlevel.kernel.errors.wording import text_errors
from groundlevel.kernel.http import decode
from groundlevel.kernel.http.rate_limits import Headers
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Admission, Endpoint, Placement

VERSIONS = frozenset((b"2021-04-15", b"2021-07-28", b"2023-02-21", b"v3"))
"""The values of the Version header that any endpoint accepts (docs/contract.md#version-header)."""

_MOST_DIGITS = 18
"""Longest number of bytes that is read as a number: longer ones are more than any limit."""
MAX_TOKEN = 4096
MAX_OPEN_BODY = 65_536
"""Bytes of the body of an operation that asks for no token: many clients at once take little memory by it."""

Check: TypeAlias = Callable[[Request], Awaitable[None] | None]
"""Raises a refusal, or notes in the request what it has found; returns what to await where it has to wait."""


class ClientGoneError(Exception):
    """The client went away before its request was complete; there is no client to answer."""


def authenticate(request: Request) -> Awaitable[None] | None:
    """Who asks: 401 for a token that is missing, garbled, unknown, revoked or expired.

    See docs/contract.md#auth-errors.
    """
    token = read_token(request.headers.get(b"authorization", b""))
    actor = request.context.access.find_cached_actor(token)
    if actor is None:
        return _authenticate(request, token)
    request.actor = actor
    return None


async def _authenticate(request: Request, token: str) -> None:
    request.actor = await request.context.access.authenticate(token)


def read_token(authorization: bytes) -> str:
    """The bearer token of a header; the scheme's case does not count. Raises TokenInvalid."""
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != b"bearer":
        raise TokenInvalid
    token = token.strip()
    if not token or len(token) > MAX_TOKEN or not token.isascii():
        raise TokenInvalid
    return token.decode("ascii")


def check_version(request: Request) -> None:
    """401 for a `Version` header that is missing or unknown (docs/contract.md#version-header)."""
    version = request.headers.get(b"version", b"")
    if version not in VERSIONS:
        _check_version(version, required=request.context.settings.version_required)


def check_version_if_sent(request: Request) -> None:
    """401 for a `Version` header that is unknown; operations that ask for no token do without one."""
    _check_version(request.headers.get(b"version", b""), required=False)


def check_version_without_route(request_headers: Headers, *, required: bool) -> None:
    """401 for a `Version` header that is missing or unknown, where there is no operation that could want it.

    A browser that asks for a page is not told of a header that it cannot send.
    """
    headers = dict(request_headers)
    page = b"text/html" in headers.get(b"accept", b"")
    _check_version(headers.get(b"version", b""), required=required and not page)


def _check_version(version: bytes, *, required: bool) -> None:
    # Blanks around a header's value are no part of it (RFC 9110, 5.5), but the parser leaves those behind it.
    version = version.strip()
    if version and version not in VERSIONS:
        raise VersionInvalid
    if required and not version:
        raise VersionMissing


def count_request(request: Request) -> None:
    """429 above the rate limit, which is counted for the token's location or company (docs/contract.md#rate-limits)."""
    limits = request.context.limits
    assert limits is not None  # else this is none of the checks
    try:
        request.limits = limits.take(request.actor)
    except RateLimited:
        request.limits = limits.headers(request.actor)
        raise


def check_scope(request: Request) -> None:
    """401 for a token without the scope, before anything of the location is looked at.

    See docs/contract.md#decision-16.
    """
    scope = request.endpoint.scope
    if scope is not None and scope not in request.actor.scopes:
        raise ScopeMissing(hint=f"The operation needs the scope {scope}; use a token that holds it.")


async def read_body(request: Request) -> None:
    """413 as soon as the body must be larger than the server takes. Raises ClientGoneError."""
    limit = request.context.settings.max_body_bytes
    if request.endpoint.admission is not Admission.TOKEN:
        limit = min(limit, MAX_OPEN_BODY)
    declared = request.headers.get(b"content-length", b"").lstrip(b"0")
    # Python refuses to read a number of thousands of digits.
    if declared.isdigit() and (len(declared) > _MOST_DIGITS or int(declared) > limit):
        raise BodyTooLarge
    parts: list[bytes] = []
    size = 0
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise BodyTooLarge
        parts.append(part)
        if not message.get("more_body"):
            break
    # Put together once: a body that comes in small parts would otherwise be copied with each of them.
    body = parts[0] if len(parts) == 1 else b"".join(parts)
    if request.endpoint.route.form:
        body, request.spelling = decode.camel_form(body, request.headers.get(b"content-type", b""))
    request.raw = body


def decode_query(request: Request) -> None:
    """422 for a query that does not have the documented shape (docs/contract.md#decision-11)."""
    query = request.scope["query_string"]
    if query:
        strict = request.context.strict and request.endpoint.admission is Admission.TOKEN
        request.query = decode.decode_query(request.endpoint, query, strict=strict)


def run_live_check(request: Request) -> None:
    """What the live platform refuses for this operation before it looks at the body; in profile `live` alone."""
    check = request.endpoint.live_check
    if check is not None:
        check(request)


def decode_body(request: Request) -> None:
    """422 for a body that does not have the documented shape, 400 for what is not JSON.

    See docs/contract.md#decision-11.
    """
    endpoint = request.endpoint
    located = "locationId" in request.query or endpoint.admission is not Admission.TOKEN
    request.body = decode.decode_body(endpoint, request.raw, located=located, spelling=request.spelling)


def resolve_location(request: Request) -> Awaitable[None] | None:
    """Where: missing 400 or 422, two that differ 400, out of the token's reach 403.

    See docs/contract.md#decision-4, #decision-15.

    The location stays NO_LOCATION when it is to be found by the id in the path.
    """
    placement = request.endpoint.placement
    if placement is Placement.COMPANY or placement is Placement.NOWHERE:
        return None
    if placement is Placement.PATH:
        location_id = request.params[0]
    else:
        location_id = _named_location(request) or request.actor.location_id or ""
    if not location_id:
        return None
    location = request.context.access.find_cached_location(request.actor, location_id)
    if location is None:
        return _resolve_location(request, location_id)
    request.location = location
    return None


async def _resolve_location(request: Request, location_id: str) -> None:
    request.location = await request.context.access.resolve_location(request.actor, location_id)


def _named_location(request: Request) -> str:
    """The location that a request names; empty when it names none and need not."""
    placement = request.endpoint.placement
    in_query = request.query.get("locationId", "")
    in_body = getattr(request.body, "location_id", UNSET)
    in_body = "" if in_body is UNSET or in_body is None else in_body
    if in_query and in_body and in_body != in_query:
        raise LocationMismatch
    if in_query or in_body:
        return in_query or in_body
    if placement is Placement.BODY or placement is Placement.QUERY:
        raise InvalidShape(text_errors("locationId"))
    if placement is Placement.STATED or (placement is Placement.EITHER and request.actor.location_id is None):
        raise LocationMissing
    return ""


CHECKS: tuple[Check, ...] = (
    authenticate,
    check_version,
    count_request,
    check_scope,
    read_body,
    decode_query,
    run_live_check,
    decode_body,
    resolve_location,
)
"""The checks of an operation that a token admits to, in their order."""

OPEN_CHECKS: tuple[Check, ...] = (check_version_if_sent, decode_query, read_body, decode_body)
"""Those of an operation that what is sent admits to."""

_OF_BODY = (read_body, decode_body)


def checks_of(endpoint: Endpoint, *, limited: bool) -> tuple[Check, ...]:
    """The checks of one operation, without those that cannot concern it; `limited` is whether requests are counted."""
    if endpoint.admission is Admission.NONE:
        return ()
    checks = CHECKS if endpoint.admission is Admission.TOKEN else OPEN_CHECKS
    return tuple(
        check
        for check in checks
        if (endpoint.decode is not None or check not in _OF_BODY)
        and (endpoint.live_check is not None or check is not run_live_check)
        and (limited or check is not count_request)
    )
