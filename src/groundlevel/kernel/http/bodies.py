"""What the bodies of requests and replies of all nouns are made of (docs/contract.md#objects)."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from groundlevel.kernel.absence import or_else, or_none
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.parse import DEFAULT_NAMES, MAX_PAGE_LIMIT, SearchNames, SearchRequest

Filled = Annotated[str, Meta(min_length=1)]


MAX_ITEMS = 1_000
"""Most items of a list in a body. Where a rule allows fewer, it says so in its own words."""
MAX_OPTIONS = 10_000
"""Most options of a field, all of which are sent whenever one is added."""


BOUNDED = Meta(max_length=MAX_ITEMS)
"""What a list in a body is annotated with that no rule of its own bounds."""


Items = Annotated[list[Json], BOUNDED]


Names = Annotated[list[Filled], BOUNDED]


Text = str | None | UnsetType


Flag = bool | None | UnsetType


class Body(Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A body whose members are all known."""


class NoBody(Body, kw_only=True):
    """A body without members."""


class LocatedBody(Body, kw_only=True):
    """A body that may name the location. Where it must, the decoder and the guard see to that."""

    location_id: Filled | None | UnsetType = UNSET


class SearchBody(LocatedBody, kw_only=True):
    """What every search knows. With a `searchAfter` the page does not count; the last two are without effect here."""

    page: int | float | None | UnsetType = UNSET
    query: Text = UNSET
    filters: Items | dict[str, Json] | None | UnsetType = UNSET
    sort: Items | None | UnsetType = UNSET
    search_after: Items | None | UnsetType = UNSET
    include_top_relations: Flag = UNSET
    aggregations: Items | dict[str, Json] | None | UnsetType = UNSET


def search_request(
    body: SearchBody, page_limit: Json, *, most: int = MAX_PAGE_LIMIT, names: SearchNames = DEFAULT_NAMES
) -> SearchRequest:
    """The search that a body asks for; how the limit of a page is called and how far it goes differs."""
    return SearchRequest(
        text=or_none(body.query),
        filters=or_none(body.filters),
        sort=or_none(body.sort),
        page=or_else(body.page, 1),
        page_limit=page_limit,
        search_after=or_none(body.search_after),
        most=most,
        names=names,
    )


Properties = Annotated[
    Raw,
    Meta(
        description="The record's values by short field key; what was never set is absent.",
        extra_json_schema={"type": "object", "additionalProperties": True},
    ),
]


OriginText = Annotated[
    Raw,
    Meta(
        description="Who wrote, and when.",
        extra_json_schema={
            "type": "object",
            "required": ["channel", "source", "sourceId", "createdAt"],
            "properties": {
                "channel": {"type": "string"},
                "source": {"type": "string"},
                "sourceId": {"type": "string"},
                "createdAt": {"type": "string", "format": "date-time"},
            },
        },
    ),
]


Timestamp = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
