"""Refusals as bodies: the names of the wire are spelled in one place, and follow from what a refusal knows."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import pytest

import groundlevel
from groundlevel.crm.errors import DuplicateContact
from groundlevel.kernel.errors import InvalidKey, InvalidShape, InvalidValue, Refusal, refusals
from groundlevel.kernel.http.openapi import example_of
from groundlevel.kernel.http.refusals import BODY_SCHEMA, EXPLAINED_SCHEMA, body_of
from groundlevel.kernel.model import Json

SOURCE = Path(groundlevel.__file__).parent
TRACE = "8a1f1f0a-6d3e-4a7e-9f5b-0c1d2e3f4a5b"
BODIES: tuple[tuple[Refusal, dict[str, Json]], ...] = (
    (
        InvalidValue("Age: no", field_key="custom_objects.pet.age"),
        {"message": "Age: no", "errorCode": "invalid_value", "fieldKey": "custom_objects.pet.age"},
    ),
    (InvalidKey("'A' is not a valid object key"), {"message": "'A' is not a valid object key"}),
    (
        DuplicateContact("ocQHyuzHvysMo5N5VsXc", "phone"),
        {
            "message": "This location does not allow duplicated contacts.",
            "meta": {"contactId": "ocQHyuzHvysMo5N5VsXc", "matchingField": "phone"},
        },
    ),
)


@pytest.mark.parametrize(("refusal", "said"), BODIES)
def test_body(refusal: Refusal, said: dict[str, Json]) -> None:
    assert body_of(refusal, TRACE) == {"statusCode": 400, "error": "Bad Request", "traceId": TRACE, **said}


def test_an_explained_body_has_the_same_members_as_details() -> None:
    error = body_of(BODIES[0][0], TRACE, explained=True)["error"]
    assert error["details"] == {"errorCode": "invalid_value", "fieldKey": "custom_objects.pet.age"}
    assert error["code"] == "invalid_value"

    shape = body_of(InvalidShape(["a", "b"]), TRACE, explained=True)["error"]
    assert shape["details"] == {"faults": ["a", "b"]}


@pytest.mark.parametrize("refusal", tuple(refusals()), ids=lambda refusal: refusal.code)
def test_examples_have_the_documented_schema(refusal: type[Refusal]) -> None:
    schema = {**BODY_SCHEMA, "additionalProperties": refusal.error != ""}
    jsonschema_rs.validate(schema, example_of(refusal))
    jsonschema_rs.validate(EXPLAINED_SCHEMA, example_of(refusal, explained=True))


@pytest.mark.parametrize("name", ['"errorCode"', '"resolution"', "errorCode=", "fieldKey="])
def test_names_of_the_wire_are_spelled_in_one_place(name: str) -> None:
    """Apart from the probes, which say what is seen on the wire of any server."""
    spelled = [path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if name in path.read_text("utf-8")]

    assert {path for path in spelled if not path.startswith("conformance/probes/")} <= {"kernel/http/refusals.py"}
