"""The operations on custom values."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.kernel.errors import DuplicateKey
from groundlevel.kernel.http.bodies import Body, Filled
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.usecase import perform
from groundlevel.locations import custom_value_rules as values
from groundlevel.locations.custom_value_store import CustomValue
from groundlevel.locations.errors import CustomValueNotFound
from groundlevel.schema.location_field_schemas import SucceededReply

TAG = "Custom values"
READ, WRITE = declare_scopes("locations/customValues", "custom values")


class CustomValueWrite(Body, kw_only=True):
    """The name and the text of a custom value."""

    name: Filled
    value: str


class LocationValueBody(Struct, rename="camel"):
    """A custom value."""

    id: str
    name: str
    field_key: str
    """How a template names it: `{{ custom_values.key }}`."""
    value: str
    location_id: str


class CustomValueReply(Struct, rename="camel"):
    """One custom value."""

    custom_value: LocationValueBody
    trace_id: str


class CustomValuesReply(Struct, rename="camel"):
    """The custom values of a location."""

    custom_values: list[LocationValueBody]
    trace_id: str


async def list_custom_values(request: Request) -> CustomValuesReply:
    """Lists the custom values of the location."""
    found = await perform(request.context.storage, request.call(), values.list_custom_values, None)
    return CustomValuesReply([_body(each, request) for each in found], request.trace_id)


async def create_custom_value(request: Request) -> CustomValueReply:
    """Creates a custom value."""
    body: CustomValueWrite = request.body
    new = values.NewCustomValue(body.name, body.value)
    return _reply(await perform(request.context.storage, request.call(), values.create_custom_value, new), request)


async def get_custom_value(request: Request) -> CustomValueReply:
    """Shows a custom value."""
    found = await perform(request.context.storage, request.call(), values.get_custom_value, request.params[1])
    return _reply(found, request)


async def update_custom_value(request: Request) -> CustomValueReply:
    """Changes name and text of a custom value."""
    body: CustomValueWrite = request.body
    change = values.CustomValueChange(request.params[1], body.name, body.value)
    return _reply(await perform(request.context.storage, request.call(), values.update_custom_value, change), request)


async def delete_custom_value(request: Request) -> SucceededReply:
    """Deletes a custom value."""
    await perform(request.context.storage, request.call(), values.delete_custom_value, request.params[1])
    return SucceededReply(succeded=True, trace_id=request.trace_id)


def _reply(found: CustomValue, request: Request) -> CustomValueReply:
    return CustomValueReply(_body(found, request), request.trace_id)


def _body(found: CustomValue, request: Request) -> LocationValueBody:
    template = f"{{{{ custom_values.{found.key} }}}}"
    return LocationValueBody(found.id, found.name, template, found.value, request.location.id)


_ALL = "/locations/{locationId}/customValues"
_ONE = f"{_ALL}/{{id}}"
_EXAMPLE = {"name": "Opening hours", "value": "Monday to Friday, 9 to 17"}

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        operation_id="get-custom-values",
        tag=TAG,
        summary="List the custom values of a location",
        handler=list_custom_values,
        placement=Placement.PATH,
        scope=READ,
        reply=CustomValuesReply,
    ),
    Route(
        method="POST",
        path=_ALL,
        operation_id="create-custom-value",
        tag=TAG,
        summary="Create a custom value",
        handler=create_custom_value,
        placement=Placement.PATH,
        scope=WRITE,
        status=201,
        body=CustomValueWrite,
        reply=CustomValueReply,
        refusals=(DuplicateKey,),
        example=_EXAMPLE,
    ),
    Route(
        method="GET",
        path=_ONE,
        operation_id="get-custom-value",
        tag=TAG,
        summary="Get a custom value",
        handler=get_custom_value,
        placement=Placement.PATH,
        scope=READ,
        reply=CustomValueReply,
        refusals=(CustomValueNotFound,),
    ),
    Route(
        method="PUT",
        path=_ONE,
        operation_id="update-custom-value",
        tag=TAG,
        summary="Change a custom value",
        doc="What templates call it stays as it is.",
        handler=update_custom_value,
        placement=Placement.PATH,
        scope=WRITE,
        body=CustomValueWrite,
        reply=CustomValueReply,
        refusals=(CustomValueNotFound,),
        example=_EXAMPLE,
    ),
    Route(
        method="DELETE",
        path=_ONE,
        operation_id="delete-custom-value",
        tag=TAG,
        summary="Delete a custom value",
        handler=delete_custom_value,
        placement=Placement.PATH,
        scope=WRITE,
        reply=SucceededReply,
        refusals=(CustomValueNotFound,),
    ),
)
