"""The tables of facts: they are what the published documents say, and hold nothing else of these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.compat.deviation import Document
from tests.compat.deviations import OPERATIONS
from tests.compat.extract import DOCUMENTS, PROSE, UnknownWord, extract, facts_of, written
from tests.compat.published import FACTS, Facts, Parameter, Schema, read_facts, read_published
from tests.needs import not_applicable

TABLES = sorted(file.name for file in FACTS.iterdir())
PUBLISHED = {
    "associations.json",
    "businesses.json",
    "contacts.json",
    "custom-fields.json",
    "locations.json",
    "oauth.json",
    "objects.json",
    "opportunities.json",
}


def made_up() -> Document:
    """A document with one operation, whose members and texts have the same names."""
    reply = {"description": "A pet", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    members: Document = {
        "description": {"type": "string", "description": "Of the pet", "example": "Brown"},
        "title": {"type": "string", "enum": ["Mr", "Ms"], "nullable": True},
        "tags": {"type": "array", "items": {"type": "string", "example": "good"}},
        "owner": {"allOf": [{"type": "object", "title": "Owner", "additionalProperties": {"type": "string"}}]},
    }
    return {
        "openapi": "3.0.0",
        "info": {"title": "Pets", "version": "1.0", "description": "All of them"},
        "paths": {
            "/pets/{id}": {
                "get": {
                    "operationId": "get-pet",
                    "summary": "Get a pet",
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "example": "1"}
                    ],
                    "responses": {"200": reply, "404": {"description": "No such pet"}},
                    "security": [{"bearer": ["pets.readonly"]}],
                }
            }
        },
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "A token"}},
            "schemas": {"Pet": {"type": "object", "properties": members, "required": ["title"], "example": {}}},
        },
    }


def schemas_of(facts: Facts) -> Iterator[Schema]:
    """Every schema of a table, with those inside others."""
    bodies = [body for each in facts.operations for body in (each.body, *each.replies.values()) if body is not None]
    waiting: list[Any] = [*facts.schemas.values(), *(body.schema for body in bodies)]
    waiting += [parameter.schema for each in facts.operations for parameter in each.parameters]
    while waiting:
        match waiting.pop():
            case dict() as schema:
                yield schema
                waiting += schema.get("properties", {}).values()
                waiting += [schema.get("items"), schema.get("additionalProperties")]
                waiting += [each for word in ("allOf", "anyOf", "oneOf") for each in schema.get(word, ())]


def test_the_tables_are_what_the_documents_say() -> None:
    if not DOCUMENTS.is_dir():
        not_applicable("the published documents are not beside this repository, in ../shared/spec")
    tables = {name: (FACTS / name).read_text("utf-8") for name in TABLES}
    expected = extract(DOCUMENTS)

    stale = [name for name in sorted({*tables, *expected}) if tables.get(name) != expected.get(name)]

    assert stale == [], "run `python -m tests.compat.extract`"


def test_there_is_a_table_for_every_document() -> None:
    assert set(TABLES) == PUBLISHED
    assert set(OPERATIONS) == PUBLISHED


@pytest.mark.parametrize("name", TABLES)
def test_a_document_can_be_put_together_again(name: str) -> None:
    assert facts_of(read_published(name)) == read_facts(name)


@pytest.mark.parametrize("name", TABLES)
def test_every_reference_leads_to_a_schema(name: str) -> None:
    facts = read_facts(name)

    named = {schema["$ref"].removeprefix("#/components/schemas/") for schema in schemas_of(facts) if "$ref" in schema}

    assert named
    assert named <= facts.schemas.keys()


@pytest.mark.parametrize("name", TABLES)
def test_every_name_of_an_operation_is_given_once(name: str) -> None:
    names = [operation.name for operation in read_facts(name).operations]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_explains_nothing(name: str) -> None:
    assert [schema for schema in schemas_of(read_facts(name)) if schema.keys() & PROSE] == []


def test_what_only_explains_is_left_out() -> None:
    facts = facts_of(made_up())

    (operation,) = facts.operations
    assert operation.parameters == (Parameter("id", "path", {"type": "string"}, required=True),)
    assert operation.security == ({"bearer": ("pets.readonly",)},)
    assert {status: body.schema for status, body in operation.replies.items()} == {
        "200": {"$ref": "#/components/schemas/Pet"},
        "404": None,
    }
    assert facts.schemas == {
        "Pet": {
            "type": "object",
            "properties": {
                "description": {"type": "string"},
                "title": {"type": "string", "enum": ["Mr", "Ms"], "nullable": True},
                "tags": {"type": "array", "items": {"type": "string"}},
                "owner": {"allOf": [{"type": "object", "additionalProperties": {"type": "string"}}]},
            },
            "required": ["title"],
        }
    }
    assert msgspec.json.decode(written(facts), type=Facts) == facts


@pytest.mark.parametrize("where", ["operation", "parameter", "reply", "schema", "member"])
def test_a_word_that_is_not_known_is_refused(where: str) -> None:
    document = made_up()
    operation = document["paths"]["/pets/{id}"]["get"]
    pet = document["components"]["schemas"]["Pet"]
    places: dict[str, Document] = {
        "operation": operation,
        "parameter": operation["parameters"][0],
        "reply": operation["responses"]["404"],
        "schema": pet,
        "member": pet["properties"]["title"],
    }
    places[where]["minimum"] = 1

    with pytest.raises(UnknownWord, match="minimum"):
        facts_of(document)


def test_a_second_media_type_is_refused() -> None:
    document = made_up()
    document["paths"]["/pets/{id}"]["get"]["responses"]["200"]["content"]["text/plain"] = {}

    with pytest.raises(UnknownWord, match="text/plain"):
        facts_of(document)
