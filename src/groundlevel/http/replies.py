"""Everything a success answers with: the superset of the documented and the observed shapes (contract 8 row 2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from groundlevel.fields import type_of
from groundlevel.http.moments import iso
from groundlevel.model import DataType, Field, Folder, Json, Location, Object, Option
from groundlevel.service.fields import FieldView
from groundlevel.service.records import RecordView

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
    relations: tuple[Json, ...] = ()
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


def record_body(view: RecordView, *, strict: bool) -> RecordBody:
    """The wire form of a record."""
    record = view.record
    shape = view.shape
    added = iso(record.created_at)
    updated = added if record.updated_at == record.created_at else iso(record.updated_at)
    body = RecordBody(
        record.id,
        record.owners,
        record.owners,
        record.followers,
        shape.shown(record.properties),
        added,
        updated,
        added,
        updated,
        view.location.id,
        shape.object.id,
        shape.object.key,
        _origin(record.created_by, added),
        _origin(record.updated_by, updated),
    )
    if strict:
        body.follower = record.followers
    return body


def found_body(view: RecordView, cursor: list[Json], *, strict: bool) -> RecordBody:
    """The wire form of a record in a page of a search."""
    body = record_body(view, strict=strict)
    body.search_after = cursor
    body.sort = cursor
    return body


def _origin(origin: str, moment: str) -> Raw:
    """The stored JSON text of an origin, with its moment put in."""
    return Raw(f'{origin[:-1]},"createdAt":"{moment}"}}'.encode())


def schema_body(definition: Object, location: Location) -> SchemaBody:
    """The wire form of an object."""
    key = definition.key
    added, updated = iso(definition.created_at), iso(definition.updated_at)
    return SchemaBody(
        id=definition.id,
        standard=definition.standard,
        key=key,
        labels=LabelsBody(definition.singular, definition.plural),
        location_id=location.id,
        primary_display_property=f"{key}.{definition.primary}",
        date_added=added,
        date_updated=updated,
        created_at=added,
        updated_at=updated,
        type="SYSTEM_DEFINED" if definition.standard else "USER_DEFINED",
        required_properties=[f"{key}.{field.key}" for field in definition.fields if field.required],
        searchable_properties=[f"{key}.{name}" for name in definition.searchable],
        unique_properties=[f"{key}.{field.key}" for field in definition.fields if field.unique],
        description=_given(definition.description),
        icon=_given(definition.icon),
    )


def field_bodies(definition: Object, location: Location) -> list[FieldBody]:
    """The wire forms of an object's fields, in their order."""
    return [field_body(field, definition, location) for field in definition.fields]


def folder_bodies(definition: Object, location: Location) -> list[FieldBody]:
    """The wire forms of an object's folders."""
    return [folder_body(folder, definition, location) for folder in definition.folders]


def field_body(field: Field, definition: Object, location: Location) -> FieldBody:
    """The wire form of a field. Members that do not apply to its data type are absent."""
    body = FieldBody(
        id=field.id,
        location_id=location.id,
        object_key=definition.key,
        field_key=f"{definition.key}.{field.key}",
        name=field.name,
        data_type=field.data_type.value,
        parent_id=field.folder_id,
        show_in_forms=field.visible_in_forms,
        standard=field.standard,
        position=field.position,
        is_required=field.required,
        is_unique=field.unique,
        date_added=iso(field.created_at),
        date_updated=iso(field.updated_at),
        description=_given(field.description),
        placeholder=_given(field.placeholder),
        accepted_formats=_given(field.accepted_formats),
    )
    if type_of(field.data_type).has_options:
        body.options = _options(field.options)
    if field.data_type is DataType.RADIO:
        body.allow_custom_option = field.custom_option_allowed
    if field.max_file_limit is not None:
        body.max_file_limit = field.max_file_limit
    return body


def _options(options: Sequence[Option]) -> list[OptionBody]:
    return [OptionBody(option.key, option.label, option.url) for option in options]


def folder_body(folder: Folder, definition: Object, location: Location) -> FieldBody:
    """A folder in the shape of a field, as the published schema of the list demands (contract 1.2, F4).

    A folder has no data type, parent or key of its own: it shows TEXT, itself and its id in their places.
    """
    return FieldBody(
        id=folder.id,
        location_id=location.id,
        object_key=definition.key,
        field_key=folder_key(folder, definition),
        name=folder.name,
        data_type=DataType.TEXT.value,
        parent_id=folder.id,
        show_in_forms=False,
        standard=folder.standard,
        position=0,
        is_required=False,
        is_unique=False,
        date_added=iso(folder.created_at),
        date_updated=iso(folder.updated_at),
    )


def folder_key(folder: Folder, definition: Object) -> str:
    """What stands where a field has its key."""
    return f"{definition.key}.{folder.id}"


def field_reply(view: FieldView, location: Location, trace_id: str) -> FieldReply:
    """The envelope of a field, or of a folder."""
    if view.field is not None:
        return FieldReply(field_body(view.field, view.object, location), trace_id)
    assert view.folder is not None  # a view has the one or the other
    body = folder_body(view.folder, view.object, location)
    return FieldReply(body, trace_id, body)


def folder_reply(view: FieldView, location: Location, trace_id: str) -> FolderReply:
    """The bare body of a folder."""
    assert view.folder is not None  # only folder use cases answer with this
    return FolderReply(view.folder.id, view.object.key, location.id, view.folder.name, trace_id)


def deleted_reply(view: FieldView, trace_id: str) -> DeletedFieldReply:
    """What is left of a field or of a folder."""
    if view.field is not None:
        return DeletedFieldReply(
            succeded=True,
            succeeded=True,
            id=view.field.id,
            key=f"{view.object.key}.{view.field.key}",
            trace_id=trace_id,
        )
    assert view.folder is not None  # a view has the one or the other
    key = folder_key(view.folder, view.object)
    return DeletedFieldReply(succeded=True, succeeded=True, id=view.folder.id, key=key, trace_id=trace_id)


def location_reply(location: Location, trace_id: str) -> LocationReply:
    """A location's profile."""
    named = {"id": location.id, "companyId": location.company_id, "name": location.name}
    return LocationReply({**location.details, **named}, trace_id)


def _given(text: str | None) -> str | UnsetType:
    return UNSET if text is None else text
