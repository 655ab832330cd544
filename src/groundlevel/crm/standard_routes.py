"""What the operations on contacts, opportunities and businesses have in common: one record, and a page of a list."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType

from groundlevel.crm.standard_object import StandardObject
from groundlevel.kernel.http.links import next_page_url, numbered_page_url
from groundlevel.kernel.http.locate import find_across_locations
from groundlevel.kernel.http.params import Paging, Window, read_start
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.parse import SearchNames, SearchRequest
from groundlevel.kernel.usecase import UseCase, perform

R = TypeVar("R")
T = TypeVar("T")
V = TypeVar("V")


class ListQuery(Struct, frozen=True):
    """What a list asks for beside its page: nothing, unless more is said. The newest come first."""

    text: str = ""
    """The parameter that holds the text to be found; empty for none."""
    filters: list[Json] = []
    field: str = ""
    """What the list is sorted by; empty for the order of creation."""
    direction: str = "desc"
    by_cursor: bool = True
    """Whether `startAfter` may lead to the next page, which takes an order by the timestamp of creation."""


class ListPage(Struct, Generic[V], frozen=True):
    """A page of a list, and where it stands in it."""

    views: list[V]
    cursors: list[list[Json]]
    total: int
    window: Window
    more: bool
    """Whether there is another page behind it."""
    next_page_url: str | UnsetType
    """That page; UNSET behind the last one, and where a list takes no cursor."""

    @property
    def last(self) -> list[Json] | None:
        """The cursor behind the page: a timestamp and an id; None of an empty one."""
        return self.cursors[-1] if self.cursors else None


async def on_record(request: Request, thing: StandardObject[V], use_case: UseCase[R, T], wanted: R) -> T:
    """The outcome of a use case on one record, in whichever location a company token finds it.

    Other locations are looked at only when one refuses with RecordNotFound, so a sub-resource that is not there has
    to be refused otherwise.
    """
    return await find_across_locations(request, use_case, wanted, object_key=thing.key)


async def list_page(request: Request, thing: StandardObject[V], paging: Paging, query: ListQuery) -> ListPage[V]:
    """The page of a list that a query asks for: by a cursor, or else by skip or page. Raises InvalidShape, and what
    parsing and binding raise."""
    window, after = paging.read(request), read_start(request)
    asked = SearchRequest(
        text=request.query.get(query.text) if query.text else None,
        filters=query.filters,
        sort=[{"field": query.field, "direction": query.direction}] if query.field else None,
        page=window.page,
        # Behind a cursor nothing else says whether there is more.
        page_limit=window.limit + 1 if after else window.limit,
        skip=window.skip if paging.skip else None,
        search_after=after,
        names=SearchNames(query.text, paging.limit, "startAfterId"),
    )
    found = await perform(request.context.storage, request.call(), thing.search, asked)
    cursors = found.cursors[: window.limit]
    more = len(found.cursors) > window.limit if after else found.total > window.skip + window.limit
    url: str | UnsetType = UNSET
    if more and "startAfterId" in request.endpoint.query_names:
        url = next_page_url(request, cursors[-1]) if query.by_cursor else numbered_page_url(request, window.page + 1)
    return ListPage(found.views[: window.limit], cursors, found.total, window, more, url)
