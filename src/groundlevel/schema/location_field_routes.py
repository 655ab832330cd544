"""The operations on the fields that a location has added to its contacts and opportunities."""

from __future__ import annotations

from typing import cast

from msgspec import UNSET, UnsetType

from groundlevel.kernel.absence import or_unset
from groundlevel.kernel.errors import DuplicateKey, InUse, InvalidKey, InvalidShape, InvalidValue
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.model import DataType, Location
from groundlevel.kernel.usecase import perform
from groundlevel.schema import location_field_rules as fields
from groundlevel.schema.errors import FieldNotFound
from groundlevel.schema.field_routes import READ, WRITE
from groundlevel.schema.field_rules import FieldChange, FieldView, NewField, NewOption
from groundlevel.schema.location_field_schemas import (
    LiveLocationFieldCreation,
    LiveLocationFieldUpdate,
    LocationFieldBody,
    LocationFieldCreation,
    LocationFieldReply,
    LocationFieldsReply,
    LocationFieldUpdate,
    Model,
    SucceededReply,
    TextBox,
)

TAG = "Custom fields of contacts and opportunities"
_EVERY_FORMAT = "all"


async def list_location_fields(request: Request) -> LocationFieldsReply:
    """The added fields of contacts, of opportunities, or of both."""
    model = request.query.get("model") or "all"
    if model not in (*fields.MODELS, "all"):
        raise InvalidShape(["model must be one of the following values: contact, opportunity, all"])
    models = fields.MODELS if model == "all" else (model,)
    views = await perform(request.context.storage, request.call(), fields.list_location_fields, models)
    return LocationFieldsReply([_body(view, request.location) for view in views], request.trace_id)


async def get_location_field(request: Request) -> LocationFieldReply:
    """Shows a field."""
    view = await perform(request.context.storage, request.call(), fields.get_location_field, request.params[1])
    return _reply(view, request)


async def create_location_field(request: Request) -> LocationFieldReply:
    """Creates a field."""
    body: LiveLocationFieldCreation = request.body
    options = _options(body)
    new = NewField(
        object_key=body.model or fields.MODELS[0],
        key=body.field_key or "",
        data_type=body.data_type.value,
        folder_id=body.parent_id or "",
        name=body.name,
        placeholder=body.placeholder or None,
        options=None if options is UNSET else options,
        accepted_formats=_formats(body) or None,
        max_file_limit=_file_limit(body) or None,
        sensitive=isinstance(body, LocationFieldCreation) and body.is_sensitive is True,
    )
    position = body.position if isinstance(body.position, int) else None
    wanted = fields.NewLocationField(new, position)
    return _reply(await perform(request.context.storage, request.call(), fields.create_location_field, wanted), request)


async def update_location_field(request: Request) -> LocationFieldReply:
    """Changes a field."""
    body: LiveLocationFieldUpdate = request.body
    sensitive = body.is_sensitive if isinstance(body, LocationFieldUpdate) else None
    change = FieldChange(
        id=request.params[1],
        visible_in_forms=True,
        name=body.name,
        placeholder=UNSET if body.placeholder is None else body.placeholder,
        options=_options(body),
        accepted_formats=_formats(body),
        max_file_limit=_file_limit(body),
        sensitive=or_unset(sensitive),
        position=body.position if isinstance(body.position, int) else UNSET,
    )
    wanted = fields.LocationFieldChange(change, body.model or None)
    return _reply(await fields.update_location_field(request.context.storage, request.call(), wanted), request)


async def delete_location_field(request: Request) -> SucceededReply:
    """Deletes a field."""
    await perform(request.context.storage, request.call(), fields.delete_location_field, request.params[1])
    return SucceededReply(succeded=True, trace_id=request.trace_id)


def _options(body: LiveLocationFieldUpdate) -> list[NewOption] | UnsetType:
    """The options sent under whichever of their names."""
    sent = body.options or body.picklist_options or body.text_box_list_options
    if not sent:
        return UNSET
    return [NewOption(each.label if isinstance(each, TextBox) else each) for each in sent]


def _formats(body: LiveLocationFieldUpdate) -> str | UnsetType:
    """The one format that a field takes; of several, all."""
    if not body.accepted_format:
        return UNSET
    return body.accepted_format[0].lower() if len(body.accepted_format) == 1 else _EVERY_FORMAT


def _file_limit(body: LiveLocationFieldUpdate) -> int | UnsetType:
    if isinstance(body.max_number_of_files, int):
        return body.max_number_of_files
    return 1 if body.is_multiple_file is False else UNSET


def _reply(view: FieldView, request: Request) -> LocationFieldReply:
    return LocationFieldReply(_body(view, request.location), request.trace_id)


def _body(view: FieldView, location: Location) -> LocationFieldBody:
    field = view.field
    assert field is not None  # these operations find fields alone
    body = LocationFieldBody(
        id=field.id,
        name=field.name,
        model=cast("Model", view.object.key),
        field_key=f"{view.object.key}.{field.key}",
        data_type=field.data_type.value,
        position=field.position,
        location_id=location.id,
        parent_id=field.folder_id,
        document_type="field",
        placeholder=field.placeholder or "",
        is_sensitive=or_unset(field.sensitive or None),
    )
    if type_of(field.data_type).has_options:
        body.picklist_options = [option.label for option in field.options]
    if field.data_type is DataType.RADIO:
        body.is_allowed_custom_option = field.custom_option_allowed
        body.picklist_image_options = [option.url for option in field.options if option.url]
    if field.data_type is DataType.FILE_UPLOAD:
        body.is_multi_file_allowed = field.max_file_limit != 1
        body.max_file_limit = UNSET if field.max_file_limit is None else field.max_file_limit
        body.accepted_format = [field.accepted_formats] if field.accepted_formats else []
    return body


_ALL = "/locations/{locationId}/customFields"
_ONE = f"{_ALL}/{{id}}"
_BY_LABEL = "Contacts and opportunities show the labels of options as values, and take labels and keys."

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        operation_id="get-custom-fields",
        tag=TAG,
        summary="List the added fields of contacts and opportunities",
        doc=_BY_LABEL,
        handler=list_location_fields,
        placement=Placement.PATH,
        scope=READ,
        query=(Parameter("model", "contact, opportunity or all; all if left out.", example="contact"),),
        reply=LocationFieldsReply,
    ),
    Route(
        method="POST",
        path=_ALL,
        operation_id="create-location-custom-field",
        tag=TAG,
        summary="Add a field to contacts or opportunities",
        doc=f"Its key is made from its name. {_BY_LABEL}",
        handler=create_location_field,
        placement=Placement.PATH,
        scope=WRITE,
        status=201,
        body=LocationFieldCreation,
        live_body=LiveLocationFieldCreation,
        reply=LocationFieldReply,
        refusals=(DuplicateKey, InvalidKey, InvalidValue),
        example={"name": "Size", "dataType": "SINGLE_OPTIONS", "options": ["Small", "Large"], "model": "contact"},
    ),
    Route(
        method="GET",
        path=_ONE,
        operation_id="get-custom-field",
        tag=TAG,
        summary="Get an added field of contacts or opportunities",
        handler=get_location_field,
        placement=Placement.PATH,
        scope=READ,
        reply=LocationFieldReply,
        refusals=(FieldNotFound,),
    ),
    Route(
        method="PUT",
        path=_ONE,
        operation_id="update-location-custom-field",
        tag=TAG,
        summary="Change an added field of contacts or opportunities",
        handler=update_location_field,
        placement=Placement.PATH,
        scope=WRITE,
        body=LocationFieldUpdate,
        live_body=LiveLocationFieldUpdate,
        reply=LocationFieldReply,
        refusals=(FieldNotFound, DuplicateKey, InvalidKey, InvalidValue),
        example={"name": "Size", "options": ["Small", "Large", "Huge"]},
    ),
    Route(
        method="DELETE",
        path=_ONE,
        operation_id="delete-location-custom-field",
        tag=TAG,
        summary="Delete an added field of contacts or opportunities",
        handler=delete_location_field,
        placement=Placement.PATH,
        scope=WRITE,
        reply=SucceededReply,
        refusals=(FieldNotFound, InUse),
    ),
)
