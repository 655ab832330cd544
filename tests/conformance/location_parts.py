"""Scenarios of what a location keeps: added fields and custom values; and of what the server does without."""

from __future__ import annotations

from typing import Any

from tests.conformance.given import scenario
from tests.conformance.opportunities import PIPELINES
from tests.conformance.scenario import SHORT_ID, Scenario, Sized, Step, holds

FIELD_ROW, VALUE_ROW = "Location fields", "Custom values"
_FIELDS = "/locations/{location}/customFields"
_FIELD = _FIELDS + "/{size}"
_VALUES = "/locations/{location}/customValues"
_VALUE = _VALUES + "/{hours}"
_UNSCOPED = {"statusCode": 401, "message": "The token is not authorized for this scope.", "error": "Unauthorized"}
_NOTHING = {"error": "Not Found"}


def location_field(name: str, data_type: str, keep: str, **members: Any) -> Step:
    """A step that adds a field; its id is kept."""
    return Step(
        "POST", _FIELDS, 201, body={"name": name, "dataType": data_type, **members}, keep={keep: "customField/id"}
    )


def _custom(method: str, path: str, sent: dict[str, Any], /, **members: Any) -> Step:
    """A step that sends one value of an added field; `has` and `absent` are of its reply."""
    expected = {name: members.pop(name) for name in ("has", "absent") if name in members}
    return Step(method, path, 200, body={**members, "customFields": [sent]}, **expected)


_SIZE = location_field("Shoe size", "SINGLE_OPTIONS", "size", options=["Very small", "Large"])
_REASON = location_field("Reason", "TEXT", "reason", model="opportunity", placeholder="Why?")
_HOURS = Step(
    "POST",
    _VALUES,
    201,
    body={"name": "Opening hours", "value": "9 to 17"},
    has={
        "customValue": {
            "id": SHORT_ID,
            "name": "Opening hours",
            "fieldKey": "{{ custom_values.opening_hours }}",
            "value": "9 to 17",
            "locationId": "{location}",
        }
    },
    keep={"hours": "customValue/id"},
)

_TAG = "/locations/{location}/tags/{tag}"
_GUEST = Step("POST", "/locations/{location}/tags", 200, body={"name": "guest"}, keep={"tag": "tag/id"})
GIVEN = (_SIZE, _HOURS, _GUEST)
"""What the requests below need."""
OPERATIONS: tuple[tuple[str, str, str, Any], ...] = (
    ("L2", "GET", "/locations/{location}/timezones", None),
    ("L3", "GET", _FIELDS, None),
    ("L4", "POST", _FIELDS, {"name": "Colour", "dataType": "TEXT"}),
    ("L5", "GET", _FIELD, None),
    ("L6", "PUT", _FIELD, {"name": "Size"}),
    ("L7", "GET", _VALUES, None),
    ("L8", "POST", _VALUES, {"name": "Motto", "value": "On foot"}),
    ("L9", "GET", _VALUE, None),
    ("L10", "PUT", _VALUE, {"name": "Hours", "value": "9 to 18"}),
    ("L11", "DELETE", _FIELD, None),
    ("L12", "DELETE", _VALUE, None),
    ("L13", "GET", "/locations/{location}/tags", None),
    ("L14", "POST", "/locations/{location}/tags", {"name": "lead"}),
    ("L15", "GET", _TAG, None),
    ("L16", "PUT", _TAG, {"name": "client"}),
    ("L17", "DELETE", _TAG, None),
)
"""Every operation on them with a request that would succeed in the order given."""


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        FIELD_ROW,
        "a new field has every member",
        Step(
            "POST",
            _FIELDS,
            201,
            body={"name": "Shoe size", "dataType": "SINGLE_OPTIONS", "options": ["Very small", "Large"], "position": 3},
            has={
                "customField": {
                    "id": SHORT_ID,
                    "name": "Shoe size",
                    "model": "contact",
                    "fieldKey": "contact.shoe_size",
                    "dataType": "SINGLE_OPTIONS",
                    "position": 3,
                    "picklistOptions": ["Very small", "Large"],
                    "placeholder": "",
                    "locationId": "{location}",
                    "parentId": SHORT_ID,
                    "documentType": "field",
                }
            },
            absent=("customField/isMultiFileAllowed", "customField/picklistImageOptions"),
            keep={"size": "customField/id"},
        ),
        Step("GET", _FIELD, 200, has={"customField": {"id": "{size}", "fieldKey": "contact.shoe_size"}}),
    ),
    scenario(
        FIELD_ROW,
        "the list has the added fields of the model alone",
        _SIZE,
        _REASON,
        Step("GET", _FIELDS, 200, has={"customFields": [{"id": "{size}"}, {"id": "{reason}"}]}),
        Step("GET", _FIELDS + "?model=all", 200, has={"customFields": Sized(2)}),
        Step("GET", _FIELDS + "?model=contact", 200, has={"customFields": [{"id": "{size}", "model": "contact"}]}),
        Step(
            "GET",
            _FIELDS + "?model=opportunity",
            200,
            has={"customFields": [{"fieldKey": "opportunity.reason", "placeholder": "Why?"}]},
        ),
        Step("GET", _FIELDS + "?model=pet", 422),
    ),
    scenario(
        FIELD_ROW,
        "contacts take and show the labels of options",
        _SIZE,
        location_field("Likes", "MULTIPLE_OPTIONS", "likes", textBoxListOptions=[{"label": "Dogs & cats"}, "Fish"]),
        Step(
            "POST",
            "/contacts/",
            201,
            body={
                "locationId": "{location}",
                "email": "ann@example.com",
                "customFields": [
                    {"id": "{size}", "field_value": "Very small"},
                    {"key": "likes", "field_value": ["Dogs & cats", "Fish"]},
                ],
            },
            has={
                "contact": {
                    "customFields": [
                        {"id": "{size}", "value": "Very small"},
                        {"id": "{likes}", "value": ["Dogs & cats", "Fish"]},
                    ]
                }
            },
            keep={"contact": "contact/id"},
        ),
        Step(
            "PUT",
            "/contacts/{contact}",
            400,
            body={"customFields": [{"id": "{size}", "field_value": "Huge"}]},
        ),
    ),
    *(
        scenario(
            FIELD_ROW,
            f"values are taken as {spelled}",
            _SIZE,
            _REASON,
            PIPELINES,
            Step(
                "POST",
                "/contacts/",
                201,
                body={
                    "locationId": "{location}",
                    "email": "ann@example.com",
                    "customFields": [{"id": "{size}", spelled: "Very small"}],
                },
                has={"contact": {"customFields": [{"id": "{size}", "value": "Very small"}]}},
                keep={"contact": "contact/id"},
            ),
            _custom(
                "PUT", "/contacts/{contact}", {"key": "shoe_size", spelled: ""}, absent=("contact/customFields/0",)
            ),
            _custom(
                "POST",
                "/contacts/upsert",
                {"key": "contact.shoe_size", spelled: "Very small"},
                has={"contact": {"customFields": [{"id": "{size}", "value": "Very small"}]}},
                locationId="{location}",
                email="ann@example.com",
            ),
            _custom("PUT", "/contacts/{contact}", {"id": "{size}", spelled: None}, absent=("contact/customFields/0",)),
            Step(
                "POST",
                "/opportunities/",
                201,
                body={
                    "locationId": "{location}",
                    "pipelineId": "{pipeline}",
                    "contactId": "{contact}",
                    "name": "Deal",
                    "status": "open",
                    "customFields": [{"id": "{reason}", spelled: "Bored"}],
                },
                has={"opportunity": {"customFields": [{"id": "{reason}", "fieldValue": "Bored"}]}},
                keep={"deal": "opportunity/id"},
            ),
            _custom(
                "PUT",
                "/opportunities/{deal}",
                {"key": "reason", spelled: "Tired"},
                has={"opportunity": {"customFields": [{"fieldValue": "Tired"}]}},
            ),
            _custom(
                "POST",
                "/opportunities/upsert",
                {"key": "opportunity.reason", spelled: "Sold"},
                has={"opportunity": {"customFields": [{"fieldValue": "Sold"}]}},
                locationId="{location}",
                pipelineId="{pipeline}",
                id="{deal}",
            ),
        )
        for spelled in ("field_value", "fieldValue", "value")
    ),
    scenario(
        FIELD_ROW,
        "opportunities take values of their fields",
        _REASON,
        PIPELINES,
        Step(
            "POST", "/contacts/", 201, body={"locationId": "{location}", "name": "Ann"}, keep={"contact": "contact/id"}
        ),
        Step(
            "POST",
            "/opportunities/",
            201,
            body={
                "locationId": "{location}",
                "pipelineId": "{pipeline}",
                "contactId": "{contact}",
                "name": "Deal",
                "status": "open",
                "customFields": [{"id": "{reason}", "field_value": "Bored"}],
            },
            has={"opportunity": {"customFields": holds({"id": "{reason}"})}},
        ),
    ),
    scenario(
        FIELD_ROW,
        "a change keeps what it does not name, and takes no option away",
        _SIZE,
        Step(
            "PUT",
            _FIELD,
            200,
            body={"name": "Size", "picklistOptions": ["Very small", "Large", "Huge"], "placeholder": "EU"},
            has={"customField": {"name": "Size", "picklistOptions": ["Very small", "Large", "Huge"]}},
        ),
        Step(
            "PUT",
            _FIELD,
            200,
            body={"name": "Size", "model": "contact"},
            has={"customField": {"fieldKey": "contact.shoe_size", "picklistOptions": Sized(3), "placeholder": "EU"}},
        ),
        Step("PUT", _FIELD, 400, body={"name": "Size", "options": ["Large"]}),
        Step("PUT", _FIELD, 400, body={"name": "Size", "model": "opportunity"}),
        Step("PUT", _FIELD, 422, body={"placeholder": "UK"}),
    ),
    scenario(
        FIELD_ROW,
        "a deleted field is gone, with its values",
        _SIZE,
        Step("DELETE", _FIELD, 200, has={"succeded": True}),
        Step("GET", _FIELD, 404, has=_NOTHING),
        Step("PUT", _FIELD, 404, body={"name": "Size"}),
        Step("DELETE", _FIELD, 404, has=_NOTHING),
        Step("GET", _FIELDS, 200, has={"customFields": []}),
        _SIZE,
    ),
    scenario(
        FIELD_ROW,
        "standard fields and those of other locations are none of them",
        _SIZE,
        Step(
            "GET",
            "/objects/contact?locationId={location}&fetchProperties=true",
            200,
            has={"fields": holds({"fieldKey": "contact.shoe_size"})},
            keep={"standard": "fields/0/id"},
        ),
        Step("GET", _FIELDS + "/{standard}", 404, has=_NOTHING),
        Step("DELETE", _FIELDS + "/{standard}", 404, has=_NOTHING),
        Step("GET", "/locations/{foreign}/customFields/{size}", 404, has=_NOTHING, token="foreign"),
        Step("GET", "/locations/{foreign}/customFields", 200, has={"customFields": []}, token="foreign"),
        Step("GET", "/locations/{foreign}/customFields", 403),
        Step("GET", _FIELDS, 401, has=_UNSCOPED, token="unscoped"),
    ),
    scenario(
        FIELD_ROW,
        "files have their limits, and a name in another script has a key",
        location_field("Papers", "FILE_UPLOAD", "papers", acceptedFormat=[".pdf"], maxNumberOfFiles=2),
        Step(
            "GET",
            _FIELDS + "/{papers}",
            200,
            has={"customField": {"isMultiFileAllowed": True, "maxFileLimit": 2, "acceptedFormat": [".pdf"]}},
        ),
        location_field("Größe", "TEXT", "breadth"),
        location_field("名前", "TEXT", "named"),
        Step("GET", _FIELDS + "/{named}", 200, has={"customField": {"name": "名前", "fieldKey": "contact.field"}}),
        Step("POST", _FIELDS, 400, body={"name": "Papers", "dataType": "TEXT"}),
        Step("POST", _FIELDS, 422, body={"name": "Sign", "dataType": "SIGNATURE"}),
        Step("POST", _FIELDS, 400, body={"name": "Pick", "dataType": "SINGLE_OPTIONS"}),
        Step("POST", _FIELDS, 400, body={"name": "Lost", "dataType": "TEXT", "parentId": "nowhere"}),
    ),
    scenario(
        VALUE_ROW,
        "a custom value is listed, fetched, changed and deleted",
        _HOURS,
        Step("GET", _VALUES, 200, has={"customValues": [{"id": "{hours}", "value": "9 to 17"}]}),
        Step("GET", _VALUE, 200, has={"customValue": {"id": "{hours}", "name": "Opening hours"}}),
        Step(
            "PUT",
            _VALUE,
            200,
            body={"name": "Hours", "value": ""},
            has={"customValue": {"name": "Hours", "value": "", "fieldKey": "{{ custom_values.opening_hours }}"}},
        ),
        Step("DELETE", _VALUE, 200, has={"succeded": True}),
        Step("GET", _VALUE, 404, has=_NOTHING),
        Step("GET", _VALUES, 200, has={"customValues": []}),
    ),
    scenario(
        VALUE_ROW,
        "two of one key are refused",
        _HOURS,
        Step("POST", _VALUES, 400, body={"name": "OPENING hours", "value": "x"}),
        Step("GET", _VALUES, 200, has={"customValues": Sized(1)}),
    ),
    scenario(
        VALUE_ROW,
        "name and value are required",
        Step("POST", _VALUES, 422, body={"name": "Motto"}),
        Step("POST", _VALUES, 422, body={"value": "x"}),
        Step("POST", _VALUES, 422, body={"name": "", "value": "x"}),
    ),
    scenario(
        VALUE_ROW,
        "what is not there is not found",
        Step("GET", _VALUES + "/nothing", 404, has=_NOTHING),
        Step("PUT", _VALUES + "/nothing", 404, body={"name": "a", "value": "b"}),
        Step("DELETE", _VALUES + "/nothing", 404, has=_NOTHING),
    ),
    scenario(
        VALUE_ROW,
        "no other location sees it",
        _HOURS,
        Step("GET", _VALUE, 403, token="foreign"),
        Step("GET", "/locations/{foreign}/customValues/{hours}", 404, has=_NOTHING, token="foreign"),
        Step(
            "GET",
            "/locations/{sister}/customValues",
            200,
            has={"customValues": []},
            token="sister",
        ),
        Step("GET", _VALUES, 200, has={"customValues": Sized(1)}, token="company"),
        Step("GET", _VALUE, 401, has=_UNSCOPED, token="unscoped"),
    ),
    *(
        scenario(
            "Unsupported",
            f"{method} {path} says what is missing",
            Step(
                method,
                "/locations/{location}" + path,
                400,
                body=body,
                has={"message": f"{missing} are not supported by this server", "error": "Bad Request"},
                headers={"x-groundlevel-hint": holds(missing, "itself is right")},
            ),
            Step(method, "/locations/{foreign}" + path, 403, body=body),
            Step(method, "/locations/{location}" + path, 401, body=body, token=""),
        )
        for method, path, body, missing in (
            ("GET", "/templates?originId=x", None, "Templates of messages"),
            ("DELETE", "/templates/x", None, "Templates of messages"),
            ("POST", "/recurring-tasks", {"title": "Call"}, "Recurring tasks"),
            ("GET", "/recurring-tasks/x", None, "Recurring tasks"),
            ("PUT", "/recurring-tasks/x", {"title": "Call"}, "Recurring tasks"),
            ("DELETE", "/recurring-tasks/x", None, "Recurring tasks"),
            ("POST", "/customFields/upload", None, "Uploads to the media library"),
        )
    ),
)
