"""The operations on lost reasons (docs/contract.md#sales-operations)."""

from __future__ import annotations

from groundlevel.crm.lost_reasons import rules as lost_reasons
from groundlevel.crm.lost_reasons.errors import LostReasonNotFound
from groundlevel.crm.lost_reasons.rules import LostReasonQuery
from groundlevel.crm.lost_reasons.schemas import (
    LostReasonCreation,
    LostReasonReply,
    LostReasonsReply,
    lost_reason_body,
)
from groundlevel.crm.opportunities.routes import READ, TAG, WRITE
from groundlevel.crm.schemas import DoneReply, done_reply
from groundlevel.kernel.errors import LimitExceeded
from groundlevel.kernel.http.params import LOCATION, Paging, read_flag
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.usecase import perform

_PAGES = Paging(usual=100, most=500, skip="skip")


async def list_lost_reasons(request: Request) -> LostReasonsReply:
    """A page of the location's lost reasons."""
    window = _PAGES.read(request)
    asked = LostReasonQuery(
        window.skip,
        window.limit,
        request.query.get("name", ""),
        request.query.get("query", ""),
        deleted=read_flag(request, "deleted"),
    )
    read_flag(request, "getCount")
    found, total = await perform(request.context.storage, request.call(), lost_reasons.list_lost_reasons, asked)
    return LostReasonsReply([lost_reason_body(each, request.location.id) for each in found], total, request.trace_id)


async def create_lost_reason(request: Request) -> LostReasonReply:
    """A new lost reason."""
    body: LostReasonCreation = request.body
    reason = await perform(request.context.storage, request.call(), lost_reasons.create_lost_reason, body.name)
    return LostReasonReply(lost_reason_body(reason, request.location.id), request.trace_id)


async def delete_lost_reason(request: Request) -> DoneReply:
    """Deletes a lost reason."""
    await perform(request.context.storage, request.call(), lost_reasons.delete_lost_reason, request.params[0])
    return done_reply(request.trace_id)


ROUTES = (
    Route(
        method="GET",
        path="/opportunities/lost-reason",
        operation_id="get-lost-reason",
        tag=TAG,
        summary="List lost reasons",
        doc="Oldest first. A location begins with none.",
        handler=list_lost_reasons,
        placement=Placement.QUERY,
        scope=READ,
        query=(
            LOCATION,
            Parameter("name", "The name of one, in any case."),
            Parameter("query", "A text in the name, in any case."),
            Parameter("deleted", "`true` lists those that were deleted, instead of the others."),
            Parameter("getCount", "Without effect: the number is always there."),
            *_PAGES.parameters,
        ),
        reply=LostReasonsReply,
    ),
    Route(
        method="POST",
        path="/x/lost-reasons",
        operation_id="create-lost-reason",
        tag=TAG,
        summary="Create a lost reason",
        doc="The platform itself lets people make lost reasons and no program. One of the same name is not made twice.",
        handler=create_lost_reason,
        placement=Placement.BODY,
        scope=WRITE,
        status=201,
        body=LostReasonCreation,
        reply=LostReasonReply,
        refusals=(LimitExceeded,),
        example={"locationId": "ve9EPM428h8vShlRW1KT", "name": "Too expensive"},
        extension=True,
    ),
    Route(
        method="DELETE",
        path="/x/lost-reasons/{id}",
        operation_id="delete-lost-reason",
        tag=TAG,
        summary="Delete a lost reason",
        doc="It is chosen no longer; opportunities that were lost for it go on naming it.",
        handler=delete_lost_reason,
        placement=Placement.QUERY,
        scope=WRITE,
        query=(LOCATION,),
        reply=DoneReply,
        refusals=(LostReasonNotFound,),
        extension=True,
    ),
)
