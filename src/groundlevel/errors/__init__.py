"""Every way a request can be refused; the only package that words refusals.

    Refusal
    ├── BadRequest        the values break a rule
    ├── Unprocessable     the shape of the request is wrong
    ├── Unauthenticated   nobody known, or not entitled
    ├── Forbidden         known, and of another place
    ├── NotFound          what is named is not there
    ├── TooLarge, TooMany
    └── Unavailable       the server cannot carry it out now

A class's docstring is its default message; `code` names it in headers, logs and docs; `hint` says what to change;
`about` explains it on its documentation page. What HTTP status a branch means is the business of `http/`.
"""

from __future__ import annotations

from groundlevel.errors.associations import (
    AssociationNotFound,
    CardinalityExceeded,
    DuplicateRelation,
    InvalidRelation,
    RelationNotFound,
    SameLabels,
)
from groundlevel.errors.base import (
    SHOWN,
    BadRequest,
    Forbidden,
    NotFound,
    Refusal,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    Unprocessable,
    refusals,
)
from groundlevel.errors.contacts import ContactNotFound, DuplicateContact, OpportunityNotFound, UnknownReference
from groundlevel.errors.oauth import (
    AppNotFound,
    AuthClassUnsupported,
    InvalidClient,
    InvalidGrant,
    InvalidGrantRequest,
    InvalidRedirect,
    InvalidScope,
)
from groundlevel.errors.records import (
    InvalidCursor,
    InvalidField,
    InvalidFilter,
    InvalidUpdate,
    InvalidValue,
    RecordNotFound,
    RequiredPropertyMissing,
    UniqueConflict,
    UnknownProperty,
)
from groundlevel.errors.schema import (
    DuplicateKey,
    FieldNotFound,
    FolderNotFound,
    InUse,
    InvalidKey,
    LimitExceeded,
    NotSupported,
    ObjectNotFound,
)
from groundlevel.errors.webhooks import DeliveryNotFound, UrlForbidden, WebhookNotFound
from groundlevel.errors.wire import (
    BodyTooLarge,
    DuplicateMember,
    InvalidShape,
    LocationForbidden,
    LocationMismatch,
    LocationMissing,
    LocationNotFound,
    MalformedJson,
    NestingTooDeep,
    RateLimited,
    RouteNotFound,
    SchemaBusy,
    ScopeMissing,
    StorageUnavailable,
    TimedOut,
    TokenInvalid,
    VersionInvalid,
    VersionMissing,
)

__all__ = [
    "SHOWN",
    "AppNotFound",
    "AssociationNotFound",
    "AuthClassUnsupported",
    "BadRequest",
    "BodyTooLarge",
    "CardinalityExceeded",
    "ContactNotFound",
    "DeliveryNotFound",
    "DuplicateContact",
    "DuplicateKey",
    "DuplicateMember",
    "DuplicateRelation",
    "FieldNotFound",
    "FolderNotFound",
    "Forbidden",
    "InUse",
    "InvalidClient",
    "InvalidCursor",
    "InvalidField",
    "InvalidFilter",
    "InvalidGrant",
    "InvalidGrantRequest",
    "InvalidKey",
    "InvalidRedirect",
    "InvalidRelation",
    "InvalidScope",
    "InvalidShape",
    "InvalidUpdate",
    "InvalidValue",
    "LimitExceeded",
    "LocationForbidden",
    "LocationMismatch",
    "LocationMissing",
    "LocationNotFound",
    "MalformedJson",
    "NestingTooDeep",
    "NotFound",
    "NotSupported",
    "ObjectNotFound",
    "OpportunityNotFound",
    "RateLimited",
    "RecordNotFound",
    "Refusal",
    "RelationNotFound",
    "RequiredPropertyMissing",
    "RouteNotFound",
    "SameLabels",
    "SchemaBusy",
    "ScopeMissing",
    "StorageUnavailable",
    "TimedOut",
    "TokenInvalid",
    "TooLarge",
    "TooMany",
    "Unauthenticated",
    "Unavailable",
    "UniqueConflict",
    "UnknownProperty",
    "UnknownReference",
    "Unprocessable",
    "UrlForbidden",
    "VersionInvalid",
    "VersionMissing",
    "WebhookNotFound",
    "refusals",
]
