"""The rows of the table of deviations about opportunities."""

from __future__ import annotations

from tests.compat.deviation import Document, Shape, Status

OPPORTUNITIES = "opportunities.json"

_WRITES = (
    "create-opportunity",
    "update-opportunity",
    "update-opportunity-status",
    "Upsert-opportunity",
    "add-followers-opportunity",
    "remove-followers-opportunity",
)
_SEARCHES = ("search-opportunity", "search-opportunities-advanced")
_LISTS = ("get-pipelines", "get-lost-reason")
_ALL = (*_WRITES, *_SEARCHES, *_LISTS, "get-opportunity", "delete-opportunity")
_BY_ID = (
    "get-opportunity",
    "delete-opportunity",
    "update-opportunity",
    "update-opportunity-status",
    "add-followers-opportunity",
    "remove-followers-opportunity",
)

OPERATIONS = {OPPORTUNITIES: _ALL}
"""The operations of each document."""

STATUSES: tuple[Status, ...] = (
    Status(
        OPPORTUNITIES,
        403,
        _ALL,
        "A token of another location gets 403, as on the live platform; both official SDKs know it.",
    ),
    Status(OPPORTUNITIES, 404, _BY_ID, "An opportunity that is not there is 404, as a record is."),
    Status(
        OPPORTUNITIES,
        412,
        ("update-opportunity",),
        "An extension: the opportunity is in no state that If-Match names.",
    ),
    Status(
        OPPORTUNITIES,
        422,
        ("get-pipelines",),
        "A request of the wrong shape is 422 with one text for each fault, as for the other operations.",
        "texts",
    ),
    Status(
        OPPORTUNITIES,
        413,
        (*_WRITES, "search-opportunities-advanced"),
        "A body beyond the server's limit is refused before it is read.",
    ),
    Status(OPPORTUNITIES, 429, _ALL, "The platform's rate limits, which its documents describe in prose."),
    Status(OPPORTUNITIES, 503, _ALL, "The database cannot be reached, or the request took too long."),
)

_TEXT: Document = {"type": "string"}
_ARRAY: Document = {"type": "array"}
_OBJECT: Document = {"type": "object"}

SHAPES: tuple[Shape, ...] = (
    Shape(
        OPPORTUNITIES,
        ("PipelinesResponseSchema", "properties", "stages", "items"),
        "Documented as arrays, sent as objects.",
        _ARRAY,
        _OBJECT,
        [{"id": "e93ba61a-53b3-45e7-985a-c7732dbcdb69", "name": "New Lead", "position": 0}],
        "A stage has an id and a name, in the document's own requests and in every observed answer.",
    ),
    Shape(
        OPPORTUNITIES,
        ("SearchOpportunitiesResponseSchema", "properties", "followers", "items"),
        "Documented as arrays, sent as strings.",
        _ARRAY,
        _TEXT,
        ["sx6wyHhbFdRXh302LLNR"],
        "A follower is a user's id, in the replies of the operations on followers too.",
    ),
    Shape(
        OPPORTUNITIES,
        ("UpsertOpportunityDto", "properties", "monetaryValue", "type"),
        "Documented as an object, taken as a number.",
        "object",
        "number",
        220,
        "The document's own example is a number, and so is the member everywhere else.",
    ),
)
