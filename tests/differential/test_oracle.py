"""The oracle answers small questions as a person would, and the generator asks many kinds of them."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from groundlevel.kernel.fields.base import Operator
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import DataType, Json, Record, Relation
from groundlevel.kernel.query.ast import Plan
from groundlevel.kernel.query.bind import bind
from groundlevel.kernel.query.cursor import cursor_of
from groundlevel.kernel.query.parse import parse_query
from tests.kernel.query.pets import PET, request_of

from .generator import Body, following, make_body, make_object, make_rows
from .oracle import Row, search
from .relations import OTHER_KEY, linked, make_associations, make_relation_condition, make_relations


def row(number: int, properties: dict[str, Json], *, owners: tuple[str, ...] = ()) -> Row:
    """A record whose id ends with its number, made `number` milliseconds after another."""
    stored = PET.validate_new(properties, strict=True)
    record = Record(
        id=f"65a1b2c3d4e5f60718293a{number:02d}",
        created_at=1_720_656_000_000 + number,
        updated_at=1_720_656_000_000,
        version=1,
        owners=owners,
        followers=(),
        created_by="{}",
        updated_by="{}",
        properties=msgspec.json.encode(stored).decode(),
    )
    return Row(record, stored, PET.search_text(stored))


ROWS = [
    row(1, {"name": "Rex", "age": 3, "tags": ["red"]}, owners=("u1",)),
    row(2, {"name": "rex", "age": 10, "born_on": "2024-07-11", "boxes.a": "Zoë"}),
    row(3, {"name": "Émile", "tags": ["red", "blue"], "price": {"currency": "EUR", "value": 3}}),
    row(4, {"age": 3.0, "papers": [{"url": "https://files.example.com/a.pdf"}], "boxes.a": "Rex"}),
    row(5, {"name": "Z", "price": {"currency": "USD", "value": -1}, "born_on": "2024-01-01"}),
]


OTHER = "65a1b2c3d4e5f60718293b01"
ASSOCIATIONS = make_associations((PET.object.number, PET.object.key), (2, "custom_objects.other"))
"""Of pets with others, of others with pets, of pets with pets."""


def plan_of(body: Body, schema: CompiledObject = PET) -> Plan:
    return bind(parse_query(request_of(body), strict=False), schema, strict=False, associations=ASSOCIATIONS)


def condition(field: str, operator: str, value: Json = None) -> Body:
    return {"filters": [{"field": field, "operator": operator, "value": value}]}


@pytest.mark.parametrize(
    ("body", "numbers"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"query": "REX"}, [4, 2, 1]),
        ({"query": "name:rex"}, [2, 1]),
        ({"query": "zoe"}, [2]),
        ({"query": "emile rex"}, []),
        (condition("properties.name", "eq", "rex"), [2]),
        (condition("properties.name", "not_eq", "rex"), [5, 4, 3, 1]),
        (condition("properties.name", "contains", "ex"), [2, 1]),
        (condition("properties.name", "not_contains", ["R", "r"]), [5, 4, 3]),
        (condition("properties.name", "not_exists"), [4]),
        (condition("properties.age", "eq", 3), [4, 1]),
        (condition("properties.price", "range", {"gte": -1, "lt": 3}), [5]),
        (condition("properties.born_on", "range", {"gt": "2024-01-01"}), [2]),
        (condition("properties.tags", "eq", ["blue", "green"]), [3]),
        (condition("properties.tags", "not_eq", "blue"), [5, 4, 2, 1]),
        (condition("properties.papers", "exists"), [4]),
        (condition("owners", "eq", "u1"), [1]),
        (condition("owners", "not_exists"), [5, 4, 3, 2]),
        (condition("createdAt", "range", {"gt": 1_720_656_000_002, "lte": "2024-07-11"}), [5, 4, 3]),
        ({"sort": [{"field": "createdAt"}]}, [1, 2, 3, 4, 5]),
        ({"sort": [{"field": "properties.age"}]}, [1, 4, 2, 3, 5]),
        ({"sort": [{"field": "properties.age", "direction": "desc"}, {"field": "id"}]}, [2, 1, 4, 3, 5]),
        ({"sort": [{"field": "properties.name"}]}, [1, 5, 2, 3, 4]),
        ({"sort": [{"field": "updatedAt"}, {"field": "properties.price", "direction": "desc"}]}, [3, 5, 4, 2, 1]),
    ],
    ids=str,
)
def test_answers(body: Body, numbers: list[int]) -> None:
    ids, total = search(plan_of(body), ROWS)
    assert [int(each[-2:]) for each in ids] == numbers
    assert total == len(numbers)


@pytest.mark.parametrize(
    ("record_id", "association", "numbers"),
    [
        (OTHER, None, [2, 1]),
        (OTHER, 0, [1]),
        (OTHER, 1, [2]),
        (OTHER, 2, []),
        (ROWS[2].record.id, None, [4, 3]),
        (ROWS[3].record.id, 2, [3]),
        (ROWS[0].record.id, None, []),
    ],
    ids=str,
)
def test_answers_to_relations(record_id: str, association: int | None, numbers: list[int]) -> None:
    first, second, third, fourth = (each.record.id for each in ROWS[:4])
    pairs = ((0, first, OTHER), (1, OTHER, second), (2, third, fourth), (2, third, third))
    rows = linked(ROWS, [Relation("x", *pair) for pair in pairs], ASSOCIATIONS)
    parts = [{"field": "recordId", "operator": "eq", "value": record_id}]
    if association is not None:
        parts.append({"field": "associationId", "operator": "eq", "value": ASSOCIATIONS[association].id})
    ids, _ = search(plan_of(condition("relations", "nested", parts)), rows)
    assert [int(each[-2:]) for each in ids] == numbers


def test_a_page_and_the_total_of_all() -> None:
    ids, total = search(plan_of({"page": 2, "pageLimit": 2}), ROWS)
    assert [int(each[-2:]) for each in ids] == [3, 2]
    assert total == 5


def test_a_cursor_beyond_missing_values() -> None:
    body = {"sort": [{"field": "properties.age"}], "searchAfter": [None, ROWS[2].record.id], "page": 9}
    ids, total = search(plan_of(body), ROWS)
    assert [int(each[-2:]) for each in ids] == [5]
    assert total == 5


@pytest.mark.parametrize("seed", range(20))
def test_cursors_walk_every_row_once(seed: int) -> None:
    random = Random(seed)
    schema = CompiledObject(make_object(random))
    rows = make_rows(random, schema, 40)
    by_id = {each.record.id: each for each in rows}
    for _ in range(10):
        body = {**make_body(random, schema, rows), "page": 1, "pageLimit": 500}
        whole, total = search(plan_of(body, schema), rows)
        assert len(whole) == total
        body["pageLimit"] = random.randint(1, 15)
        walked: list[str] = []
        while True:
            plan = plan_of(body, schema)
            page, counted = search(plan, rows)
            assert counted == total
            if not page:
                break
            walked += page
            body = following(body, cursor_of(plan, by_id[page[-1]].record))
        assert walked == whole


def test_the_generator_reaches_every_type_and_operator_and_mostly_finds_something() -> None:
    types, operators, found, searches = set(), set(), 0, 0
    for seed in range(30):
        random = Random(seed)
        schema = CompiledObject(make_object(random))
        rows = make_rows(random, schema, 60)
        types |= {
            prop.type.name
            for each in rows
            for prop in schema.properties_by_key.values()
            if prop.stored_key in each.stored
        }
        for _ in range(20):
            body = make_body(random, schema, rows)
            operators |= {word for word in Operator if f"'{word.value}'" in str(body.get("filters"))}
            searches += 1
            found += search(plan_of(body, schema), rows)[1] > 0
    assert types == set(DataType)
    assert operators == set(Operator)
    assert found > searches / 2


def test_conditions_on_relations_mostly_find_something() -> None:
    found = 0
    for seed in range(30):
        random = Random(seed)
        schema = CompiledObject(make_object(random))
        associations = make_associations((schema.object.number, schema.object.key), (8, OTHER_KEY))
        rows = make_rows(random, schema, 60)
        rows = linked(rows, make_relations(random, rows, [OTHER]), associations)
        body = {"filters": [make_relation_condition(random, rows)]}
        plan = bind(parse_query(request_of(body), strict=False), schema, strict=False, associations=associations)
        found += 0 < search(plan, rows)[1] < len(rows)
    assert found > 15


def test_a_seed_repeats_a_run() -> None:
    def run() -> list[Json]:
        random = Random(5)
        schema = CompiledObject(make_object(random))
        rows = make_rows(random, schema, 10)
        return [rows, [make_body(random, schema, rows) for _ in range(10)]]

    assert run() == run()
