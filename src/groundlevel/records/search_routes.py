"""The search of records, O9 (contract 3)."""

from __future__ import annotations

from typing import TypeVar

from msgspec import UNSET, UnsetType

from groundlevel.kernel.errors import (
    InvalidCursor,
    InvalidField,
    InvalidFilter,
    LimitExceeded,
    NotSupported,
    ObjectNotFound,
)
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.usecase import perform
from groundlevel.records import search
from groundlevel.records.routes import READ, TAG
from groundlevel.records.schemas import RecordSearch, RecordsReply
from groundlevel.records.serializers import found_body

T = TypeVar("T")


async def search_records(request: Request) -> RecordsReply:
    """A page of records, each with its cursor."""
    body: RecordSearch = request.body
    asked = SearchRequest(
        text=_or_none(body.query),
        filters=_or_none(body.filters),
        sort=_or_none(body.sort),
        page=body.page,
        page_limit=body.page_limit,
        search_after=_or_none(body.search_after),
    )
    sought = search.Search(request.key, asked)
    found = await perform(request.context.storage, request.call(), search.search_records, sought)
    strict = request.context.strict
    bodies = [found_body(view, cursor, strict=strict) for view, cursor in zip(found.views, found.cursors, strict=True)]
    return RecordsReply(bodies, found.total, request.trace_id)


def _or_none(member: T | UnsetType) -> T | None:
    return None if member is UNSET else member


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
