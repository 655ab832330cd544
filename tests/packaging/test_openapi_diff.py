"""What breaks a client is reported, and nothing else."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.openapi_diff import breaking_changes

ROOT = Path(__file__).parents[2]

BASE: dict[str, Any] = {
    "paths": {
        "/pets/{id}": {
            "put": {
                "operationId": "update-pet",
                "security": [{"bearer": ["pets.write"]}],
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "dry", "in": "query", "required": False, "schema": {"type": "string", "enum": ["a", "b"]}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Change"}}},
                },
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
                    "404": {"content": {"application/json": {"schema": {"type": "object"}}}},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Change": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 9},
                    "age": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["name"],
                "additionalProperties": False,
            },
            "Pet": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "mother": {"anyOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "null"}]},
                    "kind": {"enum": ["cat", "dog"]},
                    "weight": {"type": "number"},
                },
                "required": ["name", "mother"],
            },
        }
    },
}

PUT = "PUT /pets/{id}"


def operation(document: Any) -> Any:
    return document["paths"]["/pets/{id}"]["put"]


def change(document: Any) -> Any:
    return document["components"]["schemas"]["Change"]


def pet(document: Any) -> Any:
    return document["components"]["schemas"]["Pet"]


def edited(edit: Callable[[Any], object]) -> list[str]:
    """What breaks when the document is changed so."""
    head = copy.deepcopy(BASE)
    edit(head)
    return list(breaking_changes(BASE, head))


@pytest.mark.parametrize(
    ("edit", "breaks"),
    [
        (lambda d: d["paths"].clear(), "the operation is gone"),
        (lambda d: operation(d).update(operationId="put-pet"), "operationId was update-pet and is put-pet"),
        (lambda d: operation(d).update(security=[{"bearer": ["pets.admin"]}]), "the scope pets.admin is now needed"),
        (lambda d: operation(d)["parameters"].pop(), "the query parameter dry is gone"),
        (lambda d: operation(d)["parameters"][1].update(required=True), "the query parameter dry is now required"),
        (lambda d: operation(d)["parameters"][1]["schema"]["enum"].pop(), "query parameter dry can no longer be b"),
        (
            lambda d: operation(d)["parameters"].append(
                {"name": "X", "in": "header", "required": True, "schema": {"type": "string"}}
            ),
            "the header parameter X is now required",
        ),
        (lambda d: operation(d)["requestBody"]["content"].clear(), "a body of application/json is no longer accepted"),
        (lambda d: operation(d)["responses"].pop("200"), "it no longer answers 200"),
        (lambda d: operation(d)["responses"]["200"]["content"].clear(), "200 no longer comes as application/json"),
        (lambda d: change(d)["required"].append("age"), "body.age is now required"),
        (lambda d: change(d)["properties"].pop("tags"), "body.tags is gone"),
        (
            lambda d: change(d)["properties"]["tags"]["items"].update(type="integer"),
            "body.tags[] can no longer be string",
        ),
        (lambda d: change(d)["properties"]["age"]["anyOf"].pop(), "body.age can no longer be null"),
        (lambda d: change(d)["properties"]["name"].update(maxLength=8), "body.name: maxLength is stricter than it was"),
        (lambda d: change(d)["properties"]["name"].update(minLength=2), "body.name: minLength is stricter than it was"),
        (lambda d: change(d)["properties"]["name"].update(pattern="^a"), "body.name: pattern is stricter than it was"),
        (lambda d: pet(d)["properties"].pop("weight"), "200.weight is gone"),
        (lambda d: pet(d)["required"].pop(), "200.mother may now be missing"),
        (lambda d: pet(d)["properties"]["kind"]["enum"].append("owl"), "200.kind can now be owl"),
        (lambda d: pet(d)["properties"]["name"].update(type=["string", "null"]), "200.name can now be null or string"),
        (lambda d: pet(d)["properties"]["weight"].update(type="string"), "200.weight can now be string"),
    ],
)
def test_a_breaking_change_is_reported(edit: Callable[[Any], object], breaks: str) -> None:
    found = edited(edit)

    assert len(found) == 1
    assert found[0].startswith(PUT)
    assert breaks in found[0]


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: None,
        lambda d: d["paths"].update({"/cats": operation(d)}),
        lambda d: operation(d).pop("security"),
        lambda d: operation(d)["parameters"].append({"name": "n", "in": "query", "schema": {"type": "string"}}),
        lambda d: operation(d)["parameters"][1]["schema"].pop("enum"),
        lambda d: operation(d)["responses"].update({"409": {"content": {}}}),
        lambda d: operation(d)["responses"].pop("404"),
        lambda d: change(d)["required"].clear(),
        lambda d: change(d)["properties"].update(colour={"type": "string"}),
        lambda d: change(d)["properties"]["age"]["anyOf"].append({"type": "string"}),
        lambda d: change(d)["properties"]["age"]["anyOf"][0].update(type="number"),
        lambda d: change(d)["properties"]["name"].update(minLength=0, maxLength=10),
        lambda d: pet(d)["properties"].update(colour={"type": "string"}),
        lambda d: pet(d)["required"].append("kind"),
        lambda d: pet(d)["properties"]["kind"]["enum"].pop(),
        lambda d: pet(d)["properties"]["mother"]["anyOf"].pop(),
        lambda d: pet(d)["properties"]["weight"].update(type="integer"),
    ],
)
def test_what_old_clients_do_not_notice_is_not_reported(edit: Callable[[Any], object]) -> None:
    assert edited(edit) == []


def test_our_own_document_breaks_nothing_of_itself() -> None:
    document = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))

    assert list(breaking_changes(document, document)) == []


def test_an_operation_of_our_own_document_that_is_taken_out_is_reported() -> None:
    document = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
    head = copy.deepcopy(document)
    del head["paths"]["/objects/{schemaKey}/records"]["post"]

    assert list(breaking_changes(document, head)) == ["POST /objects/{schemaKey}/records: the operation is gone"]


@pytest.mark.parametrize(("arguments", "said"), [([], "usage: "), (["no-such-revision"], "is no revision")])
def test_it_says_what_it_cannot_compare_with(arguments: list[str], said: str) -> None:
    command = [sys.executable, "-m", "checks.openapi_diff", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert said in done.stderr
