"""Answers in place of an operation's own: with the body, and the headers, that the platform has for a status."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from msgspec import UNSET

from groundlevel.control.fault_rules import Rule
from groundlevel.kernel.errors import (
    BadRequest,
    Forbidden,
    InvalidShape,
    NotFound,
    RateLimited,
    Refusal,
    TokenInvalid,
    TooSlow,
    Unavailable,
)
from groundlevel.kernel.http.rate_limits import EXHAUSTED
from groundlevel.kernel.http.refusals import INTERNAL_ERROR, body_of, encode_body, internal_error_body
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import JSON, Page

_REFUSALS: dict[int, Refusal] = {
    400: BadRequest(),
    401: TokenInvalid("Invalid JWT"),
    403: Forbidden(),
    404: NotFound(),
    408: TooSlow(),
    422: InvalidShape(["the request was refused for a test"]),
    429: RateLimited(),
    503: Unavailable(),
}


def reply_of(rule: Rule, request: Request) -> Page:
    """The answer of a rule that has a status."""
    then = rule.then
    status = then.status or INTERNAL_ERROR[0]
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        request.limits = EXHAUSTED
    content = _content_of(status, request.trace_id) if then.body is UNSET else msgspec.json.encode(then.body)
    media_type = "text/html; charset=utf-8" if isinstance(then.body, str) else JSON
    if isinstance(then.body, str):
        content = then.body.encode()
    named = {name for name, _ in then.headers}
    media_type = next((value.decode("latin-1") for name, value in then.headers if name == b"content-type"), media_type)
    headers = tuple(pair for pair in then.headers if pair[0] != b"content-type")
    if status == HTTPStatus.UNAUTHORIZED and b"www-authenticate" not in named:
        headers += ((b"www-authenticate", b"Bearer"),)
    return Page(media_type, content, status, (*headers, (b"x-groundlevel-fault", rule.id.encode())))


def _content_of(status: int, trace_id: str) -> bytes:
    if status == INTERNAL_ERROR[0]:
        return internal_error_body(trace_id)
    if status in _REFUSALS:
        return encode_body(body_of(_REFUSALS[status], trace_id))
    reason = next((each.phrase for each in HTTPStatus if each == status), "Error")
    return encode_body({"statusCode": status, "message": reason, "error": reason, "traceId": trace_id})
