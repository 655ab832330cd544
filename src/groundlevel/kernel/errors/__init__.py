"""Every way in which the kernel refuses a request, and the tree that the refusals of all nouns belong to.

    Refusal
    ├── BadRequest        the values break a rule
    ├── Unprocessable     the shape of the request is wrong
    ├── Unauthenticated   no known token, or without the scope
    ├── Forbidden         known, and not entitled
    ├── NotFound          what is named is not there
    ├── NotAllowed        the path has no such method
    ├── Conflict          what is there, or how the server is set, is in the way
    ├── Gone              it was there once
    ├── PreconditionFailed  it was changed since the client read it
    ├── TooSlow, TooLarge, HeadersTooLarge, TooMany
    └── Unavailable       the server cannot execute it now

A class's docstring is its default message; `code` names it in headers, logs and docs; `hint` says what to change;
`about` explains it on its documentation page. What HTTP status a branch means is the business of `http/`.
"""

from __future__ import annotations

from groundlevel.kernel.errors.base import (
    SHOWN,
    BadRequest,
    Conflict,
    Forbidden,
    Gone,
    HeadersTooLarge,
    InputError,
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
    refusals,
)
from groundlevel.kernel.errors.request import (
    BodyTooLarge,
    DuplicateMember,
    HeadTimeout,
    HeadTooLarge,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    IdempotencyUnsupported,
    InvalidShape,
    LocationForbidden,
    LocationMismatch,
    LocationMissing,
    LocationNotFound,
    MalformedJson,
    MalformedRequest,
    MethodNotAllowed,
    NestingTooDeep,
    OutcomeUnknown,
    RateLimited,
    RouteNotFound,
    SchemaBusy,
    ScopeMissing,
    SearchTimedOut,
    StorageUnavailable,
    TimedOut,
    TokenInvalid,
    VersionInvalid,
    VersionMissing,
)
from groundlevel.kernel.errors.values import (
    DuplicateKey,
    InUse,
    InvalidCursor,
    InvalidField,
    InvalidFilter,
    InvalidKey,
    InvalidUpdate,
    InvalidValue,
    LimitExceeded,
    MatchNotUnique,
    NotSupported,
    ObjectNotFound,
    RecordNotFound,
    RequiredPropertyMissing,
    UniqueConflict,
    UnknownProperty,
)

__all__ = [
    "SHOWN",
    "BadRequest",
    "BodyTooLarge",
    "Conflict",
    "DuplicateKey",
    "DuplicateMember",
    "Forbidden",
    "Gone",
    "HeadTimeout",
    "HeadTooLarge",
    "HeadersTooLarge",
    "IdempotencyKeyInvalid",
    "IdempotencyKeyReused",
    "IdempotencyUnsupported",
    "InUse",
    "InputError",
    "InvalidCursor",
    "InvalidField",
    "InvalidFilter",
    "InvalidKey",
    "InvalidShape",
    "InvalidUpdate",
    "InvalidValue",
    "LimitExceeded",
    "LocationForbidden",
    "LocationMismatch",
    "LocationMissing",
    "LocationNotFound",
    "MalformedJson",
    "MalformedRequest",
    "MatchNotUnique",
    "MethodNotAllowed",
    "NestingTooDeep",
    "NotAllowed",
    "NotFound",
    "NotSupported",
    "ObjectNotFound",
    "OutcomeUnknown",
    "PreconditionFailed",
    "RateLimited",
    "RecordNotFound",
    "Refusal",
    "RequiredPropertyMissing",
    "RouteNotFound",
    "SchemaBusy",
    "ScopeMissing",
    "SearchTimedOut",
    "StorageUnavailable",
    "TimedOut",
    "TokenInvalid",
    "TooLarge",
    "TooMany",
    "TooSlow",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "UniqueConflict",
    "UnknownProperty",
    "Unprocessable",
    "VersionInvalid",
    "VersionMissing",
    "refusals",
]
