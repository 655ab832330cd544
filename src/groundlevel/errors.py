"""Every way a request can be refused; the only module that words refusals.

    Refusal
    ├── BadRequest        the values break a rule
    │   ├── MalformedJson, DuplicateMember, NestingTooDeep, LocationMissing, LocationMismatch
    │   ├── UnknownProperty, InvalidValue, RequiredPropertyMissing, UniqueConflict, LimitExceeded
    │   └── DuplicateKey, InvalidKey, InUse, NotSupported, InvalidCursor
    ├── Unprocessable     the shape of the request is wrong
    │   └── InvalidShape, InvalidField, InvalidFilter, InvalidUpdate
    ├── Unauthenticated   TokenInvalid, VersionMissing, VersionInvalid, ScopeMissing
    ├── Forbidden         LocationForbidden
    ├── NotFound          ObjectNotFound, RecordNotFound, FieldNotFound, FolderNotFound, LocationNotFound, RouteNotFound
    ├── TooLarge          BodyTooLarge
    ├── TooMany           RateLimited
    └── Unavailable       StorageUnavailable, TimedOut, SchemaBusy

A class's docstring is its default message; `code` names it in headers, logs and docs; `hint` says what to change;
`about` explains it on its documentation page. What HTTP status a branch means is the business of `http/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from groundlevel.model import Json

SHOWN = 100
"""Characters of a client's own key or id that a message repeats."""


class Refusal(Exception):
    """The request was refused."""

    code: ClassVar[str] = "refused"
    hint: ClassVar[str] = ""
    about: ClassVar[str] = ""

    def __init__(self, message: str | None = None, *, hint: str | None = None, **details: Json) -> None:
        self.message = message if message is not None else (type(self).__doc__ or "").strip()
        self.advice = hint if hint is not None else type(self).hint
        self.details = details
        """Further members of the body, such as errorCode and fieldKey."""
        super().__init__(self.message)


class BadRequest(Refusal):
    """Bad Request"""


class Unprocessable(Refusal):
    """Unprocessable Entity"""


class Unauthenticated(Refusal):
    """Unauthorized"""


class Forbidden(Refusal):
    """Forbidden"""


class NotFound(Refusal):
    """Not Found"""


class TooLarge(Refusal):
    """Payload Too Large"""


class TooMany(Refusal):
    """Too Many Requests"""


class Unavailable(Refusal):
    """Service Unavailable"""


class MalformedJson(BadRequest):
    """The request body is not valid JSON"""

    code = "malformed_json"
    hint = "Send UTF-8 JSON: double quotes, no trailing comma, no NaN or Infinity, no unpaired surrogates."
    about = "The body could not be decoded. Nothing was stored."


class DuplicateMember(BadRequest):
    """The request body names a member twice"""

    code = "duplicate_member"
    hint = "Name each member of a JSON object once; readers disagree on which of two values counts."
    about = "JSON allows a name to stand twice in an object and leaves open which value counts, so it is refused."


class NestingTooDeep(BadRequest):
    """The request body is nested too deeply"""

    code = "nesting_too_deep"
    hint = "Flatten the body; filters may be nested 10 groups deep."
    about = "A body or a filter is nested deeper than the server accepts."


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


class UnknownProperty(BadRequest):
    """We couldn't validate the mapped field"""

    code = "unknown_property"
    hint = "Use the short key of a field that exists: GET /objects/{key}?fetchProperties=true lists them."
    about = "A property key does not belong to the object. Fields are never created implicitly."


class InvalidValue(BadRequest):
    """The value does not fit the field"""

    code = "invalid_value"
    hint = "See the field's dataType: every data type accepts the JSON shown in its reference page."
    about = "A property value does not fit its field's data type. Nothing was stored."


class RequiredPropertyMissing(BadRequest):
    """A required property is missing"""

    code = "required_property_missing"
    hint = "Send a value for every required property; the primary display property is always required."
    about = "A record was created without a required property, or an update would clear it."


class UniqueConflict(BadRequest):
    """The value must be unique"""

    code = "unique_property_conflict"
    hint = "Another record of this object holds the value. Search for it and update that record instead."
    about = "A property marked unique already has this value in another record."


class LimitExceeded(BadRequest):
    """A limit was exceeded"""

    code = "limit_exceeded"
    hint = "Send fewer entries."
    about = "More entries than the platform allows: one owner, ten followers, three searchable properties, and so on."


class DuplicateKey(BadRequest):
    """The key is already in use"""

    code = "duplicate_key"
    hint = "Keys are unique and cannot be changed; pick another one."
    about = "An object, field or option with this key exists already."


class InvalidKey(BadRequest):
    """The key is not valid"""

    code = "invalid_key"
    hint = "A key starts with a lower-case letter and has only lower-case letters, digits and underscores."
    about = "Keys match [a-z][a-z0-9_]* and never change."


class InUse(BadRequest):
    """It cannot be deleted while it is in use"""

    code = "in_use"
    hint = "Remove what depends on it first."
    about = "The primary field, searchable ones, and folders with fields cannot be deleted."


class NotSupported(BadRequest):
    """The operation is not supported for this object"""

    code = "not_supported"
    hint = "Records can be kept for custom objects and for business; contact and opportunity have APIs of their own."
    about = "The object exists but the operation does not apply to it."


class InvalidCursor(BadRequest):
    """searchAfter is not a cursor of this search"""

    code = "invalid_cursor"
    hint = "Send the searchAfter of the last record of the previous page, with the same sort."
    about = "A cursor holds one value per sort key and the record id. It fits only the sort it came from."


class InvalidShape(Unprocessable):
    """The request does not have the documented shape"""

    code = "invalid_shape"
    hint = "Compare the body and the query with the operation's reference page; every message names one member."
    about = "Members are missing, of the wrong type or unknown. The message is an array with one text per fault."

    def __init__(self, messages: list[str], *, hint: str | None = None) -> None:
        super().__init__("; ".join(messages), hint=hint)
        self.messages = messages


class InvalidField(Unprocessable):
    """Invalid field"""

    code = "invalid_field"
    hint = "Filter and sort by properties.<short key>, createdAt, updatedAt, id, owners or followers."
    about = "A filter or sort names no field of the object, or lacks the `properties.` prefix."


class InvalidFilter(Unprocessable):
    """Invalid filter"""

    code = "invalid_filter"
    hint = "See the operators of the field's data type on the search reference page."
    about = (
        "The filter's operator does not apply to the field's data type, or its value has the wrong type (contract 3.2)."
    )


class InvalidUpdate(Unprocessable):
    """We couldn't apply updates due to an unexpected format"""

    code = "invalid_update"
    hint = 'Send {"add": [...], "remove": [...]} for a field with many values.'
    about = "An update of a field with many values has an unknown form."


class TokenInvalid(Unauthenticated):
    """Invalid token: access token is invalid"""

    code = "token_invalid"
    hint = "Send Authorization: Bearer <token>; `groundlevel token create` makes one."
    about = (
        "The Authorization header is missing or garbled, or its token is unknown, revoked or expired (contract 2.8)."
    )


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


class ObjectNotFound(NotFound):
    """Custom Object not found"""

    code = "object_not_found"
    hint = "Custom objects are addressed as custom_objects.<key> or by id; GET /objects/?locationId= lists them."
    about = "The location has no object with this key or id."

    def __init__(self, key: str) -> None:
        super().__init__(f"Custom Object ({key[:SHOWN]}) not found")


class RecordNotFound(NotFound):
    """Record not found"""

    code = "record_not_found"
    hint = "Check the id, and that the path names the record's own object."
    about = "The object has no record with this id: it was deleted, belongs to another object, or never existed."

    def __init__(self, record_id: str) -> None:
        super().__init__(f"Record ({record_id[:SHOWN]}) not found")


class FieldNotFound(NotFound):
    """Custom field not found"""

    code = "field_not_found"
    hint = "GET /custom-fields/object-key/{objectKey} lists the fields and folders with their ids."
    about = "No field or folder with this id is in reach of the token."

    def __init__(self, field_id: str) -> None:
        super().__init__(f"Custom field ({field_id[:SHOWN]}) not found")


class FolderNotFound(NotFound):
    """Folder not found"""

    code = "folder_not_found"
    hint = "GET /custom-fields/object-key/{objectKey} lists the folders with their ids."
    about = "No folder with this id is in reach of the token."

    def __init__(self, folder_id: str) -> None:
        super().__init__(f"Folder ({folder_id[:SHOWN]}) not found")


class LocationNotFound(NotFound):
    """Location not found"""

    code = "location_not_found"
    hint = "`groundlevel location list` shows the locations of this server."
    about = "No location has this id."

    def __init__(self, location_id: str) -> None:
        super().__init__(f"Location ({location_id[:SHOWN]}) not found")


class RouteNotFound(NotFound):
    """Cannot find the route"""

    code = "route_not_found"
    hint = "The reference at /docs lists every path. Paths follow https://services.leadconnectorhq.com."
    about = "The method and path belong to no operation of this server."

    def __init__(self, method: str, path: str) -> None:
        super().__init__(f"Cannot {method} {path}")


class BodyTooLarge(TooLarge):
    """The request body is too large"""

    code = "body_too_large"
    hint = "Send fewer or smaller values; the limit is the setting max_body_bytes (1 MB unless set)."
    about = "The body is larger than the server accepts. It was not read to its end and nothing was stored."


class RateLimited(TooMany):
    """Too Many Requests"""

    code = "rate_limited"
    hint = "Wait X-RateLimit-Interval-Milliseconds and try again; see the X-RateLimit-* headers."
    about = "With --limits live: 100 requests per 10 seconds and 200,000 per day for each place."


class StorageUnavailable(Unavailable):
    """The database is not available"""

    code = "storage_unavailable"
    hint = "Try again; the request was not carried out. The operator finds the cause in the server's log and at /ready."
    about = "The database could not be reached or refused the work. Nothing of the request was stored."


class TimedOut(Unavailable):
    """The request took too long and was given up"""

    code = "timed_out"
    hint = "Read before writing again: a write that was given up may or may not have been stored."
    about = "The request took longer than the setting request_timeout_seconds allows."


class SchemaBusy(Unavailable):
    """The object's schema is being changed"""

    code = "schema_busy"
    hint = "Try again."
    about = "The object's schema changed several times while the request was being carried out. Nothing was stored."


def refusals() -> Iterator[type[Refusal]]:
    """Every refusal with a code of its own, in the order of this module."""

    def walk(parent: type[Refusal]) -> Iterator[type[Refusal]]:
        for child in parent.__subclasses__():
            if "code" in vars(child):
                yield child
            yield from walk(child)

    return walk(Refusal)
