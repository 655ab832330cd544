"""A search that comes again, or asks for another page, finds what it would find if it were read anew."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from groundlevel.associations.relation_rules import NewRelation, create_relation
from groundlevel.associations.rules import NewAssociation, create_association
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import (
    InvalidCursor,
    InvalidField,
    InvalidFilter,
    InvalidShape,
    LimitExceeded,
    Refusal,
)
from groundlevel.kernel.model import Json
from groundlevel.kernel.query import prepared
from groundlevel.kernel.query.ast import Plan
from groundlevel.kernel.query.parse import SearchRequest, parse_query
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import perform
from groundlevel.records.search import Search, search_records
from groundlevel.schema.field_rules import delete_field
from tests.world import PET, World, world_in

OLD: Json = [{"field": "properties.age", "operator": "range", "value": {"gte": 3}}]
BY_AGE: Json = [{"field": "properties.age", "direction": "asc"}]


@pytest.fixture
async def world(storage: Storage) -> World:
    world = await world_in(storage)
    await world.pet()
    await world.field("age", "NUMERICAL")
    for age in range(10):
        await world.create({"name": f"Rex {age}", "age": age})
    return world


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[SearchRequest]:
    """The requests that were read from beginning to end."""
    seen: list[SearchRequest] = []

    def note(request: SearchRequest, *, strict: bool) -> Any:
        seen.append(request)
        return parse_query(request, strict=strict)

    monkeypatch.setattr("groundlevel.records.search.parse_query", note)
    return seen


async def names(world: World, **asked: Json) -> list[str]:
    found = await world.search(**asked)
    return [str(decode_object(view.record.properties)["name"]) for view in found.views]


async def test_every_page_is_that_of_one_reading(world: World, parsed: list[SearchRequest]) -> None:
    expected = [f"Rex {age}" for age in range(3, 10)]
    for limit in (2, 3, 7, 20):
        by_number: list[str] = []
        for page in range(1, 5):
            by_number += await names(world, filters=OLD, sort=BY_AGE, page=page, page_limit=limit)
        assert by_number == expected
        by_cursor: list[str] = []
        after: Json = None
        while found := await world.search(filters=OLD, sort=BY_AGE, page_limit=limit, search_after=after):
            by_cursor += [view.record.id for view in found.views]
            if not found.views:
                break
            after = found.cursors[-1]
        assert by_cursor == await world.found(filters=OLD, sort=BY_AGE)
    assert len(parsed) == 1


async def test_another_search_is_another(world: World, parsed: list[SearchRequest]) -> None:
    def aged(value: Json) -> Json:
        return [{"field": "properties.age", "operator": "range", "value": {"gte": value}}]

    for number, (asked, count) in enumerate(
        (
            ({"filters": aged(3)}, 7),
            ({"filters": aged(4)}, 6),
            ({"filters": aged(4.0)}, 6),
            ({"filters": aged(4), "text": "rex 9"}, 1),
            ({"text": "rex 9"}, 1),
            ({"text": "rex", "sort": BY_AGE}, 10),
            ({}, 10),
        ),
        1,
    ):
        assert len(await names(world, **asked)) == count
        assert len(parsed) == number


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"page": 0}, InvalidShape),
        ({"page": "1"}, InvalidShape),
        ({"page_limit": 501}, InvalidShape),
        ({"page": 100, "page_limit": 101}, LimitExceeded),
        ({"search_after": "x"}, InvalidShape),
        ({"search_after": [1]}, InvalidCursor),
        ({"search_after": ["x", "0" * 24]}, InvalidCursor),
        ({"search_after": [1, 2, "0" * 24]}, InvalidCursor),
    ],
    ids=str,
)
async def test_a_page_that_cannot_be_is_refused_alike_each_time(
    world: World, asked: dict[str, Json], refusal: type[Refusal]
) -> None:
    said = []
    for _ in range(2):
        with pytest.raises(refusal) as refused:
            await world.search(filters=OLD, sort=BY_AGE, **asked)
        said.append(refused.value.message)
        await world.search(filters=OLD, sort=BY_AGE)
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"filters": [{"field": "properties.none", "operator": "eq", "value": 1}]}, InvalidField),
        ({"filters": [{"field": "properties.age", "operator": "eq", "value": 2**70}]}, InvalidFilter),
        ({"filters": [{"field": "properties.name", "operator": "eq", "value": "\ud800"}]}, InvalidFilter),
        ({"text": "\ud800"}, InvalidShape),
        ({"text": {"a": 1}}, InvalidShape),
        ({"sort": [{"field": "properties.none"}]}, InvalidField),
    ],
    ids=ascii,
)
async def test_what_is_refused_is_refused_again(world: World, asked: dict[str, Json], refusal: type[Refusal]) -> None:
    for _ in range(3):
        with pytest.raises(refusal):
            await world.search(**asked)


async def test_a_field_that_is_gone_is_no_longer_known(world: World) -> None:
    assert len(await names(world, filters=OLD)) == 7
    age = next(field for field in (await world.object()).fields if field.key == "age")
    await world.do(delete_field, age.id)
    with pytest.raises(InvalidField):
        await world.search(filters=OLD)


async def test_what_is_strict_on_one_version_is_not_on_another(world: World) -> None:
    full: Json = [{"field": f"properties.{PET}.age", "operator": "eq", "value": 3}]
    lenient = Search(PET, SearchRequest(filters=full))
    assert len((await world.do(search_records, lenient)).views) == 1
    strictly = msgspec.structs.replace(world.call, strict=True)
    with pytest.raises(InvalidField):
        await perform(world.storage, strictly, search_records, lenient)


async def test_each_grammar_has_its_own_names(world: World) -> None:
    schema = await world.storage.read(world.location, lambda tx: tx.schema(PET))
    request = SearchRequest(filters=[{"field": "what", "operator": "eq", "value": 1}])
    made: list[Plan] = []

    def make_plan() -> Plan:
        made.append(Plan(None, None, (), id_ascending=False, after=(), offset=0, limit=len(made) + 1))
        return made[-1]

    def ask(names: Any) -> Plan:
        return prepared.prepare(request, schema, prepared.Reading(True, names, make_plan))

    grammars: list[Any] = [None, {"what": "name"}, {"what": "age"}]
    assert [ask(names) for names in grammars] == made
    assert len(made) == len(grammars)
    assert [ask(names).where for names in grammars] == [None] * 3
    assert len(made) == len(grammars), "each is known by now"


async def test_conditions_on_relations_are_read_each_time(world: World, parsed: list[SearchRequest]) -> None:
    first, second = (await world.found())[:2]
    related: Json = [
        {
            "field": "relations",
            "operator": "nested",
            "value": [{"field": "recordId", "operator": "eq", "value": second}],
        }
    ]
    assert await world.found(filters=related) == []
    association = await world.do(create_association, NewAssociation("knows", PET, "knows", PET, "is known by"))
    await world.do(create_relation, NewRelation(association.id, first, second))
    assert await world.found(filters=related) == [first]
    assert len(parsed) == 3


async def test_no_more_is_kept_than_some(
    world: World, parsed: list[SearchRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "MOST_KEPT", 3)
    monkeypatch.setattr(prepared, "LONGEST_KEPT", 100)
    for text in ("rex 1", "rex 2", "rex 3", "rex 4"):
        assert len(await world.found(text)) == 1
    schema = await world.storage.read(world.location, lambda tx: tx.schema(PET))
    assert len(schema.plans) == 1
    many: Json = [{"field": "properties.age", "operator": "eq", "value": [*range(40)]}]
    for _ in range(2):
        assert len(await world.found(filters=many)) == 10
    assert len(schema.plans) == 1
    assert len(parsed) == 6
