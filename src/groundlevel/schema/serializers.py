"""Turns objects, fields and folders into the bodies of replies."""

from __future__ import annotations

from collections.abc import Sequence

from groundlevel.kernel.absence import or_unset
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.model import DataType, Field, Folder, Location, Object, Option
from groundlevel.kernel.timestamps import iso
from groundlevel.schema.field_rules import FieldView
from groundlevel.schema.schemas import (
    DeletedFieldReply,
    FieldBody,
    FieldReply,
    FolderReply,
    LabelsBody,
    OptionBody,
    SchemaBody,
)


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
        required_properties=[field.full_key for field in definition.fields if field.required],
        searchable_properties=[f"{key}.{name}" for name in definition.searchable],
        unique_properties=[field.full_key for field in definition.fields if field.unique],
        description=or_unset(definition.description),
        icon=or_unset(definition.icon),
    )


def field_bodies(definition: Object, location: Location, email: DataType) -> list[FieldBody]:
    """The wire forms of an object's fields, in their order; `email` is how a field of the type EMAIL is shown."""
    return [_field_body(field, definition, location, email=email) for field in definition.fields]


def folder_bodies(definition: Object, location: Location) -> list[FieldBody]:
    """The wire forms of an object's folders."""
    return [folder_body(folder, definition, location) for folder in definition.folders]


def _field_body(field: Field, definition: Object, location: Location, *, email: DataType) -> FieldBody:
    """The wire form of a field; `email` is how an EMAIL is shown. Members that do not apply to its type are absent."""
    body = FieldBody(
        id=field.id,
        location_id=location.id,
        object_key=definition.key,
        field_key=field.full_key,
        name=field.name,
        data_type=(email if field.data_type is DataType.EMAIL else field.data_type).value,
        parent_id=field.folder_id,
        show_in_forms=field.visible_in_forms,
        standard=field.standard,
        position=field.position,
        is_required=field.required,
        is_unique=field.unique,
        date_added=iso(field.created_at),
        date_updated=iso(field.updated_at),
        index=field.index.value,
        is_sensitive=or_unset(field.sensitive or None),
        description=or_unset(field.description),
        placeholder=or_unset(field.placeholder),
        accepted_formats=or_unset(field.accepted_formats),
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
    """A folder in the form of a field, as the published schema of the list demands (docs/contract.md#custom-fields).

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


def field_reply(view: FieldView, location: Location, trace_id: str, *, email: DataType) -> FieldReply:
    """The envelope of a field, or of a folder; `email` is how a field of the type EMAIL is shown."""
    if view.field is not None:
        return FieldReply(_field_body(view.field, view.object, location, email=email), trace_id)
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
            key=view.field.full_key,
            trace_id=trace_id,
        )
    assert view.folder is not None  # a view has the one or the other
    key = folder_key(view.folder, view.object)
    return DeletedFieldReply(succeded=True, succeeded=True, id=view.folder.id, key=key, trace_id=trace_id)
