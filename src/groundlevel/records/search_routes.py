"""The search of records, O9 (docs/contract.md#search)."""

from __future__ import annotations

from groundlevel.kernel.errors import (
    InvalidCursor,
    InvalidField,
    InvalidFilter,
    LimitExceeded,
    NotSupported,
    ObjectNotFound,
)
from groundlevel.kernel.http.bodies import search_request
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.kernel.usecase import perform
from groundlevel.records import search
from groundlevel.records.routes import READ, TAG
from groundlevel.records.schemas import RecordSearch, RecordsReply
from groundlevel.records.serializers import record_body


async def search_records(request: Request) -> RecordsReply:
    """A page of records, each with its cursor."""
    body: RecordSearch = request.body
    asked = search_request(body, body.page_limit)
    sought = search.Search(request.key, asked)
    found = await perform(request.context.storage, request.call(), search.search_records, sought)
    strict = request.context.strict
    pairs = zip(found.views, found.cursors, strict=True)
    bodies = [record_body(view, strict=strict, cursor=cursor) for view, cursor in pairs]
    return RecordsReply(bodies, found.total, request.trace_id)


ROUTES = (
    Route(
        method="POST",
        path="/objects/{schemaKey}/records/search",
        operation_id="search-object-records",
        tag=TAG,
        summary="Search records",
        doc="Searches text, filters and sorts. What was written before the search is found.",
        handler=search_records,
        placement=Placement.EITHER,
        live_placement=Placement.BODY,
        scope=READ,
        live_status=201,
        body=RecordSearch,
        reply=RecordsReply,
        refusals=(
            ObjectNotFound,
            NotSupported,
            InvalidField,
            InvalidFilter,
            InvalidCursor,
            LimitExceeded,
        ),
        example={
            "locationId": "ve9EPM428h8vShlRW1KT",
            "page": 1,
            "pageLimit": 20,
            "query": "rex",
            "filters": [{"field": "properties.age", "operator": "range", "value": {"gte": 2}}],
            "sort": [{"field": "properties.name", "direction": "asc"}],
            "searchAfter": [],
        },
    ),
)
