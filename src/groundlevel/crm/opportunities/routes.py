"""The operations on opportunities (docs/contract.md#sister-searches, #sales-operations)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET

from groundlevel.crm.contacts.dates import iso_day
from groundlevel.crm.follower_routes import Followed, follower_routes
from groundlevel.crm.followers import FollowerChange
from groundlevel.crm.members import sent_properties
from groundlevel.crm.opportunities import rules as opportunities
from groundlevel.crm.opportunities.members import MEMBERS
from groundlevel.crm.opportunities.orders import ADDED, SORTED_BY, read_order
from groundlevel.crm.opportunities.rules import (
    OPPORTUNITIES,
    NewOpportunity,
    OpportunityChange,
    OpportunityView,
    Status,
    WantedOpportunity,
)
from groundlevel.crm.opportunities.schemas import (
    FollowersAction,
    OpportunitiesMeta,
    OpportunitiesReply,
    OpportunityBody,
    OpportunityCreation,
    OpportunityReply,
    OpportunitySearch,
    OpportunityUpdate,
    OpportunityUpsert,
    OpportunityUpsertReply,
    StatusChange,
    opportunity_body,
)
from groundlevel.crm.schemas import DoneReply, custom_of, done_reply
from groundlevel.crm.standard_routes import ListQuery, list_page, on_record
from groundlevel.kernel.absence import or_else, or_none
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
from groundlevel.kernel.errors.wording import choice_error
from groundlevel.kernel.http.bodies import search_request
from groundlevel.kernel.http.locate import FOUND_BY_ID
from groundlevel.kernel.http.params import START, Paging, read_flag
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.parse import SearchNames
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.usecase import perform
from groundlevel.records.entity_tags import matching_versions, name_state
from groundlevel.records.errors import RecordChanged, UnknownReference
from groundlevel.standard.errors import OpportunityNotFound

TAG = "Opportunities"
READ, WRITE = declare_scopes("opportunities", "opportunities and pipelines")

_PAGES = Paging(usual=20, most=100, page="page")
_MOST_FOUND = 500
"""Most opportunities of one page of a search."""
_VALUES = (
    UnknownReference,
    UnknownProperty,
    InvalidValue,
    RequiredPropertyMissing,
    UniqueConflict,
    LimitExceeded,
)
_SEARCH = (InvalidField, InvalidFilter, InvalidCursor, LimitExceeded, NotSupported)
_ANY_STATUS = "all"


async def create_opportunity(request: Request) -> OpportunityReply:
    """Creates an opportunity."""
    body: OpportunityCreation = request.body
    new = NewOpportunity(sent_properties(body, MEMBERS), custom_of(body.custom_fields))
    view = await perform(request.context.storage, request.call(), opportunities.create_opportunity, new)
    return OpportunityReply(opportunity_body(view), request.trace_id)


async def get_opportunity(request: Request) -> OpportunityReply:
    """Shows an opportunity."""
    view = await on_record(request, OPPORTUNITIES, OPPORTUNITIES.get, request.params[0])
    _name_state(request, view)
    return OpportunityReply(opportunity_body(view), request.trace_id)


async def update_opportunity(request: Request) -> OpportunityReply:
    """Changes an opportunity."""
    body: OpportunityUpdate = request.body
    custom, versions = custom_of(body.custom_fields), matching_versions(request.if_match)
    change = OpportunityChange(request.params[0], sent_properties(body, MEMBERS), custom, versions)
    view = await on_record(request, OPPORTUNITIES, opportunities.update_opportunity, change)
    _name_state(request, view)
    return OpportunityReply(opportunity_body(view), request.trace_id)


def _name_state(request: Request, view: OpportunityView) -> None:
    contact = view.contact and view.contact.record
    others = (contact.id, str(contact.version)) if contact else ()
    name_state(request, view.record, *others)


async def upsert_opportunity(request: Request) -> OpportunityUpsertReply:
    """An opportunity that is recognised and changed, or created."""
    body: OpportunityUpsert = request.body
    properties = sent_properties(body, MEMBERS)
    if not body.id and "contact_id" not in properties:
        raise InvalidShape(["id or contactId must be sent: an opportunity is recognised by one of them"])
    wanted = WantedOpportunity(or_none(body.id) or None, properties, custom_of(body.custom_fields), _followers(body))
    done = await perform(request.context.storage, request.call(), opportunities.upsert_opportunity, wanted)
    return OpportunityUpsertReply(opportunity_body(done.opportunity), done.new, request.trace_id)


def _followers(body: OpportunityUpsert) -> FollowerChange | None:
    """What an upsert says of followers; None for nothing."""
    named, every = or_else(body.followers, ()), body.is_remove_all_followers is True
    if not named and not every:
        return None
    match or_else(body.followers_action_type, FollowersAction.ADD):
        case FollowersAction.ADD:
            return FollowerChange("", add=named, remove_all=every)
        case FollowersAction.REMOVE:
            return FollowerChange("", remove=named, remove_all=every)


async def change_status(request: Request) -> DoneReply:
    """Changes the status of an opportunity."""
    body: StatusChange = request.body
    change = OpportunityChange(request.params[0], sent_properties(body, MEMBERS))
    await on_record(request, OPPORTUNITIES, opportunities.update_opportunity, change)
    return done_reply(request.trace_id)


async def delete_opportunity(request: Request) -> DoneReply:
    """Deletes an opportunity."""
    await on_record(request, OPPORTUNITIES, OPPORTUNITIES.delete, request.params[0])
    return done_reply(request.trace_id)


async def search_opportunities(request: Request) -> OpportunitiesReply:
    """A page of the opportunities found."""
    body: OpportunitySearch = request.body
    limit = or_else(body.limit, _PAGES.usual)
    asked = search_request(body, limit, most=_MOST_FOUND, names=SearchNames(page_limit="limit"))
    found = await perform(request.context.storage, request.call(), OPPORTUNITIES.search, asked)
    return OpportunitiesReply(_bodies(found.views, found.cursors), found.total, {}, request.trace_id)


async def list_opportunities(request: Request) -> OpportunitiesReply:
    """A page of the opportunities that the query asks for."""
    field, direction = read_order(request.query.get("order", ""))
    by_cursor = field == ADDED
    if not by_cursor and request.query.get("startAfterId"):
        raise InvalidShape(["startAfterId goes with an order by added; ask for other orders by page"])
    for name in _DETAILS:
        read_flag(request, name)
    conditions = _conditions(request.query)
    query = ListQuery("q", filters=conditions, field=field, direction=direction, by_cursor=by_cursor)
    found = await list_page(request, OPPORTUNITIES, _PAGES, query)
    page = found.window.page
    meta = OpportunitiesMeta(
        total=found.total,
        current_page=page,
        next_page=page + 1 if found.more else UNSET,
        prev_page=page - 1 if page > 1 else UNSET,
        next_page_url=found.next_page_url,
    )
    if by_cursor and found.last is not None:
        meta.start_after, meta.start_after_id = found.last
    return OpportunitiesReply(_bodies(found.views, found.cursors), found.total, {}, request.trace_id, meta)


def _conditions(query: dict[str, str]) -> list[Json]:
    """The filters that a query asks for. Raises InvalidShape for an unknown status."""
    asked = {name: query[parameter] for parameter, name in _EQUALS.items() if query.get(parameter)}
    status = asked.get("status")
    if status == _ANY_STATUS:
        del asked["status"]
    elif status is not None and status not in set(Status):
        raise InvalidShape([choice_error("status", (*Status, _ANY_STATUS))])
    conditions: list[Json] = [{"field": name, "operator": "eq", "value": value} for name, value in asked.items()]
    ends = {end: iso_day(query[name]) for name, end in _ENDS.items() if query.get(name)}
    if ends:
        conditions.append({"field": "date_added", "operator": "range", "value": ends})
    if query.get("campaignId"):
        # None belongs to a campaign, so none is found.
        conditions.append({"field": "id", "operator": "eq", "value": ""})
    return conditions


def _bodies(views: Sequence[OpportunityView], cursors: Sequence[list[Json]]) -> list[OpportunityBody]:
    bodies = [opportunity_body(view) for view in views]
    for body, cursor in zip(bodies, cursors, strict=True):
        body.search_after = body.sort = cursor
    return bodies


_EQUALS = {
    "pipelineId": "pipeline_id",
    "pipelineStageId": "pipeline_stage_id",
    "contactId": "contact_id",
    "status": "status",
    "assignedTo": "assigned_to",
    "id": "id",
    "country": "country",
}
"""The parameters that ask for equality, and the names they filter by."""
_ENDS = {"date": "gte", "endDate": "lte"}
"""The parameters that say from and until when opportunities were added, both days included."""
_DETAILS = ("getTasks", "getNotes", "getCalendarEvents")
"""The parameters that ask for more of each contact; there is nothing of it here, and the lists are empty."""
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
            Parameter("campaignId", "A campaign: none belongs to one here, so none is found."),
            Parameter("country", "The country of their primary contact."),
            Parameter("date", "The day from which on they were added: MM-DD-YYYY or YYYY-MM-DD."),
            Parameter("endDate", "The day until which they were added, which is included."),
            *(Parameter(name, "Without effect: these lists are empty.") for name in _DETAILS),
            Parameter(
                "order",
                f"{', '.join(SORTED_BY)}, each with _asc or _desc behind it; added_desc if left out. startAfter goes "
                "with added alone, page with every order.",
            ),
            *_PAGES.parameters,
            *START,
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
        doc=f"{FOUND_BY_ID} The header `ETag` names the state of the opportunity.",
        handler=get_opportunity,
        placement=Placement.FOUND,
        scope=READ,
        reply=OpportunityReply,
        refusals=(OpportunityNotFound,),
    ),
    Route(
        method="POST",
        path="/opportunities/upsert",
        operation_id="Upsert-opportunity",
        tag=TAG,
        summary="Change an opportunity, or create it",
        doc=(
            "It is recognised by its id, or else by its contact and its pipeline: of several the newest is meant. A "
            "new one is named like its contact and open, unless something else is said."
        ),
        handler=upsert_opportunity,
        placement=Placement.BODY,
        scope=WRITE,
        body=OpportunityUpsert,
        reply=OpportunityUpsertReply,
        refusals=_VALUES,
        example={
            "locationId": "ve9EPM428h8vShlRW1KT",
            **_DEAL,
            "followers": ["sx6wyHhbFdRXh302LLNR"],
            "isRemoveAllFollowers": False,
            "followersActionType": "add",
        },
    ),
    Route(
        method="PUT",
        path="/opportunities/{id}",
        operation_id="update-opportunity",
        tag=TAG,
        summary="Change an opportunity",
        doc=f"In another pipeline it begins at the first stage, unless one is named. With `If-Match` and "
        f"the `ETag` of a reply, an opportunity that was changed since is refused. {FOUND_BY_ID}",
        handler=update_opportunity,
        placement=Placement.FOUND,
        scope=WRITE,
        body=OpportunityUpdate,
        reply=OpportunityReply,
        refusals=(*_VALUES, OpportunityNotFound, RecordChanged),
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
    *follower_routes(
        Followed(
            thing=OPPORTUNITIES,
            change=opportunities.change_followers,
            path="/opportunities/{id}",
            noun="opportunity",
            tag=TAG,
            scope=WRITE,
            missing=OpportunityNotFound,
            remove_all=True,
        )
    ),
)
