"""Names of members lead to fields, with values in the form that the fields hold."""

from __future__ import annotations

import pytest

from groundlevel.kernel.errors import InvalidField, InvalidFilter
from groundlevel.kernel.fields.base import Operator
from groundlevel.kernel.ids import to_short_id
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.ast import Condition, Group, RelationCondition, SortKey
from groundlevel.kernel.query.names import Name, flag, lower, to_record_id, translate
from groundlevel.kernel.query.parse import SearchRequest, parse_query

RECORD = "0123456789abcdef01234567"
NAMES = {
    "city": Name("properties.city"),
    "emailLowerCase": Name("properties.email_lower_case", lower),
    "dnd": Name("properties.dnd", flag),
    "id": Name("id", to_record_id),
    "businessId": Name("THEIR_ASSOCIATION", association=True),
}


def one(field: str, value: Json, operator: str = "eq") -> Condition | RelationCondition | Group:
    """What a single condition is turned into."""
    filters = [{"field": field, "operator": operator, "value": value}]
    [node] = translate(parse_query(SearchRequest(filters=filters), strict=False), NAMES).where.nodes
    return node


@pytest.mark.parametrize(
    ("field", "value", "target", "stored"),
    [
        ("city", "Delhi", "properties.city", "Delhi"),
        ("emailLowerCase", "ANN@X.com", "properties.email_lower_case", "ann@x.com"),
        ("emailLowerCase", ["A", 5], "properties.email_lower_case", ["a", 5]),
        ("dnd", True, "properties.dnd", "true"),
        ("dnd", "true", "properties.dnd", "true"),
        ("id", to_short_id(RECORD), "id", RECORD),
        ("id", "nobody", "id", ""),
        ("customFields.abc", "X", "customFields.abc", "X"),
        ("custom_fields.abc", "X", "customFields.abc", "X"),
    ],
)
def test_a_condition_is_asked_of_the_field(field: str, value: Json, target: str, stored: Json) -> None:
    assert one(field, value) == Condition(target, Operator.EQ, stored)


def test_an_association_is_asked_for_relations() -> None:
    assert one("businessId", RECORD) == RelationCondition(RECORD, "THEIR_ASSOCIATION")
    with pytest.raises(InvalidFilter, match="only the operator eq applies to businessId"):
        one("businessId", RECORD, "not_eq")


@pytest.mark.parametrize("request_", [{"sort": [{"field": "businessId"}]}, {"sort": [{"field": "oid"}]}])
def test_what_cannot_be_sorted_by(request_: dict[str, Json]) -> None:
    with pytest.raises(InvalidField, match="Invalid field - "):
        translate(parse_query(SearchRequest(**request_), strict=False), NAMES)


def test_groups_sorts_and_cursors() -> None:
    nested = {"group": "OR", "filters": [{"field": "city", "operator": "exists"}]}
    request = SearchRequest(filters=[nested], sort=[{"field": "city"}], search_after=["Delhi", to_short_id(RECORD)])
    query = translate(parse_query(request, strict=False), NAMES)
    assert query.where.nodes == (Group(False, (Condition("properties.city", Operator.EXISTS, None),)),)
    assert query.sort == (SortKey("properties.city", descending=False),)
    assert query.after == ("Delhi", to_short_id(RECORD)), "the cursor is not about names"


def test_an_unknown_name_is_refused_as_the_platform_does() -> None:
    with pytest.raises(InvalidField, match=r"^Invalid field - oid$"):
        one("oid", "x")
