"""The page of search, from the tables of operators and columns; its examples are read by the program's own parser."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.associations.relation_store import RELATIONS_SHOWN
from groundlevel.kernel.fields import TYPES
from groundlevel.kernel.fields.base import OPERATORS, Operator
from groundlevel.kernel.model import Json
from groundlevel.kernel.query import parse
from groundlevel.kernel.query.parse import SearchRequest, parse_query
from groundlevel.kernel.query.target import COLUMNS
from groundlevel.kernel.storage.connection import MAX_PAGE_TEXT
from pages.markdown import anchor, block, code, json_block, json_line, table
from pages.markdown import page as whole


class Meaning(Struct, frozen=True):
    """What the code's table does not say of an operator in words."""

    holds: str
    value: str
    missing: str
    """Whether a record without a value satisfies it."""
    example: Json


MEANINGS = {
    Operator.EQ: Meaning(
        "the value is the one given or, for an array, one of those given; of a list of options, one of them is",
        "a value or an array of values",
        "no",
        {"field": "properties.species", "operator": "eq", "value": ["dog", "cat"]},
    ),
    Operator.NOT_EQ: Meaning(
        "`eq` does not hold",
        "a value or an array of values",
        "yes",
        {"field": "properties.species", "operator": "not_eq", "value": "dog"},
    ),
    Operator.CONTAINS: Meaning(
        "the text given is part of the value, with the same capitals; for an array, one of the texts is",
        "a text that is not empty, or an array of such",
        "no",
        {"field": "properties.breed", "operator": "contains", "value": "shepherd"},
    ),
    Operator.NOT_CONTAINS: Meaning(
        "`contains` does not hold",
        "a text that is not empty, or an array of such",
        "yes",
        {"field": "properties.breed", "operator": "not_contains", "value": "shepherd"},
    ),
    Operator.RANGE: Meaning(
        "the value lies between the bounds given",
        "an object of one or more of `gt`, `gte`, `lt`, `lte`",
        "no",
        {"field": "properties.weight_kg", "operator": "range", "value": {"gte": 5, "lt": 20}},
    ),
    Operator.EXISTS: Meaning(
        "the record has a value; an empty list is none",
        "not looked at",
        "no",
        {"field": "properties.allergies", "operator": "exists"},
    ),
    Operator.NOT_EXISTS: Meaning(
        "the record has no value",
        "not looked at",
        "yes",
        {"field": "properties.allergies", "operator": "not_exists"},
    ),
}

GRAMMAR = """filters   = [node, …]                                    all of them hold
node      = condition | related | group
group     = {"group": "AND" | "OR", "filters": [node, …]}
condition = {"field": name, "operator": operator, "value": value}
related   = {"field": "relations", "operator": "nested", "value": [part, …]}
part      = {"field": "recordId" | "associationId", "operator": "eq", "value": id or [id, …]}
sort      = [{"field": name, "direction": "asc" | "desc"}, …]"""

RELATED: Json = {
    "field": "relations",
    "operator": "nested",
    "value": [
        {"field": "recordId", "operator": "eq", "value": ["67a235b49b289431bcf657f8"]},
        {"field": "associationId", "operator": "eq", "value": ["67a235b49b289431bcf65700"]},
    ],
}

NAMES = (
    ("`properties.<key>`", "a property by its short key; of a text-box list `properties.<key>.<option>`"),
    ("`customFields.<field id>`", "a property by the id of its field"),
)

LIMITS = (
    ("characters of `query`", parse.MAX_TEXT),
    ("`pageLimit`", parse.MAX_PAGE_LIMIT),
    ("`page` × `pageLimit` without `searchAfter`", parse.MAX_WINDOW),
    ("groups inside each other", parse.MAX_DEPTH),
    ("conditions of one search", parse.MAX_CONDITIONS),
    ("values in the arrays of one search", parse.MAX_VALUES),
    ("keys of one sort", parse.MAX_SORT_KEYS),
    ("characters of properties in one page", MAX_PAGE_TEXT),
)


def page() -> str:
    """The page."""
    example: dict[str, Json] = {
        "locationId": "ve9EPM428h8vShlRW1KT",
        "page": 1,
        "pageLimit": 20,
        "query": "rex",
        "filters": [
            {"group": "OR", "filters": [MEANINGS[Operator.EQ].example, MEANINGS[Operator.RANGE].example]},
            MEANINGS[Operator.NOT_EXISTS].example,
        ],
        "sort": [{"field": "properties.name", "direction": "asc"}],
    }
    parse_query(SearchRequest(filters=example["filters"], sort=example["sort"]), strict=True)
    parts = [
        (
            "[POST /objects/{schemaKey}/records/search](operations.md#post-objectsschemakeyrecordssearch) takes "
            "text, filters and an order, in any combination. A search sees every write that was answered before "
            "it. [How to write filters](../how-to/filters.md) has examples to paste."
        ),
        json_block(example),
        "## Text",
        (
            "`query` finds records in whose searchable properties it occurs, whatever the case and the accents: "
            "`zoe` finds `Zoë`. With the key of a searchable property before a colon, as in `name:zoe`, only that "
            "property counts."
        ),
        "## Filters",
        block(GRAMMAR, "text"),
        (
            "A member that is not part of the grammar is refused, so a misspelt filter never passes for one that "
            "finds everything. Texts are compared as they stand; options by their keys. A condition on a name or "
            "an operator that does not apply is refused with [invalid_field](errors/invalid_field.md) or "
            "[invalid_filter](errors/invalid_filter.md)."
        ),
        "## Names",
        table(("name", "means"), NAMES),
        table(
            ("name", "compares as", "operators"),
            (
                (code(name), target.kind, ", ".join(code(each.value) for each in Operator if each in target.operators))
                for name, target in COLUMNS.items()
            ),
        ),
        (
            "Moments are written as ISO 8601 date-times, as dates or as epoch milliseconds. Without an offset UTC "
            "is meant. A date alone means its whole day. A `DATE` that is compared with a date-time is the "
            "midnight, in UTC, with which it begins. An option may be named by its key or its label."
        ),
        "## Operators",
        table(
            ("operator", "data types"),
            ((f"[{code(each.value)}](#{anchor(each.value)})", _types(each)) for each in Operator),
        ),
    ]
    for operator in Operator:
        parts += _section(operator)
    return whole("Search", *parts, *_relations(), *_ends())


def _section(operator: Operator) -> list[str]:
    meaning = MEANINGS[operator]
    parse_query(SearchRequest(filters=[meaning.example]), strict=True)
    return [
        f"### {operator.value}",
        f"Holds when {meaning.holds}.",
        table(
            ("", ""),
            (
                ("value", meaning.value),
                ("holds for a record without a value", meaning.missing),
                ("data types", _types(operator)),
                ("example", code(json_line(meaning.example))),
            ),
        ),
    ]


def _relations() -> list[str]:
    parse_query(SearchRequest(filters=[RELATED]), strict=True)
    return [
        "## Relations",
        (
            "The field `relations` with the operator `nested` holds for records that are related to one of the "
            "records given, whichever of the two is the first. `recordId` has to be given; contacts and "
            "opportunities go by their ids of 20 characters. With `associationId` only relations by one of these "
            "associations count. An id that nothing has is related to nothing. Among other conditions and inside "
            "groups it stands like any other."
        ),
        json_block(RELATED),
        (
            "Records found show the relations that they have as `relations`, by association and then the oldest "
            f"first, up to {RELATIONS_SHOWN} of each record. "
            "[GET /associations/relations/{recordId}](operations.md#get-associationsrelationsrecordid) lists them all."
        ),
    ]


def _types(operator: Operator) -> str:
    return ", ".join(code(name) for name, kind in TYPES.items() if operator in OPERATORS[kind.comparison])


def _ends() -> list[str]:
    return [
        "## Order and pages",
        (
            "Without `sort` the newest records come first. Records without a value come last in both directions, "
            "and the id decides between equals. `total` is exact."
        ),
        (
            "Every record of a reply carries `searchAfter`. Sent with the next request and the same `sort`, it "
            "goes on behind that record, however deep, and walks every record once while others are being added. "
            "The page number does not count then."
        ),
        (
            f"A page holds at most {MAX_PAGE_TEXT:,} characters of stored properties, however many records it has; the "
            "same goes for lists of contacts, opportunities and businesses. A page that would hold more is refused "
            "with [limit_exceeded](errors/limit_exceeded.md), whose hint says how many records to ask for. Nothing is "
            "left out without a word, and a page of one record is always answered."
        ),
        "## Limits",
        table(("most", "number"), ((what, f"{number:,}") for what, number in LIMITS)),
    ]
