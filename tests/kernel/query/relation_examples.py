"""Conditions on relations as sent."""

from __future__ import annotations

from groundlevel.kernel.errors import InvalidFilter, LimitExceeded
from groundlevel.kernel.ids import to_short_id
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.ast import Every, Related, Some, Within
from groundlevel.kernel.query.bind import MAX_VALUES
from tests.kernel.query.example import RECORD, Body, Example, Refused, condition, where
from tests.kernel.query.pets import AGE

OTHER = "65a1b2c3d4e5f60718293a4c"
BY_ANY = Related((RECORD,), (51, 53), (52, 53))
"""By whatever association pets have."""


def part(field: Json, value: Json, operator: str = "eq") -> Body:
    """One of the conditions of a nested one."""
    return {"field": field, "operator": operator, "value": value}


def to(*parts: Json) -> Body:
    """A condition on relations."""
    return {"field": "relations", "operator": "nested", "value": list(parts)}


def related(record_id: Json = RECORD, association_id: Json = None) -> Body:
    """A body that asks for the records related to some."""
    by = [] if association_id is None else [part("associationId", association_id)]
    return {"filters": [to(part("recordId", record_id), *by)]}


def refused(name: str, node: Body, text: str) -> Example:
    """An example of one condition that is refused."""
    return Example(f"relations: {name}", {"filters": [node]}, Refused(InvalidFilter, text))


MEANT = (
    Example("related to a record", related(), where(BY_ANY)),
    Example(
        "related to one of several",
        related([RECORD, OTHER, RECORD]),
        where(Related((RECORD, OTHER), (51, 53), (52, 53))),
    ),
    Example(
        "related by one association", related(RECORD, "65a0000000000001bbbbbb51"), where(Related((RECORD,), (51,), ()))
    ),
    Example(
        "related from its second side",
        related(RECORD, ["KEEPERS_PETS_ASSOCIATION"]),
        where(Related((RECORD,), (), (52,))),
    ),
    Example(
        "related to its like", related(RECORD, ["65a0000000000001bbbbbb53"]), where(Related((RECORD,), (53,), (53,)))
    ),
    Example("related to a contact", related(to_short_id(RECORD)), where(BY_ANY)),
    Example("related to a record in capitals", related(RECORD.upper()), where(BY_ANY)),
    Example("related to no record", related(["x", ""]), where(Related((), (51, 53), (52, 53)))),
    Example("related by no association", related(RECORD, "x"), where(Related((RECORD,), (), ()))),
    Example(
        "related by an association of others",
        related(RECORD, "65a0000000000001bbbbbb54"),
        where(Related((RECORD,), (), ())),
    ),
    Example(
        "the association before the record",
        {"filters": [to(part("associationId", "65a0000000000001bbbbbb51"), part("recordId", RECORD))]},
        where(Related((RECORD,), (51,), ())),
    ),
    Example(
        "related inside groups",
        {
            "filters": [
                condition("age", "eq", 1),
                {"group": "OR", "filters": [*related()["filters"], *related(OTHER)["filters"]]},
            ]
        },
        where(Every((Within(AGE, (1.0,)), Some((BY_ANY, Related((OTHER,), (51, 53), (52, 53))))))),
    ),
)

REFUSED = (
    refused(
        "another operator", {**to(part("recordId", RECORD)), "operator": "eq"}, "filters[0]: the field relations and"
    ),
    refused("another field", {**to(part("recordId", RECORD)), "field": "id"}, "filters[0]: the field relations and"),
    refused(
        "another member", {**to(part("recordId", RECORD)), "group": "AND"}, "filters[0]: property field should not"
    ),
    refused(
        "a value that is no array", {**to(), "value": {"recordId": RECORD}}, "filters[0].value: expected an array of"
    ),
    refused(
        "no value", {"field": "relations", "operator": "nested"}, "filters[0].value: expected an array of conditions"
    ),
    refused("no record", to(), "filters[0].value: a condition on recordId is required"),
    refused(
        "only an association", to(part("associationId", "x")), "filters[0].value: a condition on recordId is required"
    ),
    refused("a part that is none", to(RECORD), "filters[0].value[0]: expected a condition, got a string"),
    refused(
        "a part on another field", to(part("id", RECORD)), "value[0]: field must be one of recordId, associationId"
    ),
    refused("a part on no field", to({}), "filters[0].value[0]: field must be one of recordId, associationId"),
    refused("a field that is no name", to(part([], RECORD)), "filters[0].value[0]: field must be one of"),
    refused(
        "another operator of a part",
        to(part("recordId", RECORD, "not_eq")),
        "value[0]: only the operator eq applies to rec",
    ),
    refused(
        "a further member of a part", to({**part("recordId", RECORD), "x": 1}), "value[0]: property x should not exist"
    ),
    refused(
        "a part twice", to(part("recordId", RECORD), part("recordId", OTHER)), "value[1]: recordId stands here twice"
    ),
    refused("no id", to(part("recordId", None)), "filters[0], recordId: a value is required"),
    refused(
        "an array of no ids", to(part("recordId", [])), "filters[0], recordId: the array of values must not be empty"
    ),
    refused(
        "an id that is no text", to(part("recordId", [5])), "filters[0], recordId: expected a string, got a number"
    ),
    refused(
        "no association",
        to(part("recordId", RECORD), part("associationId", None)),
        "associationId: a value is required",
    ),
    refused(
        "deep down",
        {"group": "OR", "filters": [{"group": "AND", "filters": [to()]}]},
        "filters[0].filters[0].filters[0].value: a condition on recordId",
    ),
    Example(
        "related to too many", related([RECORD] * (MAX_VALUES + 1)), Refused(LimitExceeded, "more than 1000 values")
    ),
    Example(
        "related to too many in all",
        {"filters": related([RECORD] * MAX_VALUES, ["x"])["filters"] * 10},
        Refused(LimitExceeded, "more than 10000 in all"),
    ),
)

EXAMPLES = (*MEANT, *REFUSED)
