"""The bodies and replies of the operations on objects, fields and folders.

See docs/contract.md#objects, #custom-fields.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from groundlevel.kernel.http.bodies import MAX_OPTIONS, Body, Filled, Flag, LocatedBody, Names, Text, Timestamp
from groundlevel.kernel.model import DataType

MAX_FILES = 1_000
"""Most files a field can be made to take."""


FileLimit = Annotated[int, Meta(ge=1, le=MAX_FILES)] | None | UnsetType


Formats = (
    Literal[".pdf", ".docx", ".doc", ".jpg", ".jpeg", ".png", ".gif", ".csv", ".xlsx", ".xls", "all"] | None | UnsetType
)


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

    searchable_properties: Names
    labels: LabelsChange | None | UnsetType = UNSET
    description: Text = UNSET
    """null clears it."""


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
    options: Annotated[list[FieldOption], Meta(max_length=MAX_OPTIONS)] | None | UnsetType = UNSET
    accepted_formats: Formats = UNSET
    max_file_limit: FileLimit = UNSET
    allow_custom_option: Flag = UNSET


class FieldCreation(LiveFieldCreation, kw_only=True):
    """A new field. `isRequired` and `isUnique` are extensions: the platform publishes no way to ask for them. So is
    `isSensitive`: the log of changes keeps no value of such a field."""

    is_required: Flag = UNSET
    is_unique: Flag = UNSET
    is_sensitive: Flag = UNSET


class LiveFieldUpdate(LocatedBody, kw_only=True):
    """A change of a field. `options` replaces the whole list and may not leave out a stored one."""

    show_in_forms: bool
    name: Text = UNSET
    description: Text = UNSET
    placeholder: Text = UNSET
    options: Annotated[list[FieldOption], Meta(max_length=MAX_OPTIONS)] | None | UnsetType = UNSET
    accepted_formats: Formats = UNSET
    max_file_limit: FileLimit = UNSET


class FieldUpdate(LiveFieldUpdate, kw_only=True):
    """A change of a field. `isRequired`, `isUnique` and `isSensitive` are extensions; unique can be turned off, never
    on again."""

    is_required: Flag = UNSET
    is_unique: Flag = UNSET
    is_sensitive: Flag = UNSET


class FolderCreation(LocatedBody, kw_only=True):
    """A new folder."""

    object_key: Filled
    name: Filled


class FolderUpdate(LocatedBody, kw_only=True):
    """A new name for a folder."""

    name: Filled


class LabelsBody(Struct):
    """What one and several records of an object are called."""

    singular: str
    plural: str


class ReindexingBody(Struct):
    """How far the search texts of an object's records have been rebuilt; an extension."""

    percent: int


class SchemaBody(Struct, rename="camel"):
    """An object's schema."""

    id: str
    standard: bool
    key: str
    labels: LabelsBody
    location_id: str
    primary_display_property: str
    date_added: Timestamp
    date_updated: Timestamp
    created_at: Timestamp
    updated_at: Timestamp
    type: str
    required_properties: list[str]
    searchable_properties: list[str]
    unique_properties: list[str]
    description: str | UnsetType = UNSET
    icon: str | UnsetType = UNSET
    reindexing: ReindexingBody | UnsetType = UNSET
    """Only while search texts are being rebuilt."""


class OptionBody(Struct, omit_defaults=True):
    """One choice of an option field; records hold its key."""

    key: str
    label: str
    url: str | None = None


class FieldBody(Struct, rename="camel"):
    """A field's definition."""

    id: str
    location_id: str
    object_key: str
    field_key: str
    name: str
    data_type: str
    parent_id: str
    show_in_forms: bool
    standard: bool
    position: int
    is_required: bool
    is_unique: bool
    date_added: Timestamp
    date_updated: Timestamp
    index: Literal["none", "building", "ready", "dropping"] = "none"
    """How far the index over the field's values is, which filters and sorts of large objects use; an extension."""
    is_sensitive: bool | UnsetType = UNSET
    """true where the log of changes keeps no value of the field, else absent; an extension."""
    description: str | UnsetType = UNSET
    placeholder: str | UnsetType = UNSET
    options: list[OptionBody] | UnsetType = UNSET
    allow_custom_option: bool | UnsetType = UNSET
    accepted_formats: str | UnsetType = UNSET
    max_file_limit: int | UnsetType = UNSET


class SchemaReply(Struct, rename="camel"):
    """One object."""

    object: SchemaBody
    trace_id: str


class SchemaWithFieldsReply(Struct, rename="camel"):
    """One object, with its fields when `fetchProperties=true` asks for them."""

    object: SchemaBody
    cache: bool
    """Whether the schema was answered from memory."""
    trace_id: str
    fields: list[FieldBody] | UnsetType = UNSET


class SchemasReply(Struct, rename="camel"):
    """Every object of a location."""

    objects: list[SchemaBody]
    cache: bool
    trace_id: str


class DeletedParts(Struct, rename="camel"):
    """What went with an object."""

    deleted_fields: list[str]
    deleted_association_ids: list[str]


class DeletedSchemaReply(Struct, rename="camel"):
    """What is left of an object."""

    id: str
    success: bool
    meta: DeletedParts
    trace_id: str


class FieldReply(Struct, rename="camel"):
    """One field; for the id of a folder, the folder under both names (docs/contract.md#decision-24)."""

    field: FieldBody
    trace_id: str
    folder: FieldBody | UnsetType = UNSET


class FieldsReply(Struct, rename="camel"):
    """The fields and the folders of an object."""

    fields: list[FieldBody]
    folders: list[FieldBody]
    trace_id: str


class FolderReply(Struct, rename="camel"):
    """A folder, without an envelope."""

    id: str
    object_key: str
    location_id: str
    name: str
    trace_id: str


class DeletedFieldReply(Struct, rename="camel"):
    """What is left of a field or folder. The misspelt member is the contract (docs/contract.md#decision-23)."""

    succeded: bool
    succeeded: bool
    id: str
    key: str
    trace_id: str
