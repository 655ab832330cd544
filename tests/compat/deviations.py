"""Where the server deliberately departs from the published documents, and why: the one table.

The tests apply the table to the published documents and then hold the server to the result, so that whatever is not in
the table fails. The same table is the one in `docs/compatibility.md`; `python -m tests.compat.deviations` writes it
there.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from tests.compat import deviations_contacts, deviations_locations, deviations_platform, deviations_sales
from tests.compat.deviation import ERRORS, TEXT, Document, Shape, Status, between_markers
from tests.compat.published import name_here

PAGE = Path(__file__).resolve().parents[2] / "docs" / "compatibility.md"
BEGIN = "<!-- deviations: written by `python -m tests.compat.deviations` -->"
END = "<!-- end of deviations -->"

OBJECTS = "objects.json"
FIELDS = "custom-fields.json"

_SCHEMA_WRITES = ("create-custom-object-schema", "update-custom-object")
_SCHEMAS = ("get-object-by-location-id", "get-object-schema-by-key", *_SCHEMA_WRITES)
_RECORD_WRITES = ("create-object-record", "update-object-record")
_RECORDS = ("get-record-by-id", "delete-object-record", *_RECORD_WRITES, "search-object-records")
_FIELD_WRITES = (
    "create-custom-field",
    "update-custom-field",
    "create-custom-field-folder",
    "update-custom-field-folder",
)
_ALL_FIELDS = (
    "get-custom-field-by-id",
    "get-custom-fields-by-object-key",
    "delete-custom-field",
    "delete-custom-field-folder",
    *_FIELD_WRITES,
)
_ALL_OBJECTS = (*_SCHEMAS, *_RECORDS)

OPERATIONS = {
    OBJECTS: _ALL_OBJECTS,
    FIELDS: _ALL_FIELDS,
    **deviations_platform.OPERATIONS,
    **deviations_sales.OPERATIONS,
    **deviations_contacts.OPERATIONS,
    **deviations_locations.OPERATIONS,
}
"""The operations of each document, by the names that they have here."""

STATUSES: tuple[Status, ...] = (
    Status(
        OBJECTS,
        403,
        _ALL_OBJECTS,
        "A token of another location gets 403, as on the live platform; both official SDKs know it.",
    ),
    Status(
        FIELDS,
        403,
        _ALL_FIELDS,
        "A token of another location gets 403, as on the live platform; both official SDKs know it.",
    ),
    Status(
        OBJECTS,
        404,
        ("get-object-schema-by-key", "update-custom-object", *_RECORDS),
        "An object or record that is not there is 404, as on the live platform; the Node SDK raises a type of its own.",
    ),
    Status(
        FIELDS,
        404,
        _ALL_FIELDS,
        "A field, folder or object that is not there is 404, as on the live platform.",
    ),
    Status(
        OBJECTS,
        422,
        ("get-record-by-id", "delete-object-record", "create-object-record"),
        "A request of the wrong shape is 422 with one text for each fault, as the document has it for other operations "
        "and as the live platform answers here too.",
        "texts",
    ),
    Status(
        OBJECTS,
        422,
        ("update-object-record", "search-object-records"),
        "As above; a filter, sort or change that does not fit its field is 422 with a single text, as on the live "
        "platform (`Invalid field - x`).",
        "text or texts",
    ),
    Status(
        FIELDS,
        422,
        _ALL_FIELDS,
        "A request of the wrong shape is 422 with one text for each fault, as on the live platform.",
        "texts",
    ),
    Status(
        OBJECTS,
        413,
        (*_SCHEMA_WRITES, *_RECORD_WRITES, "search-object-records"),
        "A body beyond the server's limit is refused before it is read.",
    ),
    Status(FIELDS, 413, _FIELD_WRITES, "A body beyond the server's limit is refused before it is read."),
    Status(
        OBJECTS,
        304,
        ("get-record-by-id",),
        "An extension: the record is in the state that If-None-Match names, and the answer has no body.",
        "nothing",
    ),
    Status(
        OBJECTS,
        412,
        ("update-object-record", "delete-object-record"),
        "An extension: the record is in no state that If-Match names.",
    ),
    Status(OBJECTS, 429, _ALL_OBJECTS, "The platform's rate limits, which its documents describe in prose."),
    Status(FIELDS, 429, _ALL_FIELDS, "The platform's rate limits, which its documents describe in prose."),
    Status(OBJECTS, 503, _ALL_OBJECTS, "The database cannot be reached, or the request took too long."),
    Status(FIELDS, 503, _ALL_FIELDS, "The database cannot be reached, or the request took too long."),
    *deviations_platform.STATUSES,
    *deviations_sales.STATUSES,
    *deviations_contacts.STATUSES,
    *deviations_locations.STATUSES,
)

_TYPES = [
    "TEXT",
    "LARGE_TEXT",
    "NUMERICAL",
    "PHONE",
    "MONETORY",
    "CHECKBOX",
    "SINGLE_OPTIONS",
    "MULTIPLE_OPTIONS",
    "DATE",
    "TEXTBOX_LIST",
    "FILE_UPLOAD",
    "RADIO",
]
_SEARCH = ("paths", "/objects/{schemaKey}/records/search", "post", "parameters")
_PEOPLE: Document = {
    "anyOf": [
        {"type": "array", "items": TEXT},
        {
            "type": "object",
            "properties": {"add": {"type": "array", "items": TEXT}, "remove": {"type": "array", "items": TEXT}},
            "additionalProperties": False,
        },
    ]
}
_RECORD_BODY: Document = {
    "type": "object",
    "properties": {
        "locationId": TEXT,
        "properties": {"type": "object"},
        "owner": _PEOPLE,
        "owners": _PEOPLE,
        "followers": _PEOPLE,
    },
    "additionalProperties": False,
}

SHAPES: tuple[Shape, ...] = (
    Shape(
        OBJECTS,
        ("ICustomObjectSchema", "properties", "type", "type"),
        "Documented as an object, sent as a string.",
        "object",
        "string",
        "USER_DEFINED",
        "The document's own example is one of two words, and so is every observed answer.",
    ),
    Shape(
        OBJECTS,
        ("IRecordSchema", "properties", "properties", "type"),
        "Documented as a string, sent as an object.",
        "string",
        "object",
        {"name": "Rex"},
        "The document's own example is an object, and so is every observed answer.",
    ),
    Shape(
        OBJECTS,
        ("RecordResponseDTO", "properties", "properties", "type"),
        "Documented as a string, sent as an object.",
        "string",
        "object",
        {"name": "Rex"},
        "The document's own example is an object, and so is every observed answer.",
    ),
    Shape(
        OBJECTS,
        ("RecordResponseDTO", "properties", "searchAfter", "items"),
        "Documented as numbers, sent as numbers and strings.",
        {"type": "number"},
        {"anyOf": [{"type": "number"}, TEXT]},
        [1738683828372, "67a235b49b289431bcf657f8"],
        "The document's own example holds a record's id beside the number.",
    ),
    Shape(
        OBJECTS,
        ("ICustomField", "properties", "dataType", "enum"),
        "Also `EMAIL`.",
        _TYPES,
        [*_TYPES, "EMAIL"],
        "EMAIL",
        "`business.email` is an EMAIL, which the document lists for creation alone.",
    ),
    Shape(
        FIELDS,
        ("ICustomField", "properties", "dataType", "enum"),
        "Also `EMAIL`.",
        _TYPES,
        [*_TYPES, "EMAIL"],
        "EMAIL",
        "`business.email` is an EMAIL, which the document lists for creation alone.",
    ),
    Shape(
        OBJECTS,
        ("CreateCustomObjectRecordDto",),
        "Takes `locationId`, `properties`, `owner`, `owners`, `followers` and no others.",
        {"type": "object", "properties": {}},
        _RECORD_BODY,
        {"colour": "red"},
        "The document publishes no members; these are the ones that clients send. Others are refused with 422.",
    ),
    Shape(
        OBJECTS,
        ("UpdateCustomObjectRecordDto",),
        "Takes `locationId`, `properties`, `owner`, `owners`, `followers` and no others.",
        {"type": "object", "properties": {}},
        _RECORD_BODY,
        {"colour": "red"},
        "The document publishes no members; these are the ones that clients send. Others are refused with 422.",
    ),
    Shape(
        OBJECTS,
        ("SearchRecordsBody", "required"),
        "Does not require `query` and `searchAfter`.",
        ["locationId", "page", "pageLimit", "query", "searchAfter"],
        ["locationId", "page", "pageLimit"],
        {"locationId": "ve9EPM428h8vShlRW1KT", "page": 1, "pageLimit": 20},
        "`query` and `searchAfter` may be left out, as on the live platform.",
    ),
    Shape(
        OBJECTS,
        ("SearchRecordsBody", "properties", "searchAfter", "items"),
        "Documented as strings, taken as numbers and strings.",
        {"type": "string"},
        {"anyOf": [{"type": "number"}, TEXT]},
        [1738683828372, "67a235b49b289431bcf657f8"],
        "A cursor can be sent back as it came: numbers are taken as numbers and as texts.",
    ),
    Shape(
        OBJECTS,
        (*_SEARCH, "1", "required"),
        "Documented as optional, and required.",
        False,
        True,
        None,
        "A parameter of the path cannot be left out.",
    ),
    *deviations_platform.SHAPES,
    *deviations_sales.SHAPES,
    *deviations_contacts.SHAPES,
    *deviations_locations.SHAPES,
)


def applied(document: Document, name: str) -> Document:
    """The published document `name` as the server means to keep it. Raises KeyError for a row that leads nowhere."""
    document = copy.deepcopy(document)
    for row in SHAPES:
        if row.document == name:
            *parents, last = absolute(row)
            parent = _at(document, tuple(parents))
            parent[_step(parent, last)] = copy.deepcopy(row.ours)
    operations = operations_of(document)
    for status in STATUSES:
        if status.document == name:
            for operation in status.operations:
                response: Document = {"description": ERRORS[status.status]}
                if status.message != "nothing":
                    response["content"] = {"application/json": {"schema": status.body()}}
                operations[operation]["responses"][str(status.status)] = response
    return document


def published(document: Document, row: Shape) -> Any:
    """What stands in the document where the row leads, None for nothing."""
    *parents, last = absolute(row)
    found = _at(document, tuple(parents))
    return found.get(last) if isinstance(found, dict) else found[int(last)]


def absolute(row: Shape) -> tuple[str, ...]:
    """The row's path from the root of its document."""
    return row.path if row.path[0] == "paths" else ("components", "schemas", *row.path)


def operations_of(document: Document) -> dict[str, Document]:
    """The operations of a document by the names that they have here: two documents may call theirs alike."""
    return {
        name_here(method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def rendered() -> str:
    """The tables of the page, between the two markers."""
    lines = [BEGIN, "", "| Document | Status | Operations | Why |", "| --- | --- | --- | --- |"]
    lines += [
        f"| `{row.document}` | {row.status} {ERRORS[row.status]} | {_listed(row)} | {row.reason} |" for row in STATUSES
    ]
    lines += ["", "| Document | Place | What | Why |", "| --- | --- | --- | --- |"]
    lines += [f"| `{row.document}` | `{'.'.join(row.path)}` | {row.what} | {row.reason} |" for row in SHAPES]
    return "\n".join([*lines, "", END])


def replaced(page: str) -> str:
    """The page with the tables written anew. Raises ValueError when it has lost its markers."""
    return between_markers(page, (BEGIN, END), rendered())


def _listed(row: Status) -> str:
    if set(row.operations) == set(OPERATIONS[row.document]):
        return "all"
    return ", ".join(f"`{operation}`" for operation in row.operations)


def _at(document: Document, path: tuple[str, ...]) -> Any:
    found: Any = document
    for name in path:
        found = found[_step(found, name)] if isinstance(found, list | dict) else None
    return found


def _step(parent: Any, name: str) -> Any:
    return int(name) if isinstance(parent, list) else name


if __name__ == "__main__":
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
