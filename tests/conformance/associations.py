"""Scenarios of associations: A1 to A7."""

from __future__ import annotations

from typing import Any

from tests.conformance.given import PET, PET_BODY, scenario
from tests.conformance.scenario import HEX_ID, MOMENT, Lacks, Like, Scenario, Sized, Step, holds

_VET = Step("POST", "/objects/", 201, body={**PET_BODY, "key": "vet"})
_NEW = {
    "locationId": "{location}",
    "key": "vet_patient",
    "firstObjectLabel": "Vet",
    "firstObjectKey": "custom_objects.vet",
    "secondObjectLabel": "Patient",
    "secondObjectKey": "custom_objects.pet",
}
_ASSOCIATION = Step("POST", "/associations/", 201, body=_NEW, keep={"association": "id"})
GIVEN = (PET, _VET, _ASSOCIATION)
SHOWN = {
    "id": "{association}",
    "locationId": "{location}",
    "key": "vet_patient",
    "firstObjectLabel": "Vet",
    "firstObjectKey": "custom_objects.vet",
    "secondObjectLabel": "Patient",
    "secondObjectKey": "custom_objects.pet",
    "associationType": "USER_DEFINED",
}
_SYSTEM = "BUSINESSES_CONTACTS_ASSOCIATION"
ONE = "/associations/{association}"
_LIST = "/associations/?locationId={location}"


def _created(change: dict[str, Any], status: int, has: Any = None) -> Step:
    return Step("POST", "/associations/", status, body={**_NEW, **change}, has=has)


def _pair(first: str, second: str) -> Step:
    return _created({"firstObjectKey": first, "secondObjectKey": second, "key": f"{first[-3:]}_{second[-3:]}"}, 201)


SCENARIOS: tuple[Scenario, ...] = (
    scenario("A1", "a bare association", PET, _VET, _created({}, 201, {**SHOWN, "id": HEX_ID, "createdAt": MOMENT})),
    scenario(
        "A1",
        "any two objects",
        PET,
        _VET,
        _pair("custom_objects.pet", "custom_objects.vet"),
        _pair("custom_objects.vet", "contact"),
        _pair("contact", "custom_objects.vet"),
        _pair("contact", "contact"),
        _pair("opportunity", "custom_objects.pet"),
    ),
    scenario(
        "A1",
        "equal labels are refused",
        PET,
        _VET,
        _created({"secondObjectLabel": "Vet"}, 422, {"message": "Both object labels can not be same"}),
    ),
    scenario("A1", "a key is taken once", *GIVEN, _created({}, 400, {"message": holds("Duplicate Association key")})),
    scenario(
        "A1",
        "unknown objects and missing members",
        PET,
        _VET,
        _created({"firstObjectKey": "custom_objects.yak"}, 404, {"error": "Not Found"}),
        Step("POST", "/associations/", 422, body={"locationId": "{location}"}, has={"message": holds()}),
        Step("GET", _LIST, 200, has={"associations": Lacks({"associationType": "USER_DEFINED"})}),
    ),
    scenario(
        "A1",
        "a cardinality is mirrored",
        PET,
        _VET,
        _created(
            {"firstObjectToSecondObjectCardinality": "ONE_TO_MANY"},
            201,
            {
                "firstObjectToSecondObjectCardinality": "ONE_TO_MANY",
                "secondObjectToFirstObjectCardinality": "MANY_TO_ONE",
            },
        ),
        _created({"key": "b", "firstObjectToSecondObjectCardinality": "SOME"}, 422),
    ),
    scenario(
        "A2",
        "the list, and the first of it beside it",
        *GIVEN,
        Step("GET", _LIST, 200, has={"associations": holds(SHOWN, {"id": _SYSTEM}), "total": 3, "id": _SYSTEM}),
    ),
    scenario(
        "A2",
        "pages",
        *GIVEN,
        Step("GET", _LIST + "&skip=2&limit=1", 200, has={"associations": [SHOWN], "total": 3, "key": "vet_patient"}),
        Step("GET", _LIST + "&skip=3", 200, has={"associations": Sized(0), "total": 3}, absent=("key",)),
    ),
    scenario("A2", "a large limit is cut", Step("GET", _LIST + "&skip=0&limit=5000", 200)),
    scenario("A2", "a number is asked for", Step("GET", _LIST + "&skip=many", 422), Step("GET", _LIST[:14], 422)),
    scenario(
        "A2",
        "another location's are not shown",
        *GIVEN,
        Step("GET", "/associations/?locationId={sister}", 200, has={"total": 2}, token="sister"),
    ),
    *(
        scenario("A3/A6/A7", check, *GIVEN, *steps)
        for check, steps in (
            ("by id", (Step("GET", ONE, 200, has=SHOWN), Step("GET", ONE, 200, has=SHOWN, token="company"))),
            ("by key", (Step("GET", "/associations/key/vet_patient?locationId={location}", 200, has=SHOWN),)),
            (
                "by object on either side",
                tuple(
                    Step(
                        "GET",
                        f"/associations/objectKey/custom_objects.{key}{query}",
                        200,
                        has={"associations": [SHOWN], "total": 1, "traceId": Like(".+"), **SHOWN},
                        token=token,
                    )
                    for key in ("pet", "vet")
                    for query, token in (("", "own"), ("?locationId={location}", "own"), ("", "company"))
                ),
            ),
            (
                "a system association by its name",
                (Step("GET", f"/associations/{_SYSTEM}", 200, has={"associationType": "SYSTEM_DEFINED"}),),
            ),
            (
                "what there is not",
                (
                    Step("GET", "/associations/0123", 404, has={"error": "Not Found"}),
                    Step("GET", "/associations/key/none?locationId={location}", 404),
                    Step("GET", "/associations/objectKey/custom_objects.yak?locationId={location}", 404),
                    Step("GET", ONE, 404, token="sister"),
                ),
            ),
        )
    ),
    scenario(
        "A4",
        "the labels change",
        *GIVEN,
        Step(
            "PUT",
            ONE,
            200,
            body={"firstObjectLabel": "Doctor", "secondObjectLabel": "Animal"},
            has={**SHOWN, "firstObjectLabel": "Doctor", "secondObjectLabel": "Animal"},
        ),
        Step("GET", ONE, 200, has={"firstObjectLabel": "Doctor"}),
    ),
    scenario(
        "A4",
        "and nothing else",
        *GIVEN,
        Step("PUT", ONE, 422, body={"key": "b", "firstObjectLabel": "A", "secondObjectLabel": "B"}),
    ),
    scenario("A4", "both labels are asked for", *GIVEN, Step("PUT", ONE, 422, body={"firstObjectLabel": "A"})),
    scenario(
        "A4",
        "not those of the system",
        Step("PUT", f"/associations/{_SYSTEM}", 400, body={"firstObjectLabel": "A", "secondObjectLabel": "B"}),
    ),
    scenario(
        "A4",
        "equal labels, and an unknown association",
        *GIVEN,
        Step("PUT", ONE, 422, body={"firstObjectLabel": "A", "secondObjectLabel": "A"}),
        Step("PUT", "/associations/none", 404, body={"firstObjectLabel": "A", "secondObjectLabel": "B"}),
    ),
    scenario(
        "A5",
        "three members",
        *GIVEN,
        Step(
            "DELETE",
            ONE,
            200,
            has={"deleted": True, "id": "{association}", "message": "Association deleted successfully"},
        ),
    ),
    scenario("A5", "not those of the system", Step("DELETE", f"/associations/{_SYSTEM}", 400)),
    scenario("A5", "once", *GIVEN, Step("DELETE", ONE, 200), Step("DELETE", ONE, 404), Step("GET", ONE, 404)),
)


# --- what every operation is asked ---------------------------------------------------------------------------------


def _rule(key: str) -> dict[str, str]:
    return {
        "locationId": "{location}",
        "key": key,
        "firstObjectLabel": "One",
        "firstObjectKey": "custom_objects.pet",
        "secondObjectLabel": "Other",
        "secondObjectKey": "custom_objects.pet",
    }


def _itself(rule: str) -> dict[str, str]:
    return {
        "locationId": "{location}",
        "associationId": rule,
        "firstRecordId": "{record}",
        "secondRecordId": "{record}",
    }


AMONG_ALL = (
    Step("POST", "/associations/", 201, body=_rule("mates"), keep={"mates": "id"}),
    Step("POST", "/associations/", 201, body=_rule("rivals"), keep={"rivals": "id"}),
    Step("POST", "/associations/relations", 201, body=_itself("{mates}"), keep={"mated": "id"}),
)
"""With these, and a pet as `record`, every operation below succeeds."""

OPERATIONS: tuple[tuple[str, str, str, Any], ...] = (
    ("A1", "POST", "/associations/", _rule("friends")),
    ("A2", "GET", "/associations/?locationId={location}", None),
    ("A3", "GET", "/associations/{mates}", None),
    ("A4", "PUT", "/associations/{mates}", {"firstObjectLabel": "A", "secondObjectLabel": "B"}),
    ("A6", "GET", "/associations/key/mates?locationId={location}", None),
    ("A7", "GET", "/associations/objectKey/custom_objects.pet", None),
    ("R1", "POST", "/associations/relations", _itself("{rivals}")),
    ("R2", "GET", "/associations/relations/{record}?locationId={location}", None),
    ("bulk", "POST", "/associations/relations/bulk", {"locationId": "{location}"}),
    ("ensure", "PUT", "/x/associations/relations", _itself("{rivals}")),
    ("R3", "DELETE", "/associations/relations/{mated}?locationId={location}", None),
    ("A5", "DELETE", "/associations/{rivals}", None),
)
FOUND_BY_ID = frozenset(("A3", "A4", "A5", "A7"))
"""Those that find nothing in another location instead of being refused it."""
