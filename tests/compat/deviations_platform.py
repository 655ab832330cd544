"""The rows of the table of deviations about associations, businesses and OAuth."""

from __future__ import annotations

from tests.compat.deviation import TEXT, Document, Shape, Status

ASSOCIATIONS = "associations.json"
BUSINESSES = "businesses.json"
OAUTH = "oauth.json"

_LISTS = ("find-associations", "get-association-by-object-keys", "get-relations-by-record-id")
_NEVER_MISSING = ("find-associations", "get-relations-by-record-id")
_ASSOCIATION_WRITES = ("create-association", "update-association", "create-relation")
_ASSOCIATIONS = (
    *_LISTS,
    *_ASSOCIATION_WRITES,
    "get-association-by-ID",
    "get-association-key-by-key-name",
    "delete-association",
    "delete-relation",
)
_BUSINESS_WRITES = ("create-business", "update-business")
_BUSINESSES = ("get-businesses-by-location", "get-business", "delete-Business", *_BUSINESS_WRITES)
_COMPANY = ("get-location-access-token", "get-installed-location")
_OAUTH = ("get-access-token", *_COMPANY)

OPERATIONS = {ASSOCIATIONS: _ASSOCIATIONS, BUSINESSES: _BUSINESSES, OAUTH: _OAUTH}
"""The operations of each document."""

_FORBIDDEN = "A token of another location gets 403, as on the live platform; both official SDKs know it."
_LARGE = "A body beyond the server's limit is refused before it is read."
_LIMITED = "The platform's rate limits, which its documents describe in prose."
_GONE = "The database cannot be reached, or the request took too long."

STATUSES: tuple[Status, ...] = (
    Status(ASSOCIATIONS, 403, _ASSOCIATIONS, _FORBIDDEN),
    Status(BUSINESSES, 403, _BUSINESSES, _FORBIDDEN),
    Status(OAUTH, 403, _COMPANY, "A token of another company gets 403."),
    Status(
        ASSOCIATIONS,
        404,
        tuple(name for name in _ASSOCIATIONS if name not in _NEVER_MISSING),
        "An association, relation or object that is not there is 404, as on the live platform.",
    ),
    Status(
        BUSINESSES,
        404,
        ("get-business", "update-business", "delete-Business"),
        "A business that is not there is 404, as a record is.",
    ),
    Status(OAUTH, 404, ("get-installed-location",), "An app that is not there, or is another's, is 404."),
    Status(
        BUSINESSES,
        422,
        ("get-businesses-by-location",),
        "A request of the wrong shape is 422 with one text for each fault, as for the other operations.",
        "texts",
    ),
    Status(ASSOCIATIONS, 413, _ASSOCIATION_WRITES, _LARGE),
    Status(BUSINESSES, 413, _BUSINESS_WRITES, _LARGE),
    Status(OAUTH, 413, ("get-access-token", "get-location-access-token"), _LARGE),
    Status(ASSOCIATIONS, 429, _ASSOCIATIONS, _LIMITED),
    Status(BUSINESSES, 429, _BUSINESSES, _LIMITED),
    Status(OAUTH, 429, _COMPANY, _LIMITED),
    Status(ASSOCIATIONS, 503, _ASSOCIATIONS, _GONE),
    Status(BUSINESSES, 503, _BUSINESSES, _GONE),
    Status(OAUTH, 503, _OAUTH, _GONE),
)

_SIDES = ("firstObjectLabel", "firstObjectKey", "secondObjectLabel", "secondObjectKey")
_LABELS = ("firstObjectLabel", "secondObjectLabel")
_ASSOCIATION = "GetPostSuccessfulResponseDto"
_ONE: Document = {"$ref": f"#/components/schemas/{_ASSOCIATION}"}
_REPLY = ("get", "responses", "200", "content", "application/json", "schema")


def _text(dto: str, member: str, verb: str) -> Shape:
    """A member that is documented as an object and is a text."""
    return Shape(
        ASSOCIATIONS,
        (dto, "properties", member, "type"),
        f"Documented as an object, {verb} as a string.",
        "object",
        "string",
        "Owner",
        "The document's own examples are texts, and so is every observed answer.",
    )


def _list(path: str, name: str) -> Shape:
    """A list that is documented as a single association."""
    listed: Document = {"type": "object", "required": [name], "properties": {name: {"type": "array"}}}
    empty: Document = {**listed, "properties": {name: {"type": "array", "maxItems": 0}}}
    return Shape(
        ASSOCIATIONS,
        ("paths", path, *_REPLY),
        f"Documented as one association, sent as `{name}` with the members of the first one beside it.",
        _ONE,
        {"anyOf": [empty, {"allOf": [_ONE, listed]}]},
        {name: [], "total": 0},
        "The live platform sends a list. Beside the list stand the documented members, unless it is empty.",
    )


def _messages(document: str) -> Shape:
    """The message of a 422."""
    published: Document = {"type": "array", "items": {"type": "string"}}
    return Shape(
        document,
        ("UnprocessableDTO", "properties", "message"),
        "Documented as texts, also a single text.",
        published,
        {"anyOf": [published, TEXT]},
        "Both object labels can not be same",
        "What is wrong with the values of a request and not with its form is a single text, as on the live platform.",
    )


SHAPES: tuple[Shape, ...] = (
    *(_text(_ASSOCIATION, member, "sent") for member in (*_SIDES, "associationType")),
    *(_text("createAssociationReqDto", member, "taken") for member in _SIDES),
    *(_text("UpdateAssociationReqDto", member, "taken") for member in _LABELS),
    _list("/associations/", "associations"),
    _list("/associations/objectKey/{objectKey}", "associations"),
    _list("/associations/relations/{recordId}", "relations"),
    _messages(ASSOCIATIONS),
    Shape(
        ASSOCIATIONS,
        ("paths", "/associations/objectKey/{objectKey}", "get", "parameters", "1", "required"),
        "Documented as optional, and required.",
        False,
        True,
        None,
        "A parameter of the path cannot be left out.",
    ),
)
