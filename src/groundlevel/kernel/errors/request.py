"""Refusals of a request as such: how it is spelled, who sends it, and whether it can be served."""

from __future__ import annotations

from collections.abc import Sequence

from groundlevel.kernel.errors.base import (
    SHOWN,
    BadRequest,
    Forbidden,
    HeadersTooLarge,
    NotAllowed,
    NotFound,
    TooLarge,
    TooMany,
    TooSlow,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)


class MalformedJson(BadRequest):
    """The request body is not valid JSON"""

    code = "malformed_json"
    hint = "Send UTF-8 JSON: double quotes, no trailing comma, no NaN or Infinity, no unpaired surrogates."
    about = "The body could not be decoded. Nothing was stored."

    @classmethod
    def example(cls) -> MalformedJson:
        return cls("The request body is not valid JSON: JSON is malformed: trailing comma in object (byte 30)")


class DuplicateMember(BadRequest):
    """The request body names a member twice"""

    code = "duplicate_member"
    hint = "Name each member of a JSON object once; readers disagree on which of two values counts."
    about = "JSON allows a name to stand twice in an object and leaves open which value counts, so it is refused."

    @classmethod
    def example(cls) -> DuplicateMember:
        return cls("The request body names a member twice: name")


class NestingTooDeep(BadRequest):
    """The request body is nested too deeply"""

    code = "nesting_too_deep"
    hint = "Flatten the body; filters may be nested 10 groups deep."
    about = "A body or a filter is nested deeper than the server accepts."

    @classmethod
    def example(cls) -> NestingTooDeep:
        return cls("filters are nested more than 10 groups deep")


class LocationMissing(BadRequest):
    """LocationId is not specified"""

    code = "location_missing"
    hint = "Add locationId to the body or the query, or use a location token."
    about = "A company token reaches many locations, so the request has to say which one it means."


class LocationMismatch(BadRequest):
    """The locationId of the body and of the query differ"""

    code = "location_mismatch"
    hint = "Send one locationId, in the body or in the query."
    about = "The request names two different locations."


MOST_FAULTS = 100
"""Most faults of a body that are named one by one."""


class InvalidShape(Unprocessable):
    """The request does not have the documented shape"""

    code = "invalid_shape"
    hint = "Compare the body and the query with the operation's reference page; every message names one member."
    about = "Members are missing, of the wrong type or unknown. The message is an array with one text per fault."

    def __init__(self, messages: list[str], *, hint: str | None = None) -> None:
        # A body of a megabyte may have a hundred thousand faults, which nobody reads.
        shown = messages[:MOST_FAULTS]
        if len(messages) > MOST_FAULTS:
            shown.append("and more")
        super().__init__("; ".join(shown), hint=hint)
        self.messages = shown

    @classmethod
    def example(cls) -> InvalidShape:
        return cls(["locationId must be a string", "locationId should not be empty"])


class TokenInvalid(Unauthenticated):
    """Invalid token: access token is invalid"""

    code = "token_invalid"
    hint = "Send Authorization: Bearer <token>; `groundlevel token create` makes one."
    about = "The Authorization header is missing or garbled, or its token is unknown, revoked or expired."


class VersionMissing(Unauthenticated):
    """version header was not found."""

    code = "version_missing"
    hint = "Send the header Version: 2021-07-28."
    about = "Every request to the API names the version it was written for."


class VersionInvalid(Unauthenticated):
    """version header is invalid"""

    code = "version_invalid"
    hint = "Known versions: 2021-04-15, 2021-07-28, 2023-02-21, v3."
    about = "The Version header holds a value the platform does not know."


class ScopeMissing(Unauthenticated):
    """The token is not authorized for this scope."""

    code = "scope_missing"
    hint = "Use a token that holds the operation's scope."
    about = "The token lacks the scope of the operation. Scopes are checked before the location."


class LocationForbidden(Forbidden):
    """The token does not have access to this location."""

    code = "location_forbidden"
    hint = "Use a token of that location or of its company, and check the locationId."
    about = "The token belongs to another location or company."


class LocationNotFound(NotFound):
    """Location not found"""

    code = "location_not_found"
    hint = "`groundlevel location list` shows the locations of this server."
    about = "No location has this id."

    def __init__(self, location_id: str) -> None:
        super().__init__(f"Location ({location_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> LocationNotFound:
        return cls("ve9EPM428h8vShlRW1KT")


class RouteNotFound(NotFound):
    """Cannot find the route"""

    code = "route_not_found"
    hint = "The reference at /docs lists every path. Paths follow https://services.leadconnectorhq.com."
    about = "The method and path belong to no operation of this server."

    def __init__(self, method: str, path: str, *, hint: str | None = None) -> None:
        super().__init__(f"Cannot {method} {path}", hint=hint)

    @classmethod
    def example(cls) -> RouteNotFound:
        return cls("GET", "/objects/custom_objects.pet/record")


class MethodNotAllowed(NotAllowed):
    """The path has no such method"""

    code = "method_not_allowed"
    hint = "Use a method that the header Allow names; the reference is at /docs."
    about = "The path is that of an operation, and the method is not. The header Allow names those that the path has."

    def __init__(self, method: str, path: str, *, allowed: Sequence[str], hint: str | None = None) -> None:
        super().__init__(f"Cannot {method} {path}", hint=hint)
        self.allowed = allowed

    @classmethod
    def example(cls) -> MethodNotAllowed:
        return cls("PATCH", "/objects", allowed=("GET", "POST", "HEAD", "OPTIONS"))


class BodyTooLarge(TooLarge):
    """The request body is too large"""

    code = "body_too_large"
    hint = "Send fewer or smaller values; the limit is the setting max_body_bytes (1 MB unless set)."
    about = "The body is larger than the server accepts. It was not read to its end and nothing was stored."


class MalformedRequest(BadRequest):
    """The request is not valid HTTP/1.1"""

    code = "malformed_request"
    hint = "Send one Host, lines that end in CRLF, and Content-Length or Transfer-Encoding: chunked, not both."
    about = (
        "What was sent could be read in more than one way, or not at all, so nothing of it was done and the"
        " connection was closed."
    )


class HeadTooLarge(HeadersTooLarge):
    """The head of the request is too large"""

    code = "head_too_large"
    hint = "Send at most 100 header lines, and 65,536 bytes of request line and headers; long values go into the body."
    about = "The request line with its header lines is larger than the server reads. The connection was closed."


class HeadTimeout(TooSlow):
    """The head of the request did not arrive in time"""

    code = "head_timeout"
    hint = "Send the request line and the headers at once; the limit is the setting head_timeout_seconds."
    about = "The client began a request and did not finish its headers in time. The connection was closed."


class RateLimited(TooMany):
    """Too Many Requests"""

    code = "rate_limited"
    hint = "Wait X-RateLimit-Interval-Milliseconds and try again; see the X-RateLimit-* headers."
    about = (
        "With --limits live: 100 requests per 10 seconds and 200,000 per day for each location; for the tokens of a "
        "company, for the company."
    )


class StorageUnavailable(Unavailable):
    """The database is not available"""

    code = "storage_unavailable"
    hint = "Try again; the request was not executed. The operator finds the cause in the server's log and at /ready."
    about = "The database could not be reached or refused the work. Nothing of the request was stored."


class OutcomeUnknown(StorageUnavailable):
    """The connection to the database was lost while the request was being stored"""

    code = "outcome_unknown"
    hint = (
        "It is not known whether the request was executed."
        " Send it again with the same Idempotency-Key, or read before you write again."
    )
    about = (
        "The database did not answer the COMMIT of the request. It may have been stored or not. A request that was sent"
        " with an Idempotency-Key can be sent again safely: it is executed once. Before sending another one again,"
        " read what it would have changed."
    )


class IdempotencyKeyInvalid(BadRequest):
    """The Idempotency-Key is not 1 to 255 visible ASCII characters"""

    code = "idempotency_key_invalid"
    hint = "Send something that no other request has, such as a UUID."
    about = "The header Idempotency-Key has 1 to 255 visible ASCII characters."


class IdempotencyKeyReused(Unprocessable):
    """The Idempotency-Key was sent with another request"""

    code = "idempotency_key_reused"
    hint = "Send each request with a key of its own, and the same key only with exactly the same request."
    about = (
        "In the last 24 hours the same token or app sent this key with another method, path, query or body. Nothing of"
        " this request was executed."
    )


class IdempotencyUnsupported(BadRequest):
    """The operation cannot be executed with an Idempotency-Key"""

    code = "idempotency_unsupported"
    hint = "Send the request without the header Idempotency-Key."
    about = "The operation does more than one transaction can hold, so its reply cannot be stored with what it does."


class TimedOut(Unavailable):
    """The request took too long and was given up"""

    code = "timed_out"
    hint = "Read before writing again: a write that was given up may or may not have been stored."
    about = "The request took longer than the setting request_timeout_seconds allows."

    @classmethod
    def example(cls) -> TimedOut:
        return cls("The request took longer than 30 seconds and was given up")


class SearchTimedOut(Unavailable):
    """The search took too long and was stopped"""

    code = "search_timed_out"
    hint = "Ask for less at once: fewer values and alternatives, or a filter by a field that has an index."
    about = (
        "The search ran in the database for longer than the setting search_timeout_seconds allows. A field gets an "
        "index once searches without one have cost as much as building it; its member index says how far it is."
    )

    @classmethod
    def example(cls) -> SearchTimedOut:
        return cls("The search took longer than 10 seconds and was stopped")


class SchemaBusy(Unavailable):
    """The object's schema is being changed"""

    code = "schema_busy"
    hint = "Try again."
    about = "The object's schema changed several times while the request was being executed. Nothing was stored."
