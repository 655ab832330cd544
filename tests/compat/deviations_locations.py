"""The rows of the table of deviations about locations and what belongs to them."""

from __future__ import annotations

from tests.compat.deviation import TEXT, Document, Shape, Status

LOCATIONS = "locations.json"

_PROFILE_CHANGES = ("create-location", "put-location")
_OF_COMPANIES = (*_PROFILE_CHANGES, "delete-location")
_READS = ("search-locations", "get-location", "get-timezones")
_LISTS = ("get-location-tags", "get-custom-fields", "get-custom-values")
_CREATIONS = ("create-tag", "create-location-custom-field", "create-custom-value")
_CHANGES = ("update-tag", "update-location-custom-field", "update-custom-value")
_BY_ID = (
    *_CHANGES,
    "get-tag-by-id",
    "delete-tag",
    "get-custom-field",
    "delete-location-custom-field",
    "get-custom-value",
    "delete-custom-value",
)
_RECURRING = ("create-recurring-task", "get-recurring-task-by-id", "update-recurring-task", "delete-recurring-task")
_TEMPLATES = ("GET-all-or-email-sms-templates", "DELETE-an-email-sms-template")
_ALL = (
    *_OF_COMPANIES,
    *_READS,
    *_LISTS,
    *_CREATIONS,
    *_BY_ID,
    "task-search",
    *_RECURRING,
    *_TEMPLATES,
    "upload-file-customFields",
)

OPERATIONS = {LOCATIONS: _ALL}
"""The operations of the document, by the names that they have here."""

STATUSES: tuple[Status, ...] = (
    Status(
        LOCATIONS,
        403,
        _ALL,
        "A token of another location gets 403, as on the live platform; both official SDKs know it.",
    ),
    Status(
        LOCATIONS,
        404,
        ("put-location", "delete-location", *_BY_ID),
        "A tag, field or value that is not there is 404, as a record is, and so is a location that another request has "
        "just deleted.",
    ),
    Status(
        LOCATIONS,
        422,
        (*_OF_COMPANIES, "get-custom-values", *_RECURRING),
        "A request of the wrong shape is 422 with one text for each fault, as for the other operations.",
        "texts",
    ),
    Status(
        LOCATIONS,
        413,
        (*_PROFILE_CHANGES, *_CREATIONS, *_CHANGES, "task-search"),
        "A body beyond the server's limit is refused before it is read.",
    ),
    Status(LOCATIONS, 429, _ALL, "The platform's rate limits, which its documents describe in prose."),
    Status(LOCATIONS, 503, _ALL, "The database cannot be reached, or the request took too long."),
)

_VERSION: Document = {
    "name": "Version",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "enum": ["2021-07-28"]},
}

SHAPES: tuple[Shape, ...] = (
    Shape(
        LOCATIONS,
        ("LocationTaskListSuccessfulResponseDto", "properties", "tasks", "items"),
        "Documented as lists, sent as objects.",
        {"type": "array"},
        {"type": "object", "required": ["_id"]},
        [{"_id": "66d2dbf6a0b5d1a6d4b2d8a1", "title": "Call back"}],
        "A task is no list; observed answers have objects.",
    ),
    Shape(
        LOCATIONS,
        ("paths", "/locations/{locationId}/timezones", "get", "parameters"),
        "Does not document `locationId`.",
        [_VERSION],
        [_VERSION, {"name": "locationId", "in": "path", "required": True, "schema": TEXT}],
        None,
        "A parameter of the path cannot be left out.",
    ),
    Shape(
        LOCATIONS,
        ("paths", "/locations/{locationId}", "delete", "security"),
        "Needs `locations.write` and not `locations.internal-access-only`.",
        [{"Agency-Access": ["locations.internal-access-only"]}],
        [{"Agency-Access": ["locations.write"]}],
        None,
        "Nobody is given the documented scope.",
    ),
)
