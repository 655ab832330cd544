"""The bodies and replies of the operations on changes."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET, Struct, UnsetType

from groundlevel.kernel.http.bodies import Body, Timestamp
from groundlevel.kernel.model import Json


class ActorBody(Struct, rename="camel", gc=False):
    """Who made a change: a token, an app, an operator, a command, an import, the server. `source` is as in records."""

    kind: str
    id: str
    source: str


class ChangeBody(Struct, rename="camel"):
    """A change. Of an update `before` and `after` have what is different, null for no value; else all there was."""

    cursor: str
    at: Timestamp
    op: str
    kind: str
    object: str | None
    """The key of the object, of records and definitions."""
    id: str
    version: int | None
    """The version of the record after the change; its last one when it is gone."""
    actor: ActorBody
    trace_id: str | None
    changed: list[str]
    before: dict[str, Json] | None
    after: dict[str, Json] | None
    restored_version: int | UnsetType = UNSET
    """The version that the change led back to."""


class ChangesReply(Struct, rename="camel"):
    """Changes in their order. `next` is the `since` of the next request; `complete` says that there are no more yet."""

    changes: list[ChangeBody]
    next: str
    complete: bool
    trace_id: str


class ChangeListReply(Struct, rename="camel"):
    """Changes, the newest first. `next` is the `before` of the next page, null at the end."""

    changes: list[ChangeBody]
    next: str | None
    trace_id: str


class VersionRestoration(Body, kw_only=True):
    """The version to which a record is led back."""

    version: int


class BinBody(Struct, rename="camel"):
    """A deleted record that can be brought back, and until when."""

    cursor: str
    id: str
    object: str
    version: int
    deleted_at: Timestamp
    deleted_by: ActorBody
    kept_until: Timestamp
    record: Mapping[str, Json]
    """What it held: properties, owners, followers."""


class BinReply(Struct, rename="camel"):
    """Deleted records, the last deleted first. `next` is the `before` of the next page, null at the end."""

    records: list[BinBody]
    next: str | None
    trace_id: str
