"""The operations on fields and folders, F1 to F8 (docs/contract.md#custom-fields)."""

from __future__ import annotations

from typing import TypeVar

from msgspec import UNSET, UnsetType

from groundlevel.kernel.absence import or_none, or_unset
from groundlevel.kernel.errors import (
    DuplicateKey,
    InUse,
    InvalidKey,
    InvalidValue,
    LimitExceeded,
    NotSupported,
    ObjectNotFound,
)
from groundlevel.kernel.http.locate import found_by_id, locate
from groundlevel.kernel.http.params import ANYWHERE, LOCATION
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.usecase import perform
from groundlevel.schema import field_rules as fields
from groundlevel.schema import folder_rules as folders
from groundlevel.schema.errors import FieldNotFound, FolderNotFound
from groundlevel.schema.field_rules import locations_with_field
from groundlevel.schema.schemas import (
    DeletedFieldReply,
    FieldCreation,
    FieldOption,
    FieldReply,
    FieldsReply,
    FieldUpdate,
    FolderCreation,
    FolderReply,
    FolderUpdate,
    LiveFieldCreation,
    LiveFieldUpdate,
)
from groundlevel.schema.serializers import deleted_reply, field_bodies, field_reply, folder_bodies, folder_reply

T = TypeVar("T")

TAG = "Custom fields"
READ, WRITE = declare_scopes("locations/customFields", "custom fields and folders")

_FOUND_BY_ID = found_by_id("field")


async def get_field(request: Request) -> FieldReply:
    """A field, or a folder in the form of one."""
    location = await locate(request, locations_with_field, FieldNotFound)
    view = await perform(request.context.storage, request.call(location), fields.get_field, request.params[0])
    return field_reply(view, location, request.trace_id, email=request.context.email_type)


async def update_field(request: Request) -> FieldReply:
    """Changes the settings of a field that the body names."""
    body: LiveFieldUpdate = request.body
    required = unique = sensitive = None
    if isinstance(body, FieldUpdate):
        required, unique, sensitive = body.is_required, body.is_unique, body.is_sensitive
    change = fields.FieldChange(
        id=request.params[0],
        visible_in_forms=body.show_in_forms,
        name=or_unset(body.name),
        description=body.description,
        placeholder=body.placeholder,
        options=or_unset(_choices(body.options)),
        accepted_formats=or_unset(body.accepted_formats),
        max_file_limit=or_unset(body.max_file_limit),
        required=or_unset(required),
        unique=or_unset(unique),
        sensitive=or_unset(sensitive),
    )
    view = await fields.update_field(request.context.storage, request.call(), change)
    return field_reply(view, request.location, request.trace_id, email=request.context.email_type)


async def delete_field(request: Request) -> DeletedFieldReply:
    """Deletes a field; its values vanish from records."""
    location = await locate(request, locations_with_field, FieldNotFound)
    view = await perform(request.context.storage, request.call(location), fields.delete_field, request.params[0])
    return deleted_reply(view, request.trace_id)


async def list_fields(request: Request) -> FieldsReply:
    """Every field and folder of an object."""
    definition = await perform(request.context.storage, request.call(), fields.list_fields, request.key)
    return FieldsReply(
        fields=field_bodies(definition, request.location, request.context.email_type),
        folders=folder_bodies(definition, request.location),
        trace_id=request.trace_id,
    )


async def create_folder(request: Request) -> FolderReply:
    """Creates a folder; the reply has no envelope."""
    body: FolderCreation = request.body
    new = folders.NewFolder(object_key=body.object_key, name=body.name)
    view = await perform(request.context.storage, request.call(), folders.create_folder, new)
    return folder_reply(view, request.location, request.trace_id)


async def rename_folder(request: Request) -> FolderReply:
    """Renames a folder."""
    body: FolderUpdate = request.body
    change = folders.FolderChange(id=request.params[0], name=body.name)
    view = await perform(request.context.storage, request.call(), folders.rename_folder, change)
    return folder_reply(view, request.location, request.trace_id)


async def delete_folder(request: Request) -> DeletedFieldReply:
    """Deletes an empty folder."""
    view = await perform(request.context.storage, request.call(), folders.delete_folder, request.params[0])
    return deleted_reply(view, request.trace_id)


async def create_field(request: Request) -> FieldReply:
    """Creates a field."""
    body: LiveFieldCreation = request.body
    extended = body if isinstance(body, FieldCreation) else None
    new = fields.NewField(
        object_key=body.object_key,
        key=body.field_key,
        data_type=body.data_type.value,
        folder_id=body.parent_id,
        name=or_none(body.name),
        visible_in_forms=body.show_in_forms,
        description=or_none(body.description),
        placeholder=or_none(body.placeholder),
        options=_choices(body.options),
        accepted_formats=or_none(body.accepted_formats),
        max_file_limit=or_none(body.max_file_limit),
        custom_option_allowed=or_none(body.allow_custom_option),
        required=extended is not None and extended.is_required is True,
        unique=extended is not None and extended.is_unique is True,
        sensitive=extended is not None and extended.is_sensitive is True,
    )
    view = await perform(request.context.storage, request.call(), fields.create_field, new)
    return field_reply(view, request.location, request.trace_id, email=request.context.email_type)


def _choices(options: list[FieldOption] | UnsetType | None) -> list[fields.NewOption] | None:
    if options is UNSET or options is None:
        return None
    return [
        fields.NewOption(label=option.label, key=or_none(option.key), url=or_none(option.url)) for option in options
    ]


ROUTES = (
    Route(
        method="GET",
        path="/custom-fields/{id}",
        operation_id="get-custom-field-by-id",
        tag=TAG,
        summary="Get a field or a folder by id",
        doc=_FOUND_BY_ID,
        handler=get_field,
        placement=Placement.FOUND,
        scope=READ,
        query=(ANYWHERE,),
        reply=FieldReply,
        refusals=(FieldNotFound,),
    ),
    Route(
        method="PUT",
        path="/custom-fields/{id}",
        operation_id="update-custom-field",
        tag=TAG,
        summary="Change a field",
        handler=update_field,
        placement=Placement.BODY,
        scope=WRITE,
        body=FieldUpdate,
        live_body=LiveFieldUpdate,
        reply=FieldReply,
        refusals=(FieldNotFound, InvalidValue, InUse),
        example={
            "locationId": "ve9EPM428h8vShlRW1KT",
            "showInForms": True,
            "name": "Size",
            "options": [{"key": "small", "label": "Small"}, {"label": "Large"}],
        },
    ),
    Route(
        method="DELETE",
        path="/custom-fields/{id}",
        operation_id="delete-custom-field",
        tag=TAG,
        summary="Delete a field",
        doc=_FOUND_BY_ID,
        handler=delete_field,
        placement=Placement.FOUND,
        scope=WRITE,
        query=(ANYWHERE,),
        reply=DeletedFieldReply,
        refusals=(FieldNotFound, InUse),
    ),
    Route(
        method="GET",
        path="/custom-fields/object-key/{objectKey}",
        operation_id="get-custom-fields-by-object-key",
        tag=TAG,
        summary="List the fields and folders of an object",
        handler=list_fields,
        placement=Placement.QUERY,
        scope=READ,
        query=(LOCATION,),
        reply=FieldsReply,
        refusals=(ObjectNotFound, NotSupported),
    ),
    Route(
        method="POST",
        path="/custom-fields/folder",
        operation_id="create-custom-field-folder",
        tag=TAG,
        summary="Create a folder",
        handler=create_folder,
        placement=Placement.BODY,
        scope=WRITE,
        status=201,
        body=FolderCreation,
        reply=FolderReply,
        refusals=(ObjectNotFound, NotSupported),
        example={"locationId": "ve9EPM428h8vShlRW1KT", "objectKey": "custom_objects.pet", "name": "Health"},
    ),
    Route(
        method="PUT",
        path="/custom-fields/folder/{id}",
        operation_id="update-custom-field-folder",
        tag=TAG,
        summary="Rename a folder",
        handler=rename_folder,
        placement=Placement.BODY,
        scope=WRITE,
        body=FolderUpdate,
        reply=FolderReply,
        refusals=(FolderNotFound,),
        example={"locationId": "ve9EPM428h8vShlRW1KT", "name": "Medical history"},
    ),
    Route(
        method="DELETE",
        path="/custom-fields/folder/{id}",
        operation_id="delete-custom-field-folder",
        tag=TAG,
        summary="Delete an empty folder",
        handler=delete_folder,
        placement=Placement.QUERY,
        scope=WRITE,
        query=(LOCATION,),
        reply=DeletedFieldReply,
        refusals=(FolderNotFound, InUse),
    ),
    Route(
        method="POST",
        path="/custom-fields/",
        operation_id="create-custom-field",
        tag=TAG,
        summary="Create a field",
        handler=create_field,
        placement=Placement.BODY,
        scope=WRITE,
        status=201,
        body=FieldCreation,
        live_body=LiveFieldCreation,
        reply=FieldReply,
        refusals=(
            ObjectNotFound,
            NotSupported,
            DuplicateKey,
            InvalidKey,
            InvalidValue,
            FolderNotFound,
            LimitExceeded,
        ),
        example={
            "locationId": "ve9EPM428h8vShlRW1KT",
            "objectKey": "custom_objects.pet",
            "fieldKey": "custom_objects.pet.size",
            "dataType": "SINGLE_OPTIONS",
            "parentId": "3v34PM428h8vShlRW1KT",
            "showInForms": True,
            "name": "Size",
            "options": [{"key": "small", "label": "Small"}],
        },
    ),
)
