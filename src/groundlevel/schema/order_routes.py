"""The operation that puts the fields of an object into another order, which the platform has none for."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from groundlevel.kernel.absence import or_none
from groundlevel.kernel.errors import InvalidValue, NotSupported, ObjectNotFound
from groundlevel.kernel.http.bodies import MAX_ITEMS, Body, Filled, LocatedBody
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.kernel.usecase import perform
from groundlevel.schema import order_rules
from groundlevel.schema.field_routes import TAG, WRITE
from groundlevel.schema.schemas import FieldsReply
from groundlevel.schema.serializers import field_bodies, folder_bodies


class PlacedFieldBody(Body, kw_only=True):
    """A field, and the folder that it moves into; without one it stays in its own."""

    id: Filled
    parent_id: Filled | None | UnsetType = UNSET


class FieldOrderBody(LocatedBody, kw_only=True):
    """The fields that come first, in their order. Those that are not named keep theirs behind them."""

    fields: Annotated[list[PlacedFieldBody], Meta(min_length=1, max_length=MAX_ITEMS)]


async def order_fields(request: Request) -> FieldsReply:
    """Puts fields into another order, and into other folders."""
    body: FieldOrderBody = request.body
    placed = [order_rules.PlacedField(each.id, or_none(each.parent_id)) for each in body.fields]
    wanted = order_rules.FieldOrder(request.key, placed)
    definition = await perform(request.context.storage, request.call(), order_rules.order_fields, wanted)
    return FieldsReply(
        fields=field_bodies(definition, request.location, request.context.email_type),
        folders=folder_bodies(definition, request.location),
        trace_id=request.trace_id,
    )


ROUTES = (
    Route(
        method="PUT",
        path="/x/objects/{schemaKey}/fields/order",
        operation_id="order-custom-fields",
        tag=TAG,
        summary="Put the fields of an object into another order",
        doc="The named fields come first, in their order, and may move into other folders; the others follow in the "
        "order that they have. In this order fields are listed, exported, and shown in the console.",
        handler=order_fields,
        placement=Placement.BODY,
        scope=WRITE,
        body=FieldOrderBody,
        reply=FieldsReply,
        refusals=(ObjectNotFound, NotSupported, InvalidValue),
        example={"locationId": "ve9EPM428h8vShlRW1KT", "fields": [{"id": "3v34PM428h8vShlRW1KT"}]},
        extension=True,
    ),
)
