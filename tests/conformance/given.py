"""Steps with which scenarios begin: an object, fields of every type, a record."""

from __future__ import annotations

from typing import Any

from tests.conformance.scenario import Scenario, Step

SPEC = ("spec",)
LIVE = ("live",)

PET_BODY = {
    "locationId": "{location}",
    "labels": {"singular": "Pet", "plural": "Pets"},
    "key": "pet",
    "description": "Animals",
    "primaryDisplayPropertyDetails": {"key": "name", "name": "Pet name", "dataType": "TEXT"},
}

PET = Step("POST", "/objects/", 201, body=PET_BODY, keep={"pet": "object/id"})

FOLDER = Step(
    "GET",
    "/custom-fields/object-key/custom_objects.pet?locationId={location}",
    200,
    keep={"folder": "folders/0/id", "primary": "fields/0/id"},
)

OPTIONS = [{"key": "a", "label": "Alpha"}, {"key": "b", "label": "Beta"}, {"key": "c", "label": "Gamma"}]


def field(key: str, data_type: str, **members: Any) -> Step:
    """A step that creates a field of the pet; its id is kept as `<key>_id`."""
    body = {
        "locationId": "{location}",
        "objectKey": "custom_objects.pet",
        "fieldKey": f"custom_objects.pet.{key}",
        "dataType": data_type,
        "parentId": "{folder}",
        "showInForms": True,
        "name": key.replace("_", " ").capitalize(),
        **members,
    }
    return Step("POST", "/custom-fields/", 201, body=body, keep={f"{key}_id": "field/id"})


def search(**members: Any) -> dict[str, Any]:
    """The body of a search."""
    return {"locationId": "{location}", "page": 1, "pageLimit": 20, **members}


def create(properties: Any, name: str = "record", **members: Any) -> Step:
    """A step that creates a pet; its id is kept under `name`."""
    body = {"locationId": "{location}", "properties": properties, **members}
    return Step("POST", "/objects/custom_objects.pet/records", 201, body=body, keep={name: "record/id"})


REX = create({"name": "Rex"})

ALL_FIELDS = (
    FOLDER,
    field("note", "LARGE_TEXT"),
    field("age", "NUMERICAL"),
    field("phone", "PHONE"),
    field("price", "MONETORY"),
    field("boxes", "CHECKBOX", options=OPTIONS),
    field("size", "SINGLE_OPTIONS", options=OPTIONS),
    field("tags", "MULTIPLE_OPTIONS", options=OPTIONS),
    field("born", "DATE"),
    field("parts", "TEXTBOX_LIST", options=OPTIONS),
    field("files", "FILE_UPLOAD", acceptedFormats="all", maxFileLimit=3),
    field("mood", "RADIO", options=OPTIONS, allowCustomOption=True),
)
"""A field of each type that a custom object can have, beside the primary one of type TEXT."""

ALL_VALUES = {
    "name": "Rex",
    "note": "A good dog",
    "age": 3,
    "phone": "+14155552671",
    "price": {"currency": "default", "value": 12.5},
    "boxes": ["a"],
    "size": "b",
    "tags": ["a", "b"],
    "born": "2021-05-04",
    "parts.a": "left",
    "parts.b": "right",
    "mood": "happy",
}


def scenario(row: str, check: str, *steps: Step) -> Scenario:
    """A scenario of both profiles."""
    return Scenario(row, check, steps)


def spec_scenario(row: str, check: str, *steps: Step) -> Scenario:
    """A scenario of the tolerant profile alone."""
    return Scenario(row, check, steps, SPEC)


def live_scenario(row: str, check: str, *steps: Step) -> Scenario:
    """A scenario of the strict profile alone."""
    return Scenario(row, check, steps, LIVE)
