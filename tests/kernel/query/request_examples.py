"""The other members of a search as sent: text, sort, page and cursor."""

from __future__ import annotations

from msgspec import structs

from groundlevel.kernel.errors import InvalidCursor, InvalidField, InvalidShape, LimitExceeded, NotSupported
from groundlevel.kernel.query.ast import Order
from tests.kernel.query.example import DAY, PLAIN, RECORD, Example, Refused, by, found, ordered, sort
from tests.kernel.query.pets import AGE, BORN, NAME, PRICE, UPDATED

TEXTS = (
    Example("no text", {"query": None}, PLAIN),
    Example("empty text", {"query": ""}, PLAIN),
    Example("blank text", {"query": " \t"}, PLAIN),
    Example("text is folded", {"query": " ZOË  Émile"}, found("zoe emile")),
    Example("text in one property", {"query": "name:Buddy"}, found("buddy", 1)),
    Example("text in one property by its full key", {"query": "custom_objects.pet.email: Zoë"}, found("zoe", 4)),
    Example("text in every box of a list", {"query": "boxes:x"}, found("x", 2, 3)),
    Example("text in one box of a list", {"query": "boxes.b:x"}, found("x", 3)),
    Example("text in one property, nothing sought", {"query": "name: "}, PLAIN),
    Example("a colon after no key is text", {"query": "note: hi"}, found("note: hi")),
    Example("a second colon is text", {"query": "name:a:B"}, found("a:b", 1)),
    Example("text in an unsearchable text", {"query": "story:x"}, Refused(NotSupported, "Text search in story")),
    Example("text in an unsearchable number", {"query": "age:3"}, Refused(NotSupported, "Text search in age")),
    Example("text of 75", {"query": "a" * 75}, found("a" * 75)),
    Example("text of 76", {"query": "a" * 76}, Refused(InvalidShape, "query must be shorter than or equal to 75 char")),
    Example("query with a NUL", {"query": "a\0"}, Refused(InvalidShape, "query must not hold NUL")),
    Example("text of a wrong type", {"query": 5}, Refused(InvalidShape, "query must be a string")),
)

SORTS = (
    Example("no sort", {"sort": []}, PLAIN),
    Example("by a text", sort(by("name", "DESC")), ordered(Order(NAME, True))),
    Example("without a direction", sort({"field": "properties.age"}), ordered(Order(AGE, False), id_ascending=True)),
    Example(
        "by three",
        sort(by("price"), by("born_on", "desc"), by("updatedAt")),
        ordered(Order(PRICE, False), Order(BORN, True), Order(UPDATED, False), id_ascending=True),
    ),
    Example(
        "a key twice",
        sort(by("age"), by("name"), by("age", "desc")),
        ordered(Order(AGE, False), Order(NAME, False), id_ascending=True),
    ),
    Example("by creation", sort(by("createdAt")), ordered(id_ascending=True)),
    Example("by creation, newest first", sort(by("dateAdded", "desc")), PLAIN),
    Example(
        "nothing counts after the id",
        sort(by("age"), by("id"), by("name"), by("createdAt", "desc")),
        ordered(Order(AGE, False), id_ascending=True),
    ),
    Example("by options", sort(by("tags")), Refused(InvalidField, "properties.tags (CHECKBOX) cannot be sorted by")),
    Example("by files", sort(by("papers")), Refused(InvalidField, "cannot be sorted by")),
    Example("by owners", sort(by("owners")), Refused(InvalidField, "owners (user ids) cannot be sorted by")),
    Example("by an unknown field", sort(by("oid")), Refused(InvalidField, "Invalid field - oid")),
    Example("sort of a wrong type", {"sort": by("age")}, Refused(InvalidShape, "sort must be an array")),
    Example("eleven keys", sort(*[by("age")] * 11), Refused(InvalidShape, "no more than 10 elements")),
    Example("a text for a key", sort("age"), Refused(InvalidShape, "sort[0] must be an object")),
    Example("an unknown direction", sort(by("age", "up")), Refused(InvalidShape, "sort[0].direction must be one of")),
    Example("a key without field", sort(by("age"), {}), Refused(InvalidShape, "sort[1].field should not be empty")),
    Example(
        "a key with more", sort({**by("age"), "x": 1}), Refused(InvalidShape, "sort[0]: property x should not exist")
    ),
)

PAGES = (
    Example("third page", {"page": 3, "pageLimit": 10}, structs.replace(PLAIN, offset=20, limit=10)),
    Example("page 1.0", {"page": 1.0, "pageLimit": 5.0}, structs.replace(PLAIN, limit=5)),
    Example("last window", {"page": 20, "pageLimit": 500}, structs.replace(PLAIN, offset=9_500, limit=500)),
    Example("past the window", {"page": 21, "pageLimit": 500}, Refused(LimitExceeded, "not be greater than 10000")),
    Example("page 0", {"page": 0}, Refused(InvalidShape, "page must not be less than 1")),
    Example("page 1.5", {"page": 1.5}, Refused(InvalidShape, "page must be an integer number")),
    Example("page as text", {"page": "1"}, Refused(InvalidShape, "page must be a number conforming")),
    Example("pageLimit 0", {"pageLimit": 0}, Refused(InvalidShape, "pageLimit must not be less than 1")),
    Example("pageLimit 501", {"pageLimit": 501}, Refused(InvalidShape, "pageLimit must not be greater than 500")),
    Example(
        "all faults at once",
        {"page": -1, "pageLimit": True, "searchAfter": "x"},
        Refused(
            InvalidShape,
            "page must not be less than 1; pageLimit must be a number conforming to the specified constraints; "
            "searchAfter must be an array",
        ),
    ),
)

CURSORS = (
    Example("empty cursor", {"searchAfter": []}, PLAIN),
    Example("cursor", {"searchAfter": [DAY, RECORD]}, structs.replace(PLAIN, after=(RECORD,))),
    Example("cursor of texts", {"searchAfter": [str(DAY), RECORD]}, structs.replace(PLAIN, after=(RECORD,))),
    Example("cursor of an id", {"searchAfter": [RECORD]}, structs.replace(PLAIN, after=(RECORD,))),
    Example("no page with a cursor", {"searchAfter": [RECORD], "page": 999}, structs.replace(PLAIN, after=(RECORD,))),
    Example(
        "cursor of a sort",
        {
            "searchAfter": ["Bo", "3.5", "2024-07-11", str(DAY), RECORD],
            **sort(by("name"), by("age"), by("born_on"), by("updatedAt")),
        },
        structs.replace(
            ordered(
                Order(NAME, False), Order(AGE, False), Order(BORN, False), Order(UPDATED, False), id_ascending=True
            ),
            after=("Bo", 3.5, "2024-07-11", DAY, RECORD),
        ),
    ),
    Example(
        "cursor of a missing value",
        {"searchAfter": [None, RECORD], **sort(by("name"))},
        structs.replace(ordered(Order(NAME, False), id_ascending=True), after=(None, RECORD)),
    ),
    Example("cursor without id", {"searchAfter": [DAY]}, Refused(InvalidCursor, "must hold the id")),
    Example("cursor with a bad id", {"searchAfter": [DAY, "x"]}, Refused(InvalidCursor, "must hold the id")),
    Example("cursor with a bad timestamp", {"searchAfter": [True, RECORD]}, Refused(InvalidCursor, "got a boolean")),
    Example(
        "cursor too long", {"searchAfter": [1, 2, RECORD]}, Refused(InvalidCursor, "expected epoch milliseconds and")
    ),
    Example(
        "cursor too short", {"searchAfter": [RECORD], **sort(by("name"))}, Refused(InvalidCursor, "expected 2 values")
    ),
    Example(
        "text cursor of a number",
        {"searchAfter": [5, RECORD], **sort(by("name"))},
        Refused(InvalidCursor, "expected a str"),
    ),
    Example(
        "number cursor of a text",
        {"searchAfter": ["x", RECORD], **sort(by("age"))},
        Refused(InvalidCursor, "expected a num"),
    ),
    Example(
        "number cursor too large",
        {"searchAfter": ["1e99", RECORD], **sort(by("age"))},
        Refused(InvalidCursor, "out of range"),
    ),
    Example(
        "day cursor of no day",
        {"searchAfter": ["x", RECORD], **sort(by("born_on"))},
        Refused(InvalidCursor, "YYYY-MM-DD"),
    ),
    Example("cursor with a NUL", {"searchAfter": ["\0", RECORD], **sort(by("name"))}, Refused(InvalidCursor, "NUL")),
)

EXAMPLES = (*TEXTS, *SORTS, *PAGES, *CURSORS)
