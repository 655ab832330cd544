"""Scenarios of fields: F1 to F4, and F8."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tests.conformance.given import FOLDER, OPTIONS, PET, create, field, live_scenario, scenario, search, spec_scenario
from tests.conformance.scenario import MOMENT, SHORT_ID, UUID, Kind, Scenario, Sized, Step, holds

_FIELDS = "/custom-fields/object-key/custom_objects.pet?locationId={location}"
_GIVEN = (PET, FOLDER)
_SIZE = (*_GIVEN, field("size", "SINGLE_OPTIONS", options=OPTIONS))
_HAS_FIELD = {
    "id": SHORT_ID,
    "locationId": "{location}",
    "objectKey": "custom_objects.pet",
    "fieldKey": "custom_objects.pet.size",
    "name": "Size",
    "dataType": "SINGLE_OPTIONS",
    "parentId": "{folder}",
    "showInForms": True,
    "dateAdded": MOMENT,
    "dateUpdated": MOMENT,
    "options": OPTIONS,
}
_HAS_FOLDER = {
    "id": SHORT_ID,
    "locationId": "{location}",
    "objectKey": "custom_objects.pet",
    "fieldKey": Kind(str),
    "dataType": Kind(str),
    "parentId": Kind(str),
    "showInForms": Kind(bool),
    "dateAdded": MOMENT,
    "dateUpdated": MOMENT,
}
_UNSUPPORTED = {"message": "Api does not support objectKey of type contact or opportunity", "error": "Bad Request"}
_NO_LOCATION = ["locationId must be a string", "locationId should not be empty"]


_TYPES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("TEXT", {}),
    ("LARGE_TEXT", {}),
    ("NUMERICAL", {}),
    ("PHONE", {}),
    ("MONETORY", {}),
    ("CHECKBOX", {"options": OPTIONS}),
    ("SINGLE_OPTIONS", {"options": OPTIONS}),
    ("MULTIPLE_OPTIONS", {"options": OPTIONS}),
    ("DATE", {}),
    ("TEXTBOX_LIST", {"options": OPTIONS}),
    ("FILE_UPLOAD", {"acceptedFormats": ".pdf", "maxFileLimit": 2}),
    ("RADIO", {"options": OPTIONS, "allowCustomOption": True}),
)
"""Every type a field of a custom object can have, with the settings it needs."""


def _new(status: int, data_type: str, has: Any = None, **members: Any) -> Step:
    body = {
        "locationId": "{location}",
        "objectKey": "custom_objects.pet",
        "fieldKey": "custom_objects.pet.extra",
        "dataType": data_type,
        "parentId": "{folder}",
        "showInForms": False,
        **members,
    }
    return Step("POST", "/custom-fields/", status, body=body, has=has, absent=() if status == 201 else ("field",))


def _change(status: int, has: Any = None, **members: Any) -> Step:
    body = {"locationId": "{location}", "showInForms": True, **members}
    return Step("PUT", "/custom-fields/{size_id}", status, body=body, has=has)


def _refused(method: str, path: str, status: int, has: Any = None) -> Step:
    return Step(method, path, status, has=has, absent=("field", "succeded"))


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "F1", "by id", *_SIZE, Step("GET", "/custom-fields/{size_id}", 200, has={"field": _HAS_FIELD, "traceId": UUID})
    ),
    scenario(
        "F1",
        "the id of a folder",
        *_GIVEN,
        Step(
            "GET",
            "/custom-fields/{folder}",
            200,
            has={"field": _HAS_FOLDER, "folder": {**_HAS_FOLDER, "id": "{folder}"}},
        ),
    ),
    scenario(
        "F1", "an unknown id", _refused("GET", "/custom-fields/ZZZZZZZZZZZZZZZZZZZZ", 404, {"error": "Not Found"})
    ),
    scenario(
        "F1",
        "options have keys",
        *_SIZE,
        Step("GET", "/custom-fields/{size_id}", 200, has={"field": {"options": OPTIONS}}),
    ),
    scenario(
        "F1",
        "from another location nothing, from the company everything",
        *_SIZE,
        Step("GET", "/custom-fields/{size_id}", 404, token="sister", absent=("field",)),
        Step("GET", "/custom-fields/{size_id}?locationId={location}", 403, token="sister", absent=("field",)),
        Step("GET", "/custom-fields/{size_id}", 200, token="company"),
        Step("GET", "/custom-fields/ZZZZZZZZZZZZZZZZZZZZ", 404, token="company"),
    ),
    scenario(
        "F2",
        "showInForms is required",
        *_SIZE,
        Step(
            "PUT",
            "/custom-fields/{size_id}",
            422,
            body={"locationId": "{location}"},
            has={"message": ["showInForms must be a boolean value", "showInForms should not be empty"]},
        ),
        _change(422, {"message": ["showInForms must be a boolean value"]}, showInForms="yes"),
    ),
    scenario(
        "F2",
        "a new option leaves the keys of the others",
        *_SIZE,
        _change(
            200,
            {"field": {"options": [*OPTIONS, {"key": Kind(str), "label": "Delta"}]}},
            options=[*({"label": option["label"]} for option in OPTIONS), {"label": "Delta"}],
        ),
    ),
    scenario(
        "F2",
        "an option cannot be taken away",
        *_SIZE,
        _change(400, options=OPTIONS[:2]),
        Step("GET", "/custom-fields/{size_id}", 200, has={"field": {"options": OPTIONS}}),
    ),
    scenario(
        "F2",
        "type and key cannot change",
        *_SIZE,
        _change(
            422,
            {"message": ["property dataType should not exist", "property fieldKey should not exist"]},
            dataType="TEXT",
            fieldKey="custom_objects.pet.other",
        ),
    ),
    scenario(
        "F2",
        "a name leaves the key",
        *_SIZE,
        _change(
            200,
            {"field": {"name": "Height", "fieldKey": "custom_objects.pet.size", "showInForms": False}},
            name="Height",
            showInForms=False,
        ),
        Step("GET", _FIELDS, 200, has={"fields": holds({"name": "Height", "fieldKey": "custom_objects.pet.size"})}),
    ),
    scenario(
        "F3",
        "the misspelling is the contract",
        *_SIZE,
        Step(
            "DELETE",
            "/custom-fields/{size_id}",
            200,
            has={"succeded": True, "id": "{size_id}", "key": "custom_objects.pet.size"},
        ),
    ),
    scenario("F3", "not the primary field", *_GIVEN, _refused("DELETE", "/custom-fields/{primary}", 400)),
    scenario(
        "F3",
        "its values vanish, and do not come back with its name",
        *_SIZE,
        create({"name": "Rex", "size": "a"}),
        Step("DELETE", "/custom-fields/{size_id}", 200),
        Step("GET", "/objects/custom_objects.pet/records/{record}", 200, absent=("record/properties/size",)),
        field("size", "TEXT"),
        Step("GET", "/objects/custom_objects.pet/records/{record}", 200, absent=("record/properties/size",)),
    ),
    scenario(
        "F3",
        "once",
        *_SIZE,
        Step("DELETE", "/custom-fields/{size_id}", 200),
        _refused("DELETE", "/custom-fields/{size_id}", 404),
        _refused("GET", "/custom-fields/{size_id}", 404),
    ),
    scenario(
        "F3",
        "not while it is searchable",
        *_SIZE,
        Step(
            "PUT",
            "/objects/custom_objects.pet",
            200,
            body={"locationId": "{location}", "searchableProperties": ["name", "custom_object.pet.size"]},
        ),
        _refused("DELETE", "/custom-fields/{size_id}", 400),
    ),
    scenario(
        "F4",
        "fields and folders",
        *_SIZE,
        Step("GET", _FIELDS, 200, has={"fields": holds(_HAS_FIELD, {"id": "{primary}"}), "folders": [_HAS_FOLDER]}),
    ),
    scenario(
        "F4",
        "a default folder",
        PET,
        Step("GET", _FIELDS, 200, has={"folders": [{"standard": True, "name": Kind(str)}]}),
    ),
    scenario(
        "F4",
        "business",
        Step(
            "GET",
            "/custom-fields/object-key/business?locationId={location}",
            200,
            has={"fields": holds({"fieldKey": "business.name", "standard": True}), "folders": Kind(list)},
        ),
    ),
    scenario(
        "F4",
        "not contact or opportunity",
        *(
            Step(
                "GET",
                f"/custom-fields/object-key/{key}?locationId={{location}}",
                400,
                has=_UNSUPPORTED,
                absent=("fields",),
            )
            for key in ("contact", "opportunity")
        ),
    ),
    scenario(
        "F4",
        "an unknown object, and no location",
        Step("GET", "/custom-fields/object-key/custom_objects.yak?locationId={location}", 404),
        Step("GET", "/custom-fields/object-key/business", 422, has={"message": _NO_LOCATION}),
    ),
    scenario(
        "F8",
        "each data type",
        *_GIVEN,
        *(
            _new(201, data_type, {"field": {"dataType": data_type}}, fieldKey=f"custom_objects.pet.f{n}", **settings)
            for n, (data_type, settings) in enumerate(_TYPES)
        ),
        Step("GET", _FIELDS, 200, has={"fields": Sized(13)}),
    ),
    *(
        described(
            "F8",
            f"an email field of business is shown as {shown}",
            Step(
                "GET",
                "/custom-fields/object-key/business?locationId={location}",
                200,
                keep={"folder": "folders/0/id"},
            ),
            replace(
                _new(
                    201,
                    "EMAIL",
                    {"field": {"dataType": shown, "fieldKey": "business.second_email"}},
                    objectKey="business",
                    fieldKey="business.second_email",
                ),
                keep={"field": "field/id"},
            ),
            Step("GET", "/custom-fields/{field}", 200, has={"field": {"dataType": shown}}),
        )
        for described, shown in ((spec_scenario, "EMAIL"), (live_scenario, "TEXT"))
    ),
    scenario(
        "F8",
        "options where they belong",
        *_GIVEN,
        *(
            Step("POST", "/custom-fields/", status, body=_new(status, data_type, **settings).body)
            for status, data_type, settings in (
                (400, "SINGLE_OPTIONS", {}),
                (400, "CHECKBOX", {"options": []}),
                (400, "TEXT", {"options": OPTIONS}),
                (400, "TEXT", {"maxFileLimit": 2}),
                (400, "TEXT", {"allowCustomOption": True}),
            )
        ),
        Step("GET", _FIELDS, 200, has={"fields": Sized(1)}),
    ),
    scenario(
        "F8",
        "either spelling of the prefix",
        *_GIVEN,
        _new(
            201,
            "TEXT",
            {"field": {"objectKey": "custom_objects.pet", "fieldKey": "custom_objects.pet.extra"}},
            objectKey="custom_object.pet",
            fieldKey="custom_object.pet.extra",
        ),
    ),
    scenario(
        "F8",
        "a key is taken once",
        *_GIVEN,
        _new(201, "TEXT"),
        _new(400, "NUMERICAL"),
        _new(400, "TEXT", fieldKey="extra"),
    ),
    scenario(
        "F8",
        "an unknown folder",
        *_GIVEN,
        _new(400, "TEXT", parentId="ZZZZZZZZZZZZZZZZZZZZ"),
        _new(422, "TEXT", {"message": ["parentId should not be empty"]}, parentId=""),
        _new(400, "TEXT", objectKey="contact"),
        _new(404, "TEXT", objectKey="custom_objects.yak"),
    ),
    scenario(
        "F8",
        "faults of schema",
        *_GIVEN,
        _new(422, "COLOUR", {"message": [holds("dataType must be one of the following values: TEXT", "EMAIL")]}),
        _new(422, "TEXT", {"message": ["options must be an array"]}, options="a"),
        _new(
            422,
            "CHECKBOX",
            {"message": ["options.0.label must be a string", "options.0.label should not be empty"]},
            options=[{"key": "a"}],
        ),
        _new(
            422, "FILE_UPLOAD", {"message": ["property isMultiFileAllowed should not exist"]}, isMultiFileAllowed=True
        ),
    ),
    spec_scenario(
        "F8",
        "required and unique as extensions",
        *_GIVEN,
        _new(201, "TEXT", {"field": {"isRequired": True, "isUnique": True}}, isRequired=True, isUnique=True),
        Step(
            "GET",
            "/objects/custom_objects.pet?locationId={location}",
            200,
            has={
                "object": {
                    "requiredProperties": holds("custom_objects.pet.extra"),
                    "uniqueProperties": ["custom_objects.pet.extra"],
                }
            },
        ),
        Step("POST", "/objects/custom_objects.pet/records", 400, body={"properties": {"name": "Rex"}}),
        Step("POST", "/objects/custom_objects.pet/records/search", 200, body=search(), has={"total": 0}),
    ),
)
