"""Decides who may do what, and where; the only module that knows the order of the checks.

The order of the checks, the first that fails answers:

1. route: unknown path or method, 404 (contract 8 row 33);
2. token: missing, garbled, unknown, revoked or expired, 401 (2.8);
3. version: missing or unknown `Version` header, 401 (2.9);
4. rate limit, 429 (2.10), since it is counted for the token's location or company;
5. scope, 401, before anything of the location is looked at (8 row 16);
6. size of the body, 413;
7. shape of the query, then of the body, 422, or 400 for what is not JSON (8 row 11);
8. location: missing 400 or 422, two that differ 400, out of reach 403 (8 rows 4 and 15);
9. the rules of the use case.

Where a location may stand (`Placement`), in profile `spec` and in profile `live` (2.1):

================ ===================================================== =============================================
placement        spec                                                  live
================ ===================================================== =============================================
BODY, QUERY      either place; required, 422                           only the documented place
RECORD_BODY      either place or the token's                           only the body; missing 400
RECORD_SEARCH    either place or the token's                           only the body; missing 422
RECORD_QUERY     either place or the token's                           only the query; in the body instead 422,
                                                                       nowhere 404 for the object
FOUND            the query, the token's, or found by the path's id     the same; deleting a record: nowhere, 422
PATH             the path                                              the same
COMPANY          none: the company of the token counts                 the same
OPEN             none, and no token: what is sent admits the request   the same
================ ===================================================== =============================================
"""

from __future__ import annotations

from msgspec import UNSET

from groundlevel.kernel.errors import (
    InvalidShape,
    LocationMismatch,
    LocationMissing,
    ObjectNotFound,
    ScopeMissing,
    TokenInvalid,
    VersionInvalid,
    VersionMissing,
)
from groundlevel.kernel.http.decode import decode_json
from groundlevel.kernel.http.request import NO_LOCATION, Request
from groundlevel.kernel.http.routing import Placement
from groundlevel.kernel.http.validation import text_errors
from groundlevel.kernel.model import Actor

VERSIONS = frozenset((b"2021-04-15", b"2021-07-28", b"2023-02-21", b"v3"))
"""The values of the Version header that any endpoint accepts (contract 2.9)."""

MAX_TOKEN = 4096

_REQUIRED = (Placement.BODY, Placement.QUERY)
_OF_ONE_LOCATION = (Placement.RECORD_BODY, Placement.RECORD_QUERY, Placement.RECORD_SEARCH)


def read_token(authorization: bytes) -> str:
    """The bearer token of a header; the scheme's case does not count. Raises TokenInvalid."""
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != b"bearer":
        raise TokenInvalid
    token = token.strip()
    if not token or len(token) > MAX_TOKEN or not token.isascii():
        raise TokenInvalid
    return token.decode("ascii")


def check_version(version: bytes, *, required: bool) -> None:
    """Raises VersionMissing, unless it is not `required`; VersionInvalid."""
    # Blanks around a header's value are no part of it (RFC 9110, 5.5), but the parser leaves those behind it.
    if version in VERSIONS or version.strip() in VERSIONS:
        return
    if version.strip():
        raise VersionInvalid
    if required:
        raise VersionMissing


def check_scope(actor: Actor, scope: str | None) -> None:
    """Raises ScopeMissing, naming the scope in its hint."""
    if scope is not None and scope not in actor.scopes:
        raise ScopeMissing(hint=f"The operation needs the scope {scope}; use a token that holds it.")


def check_query(request: Request, raw: bytes) -> None:
    """Refuses, as the live platform does before it looks at the body, an update whose query names no location.

    Raises InvalidShape when the body names it instead, ObjectNotFound when nothing does.
    """
    if request.endpoint.placement is not Placement.RECORD_QUERY or "locationId" in request.query:
        return
    body = decode_json(raw)
    if isinstance(body, dict) and "locationId" in body:
        raise InvalidShape(text_errors("locationId"))
    raise ObjectNotFound(request.key)


async def resolve_location(request: Request) -> None:
    """Finds the location of a decoded request, which stays NO_PLACE when it is to be found by the id in the path.

    Raises LocationMissing, LocationMismatch, LocationForbidden, InvalidShape.
    """
    placement = request.endpoint.placement
    if placement is Placement.COMPANY:
        return
    if placement is Placement.PATH:
        location_id = request.params[0]
    else:
        location_id = _named_location(request) or request.actor.location_id or ""
    if location_id:
        request.location = await request.context.access.resolve_location(request.actor, location_id)
    else:
        request.location = NO_LOCATION


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
    if placement in _REQUIRED:
        raise InvalidShape(text_errors("locationId"))
    if request.context.strict:
        if placement is Placement.RECORD_BODY:
            raise LocationMissing
        if placement is Placement.RECORD_SEARCH:
            raise InvalidShape(text_errors("locationId"))
    if placement in _OF_ONE_LOCATION and request.actor.location_id is None:
        raise LocationMissing
    return ""
