"""The body of every success: the superset of the documented and the observed shapes (contract 8 row 2)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from groundlevel.model import Json

Properties = Annotated[
    Raw,
    Meta(
        description="The record's values by short field key; what was never set is absent.",
        extra_json_schema={"type": "object", "additionalProperties": True},
    ),
]
OriginText = Annotated[
    Raw,
    Meta(
        description="Who wrote, and when.",
        extra_json_schema={
            "type": "object",
            "required": ["channel", "source", "sourceId", "createdAt"],
            "properties": {
                "channel": {"type": "string"},
                "source": {"type": "string"},
                "sourceId": {"type": "string"},
                "createdAt": {"type": "string", "format": "date-time"},
            },
        },
    ),
]
Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


class RelatedRecordBody(Struct, rename="camel", gc=False):
    """A relation of the record that shows it: what is on the other side."""

    association_id: str
    relation_id: str
    object_key: str
    record_id: str
    created_at: Moment


class RecordBody(Struct, rename="camel", gc=False):
    """A record under its documented and its observed member names."""

    id: str
    owner: tuple[str, ...]
    owners: tuple[str, ...]
    followers: tuple[str, ...]
    properties: Properties
    date_added: Moment
    date_updated: Moment
    created_at: Moment
    updated_at: Moment
    location_id: str
    object_id: str
    object_key: str
    created_by: OriginText
    last_updated_by: OriginText
    relations: list[RelatedRecordBody]
    follower: tuple[str, ...] | UnsetType = UNSET
    """The platform's own misspelling, in profile `live` alone (contract 2.2)."""
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


class LabelsBody(Struct):
    """What one and several records of an object are called."""

    singular: str
    plural: str


class SchemaBody(Struct, rename="camel"):
    """An object's schema."""

    id: str
    standard: bool
    key: str
    labels: LabelsBody
    location_id: str
    primary_display_property: str
    date_added: Moment
    date_updated: Moment
    created_at: Moment
    updated_at: Moment
    type: str
    required_properties: list[str]
    searchable_properties: list[str]
    unique_properties: list[str]
    description: str | UnsetType = UNSET
    icon: str | UnsetType = UNSET


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
    date_added: Moment
    date_updated: Moment
    index: Literal["none", "building", "ready"] = "none"
    """How far the index over the field's values is, which filters and sorts of large objects use; an extension."""
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
    """One field; for the id of a folder, the folder under both names (contract 8 row 24)."""

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
    """What is left of a field or folder. The misspelt member is the contract (contract 8 row 23)."""

    succeded: bool
    succeeded: bool
    id: str
    key: str
    trace_id: str


class LocationReply(Struct, rename="camel"):
    """A location's profile."""

    location: dict[str, Json]
    trace_id: str
