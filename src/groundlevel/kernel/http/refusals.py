"""What a refusal looks like on the wire: status, body and the two headers that teach.

See docs/contract.md#all-operations.
"""

from __future__ import annotations

import unicodedata

import msgspec

from groundlevel.kernel.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    Gone,
    HeadersTooLarge,
    InvalidShape,
    MethodNotAllowed,
    NotAllowed,
    NotFound,
    PreconditionFailed,
    Refusal,
    TooLarge,
    TooMany,
    TooSlow,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    Unprocessable,
)
from groundlevel.kernel.model import Json

STATUSES: dict[type[Refusal], tuple[int, str]] = {
    BadRequest: (400, "Bad Request"),
    Unauthenticated: (401, "Unauthorized"),
    Forbidden: (403, "Forbidden"),
    NotFound: (404, "Not Found"),
    NotAllowed: (405, "Method Not Allowed"),
    TooSlow: (408, "Request Timeout"),
    Conflict: (409, "Conflict"),
    Gone: (410, "Gone"),
    PreconditionFailed: (412, "Precondition Failed"),
    TooLarge: (413, "Payload Too Large"),
    Unprocessable: (422, "Unprocessable Entity"),
    TooMany: (429, "Too Many Requests"),
    HeadersTooLarge: (431, "Request Header Fields Too Large"),
    Unimplemented: (501, "Not Implemented"),
    Unavailable: (503, "Service Unavailable"),
}
"""The HTTP status of each branch of refusals, and the text of `error`."""

INTERNAL_ERROR = (500, "Internal Server Error")

BODY_SCHEMA: dict[str, Json] = {
    "title": "Refusal",
    "type": "object",
    "description": "Every refusal. `message` is an array of one text for each fault where the shape is wrong.",
    "required": ["statusCode", "message", "error", "traceId"],
    "properties": {
        "statusCode": {"type": "integer"},
        "message": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        "error": {"type": "string"},
        "errorCode": {"type": "string", "description": "The refusal's code, where it is about one field."},
        "fieldKey": {"type": "string", "description": "The full key of that field."},
        "meta": {"type": "object", "description": "What else this kind of refusal says."},
        "traceId": {"type": "string", "format": "uuid"},
    },
}
"""The JSON schema of a body."""
EXPLAINED_SCHEMA: dict[str, Json] = {
    **BODY_SCHEMA,
    "title": "ExplainedRefusal",
    "description": "A refusal of an operation of version v3 that explains it in `error`.",
    "properties": {
        **BODY_SCHEMA["properties"],
        "error": {
            "type": "object",
            "required": ["code", "message", "details", "resolution"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "details": {"type": "object"},
                "resolution": {"type": "string"},
            },
        },
    },
}
"""The JSON schema of an explained one."""

_LONGEST_HINT = 400
_SPOKEN = str.maketrans({"…": "..."})
_encode = msgspec.json.Encoder().encode


def status_of(refusal: type[Refusal]) -> tuple[int, str]:
    """The status and the reason of a kind of refusal."""
    for parent in refusal.__mro__:
        if parent in STATUSES:
            return STATUSES[parent]
    return INTERNAL_ERROR


def body_of(refusal: Refusal, trace_id: str, *, explained: bool = False) -> dict[str, Json]:
    """The body of a refusal; `explained` as the operations of version v3 have it that explain theirs in `error`."""
    status, reason = status_of(type(refusal))
    message: Json = refusal.messages if isinstance(refusal, InvalidShape) else refusal.message
    members = _members_of(refusal)
    body: dict[str, Json] = {"statusCode": status, "message": message, "error": reason, **members, "traceId": trace_id}
    if refusal.error:
        body |= {"error": refusal.error, "error_description": message}
    if explained:
        details: Json = {"faults": refusal.messages} if isinstance(refusal, InvalidShape) else members
        text = refusal.message
        body["error"] = {"code": refusal.code, "message": text, "details": details, "resolution": refusal.advice}
    return body


def _members_of(refusal: Refusal) -> dict[str, Json]:
    """What the body says besides what every refusal says, under the names of the wire."""
    said = {"errorCode": refusal.error_code, "fieldKey": refusal.field_key, "meta": dict(refusal.meta)}
    return {name: value for name, value in said.items() if value}


def encode_body(body: dict[str, Json]) -> bytes:
    """The JSON text of a body. Text that a client sent and no JSON can hold shows as question marks."""
    try:
        return _encode(body)
    except UnicodeEncodeError:
        return _encode({name: _sanitize(value) for name, value in body.items()})


def headers_of(refusal: Refusal) -> list[tuple[bytes, bytes]]:
    """The headers that say what to change and where that is explained."""
    headers = [(b"x-groundlevel-hint", header_safe(refusal.advice))] if refusal.advice else []
    if "code" in vars(type(refusal)):
        headers.append((b"x-groundlevel-doc", f"/docs/errors/{refusal.code}".encode()))
    if isinstance(refusal, Unauthenticated):
        headers.append((b"www-authenticate", b"Bearer"))
    if isinstance(refusal, MethodNotAllowed):
        headers.append((b"allow", ", ".join(refusal.allowed).encode()))
    if isinstance(refusal, TooLarge):
        headers.append((b"connection", b"close"))
    return headers


def internal_error_body(trace_id: str) -> bytes:
    """What a client learns of a fault of ours: the trace under which the log has it, and nothing else."""
    status, reason = INTERNAL_ERROR
    return _encode({"statusCode": status, "message": "Internal server error", "error": reason, "traceId": trace_id})


def header_safe(text: str) -> bytes:
    """`text` as one line that a header can hold."""
    plain = unicodedata.normalize("NFKD", " ".join(text.translate(_SPOKEN).split()))
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    line = "".join(c if " " <= c <= "~" else "?" for c in kept)
    return line[:_LONGEST_HINT].encode("ascii")


def _sanitize(value: Json) -> Json:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return [_sanitize(item) for item in value] if isinstance(value, list) else value
