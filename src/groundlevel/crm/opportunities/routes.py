"""The operations on opportunities (contract 3.4, 4.3)."""

from __future__ import annotations

from typing import TypeVar

from msgspec import UNSET, UnsetType

from groundlevel.crm.contacts.schemas import DoneReply, custom_of
from groundlevel.crm.opportunities import rules as opportunities
from groundlevel.crm.opportunities import search as opportunity_search
from groundlevel.crm.opportunities.rules import NewOpportunity, OpportunityChange, OpportunityKey, Status
from groundlevel.crm.opportunities.schemas import (
    OpportunitiesMeta,
    OpportunitiesReply,
    OpportunityBody,
    OpportunityCreation,
    OpportunityReply,
    OpportunitySearch,
    OpportunityUpdate,
    StatusChange,
    opportunity_body,
    properties_of,
)
from groundlevel.crm.opportunities.search import FoundOpportunities
from groundlevel.kernel.errors import (
    InvalidCursor,
    InvalidField,
    InvalidFilter,
    InvalidShape,
    InvalidValue,
    LimitExceeded,
    NotSupported,
    RequiredPropertyMissing,
    UniqueConflict,
    UnknownProperty,
)
from groundlevel.kernel.http.links import next_page_url
from groundlevel.kernel.http.locate import FOUND_BY_ID, find_across_locations
from groundlevel.kernel.http.params import read_number
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.usecase import perform
from groundlevel.records.errors import UnknownReference
from groundlevel.standard.errors import OpportunityNotFound
from groundlevel.standard.objects import OPPORTUNITY

T = TypeVar("T")

TAG = "Opportunities"
READ = "opportunities.readonly"
WRITE = "opportunities.write"

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_VALUES = (
    UnknownReference,
    UnknownProperty,
    InvalidValue,
    RequiredPropertyMissing,
    UniqueConflict,
    LimitExceeded,
)
_SEARCH = (InvalidField, InvalidFilter, InvalidCursor, LimitExceeded, NotSupported)
_ORDERS = {"added_desc": "desc", "added_asc": "asc"}
_ANY_STATUS = "all"


async def create_opportunity(request: Request) -> OpportunityReply:
    """A new opportunity."""
    body: OpportunityCreation = request.body
    new = NewOpportunity(properties_of(body), custom_of(body.custom_fields))
    view = await perform(request.context.storage, request.call(), opportunities.create_opportunity, new)
    return OpportunityReply(opportunity_body(view), request.trace_id)


async def get_opportunity(request: Request) -> OpportunityReply:
    """One opportunity."""
    key = OpportunityKey(request.params[0])
    view = await find_across_locations(request, opportunities.get_opportunity, key, object_key=OPPORTUNITY)
    return OpportunityReply(opportunity_body(view), request.trace_id)


async def update_opportunity(request: Request) -> OpportunityReply:
    """A change of an opportunity."""
    body: OpportunityUpdate = request.body
    change = OpportunityChange(request.params[0], properties_of(body), custom_of(body.custom_fields))
    view = await find_across_locations(request, opportunities.update_opportunity, change, object_key=OPPORTUNITY)
    return OpportunityReply(opportunity_body(view), request.trace_id)


async def change_status(request: Request) -> DoneReply:
    """How an opportunity stands now."""
    body: StatusChange = request.body
    change = OpportunityChange(request.params[0], properties_of(body))
    await find_across_locations(request, opportunities.update_opportunity, change, object_key=OPPORTUNITY)
    return DoneReply(True, True, request.trace_id)


async def delete_opportunity(request: Request) -> DoneReply:
    """Deletes an opportunity."""
    key = OpportunityKey(request.params[0])
    await find_across_locations(request, opportunities.delete_opportunity, key, object_key=OPPORTUNITY)
    return DoneReply(True, True, request.trace_id)


async def search_opportunities(request: Request) -> OpportunitiesReply:
    """A page of the opportunities found."""
    body: OpportunitySearch = request.body
    asked = SearchRequest(
        text=_or_none(body.query),
        filters=_or_none(body.filters),
        sort=_or_none(body.sort),
        page=body.page or 1,
        page_limit=_limit(body.limit or DEFAULT_LIMIT),
        search_after=_or_none(body.search_after),
    )
    found = await perform(request.context.storage, request.call(), opportunity_search.search_opportunities, asked)
    return OpportunitiesReply(_bodies(found), found.total, {}, request.trace_id)


async def list_opportunities(request: Request) -> OpportunitiesReply:
    """A page of the opportunities that the query asks for."""
    query = request.query
    page = max(read_number(request, "page", default=1), 1)
    limit = max(read_number(request, "limit", default=DEFAULT_LIMIT, most=MAX_LIMIT), 1)
    after = query.get("startAfterId")
    asked = SearchRequest(
        text=query.get("q"),
        filters=_conditions(query),
        sort=[{"field": "date_added", "direction": _direction(query.get("order", ""))}],
        page=page,
        # Behind a cursor nothing else says whether there is more.
        page_limit=limit + 1 if after else limit,
        search_after=[read_number(request, "startAfter", default=0), after] if after else None,
    )
    found = await perform(request.context.storage, request.call(), opportunity_search.search_opportunities, asked)
    more = len(found.cursors) > limit if after else found.total > page * limit
    found = FoundOpportunities(found.opportunities[:limit], found.cursors[:limit], found.total)
    meta = OpportunitiesMeta(found.total, page, page + 1 if more else UNSET, page - 1 if page > 1 else UNSET)
    if found.cursors:
        meta.start_after, meta.start_after_id = found.cursors[-1]
        if more:
            meta.next_page_url = next_page_url(request, found.cursors[-1])
    return OpportunitiesReply(_bodies(found), found.total, {}, request.trace_id, meta)


def _conditions(query: dict[str, str]) -> list[Json]:
    """The filters that a query asks for. Raises InvalidShape for an unknown status."""
    asked = {name: query[parameter] for parameter, name in _EQUALS.items() if query.get(parameter)}
    status = asked.get("status")
    if status == _ANY_STATUS:
        del asked["status"]
    elif status is not None and status not in set(Status):
        raise InvalidShape([f"status must be one of the following values: {', '.join((*Status, _ANY_STATUS))}"])
    return [{"field": name, "operator": "eq", "value": value} for name, value in asked.items()]


def _direction(order: str) -> str:
    if order and order not in _ORDERS:
        raise InvalidShape([f"order must be one of the following values: {', '.join(_ORDERS)}"])
    return _ORDERS.get(order, "desc")


def _limit(limit: float) -> float:
    if limit > MAX_LIMIT:
        raise InvalidShape([f"limit must not be greater than {MAX_LIMIT}"])
    return limit


def _bodies(found: FoundOpportunities) -> list[OpportunityBody]:
    bodies = []
    for view, cursor in zip(found.opportunities, found.cursors, strict=True):
        body = opportunity_body(view)
        body.search_after = body.sort = cursor
        bodies.append(body)
    return bodies


def _or_none(member: T | UnsetType) -> T | None:
    return None if member is UNSET else member


_EQUALS = {
    "pipelineId": "pipeline_id",
    "pipelineStageId": "pipeline_stage_id",
    "contactId": "contact_id",
    "status": "status",
    "assignedTo": "assigned_to",
    "id": "id",
}
"""The parameters that ask for equality, and the names they filter by."""
_DEAL = {
    "pipelineId": "VDm7RPYC2GLUvdpKmBfC",
    "name": "First deal",
    "status": "open",
    "contactId": "mTkSCb1UBjb5tk4OvB69",
    "monetaryValue": 220,
}

ROUTES = (
    Route(
        method="POST",
        path="/opportunities/",
        operation_id="create-opportunity",
        tag=TAG,
        summary="Create an opportunity",
        doc="It is related to its primary contact, and begins at the pipeline's first stage unless one is named.",
        handler=create_opportunity,
        placement=Placement.BODY,
        scope=WRITE,
        status=201,
        body=OpportunityCreation,
        reply=OpportunityReply,
        refusals=_VALUES,
        example={"locationId": "ve9EPM428h8vShlRW1KT", **_DEAL},
    ),
    Route(
        method="GET",
        path="/opportunities/search",
        operation_id="search-opportunity",
        tag=TAG,
        summary="List opportunities",
        doc="The newest first. Every parameter of two words is known in snake_case too, as older versions spell it.",
        handler=list_opportunities,
        placement=Placement.QUERY,
        scope=READ,
        query=(
            Parameter(
                "locationId", "The location.", required=True, example="ve9EPM428h8vShlRW1KT", alias="location_id"
            ),
            Parameter("q", "Text to find in the name."),
            Parameter("pipelineId", "The pipeline they are in.", alias="pipeline_id"),
            Parameter("pipelineStageId", "The stage they are at.", alias="pipeline_stage_id"),
            Parameter("contactId", "Their primary contact.", alias="contact_id"),
            Parameter("status", "open, won, lost, abandoned or all."),
            Parameter("assignedTo", "The user they are assigned to.", alias="assigned_to"),
            Parameter("id", "The id of one."),
            Parameter("order", "added_desc or added_asc."),
            Parameter("page", "Which page, from 1."),
            Parameter("limit", f"How many: {DEFAULT_LIMIT} if left out, at most {MAX_LIMIT}."),
            Parameter("startAfter", "The meta.startAfter of the page before; the page does not count then."),
            Parameter("startAfterId", "The meta.startAfterId of the page before."),
        ),
        reply=OpportunitiesReply,
        refusals=_SEARCH,
    ),
    Route(
        method="POST",
        path="/opportunities/search",
        operation_id="search-opportunities-advanced",
        tag=TAG,
        summary="Search opportunities",
        doc="Text, filters and sorts follow the grammar of records, with names in snake_case.",
        handler=search_opportunities,
        placement=Placement.BODY,
        scope=READ,
        body=OpportunitySearch,
        reply=OpportunitiesReply,
        refusals=_SEARCH,
        example={
            "locationId": "ve9EPM428h8vShlRW1KT",
            "limit": 20,
            "filters": [{"field": "status", "operator": "eq", "value": "open"}],
            "sort": [{"field": "monetary_value", "direction": "desc"}],
        },
    ),
    Route(
        method="GET",
        path="/opportunities/{id}",
        operation_id="get-opportunity",
        tag=TAG,
        summary="Get an opportunity",
        doc=FOUND_BY_ID,
        handler=get_opportunity,
        placement=Placement.FOUND,
        scope=READ,
        reply=OpportunityReply,
        refusals=(OpportunityNotFound,),
    ),
    Route(
        method="PUT",
        path="/opportunities/{id}",
        operation_id="update-opportunity",
        tag=TAG,
        summary="Change an opportunity",
        doc=f"In another pipeline it begins at the first stage, unless one is named. {FOUND_BY_ID}",
        handler=update_opportunity,
        placement=Placement.FOUND,
        scope=WRITE,
        body=OpportunityUpdate,
        reply=OpportunityReply,
        refusals=(*_VALUES, OpportunityNotFound),
        example={"name": "First deal", "monetaryValue": 300},
    ),
    Route(
        method="PUT",
        path="/opportunities/{id}/status",
        operation_id="update-opportunity-status",
        tag=TAG,
        summary="Change the status of an opportunity",
        doc=FOUND_BY_ID,
        handler=change_status,
        placement=Placement.FOUND,
        scope=WRITE,
        body=StatusChange,
        reply=DoneReply,
        refusals=(OpportunityNotFound,),
        example={"status": "won"},
    ),
    Route(
        method="DELETE",
        path="/opportunities/{id}",
        operation_id="delete-opportunity",
        tag=TAG,
        summary="Delete an opportunity",
        doc=FOUND_BY_ID,
        handler=delete_opportunity,
        placement=Placement.FOUND,
        scope=WRITE,
        reply=DoneReply,
        refusals=(OpportunityNotFound,),
    ),
)
