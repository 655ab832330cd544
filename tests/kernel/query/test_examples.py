"""Every example of a search means its plan or meets its refusal, and every operator has examples."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from groundlevel.kernel.errors import Refusal
from groundlevel.kernel.fields.base import OPERATORS, Comparison, Operator
from groundlevel.kernel.query.ast import Condition, Group, Plan, RelationCondition
from groundlevel.kernel.query.bind import bind
from groundlevel.kernel.query.parse import parse_query
from groundlevel.kernel.query.target import COLUMNS, target_of
from tests.kernel.query.example import Example, Refused
from tests.kernel.query.examples import EXAMPLES
from tests.kernel.query.pets import ASSOCIATIONS, PET, request_of


def plan_of(example: Example, *, strict: bool | None = None) -> Plan:
    strict = example.strict if strict is None else strict
    return bind(parse_query(request_of(example.body), strict=strict), PET, strict=strict, associations=ASSOCIATIONS)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_means_what_the_table_says(example: Example) -> None:
    if isinstance(example.outcome, Refused):
        with pytest.raises(Refusal) as caught:
            plan_of(example)
        assert type(caught.value) is example.outcome.kind
        assert example.outcome.text in caught.value.message
    else:
        assert plan_of(example) == example.outcome


@pytest.mark.parametrize("example", [each for each in EXAMPLES if not each.strict], ids=lambda example: example.name)
def test_what_strict_accepts_means_the_same_without(example: Example) -> None:
    try:
        strict = plan_of(example, strict=True)
    except Refusal:
        return
    assert strict == example.outcome


def conditions(group: Group) -> Iterator[Condition]:
    """The conditions on fields."""
    for node in group.nodes:
        if isinstance(node, Group):
            yield from conditions(node)
        elif not isinstance(node, RelationCondition):
            yield node


def uses(*, accepted: bool) -> set[tuple[Comparison, Operator]]:
    """The comparisons and operators of property conditions in examples of one condition."""
    pairs = set()
    for example in EXAMPLES:
        if isinstance(example.outcome, Refused) is accepted:
            continue
        try:
            found = list(conditions(parse_query(request_of(example.body), strict=False).where))
            if len(found) == 1 and found[0].field not in COLUMNS:
                comparison = target_of(found[0].field, PET, strict=False).operand.comparison
                pairs.add((comparison, found[0].operator))
        except Refusal:
            continue
    return pairs


def test_every_operator_of_every_comparison_has_an_example() -> None:
    allowed = {(comparison, operator) for comparison, operators in OPERATORS.items() for operator in operators}
    assert uses(accepted=True) == allowed


def test_every_operator_that_does_not_apply_has_an_example() -> None:
    refused = {
        (comparison, operator)
        for comparison in Comparison
        for operator in Operator
        if operator not in OPERATORS[comparison]
    }
    assert refused <= uses(accepted=False)


def test_every_column_has_an_example() -> None:
    named = set()
    for example in EXAMPLES:
        try:
            query = parse_query(request_of(example.body), strict=False)
        except Refusal:
            continue
        named |= {condition.field for condition in conditions(query.where)}
    assert named >= set(COLUMNS)


def test_names_are_unique() -> None:
    assert len({example.name for example in EXAMPLES}) == len(EXAMPLES)


def test_a_bare_key_is_refused_in_the_words_of_the_contract() -> None:
    query = parse_query(request_of({"filters": [{"field": "oid", "operator": "eq", "value": 1}]}), strict=False)
    with pytest.raises(Refusal) as caught:
        bind(query, PET, strict=False)
    assert caught.value.message == "Invalid field - oid"


@pytest.mark.parametrize(
    ("field", "hint"),
    [
        ("age", "Write properties.age."),
        ("custom_objects.pet.age", "Write properties.age."),
        ("properties.boxes", "A text-box list is asked for one option at a time: properties.boxes.<option key>."),
    ],
)
def test_usual_slips_are_explained(field: str, hint: str) -> None:
    with pytest.raises(Refusal) as caught:
        target_of(field, PET, strict=False)
    assert caught.value.advice == hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("story:x", "add it to searchableProperties or use the `contains` operator on properties.story"),
        ("age:x", "add it to searchableProperties or use the `range` operator on properties.age"),
        ("tags:x", "add it to searchableProperties or use the `eq` operator on properties.tags"),
    ],
)
def test_text_search_in_an_unsearchable_property_names_the_ways_out(text: str, hint: str) -> None:
    with pytest.raises(Refusal) as caught:
        bind(parse_query(request_of({"query": text}), strict=False), PET, strict=False)
    assert hint in caught.value.advice
