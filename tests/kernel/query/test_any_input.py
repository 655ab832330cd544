"""Whatever a client sends as filters, sort or cursor either becomes a plan or is refused."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given, settings

from groundlevel.kernel.errors import Refusal
from groundlevel.kernel.fields.base import Operator
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.ast import Every, Plan, Some
from groundlevel.kernel.query.bind import bind
from groundlevel.kernel.query.parse import parse_query
from groundlevel.kernel.query.target import COLUMNS
from tests.kernel.query.pets import ASSOCIATIONS, PET, request_of

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
json = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(
    [*COLUMNS, *(f"properties.{key}" for key in PET.properties_by_key), "customFields.field000000000000003", "x"]
)
values = (
    json
    | st.sampled_from(["65a1b2c3d4e5f60718293a4b", "2024-07-11", "2024-07-11T00:00:00Z", "red", 1, 1.5])
    | st.dictionaries(st.sampled_from(["gt", "gte", "lt", "lte", "x"]), scalars | st.just("2024-07-11"), max_size=3)
)
conditions = st.fixed_dictionaries(
    {"field": names, "operator": st.sampled_from([each.value for each in Operator]), "value": values}
)
ids = st.sampled_from(["65a1b2c3d4e5f60718293a4b", *(each.id for each in ASSOCIATIONS), "x"])
parts = st.fixed_dictionaries(
    {
        "field": st.sampled_from(["recordId", "associationId", "x"]),
        "operator": st.sampled_from(["eq", "eq", "eq", "range"]),
        "value": ids | st.lists(ids, max_size=3) | scalars,
    }
)
relations = st.fixed_dictionaries(
    {"field": st.just("relations"), "operator": st.sampled_from(["nested", "eq"]), "value": st.lists(parts, max_size=3)}
)
nodes = st.recursive(
    conditions | relations | json,
    lambda inner: st.fixed_dictionaries(
        {"group": st.sampled_from(["AND", "or", "x"]), "filters": st.lists(inner, max_size=4)}
    ),
    max_leaves=8,
)
keys = st.fixed_dictionaries({"field": names}, optional={"direction": st.sampled_from(["asc", "DESC", "x", None])})
bodies = st.fixed_dictionaries(
    {},
    optional={
        "query": json | st.sampled_from(["name:x", "age:1", "boxes.a:Ä"]),
        "filters": st.lists(nodes, max_size=4) | json,
        "sort": st.lists(keys, max_size=3) | json,
        "page": scalars,
        "pageLimit": scalars,
        "searchAfter": st.lists(scalars | st.just("65a1b2c3d4e5f60718293a4b"), max_size=4) | json,
    },
)


def plan_or_refusal(body: dict[str, Json], *, strict: bool) -> Plan | Refusal:
    try:
        query = parse_query(request_of(body), strict=strict)
        return bind(query, PET, strict=strict, associations=ASSOCIATIONS)
    except Refusal as refusal:
        return refusal


def check_flat(test: object) -> None:
    if isinstance(test, Every | Some):
        assert len(test.tests) > 1
        for each in test.tests:
            assert type(each) is not type(test)
            check_flat(each)


@settings(max_examples=300, deadline=None)
@given(bodies, st.booleans())
def test_becomes_a_plan_or_is_refused(body: dict[str, Json], strict: bool) -> None:
    outcome = plan_or_refusal(body, strict=strict)
    if isinstance(outcome, Refusal):
        assert outcome.message
        # hints travel in a header, so nothing of the client's may reach them
        assert outcome.advice.isprintable()
    else:
        assert 1 <= outcome.limit <= 500
        assert 0 <= outcome.offset <= 10_000 - outcome.limit
        assert len(outcome.after) in (0, len(outcome.order) + 1)
        check_flat(outcome.where)


@settings(max_examples=300, deadline=None)
@given(st.lists(nodes, max_size=4))
def test_filters_alone(filters: list[Json]) -> None:
    outcome = plan_or_refusal({"filters": filters}, strict=False)
    if isinstance(outcome, Plan):
        check_flat(outcome.where)
    else:
        assert outcome.message
