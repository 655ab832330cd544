"""Scenarios of folders: F5 to F7."""

from __future__ import annotations

from typing import Any

from tests.conformance.given import FOLDER, PET, scenario
from tests.conformance.scenario import SHORT_ID, Kind, Lacks, Scenario, Step, holds

_FIELDS = "/custom-fields/object-key/custom_objects.pet?locationId={location}"
_GIVEN = (PET, FOLDER)
_UNSUPPORTED = {"message": "Api does not support objectKey of type contact or opportunity", "error": "Bad Request"}
_NO_LOCATION = ["locationId must be a string", "locationId should not be empty"]
_NEW_FOLDER = {"locationId": "{location}", "objectKey": "custom_objects.pet", "name": "Health"}
_HEALTH = Step("POST", "/custom-fields/folder", 201, body=_NEW_FOLDER, keep={"health": "id"})
_IN_HEALTH = Step(
    "POST",
    "/custom-fields/",
    201,
    body={
        "locationId": "{location}",
        "objectKey": "custom_objects.pet",
        "fieldKey": "weight",
        "dataType": "NUMERICAL",
        "parentId": "{health}",
        "showInForms": True,
    },
)


def _refused(method: str, path: str, status: int, has: Any = None) -> Step:
    return Step(method, path, status, has=has, absent=("succeded",))


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "F5",
        "a bare body",
        PET,
        Step(
            "POST",
            "/custom-fields/folder",
            201,
            body=_NEW_FOLDER,
            has={"id": SHORT_ID, "objectKey": "custom_objects.pet", "locationId": "{location}", "name": "Health"},
            absent=("folder", "field"),
        ),
    ),
    scenario(
        "F5",
        "a name is required",
        PET,
        Step(
            "POST",
            "/custom-fields/folder",
            422,
            body={"locationId": "{location}", "objectKey": "custom_objects.pet"},
            has={"message": ["name must be a string", "name should not be empty"]},
        ),
        Step("POST", "/custom-fields/folder", 422, body={**_NEW_FOLDER, "name": ""}),
    ),
    scenario(
        "F5",
        "not for contact or opportunity",
        Step("POST", "/custom-fields/folder", 400, body={**_NEW_FOLDER, "objectKey": "contact"}, has=_UNSUPPORTED),
        Step("POST", "/custom-fields/folder", 400, body={**_NEW_FOLDER, "objectKey": "opportunity"}, has=_UNSUPPORTED),
    ),
    scenario(
        "F5", "shows in the list", PET, _HEALTH, Step("GET", _FIELDS, 200, has={"folders": holds({"id": "{health}"})})
    ),
    scenario(
        "F5",
        "either spelling of the prefix, and an unknown object",
        PET,
        Step(
            "POST",
            "/custom-fields/folder",
            201,
            body={**_NEW_FOLDER, "objectKey": "custom_object.pet"},
            has={"objectKey": "custom_objects.pet"},
        ),
        Step("POST", "/custom-fields/folder", 404, body={**_NEW_FOLDER, "objectKey": "custom_objects.yak"}),
    ),
    *(
        scenario("F6", check, PET, FOLDER, _HEALTH, *steps)
        for check, steps in (
            (
                "the name changes",
                (
                    Step(
                        "PUT",
                        "/custom-fields/folder/{health}",
                        200,
                        body={"locationId": "{location}", "name": "Care"},
                        has={"id": "{health}", "name": "Care", "objectKey": "custom_objects.pet"},
                        absent=("folder",),
                    ),
                    Step("GET", _FIELDS, 200, has={"folders": holds({"id": "{health}", "name": "Care"})}),
                ),
            ),
            (
                "the id stays",
                (
                    Step("PUT", "/custom-fields/folder/{health}", 200, body={"locationId": "{location}", "name": "A"}),
                    Step("GET", "/custom-fields/{health}", 200, has={"folder": {"id": "{health}", "name": "A"}}),
                ),
            ),
            (
                "locationId is required",
                (
                    Step(
                        "PUT",
                        "/custom-fields/folder/{health}",
                        422,
                        body={"name": "A"},
                        has={"message": _NO_LOCATION},
                    ),
                ),
            ),
            (
                "the id of a field",
                (Step("PUT", "/custom-fields/folder/{primary}", 404, body={"locationId": "{location}", "name": "A"}),),
            ),
            (
                "in another location",
                (
                    Step(
                        "PUT",
                        "/custom-fields/folder/{health}",
                        403,
                        body={"locationId": "{location}", "name": "A"},
                        token="sister",
                    ),
                    Step(
                        "PUT",
                        "/custom-fields/folder/{health}",
                        404,
                        body={"locationId": "{sister}", "name": "A"},
                        token="sister",
                    ),
                ),
            ),
        )
    ),
    scenario(
        "F7",
        "needs a location",
        PET,
        _HEALTH,
        _refused("DELETE", "/custom-fields/folder/{health}", 422, {"message": _NO_LOCATION}),
    ),
    scenario(
        "F7",
        "the misspelling is the contract",
        PET,
        _HEALTH,
        Step(
            "DELETE",
            "/custom-fields/folder/{health}?locationId={location}",
            200,
            has={"succeded": True, "id": "{health}", "key": Kind(str)},
        ),
    ),
    scenario(
        "F7",
        "not with fields in it",
        PET,
        FOLDER,
        _HEALTH,
        _IN_HEALTH,
        _refused("DELETE", "/custom-fields/folder/{health}?locationId={location}", 400),
    ),
    scenario(
        "F7",
        "not the default one",
        *_GIVEN,
        _refused("DELETE", "/custom-fields/folder/{folder}?locationId={location}", 400),
    ),
    scenario(
        "F7",
        "gone from the list",
        PET,
        _HEALTH,
        Step("DELETE", "/custom-fields/folder/{health}?locationId={location}", 200),
        Step("GET", _FIELDS, 200, has={"folders": Lacks({"id": "{health}"})}),
        _refused("DELETE", "/custom-fields/folder/{health}?locationId={location}", 404),
    ),
)
