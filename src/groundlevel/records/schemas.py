"""The bodies and replies of the operations on records (docs/contract.md#objects, #record-bodies, #search-request)."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Struct, UnsetType

from groundlevel.kernel.http.bodies import BOUNDED, Body, LocatedBody, OriginText, Properties, SearchBody, Timestamp
from groundlevel.kernel.model import Json

UserIds = Annotated[list[str], BOUNDED]


class Delta(Body, kw_only=True):
    """Ids of users to add and to remove."""

    add: UserIds | None | UnsetType = UNSET
    remove: UserIds | None | UnsetType = UNSET


People = UserIds | Delta | None | UnsetType


class RecordCreation(LocatedBody, kw_only=True):
    """A new record. An array sets the owner or followers; `owner` is another name of `owners`."""

    properties: dict[str, Json] | None | UnsetType = UNSET
    owners: People = UNSET
    owner: People = UNSET
    followers: People = UNSET


class RecordUpdate(RecordCreation, kw_only=True):
    """A change of a record: properties left out stay, null clears, {add, remove} changes an array."""


class LiveRecordCreation(LocatedBody, kw_only=True):
    """A new record, as strictly as the platform reads it."""

    properties: dict[str, Json] | None | UnsetType = UNSET
    owners: UserIds | None | UnsetType = UNSET
    followers: UserIds | None | UnsetType = UNSET


class LiveRecordUpdate(Body, kw_only=True):
    """A change of a record, as strictly as the platform reads it: the location stands in the query."""

    properties: dict[str, Json] | None | UnsetType = UNSET
    owners: Delta | None | UnsetType = UNSET
    followers: Delta | None | UnsetType = UNSET


class RecordSearch(SearchBody, kw_only=True):
    """A search. `filters` and `sort` follow the search reference's grammar; `searchAfter` goes on from a record."""

    page: int | float
    page_limit: int | float


class RelatedRecordBody(Struct, rename="camel", gc=False):
    """A relation of the record that shows it: what is on the other side."""

    association_id: str
    relation_id: str
    object_key: str
    record_id: str
    created_at: Timestamp


class RecordBody(Struct, rename="camel", gc=False):
    """A record under its documented and its observed member names."""

    id: str
    owner: tuple[str, ...]
    owners: tuple[str, ...]
    followers: tuple[str, ...]
    properties: Properties
    date_added: Timestamp
    date_updated: Timestamp
    created_at: Timestamp
    updated_at: Timestamp
    location_id: str
    object_id: str
    object_key: str
    created_by: OriginText
    last_updated_by: OriginText
    relations: list[RelatedRecordBody]
    follower: tuple[str, ...] | UnsetType = UNSET
    """The platform's own misspelling, in profile `live` alone (docs/contract.md#record-replies)."""
    search_after: list[Json] | UnsetType = UNSET
    sort: list[Json] | UnsetType = UNSET


class RecordReply(Struct, rename="camel", gc=False):
    """One record."""

    record: RecordBody
    trace_id: str


class RecordsReply(Struct, rename="camel", gc=False):
    """A page of records; each carries the cursor behind it as `searchAfter`."""

    records: list[RecordBody]
    total: int
    trace_id: str


class DeletedRecordReply(Struct, rename="camel"):
    """What is left of a record."""

    id: str
    success: bool
    trace_id: str
