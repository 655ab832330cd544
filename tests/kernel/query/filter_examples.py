"""Filters as sent: operators, columns, names, values and groups."""

from __future__ import annotations

from groundlevel.kernel.errors import InvalidField, InvalidFilter, InvalidShape, LimitExceeded, NestingTooDeep
from groundlevel.kernel.query.ast import Between, Bound, Contains, Every, Not, Present, Some, Within
from groundlevel.kernel.query.bind import MAX_FRAGMENTS, MAX_VALUES
from groundlevel.kernel.query.parse import MAX_CONDITIONS
from groundlevel.kernel.query.target import NO_RECORD
from tests.kernel.query import pets
from tests.kernel.query.example import DAY, PLAIN, RECORD, Example, Refused, ask, condition, nested, where
from tests.kernel.query.pets import AGE, BORN, COLOUR, COLOURS, CREATED, NAME, PRICE, TAGS, UPDATED

AGE_IS_1 = Within(AGE, (1.0,))
HAS_NAME = Present(NAME)

OPERATORS = (
    Example("text eq", ask("name", "eq", "Rex"), where(Within(NAME, ("Rex",)))),
    Example("text eq nothing", ask("name", "eq", ""), where(Within(NAME, ("",)))),
    Example("text eq array", ask("name", "eq", ["Rex", "Bo"]), where(Within(NAME, ("Rex", "Bo")))),
    Example("text not_eq", ask("name", "not_eq", "Rex"), where(Not(Within(NAME, ("Rex",))))),
    Example("text contains", ask("story", "contains", "%_"), where(Contains(pets.STORY, ("%_",)))),
    Example("text contains any", ask("email", "contains", ["a", "b"]), where(Contains(pets.EMAIL, ("a", "b")))),
    Example("text not_contains", ask("boxes.a", "not_contains", "x"), where(Not(Contains(pets.BOX_A, ("x",))))),
    Example("text exists", ask("nick", "exists"), where(Present(pets.NICK))),
    Example("exists takes any value", ask("nick", "exists", {"any": [1]}), where(Present(pets.NICK))),
    Example("text not_exists", ask("size", "not_exists", False), where(Not(Present(pets.SIZE)))),
    Example("option eq", ask("colour", "eq", "red"), where(Within(COLOUR, ("red",)))),
    Example("phone contains a part", ask("phone", "contains", "+1 4"), where(Contains(pets.PHONE, ("+1 4",)))),
    Example("number eq", ask("age", "eq", 3), where(Within(AGE, (3.0,)))),
    Example("number eq array", ask("age", "eq", [3, 4.5]), where(Within(AGE, (3.0, 4.5)))),
    Example("number not_eq", ask("age", "not_eq", -1), where(Not(Within(AGE, (-1.0,))))),
    Example("number range", ask("age", "range", {"gt": 1}), where(Between(AGE, Bound(1.0, False), None))),
    Example(
        "money range",
        ask("price", "range", {"gte": 1, "lt": 9.5}),
        where(Between(PRICE, Bound(1.0, True), Bound(9.5, False))),
    ),
    Example("number exists", ask("age", "exists"), where(Present(AGE))),
    Example("number not_exists", ask("price", "not_exists"), where(Not(Present(PRICE)))),
    Example(
        "day range",
        ask("born_on", "range", {"gte": "2024-07-11", "lte": "2024-08-01T10:00:00Z"}),
        where(Between(BORN, Bound("2024-07-11", True), Bound("2024-08-01", True))),
    ),
    Example(
        "day between the first and the last moment of it",
        ask("born_on", "range", {"gte": "2024-07-11T00:00:00.000Z", "lt": "2024-07-11T23:59:59.999Z"}),
        where(Between(BORN, Bound("2024-07-11", True), Bound("2024-07-11", True))),
    ),
    Example(
        "day between moments after midnight",
        ask("born_on", "range", {"gte": "2024-07-11T00:00:00.001Z", "lte": "2024-08-01T10:00Z"}),
        where(Between(BORN, Bound("2024-07-11", False), Bound("2024-08-01", True))),
    ),
    Example(
        "day between midnights",
        ask("born_on", "range", {"gt": "2024-07-11T00:00:00Z", "lt": "2024-08-01T00:00:00"}),
        where(Between(BORN, Bound("2024-07-11", False), Bound("2024-08-01", False))),
    ),
    Example(
        "day between midnights of another zone",
        ask("born_on", "range", {"gte": "2024-07-11T00:00:00+02:00", "lt": "2024-08-01T02:00:00+02:00"}),
        where(Between(BORN, Bound("2024-07-10", False), Bound("2024-08-01", False))),
    ),
    Example(
        "day within the calendar",
        ask("born_on", "range", {"gt": "0001-01-01T00:00:00+01:00", "lt": "9999-12-31T23:59:59-01:00"}),
        where(Between(BORN, Bound("0000-12-31", False), Bound("9999-12-31", True))),
    ),
    Example("day exists", ask("born_on", "exists"), where(Present(BORN))),
    Example("day not_exists", ask("born_on", "not_exists"), where(Not(Present(BORN)))),
    Example("members eq", ask("tags", "eq", "red"), where(Within(TAGS, ("red",)))),
    Example("members eq any", ask("colours", "eq", ["red", "blue"]), where(Within(COLOURS, ("red", "blue")))),
    Example("members not_eq", ask("tags", "not_eq", "red"), where(Not(Within(TAGS, ("red",))))),
    Example("members exists", ask("tags", "exists"), where(Present(TAGS))),
    Example("members not_exists", ask("tags", "not_exists"), where(Not(Present(TAGS)))),
    Example("files exists", ask("papers", "exists"), where(Present(pets.PAPERS))),
    Example("files not_exists", ask("papers", "not_exists"), where(Not(Present(pets.PAPERS)))),
    Example(
        "number contains", ask("age", "contains", "1"), Refused(InvalidFilter, "properties.age (NUMERICAL); use one")
    ),
    Example(
        "number not_contains", ask("age", "not_contains", "1"), Refused(InvalidFilter, "not_contains does not apply")
    ),
    Example(
        "text range", ask("name", "range", {"gt": "a"}), Refused(InvalidFilter, "filters[0]: range does not apply")
    ),
    Example("day eq", ask("born_on", "eq", "2024-07-11"), Refused(InvalidFilter, "(DATE); use one of range, exists")),
    Example("day not_eq", ask("born_on", "not_eq", "2024-07-11"), Refused(InvalidFilter, "(DATE)")),
    Example("day contains", ask("born_on", "contains", "2024"), Refused(InvalidFilter, "(DATE)")),
    Example("day not_contains", ask("born_on", "not_contains", "2024"), Refused(InvalidFilter, "(DATE)")),
    Example(
        "members contains", ask("tags", "contains", "r"), Refused(InvalidFilter, "(CHECKBOX); use one of eq, not_eq")
    ),
    Example("members not_contains", ask("colours", "not_contains", "r"), Refused(InvalidFilter, "(MULTIPLE_OPTIONS)")),
    Example("members range", ask("tags", "range", {"gt": "a"}), Refused(InvalidFilter, "(CHECKBOX)")),
    Example(
        "files eq", ask("papers", "eq", "a"), Refused(InvalidFilter, "(FILE_UPLOAD); use one of exists, not_exists")
    ),
    Example("files not_eq", ask("papers", "not_eq", "a"), Refused(InvalidFilter, "(FILE_UPLOAD)")),
    Example("files contains", ask("papers", "contains", "a"), Refused(InvalidFilter, "(FILE_UPLOAD)")),
    Example("files not_contains", ask("papers", "not_contains", "a"), Refused(InvalidFilter, "(FILE_UPLOAD)")),
    Example("files range", ask("papers", "range", {"gt": 1}), Refused(InvalidFilter, "(FILE_UPLOAD)")),
)

COLUMNS = (
    Example("id eq", ask("id", "eq", RECORD), where(Within(pets.ID, (RECORD,)))),
    Example("id in upper case", ask("id", "eq", RECORD.upper()), where(Within(pets.ID, (RECORD,)))),
    Example("id array", ask("id", "not_eq", [RECORD, "x"]), where(Not(Within(pets.ID, (RECORD, NO_RECORD))))),
    Example("id exists", ask("id", "exists"), where(Present(pets.ID))),
    Example(
        "id contains", ask("id", "contains", "65"), Refused(InvalidFilter, "id (record id); use one of eq, not_eq")
    ),
    Example("id number", ask("id", "eq", 5), Refused(InvalidFilter, "filters[0], id: expected a string, got a number")),
    Example("owners eq", ask("owners", "eq", "u1"), where(Within(pets.OWNERS, ("u1",)))),
    Example("followers none", ask("followers", "not_exists"), where(Not(Present(pets.FOLLOWERS)))),
    Example(
        "created eq", ask("createdAt", "eq", DAY), Refused(InvalidFilter, "createdAt (date-time); use one of range")
    ),
    Example("created exists", ask("createdAt", "exists"), where(Present(CREATED))),
    Example("created gte ms", ask("createdAt", "range", {"gte": DAY}), where(Between(CREATED, Bound(DAY, True), None))),
    Example("digits", ask("dateAdded", "range", {"lt": str(DAY)}), where(Between(CREATED, None, Bound(DAY, False)))),
    Example("a float", ask("updatedAt", "range", {"lt": 5.0}), where(Between(UPDATED, None, Bound(5, False)))),
    Example(
        "updated between date-times",
        ask("dateUpdated", "range", {"gt": "2024-07-11T02:00:00.5+02:00", "lt": "2024-07-11 00:00:01"}),
        where(Between(UPDATED, Bound(DAY + 500, False), Bound(DAY + 1000, False))),
    ),
    Example(
        "from the start of a day to the end of a day",
        ask("createdAt", "range", {"gte": "2024-07-11", "lte": "2024-07-11"}),
        where(Between(CREATED, Bound(DAY, True), Bound(DAY + 86_399_999, True))),
    ),
    Example(
        "after one day and before another",
        ask("createdAt", "range", {"gt": "2024-07-11", "lt": "2024-07-13"}),
        where(Between(CREATED, Bound(DAY + 86_399_999, False), Bound(DAY + 2 * 86_400_000, False))),
    ),
    Example(
        "no date", ask("createdAt", "range", {"gt": "soon"}), Refused(InvalidFilter, "createdAt: expected an ISO date")
    ),
    Example(
        "no such date", ask("createdAt", "range", {"gt": "2024-02-30"}), Refused(InvalidFilter, "expected an ISO date")
    ),
    Example("date list", ask("createdAt", "range", {"gt": ["2024-02-03"]}), Refused(InvalidFilter, "got an array")),
    Example("half a ms", ask("createdAt", "range", {"gt": 1.5}), Refused(InvalidFilter, "must be whole")),
    Example("far timestamp", ask("createdAt", "range", {"gt": 1e300}), Refused(InvalidFilter, "out of range")),
)

NAMES = (
    Example("full key", ask("properties.custom_objects.pet.age", "eq", 1), where(AGE_IS_1)),
    Example("singular prefix", ask("properties.custom_object.pet.age", "eq", 1), where(AGE_IS_1)),
    Example(
        "full key, strict",
        ask("properties.custom_objects.pet.age", "eq", 1),
        Refused(InvalidField, "Invalid field - properties.custom_objects.pet.age"),
        strict=True,
    ),
    Example("field id", ask("customFields.field000000000000003", "eq", 1), where(AGE_IS_1)),
    Example("field id and option", ask("customFields.field000000000000010.a", "exists"), where(Present(pets.BOX_A))),
    Example(
        "unknown field id",
        ask("customFields.nope", "eq", 1),
        Refused(InvalidField, "Invalid field - customFields.nope"),
    ),
    Example(
        "bare key",
        {"filters": [{"field": "oid", "operator": "eq", "value": 1}]},
        Refused(InvalidField, "Invalid field - oid"),
    ),
    Example(
        "bare key that exists",
        {"filters": [{"field": "age", "operator": "exists"}]},
        Refused(InvalidField, "Invalid field - age"),
    ),
    Example("unknown key", ask("properties.oid", "eq", 1), Refused(InvalidField, "Invalid field - properties.oid")),
    Example(
        "retired key", ask("properties.nick~2", "exists"), Refused(InvalidField, "Invalid field - properties.nick~2")
    ),
    Example("whole list", ask("properties.boxes", "exists"), Refused(InvalidField, "Invalid field - properties.boxes")),
    Example(
        "unknown option",
        ask("properties.boxes.z", "exists"),
        Refused(InvalidField, "Invalid field - properties.boxes.z"),
    ),
)

VALUES = (
    Example(
        "missing value", ask("name", "eq"), Refused(InvalidFilter, "filters[0], properties.name: a value is required")
    ),
    Example("null in an array", ask("name", "eq", ["a", None]), Refused(InvalidFilter, "a value is required")),
    Example("empty array", ask("name", "eq", []), Refused(InvalidFilter, "must not be empty")),
    Example("array of arrays", ask("name", "eq", [["a"]]), Refused(InvalidFilter, "expected a string, got an array")),
    Example(
        "number for text",
        ask("name", "eq", 5),
        Refused(InvalidFilter, "properties.name: expected a string, got a number"),
    ),
    Example("text with a NUL", ask("name", "eq", "a\0"), Refused(InvalidFilter, "NUL")),
    Example(
        "text for number",
        ask("age", "eq", "5"),
        Refused(InvalidFilter, "properties.age: expected a number, got a string"),
    ),
    Example("boolean for number", ask("age", "eq", True), Refused(InvalidFilter, "expected a number, got a boolean")),
    Example("largest number", ask("age", "eq", 2**53 - 1), where(Within(AGE, (float(2**53 - 1),)))),
    Example("number too large", ask("age", "eq", 2**53), Refused(InvalidFilter, "must lie between")),
    Example("contains nothing", ask("name", "contains", ""), Refused(InvalidFilter, "must not be empty")),
    Example(
        "contains nothing among others", ask("name", "contains", ["a", ""]), Refused(InvalidFilter, "must not be empty")
    ),
    Example("contains a number", ask("name", "contains", 5), Refused(InvalidFilter, "expected a string, got a number")),
    Example(
        "range of no object", ask("age", "range", 5), Refused(InvalidFilter, "expected an object of gt, gte, lt, lte")
    ),
    Example("range without ends", ask("age", "range", {}), Refused(InvalidFilter, "at least one of gt, gte, lt, lte")),
    Example(
        "range with more", ask("age", "range", {"gt": 1, "eq": 2}), Refused(InvalidFilter, "only the members gt, gte")
    ),
    Example("two low ends", ask("age", "range", {"gt": 1, "gte": 2}), Refused(InvalidFilter, "gt or gte, not both")),
    Example("two high ends", ask("age", "range", {"lt": 1, "lte": 2}), Refused(InvalidFilter, "lt or lte, not both")),
    Example("null end", ask("age", "range", {"gt": None}), Refused(InvalidFilter, "a value is required")),
    Example("text end", ask("price", "range", {"gt": "1"}), Refused(InvalidFilter, "expected a number, got a string")),
    Example(
        "no day", ask("born_on", "range", {"gt": "soon"}), Refused(InvalidFilter, "properties.born_on: expected a date")
    ),
    Example(
        "too many values", ask("name", "eq", ["a"] * (MAX_VALUES + 1)), Refused(LimitExceeded, "more than 1000 values")
    ),
    Example(
        "too many fragments",
        ask("name", "contains", ["a"] * (MAX_FRAGMENTS + 1)),
        Refused(LimitExceeded, "more than 100 values"),
    ),
    Example(
        "too many values in all",
        {"filters": [condition("name", "eq", ["a"] * MAX_VALUES)] * 11},
        Refused(LimitExceeded, "more than 10000 in all"),
    ),
)

GROUPS = (
    Example("no filters", {"filters": []}, PLAIN),
    Example(
        "an array is AND",
        {"filters": [condition("age", "eq", 1), condition("name", "exists")]},
        where(Every((AGE_IS_1, HAS_NAME))),
    ),
    Example(
        "OR in any case",
        {"filters": [{"group": "or", "filters": [condition("age", "eq", 1), condition("name", "exists")]}]},
        where(Some((AGE_IS_1, HAS_NAME))),
    ),
    Example(
        "mixed nesting",
        {
            "filters": [
                condition("age", "eq", 1),
                {
                    "group": "OR",
                    "filters": [
                        condition("name", "exists"),
                        {"group": "AND", "filters": [condition("age", "exists"), condition("tags", "exists")]},
                    ],
                },
            ]
        },
        where(Every((AGE_IS_1, Some((HAS_NAME, Every((Present(AGE), Present(TAGS)))))))),
    ),
    Example(
        "AND in AND is flat",
        {"filters": [condition("age", "eq", 1), {"group": "AND", "filters": [condition("name", "exists")]}]},
        where(Every((AGE_IS_1, HAS_NAME))),
    ),
    Example("an empty AND holds", {"filters": [{"group": "AND", "filters": []}]}, PLAIN),
    Example(
        "an empty OR is refused",
        {"filters": [{"group": "OR", "filters": []}]},
        Refused(InvalidFilter, "an OR group needs at least one filter"),
    ),
    Example(
        "an empty AND holds in OR",
        {"filters": [{"group": "OR", "filters": [condition("age", "eq", 1), {"group": "AND", "filters": []}]}]},
        PLAIN,
    ),
    Example("a node for an array", {"filters": condition("age", "eq", 1)}, where(AGE_IS_1)),
    Example(
        "a node for an array, strict",
        {"filters": condition("age", "eq", 1)},
        Refused(InvalidShape, "filters must be an array"),
        strict=True,
    ),
    Example("ten deep", nested(10), where(AGE_IS_1)),
    Example("eleven deep", nested(11), Refused(NestingTooDeep, "more than 10 groups")),
    Example(
        "most conditions",
        {"filters": [condition("age", "eq", 1)] * MAX_CONDITIONS},
        where(Every((AGE_IS_1,) * MAX_CONDITIONS)),
    ),
    Example(
        "too many conditions",
        {"filters": [{"group": "AND", "filters": [condition("age", "eq", 1)] * 101}] * 2},
        Refused(LimitExceeded, "more than 200 conditions"),
    ),
    Example("filters of a wrong type", {"filters": "age"}, Refused(InvalidShape, "filters must be an array")),
    Example(
        "a node of a wrong type", {"filters": [5]}, Refused(InvalidFilter, "filters[0]: expected a condition or a gr")
    ),
    Example("an empty node", {"filters": [{}]}, Refused(InvalidFilter, "filters[0]: field must be")),
    Example(
        "an empty node deep down",
        {"filters": [{"group": "AND", "filters": [{}, {"name": 1}]}]},
        Refused(InvalidFilter, "filters[0].filters[0]: field must be"),
    ),
    Example(
        "an unknown member deep down",
        {"filters": [{"group": "AND", "filters": [condition("age", "eq", 1), {"name": 1}]}]},
        Refused(InvalidFilter, "filters[0].filters[1]: property name should not exist"),
    ),
    Example(
        "a bad value deep down",
        {"filters": [condition("age", "eq", 1), {"group": "AND", "filters": [condition("age", "eq", "1")]}]},
        Refused(InvalidFilter, "filters[1].filters[0], properties.age: expected a number"),
    ),
    Example(
        "a condition with a group",
        {"filters": [{"group": "AND", "filters": [], "field": "id"}]},
        Refused(InvalidFilter, "filters[0]: property field should not exist"),
    ),
    Example("no group word", {"filters": [{"filters": []}]}, Refused(InvalidFilter, "group must be AND or OR")),
    Example(
        "an unknown group word", {"filters": [{"group": "NOT", "filters": []}]}, Refused(InvalidFilter, "AND or OR")
    ),
    Example(
        "a group without filters",
        {"filters": [{"group": "OR"}]},
        Refused(InvalidFilter, "filters[0].filters: expected"),
    ),
    Example(
        "an unknown operator",
        ask("name", "is_not_empty"),
        Refused(InvalidFilter, "'is_not_empty' is not valid; use one"),
    ),
    Example(
        "an operator of a wrong type",
        {"filters": [{"field": "id", "operator": ["eq"]}]},
        Refused(InvalidFilter, "operator an array is not valid; use one of eq, not_eq, contains"),
    ),
)

EXAMPLES = (*OPERATORS, *COLUMNS, *NAMES, *VALUES, *GROUPS)
