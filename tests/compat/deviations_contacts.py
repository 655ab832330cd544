"""The rows of the table of deviations about contacts, their notes and tasks, and what they take part in."""

from __future__ import annotations

from tests.compat.deviation import TEXT, Document, Shape, Status

CONTACTS = "contacts.json"

_SEARCHES = ("search-contacts-advanced", "get-duplicate-contact", "get-contacts", "get-contacts-by-businessId")
_OF_MANY = ("update-tags-of-contacts", "add-remove-contact-from-business")
_READS = ("get-all-tasks", "get-task", "get-all-notes", "get-note", "get-appointments-for-contact", "get-contact")
_MEMBERSHIPS = (
    "add-contact-to-campaign",
    "remove-contact-from-campaign",
    "remove-contact-from-every-campaign",
    "delete-contact-from-workflow",
)
_DELETIONS = ("delete-task", "delete-note", "delete-contact")
_CREATIONS = ("create-contact", "upsert-contact")
_CHANGES = (
    "create-task",
    "update-task",
    "update-task-completed",
    "create-note",
    "update-note",
    "add-tags",
    "remove-tags",
    "add-followers-contact",
    "remove-followers-contact",
    "add-contact-to-workflow",
    "update-contact",
)
_ALL = (*_SEARCHES, *_OF_MANY, *_READS, *_MEMBERSHIPS, *_DELETIONS, *_CREATIONS, *_CHANGES)

OPERATIONS = {CONTACTS: _ALL}
"""The operations of the document, by the names that they have here."""

STATUSES: tuple[Status, ...] = (
    Status(
        CONTACTS,
        400,
        ("add-remove-contact-from-business",),
        "A body that is no JSON, or names a member twice, is 400, as for the other operations.",
    ),
    Status(CONTACTS, 401, _OF_MANY, "They need a token with a scope, as the other operations do."),
    Status(
        CONTACTS,
        403,
        _ALL,
        "A token of another location gets 403, as on the live platform; both official SDKs know it.",
    ),
    Status(
        CONTACTS,
        404,
        (*_READS, *_MEMBERSHIPS, *_DELETIONS, *_CHANGES),
        "A contact, note or task that is not there is 404, as a record is.",
    ),
    Status(CONTACTS, 412, ("update-contact",), "An extension: the contact is in no state that If-Match names."),
    Status(
        CONTACTS,
        422,
        ("search-contacts-advanced",),
        "A request of the wrong shape is 422 with one text for each fault, as for the other operations; a filter or "
        "sort that does not fit its field is 422 with a single text.",
        "text or texts",
    ),
    Status(
        CONTACTS,
        422,
        ("get-duplicate-contact", "get-all-tasks", "get-task", "delete-task", "get-all-notes"),
        "A request of the wrong shape is 422 with one text for each fault, as for the other operations.",
        "texts",
    ),
    Status(
        CONTACTS,
        413,
        ("search-contacts-advanced", *_OF_MANY, *_CREATIONS, *_CHANGES),
        "A body beyond the server's limit is refused before it is read.",
    ),
    Status(CONTACTS, 429, _ALL, "The platform's rate limits, which its documents describe in prose."),
    Status(CONTACTS, 503, _ALL, "The database cannot be reached, or the request took too long."),
)

_VERSION: Document = {
    "name": "Version",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "enum": ["2021-07-28"]},
}
_WAY: Document = {
    "name": "type",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "enum": ["add", "remove"]},
}
_STRING_OR_NULL: Document = {"type": "string", "nullable": True}
_NUMBER: Document = {"type": "number"}
_VALUE: Document = {"anyOf": [TEXT, _NUMBER, {"type": "array"}, {"type": "object"}]}


def _null_in_lists(name: str) -> Shape:
    return Shape(
        CONTACTS,
        ("ContactsSearchSchema", "properties", name),
        "Documented as a string, also sent as null.",
        TEXT,
        _STRING_OR_NULL,
        None,
        "Lists show what is not set as null, as every observed answer does.",
    )


def _birth_date(body: str) -> Shape:
    return Shape(
        CONTACTS,
        (body, "properties", "dateOfBirth"),
        "Documented as an object, taken as a string.",
        {"type": "object", "nullable": True},
        _STRING_OR_NULL,
        "1990-09-25",
        "The document's own example is a text, and so are all the forms that it lists.",
    )


def _amount(field: str, example: float) -> Shape:
    return Shape(
        CONTACTS,
        (field, "properties", "field_value"),
        "Documented as an object, taken as a number.",
        {"type": "object"},
        _NUMBER,
        example,
        "The document's own example is a number.",
    )


SHAPES: tuple[Shape, ...] = (
    Shape(
        CONTACTS,
        ("paths", "/contacts/bulk/tags/update/{type}", "post", "parameters"),
        "Does not document `type`, which is `add` or `remove`.",
        [_VERSION],
        [_VERSION, _WAY],
        None,
        "A parameter of the path cannot be left out.",
    ),
    Shape(
        CONTACTS,
        ("paths", "/contacts/business/{businessId}", "get", "parameters", "3", "required"),
        "Does not require `locationId`.",
        True,
        False,
        None,
        "Programs leave it out, since they know the business; the token's location is meant then.",
    ),
    Shape(
        CONTACTS,
        ("UpdateTagsResponseDTO", "properties", "responses", "items"),
        "Documented as strings, sent as objects.",
        TEXT,
        {"type": "object", "required": ["contactId", "message", "type"]},
        [{"contactId": "qFSqySFkVvNzOSqgGqFi", "message": "Tags updated", "type": "success"}],
        "The document's own example has an object for each contact.",
    ),
    Shape(
        CONTACTS,
        ("CustomFieldSchema", "properties", "value"),
        "Documented as a string, sent as the field's type has it.",
        TEXT,
        _VALUE,
        ["Alpha", "Beta"],
        "Fields of numbers, of several options and of files have values that are no texts, in the document's own "
        "requests and in every observed answer.",
    ),
    *(_null_in_lists(name) for name in ("email", "timezone", "country", "source", "businessId")),
    *(_birth_date(body) for body in ("CreateContactDto", "UpdateContactDto", "UpsertContactDto")),
    _amount("NumericField", 100),
    _amount("MonetoryField", 100.5),
)
