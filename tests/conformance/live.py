"""Scenarios of profile `live` alone: the quirks that were observed.

See docs/contract.md#record-bodies, #record-replies, #search-status.
"""

from __future__ import annotations

from tests.conformance.given import FOLDER, OPTIONS, PET, REX, create, field, live_scenario, search
from tests.conformance.scenario import Like, Scenario, Step

_RECORDS = "/objects/custom_objects.pet/records"
_RECORD = _RECORDS + "/{record}"
_NO_LOCATION = ["locationId must be a string", "locationId should not be empty"]
_EXTRA = {"message": ["property locationId should not exist"], "error": "Unprocessable Entity"}
_REX = {"properties": {"name": "Rex"}}

SCENARIOS: tuple[Scenario, ...] = (
    live_scenario(
        "live",
        "where the location stands when a record is created",
        PET,
        Step("POST", _RECORDS, 201, body={**_REX, "locationId": "{location}"}),
        Step("POST", _RECORDS + "?locationId={location}", 422, body=_REX, has=_EXTRA),
        Step("POST", _RECORDS + "?locationId={location}", 422, body={**_REX, "locationId": "{location}"}, has=_EXTRA),
        Step("POST", _RECORDS, 400, body=_REX, has={"message": "LocationId is not specified"}),
    ),
    live_scenario(
        "live",
        "where the location stands when a record is changed",
        PET,
        REX,
        Step("PUT", _RECORD + "?locationId={location}", 200, body=_REX),
        Step("PUT", _RECORD, 422, body={**_REX, "locationId": "{location}"}, has={"message": _NO_LOCATION}),
        Step("PUT", _RECORD + "?locationId={location}", 422, body={**_REX, "locationId": "{location}"}, has=_EXTRA),
        Step("PUT", _RECORD, 404, body=_REX, has={"message": "Custom Object (custom_objects.pet) not found"}),
    ),
    live_scenario(
        "live",
        "where the location stands when a record is read and deleted",
        PET,
        REX,
        Step("GET", _RECORD + "?locationId={location}", 200),
        Step("GET", _RECORD, 200),
        Step("DELETE", _RECORD + "?locationId={location}", 422, has=_EXTRA),
        Step("DELETE", _RECORD, 422, body={"locationId": "{location}"}, has=_EXTRA),
        Step("DELETE", _RECORD, 200),
    ),
    live_scenario(
        "live",
        "owner is not a name, and arrays are not changes",
        PET,
        REX,
        Step(
            "POST",
            _RECORDS,
            422,
            body={**_REX, "locationId": "{location}", "owner": []},
            has={"message": ["property owner should not exist"]},
        ),
        Step(
            "PUT",
            _RECORD + "?locationId={location}",
            422,
            body={"followers": ["user0000000000000001"]},
            has={"message": ["followers must be an object"]},
        ),
    ),
    live_scenario(
        "live",
        "search answers 201",
        PET,
        create({"name": "Rex"}),
        Step("POST", _RECORDS + "/search", 201, body=search(), has={"total": 1, "records": [{"follower": []}]}),
        Step("POST", _RECORDS + "/search", 422, body={"page": 1, "pageLimit": 5}, has={"message": _NO_LOCATION}),
    ),
    live_scenario(
        "live",
        "the misspelt follower",
        PET,
        create({"name": "Rex"}, followers=["user0000000000000001"]),
        Step("GET", _RECORD, 200, has={"record": {"follower": ["user0000000000000001"]}}),
    ),
    live_scenario(
        "live",
        "unknown parameters of a query",
        Step(
            "GET",
            "/objects/?locationId={location}&colour=red",
            422,
            has={"message": ["property colour should not exist"]},
        ),
    ),
    live_scenario(
        "live",
        "extensions are unknown",
        PET,
        FOLDER,
        Step(
            "POST",
            "/custom-fields/",
            422,
            body={**field("chip", "TEXT").body, "isUnique": True},
            has={"message": ["property isUnique should not exist"]},
        ),
    ),
    live_scenario(
        "live",
        "full keys and whole arrays in updates",
        PET,
        FOLDER,
        field("tags", "MULTIPLE_OPTIONS", options=OPTIONS),
        create({"name": "Rex", "tags": ["a"]}),
        Step(
            "POST",
            _RECORDS,
            400,
            body={"locationId": "{location}", "properties": {"custom_objects.pet.name": "Rex"}},
            has={"message": Like(".*couldn't validate the mapped field.*")},
        ),
        Step(
            "PUT",
            _RECORD + "?locationId={location}",
            422,
            body={"properties": {"tags": ["b"]}},
            has={"message": Like("We couldn't apply updates to Tags due to an unexpected format.*")},
        ),
    ),
)
