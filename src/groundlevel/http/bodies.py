"""The body of every operation, member by member (contract 1.1, 1.2, 2.1, 3.1).

Null stands for an optional member left out.
Every optional member is UNSET when it was not sent, which is how the decoder counts the names of a body.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from groundlevel.model import DataType, Json

MAX_FILES = 1_000
"""Most files a field can be made to take."""

Filled = Annotated[str, Meta(min_length=1)]
Text = str | None | UnsetType
Flag = bool | None | UnsetType
FileLimit = Annotated[int, Meta(ge=1, le=MAX_FILES)] | None | UnsetType
Formats = (
    Literal[".pdf", ".docx", ".doc", ".jpg", ".jpeg", ".png", ".gif", ".csv", ".xlsx", ".xls", "all"] | None | UnsetType
)


class Body(Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A body whose members are all known."""


class NoBody(Body, kw_only=True):
    """A body without members."""


class LocatedBody(Body, kw_only=True):
    """A body that may name the location. Where it must, the decoder and the guard see to that."""

    location_id: Filled | None | UnsetType = UNSET


class PrimaryType(StrEnum):
    """The data types that a primary property may have."""

    TEXT = "TEXT"
    NUMERICAL = "NUMERICAL"


class Labels(Body, kw_only=True):
    """What one and several records of an object are called."""

    singular: Filled
    plural: Filled


class LabelsChange(Body, kw_only=True):
    """New labels; one that is left out stays."""

    singular: Filled | None | UnsetType = UNSET
    plural: Filled | None | UnsetType = UNSET


class PrimaryProperty(Body, kw_only=True):
    """The field by which records of an object are shown."""

    key: Filled
    name: Filled
    data_type: PrimaryType


class ObjectCreation(LocatedBody, kw_only=True):
    """A new object."""

    labels: Labels
    key: Filled
    primary_display_property_details: PrimaryProperty
    description: Text = UNSET


class ObjectUpdate(LocatedBody, kw_only=True):
    """A change of an object; `searchableProperties` has to be sent even when only labels change."""

    searchable_properties: list[Filled]
    labels: LabelsChange | None | UnsetType = UNSET
    description: Text = UNSET
    """null clears it."""


class Delta(Body, kw_only=True):
    """Ids of users to add and to remove."""

    add: list[str] | UnsetType = UNSET
    remove: list[str] | UnsetType = UNSET


People = list[str] | Delta | None | UnsetType


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
    owners: list[str] | None | UnsetType = UNSET
    followers: list[str] | None | UnsetType = UNSET


class LiveRecordUpdate(Body, kw_only=True):
    """A change of a record, as strictly as the platform reads it: the location stands in the query."""

    properties: dict[str, Json] | None | UnsetType = UNSET
    owners: Delta | None | UnsetType = UNSET
    followers: Delta | None | UnsetType = UNSET


class RecordSearch(LocatedBody, kw_only=True):
    """A search. `filters` and `sort` follow the search reference's grammar; `searchAfter` goes on from a record."""

    page: int | float
    page_limit: int | float
    query: Text = UNSET
    filters: list[Json] | dict[str, Json] | None | UnsetType = UNSET
    sort: list[Json] | None | UnsetType = UNSET
    search_after: list[Json] | None | UnsetType = UNSET
    include_top_relations: Flag = UNSET


class FieldOption(Body, kw_only=True):
    """One choice. On creation the key is made from the label if it is left out."""

    label: Filled
    key: Text = UNSET
    url: Text = UNSET


class LiveFieldCreation(LocatedBody, kw_only=True):
    """A new field."""

    data_type: DataType
    field_key: Filled
    object_key: Filled
    parent_id: Filled
    show_in_forms: bool
    name: Text = UNSET
    description: Text = UNSET
    placeholder: Text = UNSET
    options: list[FieldOption] | None | UnsetType = UNSET
    accepted_formats: Formats = UNSET
    max_file_limit: FileLimit = UNSET
    allow_custom_option: Flag = UNSET


class FieldCreation(LiveFieldCreation, kw_only=True):
    """A new field. `isRequired` and `isUnique` are extensions: the platform publishes no way to ask for them."""

    is_required: Flag = UNSET
    is_unique: Flag = UNSET


class LiveFieldUpdate(LocatedBody, kw_only=True):
    """A change of a field. `options` replaces the whole list and may not leave out a stored one."""

    show_in_forms: bool
    name: Text = UNSET
    description: Text = UNSET
    placeholder: Text = UNSET
    options: list[FieldOption] | None | UnsetType = UNSET
    accepted_formats: Formats = UNSET
    max_file_limit: FileLimit = UNSET


class FieldUpdate(LiveFieldUpdate, kw_only=True):
    """A change of a field. `isRequired` and `isUnique` are extensions; unique can be turned off, never on again."""

    is_required: Flag = UNSET
    is_unique: Flag = UNSET


class FolderCreation(LocatedBody, kw_only=True):
    """A new folder."""

    object_key: Filled
    name: Filled


class FolderUpdate(LocatedBody, kw_only=True):
    """A new name for a folder."""

    name: Filled
