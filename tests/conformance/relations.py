"""Scenarios of relations: R1 to R3, and what goes with a deleted association, object or record."""

from __future__ import annotations

from typing import Any

from tests.conformance.associations import GIVEN, ONE
from tests.conformance.given import live_scenario, scenario, spec_scenario
from tests.conformance.scenario import HEX_ID, MOMENT, Scenario, Sized, Step, holds


def _record(key: str, name: str) -> Step:
    body = {"locationId": "{location}", "properties": {"name": name}}
    return Step("POST", f"/objects/custom_objects.{key}/records", 201, body=body, keep={name: "record/id"})


_RECORDS = (_record("vet", "vet"), _record("pet", "rex"), _record("pet", "max"))
_RELATIONS = "/associations/relations"


def _ends(first: str = "{vet}", second: str = "{rex}", **members: Any) -> dict[str, Any]:
    return {
        "locationId": "{location}",
        "associationId": "{association}",
        "firstRecordId": first,
        "secondRecordId": second,
        **members,
    }


_RELATION = Step("POST", _RELATIONS, 201, body=_ends(), keep={"relation": "id"})
_SECOND = Step("POST", _RELATIONS, 201, body=_ends(second="{max}"), keep={"second": "id"})
_RELATED = (*GIVEN, *_RECORDS, _RELATION)
_SHOWN_RELATION = {
    "id": "{relation}",
    "associationId": "{association}",
    "firstObjectKey": "custom_objects.vet",
    "firstRecordId": "{vet}",
    "secondObjectKey": "custom_objects.pet",
    "secondRecordId": "{rex}",
    "locationId": "{location}",
    "createdAt": MOMENT,
    "updatedAt": MOMENT,
}
_RULE = {
    "key": "vet_patient",
    "firstObjectLabel": "Vet",
    "secondObjectLabel": "Patient",
    "associationType": "USER_DEFINED",
}
_DUPLICATE = "Could not create relation: duplicate relation of object Ids for given association"
_OF = _RELATIONS + "/{{{record}}}?locationId={{location}}"
_NONE = {"relations": Sized(0), "total": 0}


def _of(record: str, has: Any, query: str = "") -> Step:
    return Step("GET", _OF.format(record=record) + query, 200, has=has)


SCENARIOS: tuple[Scenario, ...] = (
    scenario("A5", "its relations go along", *_RELATED, Step("DELETE", ONE, 200), _of("vet", _NONE)),
    scenario(
        "A5",
        "an object takes its associations along",
        *_RELATED,
        Step(
            "DELETE",
            "/objects/custom_objects.vet?locationId={location}",
            200,
            has={"meta": {"deletedAssociationIds": ["{association}"]}},
        ),
        Step("GET", ONE, 404),
        _of("rex", _NONE),
    ),
    scenario(
        "R1",
        "the relation with what its association says",
        *GIVEN,
        *_RECORDS,
        Step("POST", _RELATIONS, 201, body=_ends(), has={**_SHOWN_RELATION, "id": HEX_ID, **_RULE}),
    ),
    scenario("R1", "once", *_RELATED, Step("POST", _RELATIONS, 400, body=_ends(), has={"message": _DUPLICATE})),
    scenario(
        "R1",
        "on the wrong side",
        *GIVEN,
        *_RECORDS,
        Step(
            "POST",
            _RELATIONS,
            422,
            body=_ends("{rex}", "{vet}"),
            has={"message": "Invalid record id {rex} for association"},
            headers={"x-groundlevel-hint": holds("swapped", "{vet}")},
        ),
    ),
    scenario(
        "R1",
        "unknown records and associations",
        *GIVEN,
        *_RECORDS,
        Step("POST", _RELATIONS, 422, body=_ends(second="0123456789abcdef01234567")),
        Step("POST", _RELATIONS, 404, body=_ends(associationId="none")),
        _of("vet", _NONE),
    ),
    scenario(
        "R1",
        "without a location",
        *GIVEN,
        *_RECORDS,
        Step(
            "POST",
            _RELATIONS,
            400,
            body={name: value for name, value in _ends().items() if name != "locationId"},
            has={"message": "LocationId is not specified"},
            token="company",
        ),
    ),
    scenario(
        "R2",
        "from both records",
        *_RELATED,
        *(
            _of(record, {"relations": [_SHOWN_RELATION], "total": 1, **_SHOWN_RELATION, **_RULE})
            for record in ("vet", "rex")
        ),
    ),
    scenario(
        "R2",
        "pages",
        *_RELATED,
        _SECOND,
        _of("vet", {"relations": [{"id": "{relation}"}], "total": 2}, "&skip=0&limit=1"),
        _of("vet", {"relations": [{"id": "{second}"}], "total": 2}, "&skip=1&limit=100"),
        _of("vet", {"relations": Sized(0), "total": 2}, "&skip=2"),
    ),
    scenario(
        "R2",
        "by some associations, however they are written",
        *_RELATED,
        *(
            _of("vet", {"relations": Sized(1), "total": 1}, "&" + query)
            for query in (
                "associationIds={association}",
                "associationIds=none&associationIds={association}",
                "associationIds[]=none&associationIds[]={association}",
                "associationIds=none,{association}",
            )
        ),
        _of("vet", _NONE, "&associationIds=none"),
    ),
    scenario("R2", "of what there is not", Step("GET", _RELATIONS + "/none?locationId={location}", 200, has=_NONE)),
    live_scenario(
        "R2",
        "only what the platform reads",
        *_RELATED,
        *(
            Step("GET", f"{_RELATIONS}/{{vet}}?locationId={{location}}&{name}=1", 422)
            for name in ("associationId", "page", "offset")
        ),
    ),
    scenario("R2", "not without a location", *_RELATED, Step("GET", _RELATIONS + "/{vet}", 422)),
    scenario("R3", "needs a location", *_RELATED, Step("DELETE", _RELATIONS + "/{relation}", 422)),
    scenario(
        "R3",
        "gone from both sides",
        *_RELATED,
        Step(
            "DELETE",
            _RELATIONS + "/{relation}?locationId={location}",
            200,
            has={**_SHOWN_RELATION, **_RULE, "deleted": True},
        ),
        _of("vet", _NONE),
        _of("rex", _NONE),
    ),
    scenario(
        "R3",
        "once",
        *_RELATED,
        Step("DELETE", _RELATIONS + "/{relation}?locationId={location}", 200),
        Step("DELETE", _RELATIONS + "/{relation}?locationId={location}", 404, has={"error": "Not Found"}),
    ),
    scenario(
        "R3",
        "records stay",
        *_RELATED,
        Step("DELETE", _RELATIONS + "/{relation}?locationId={location}", 200),
        Step("GET", "/objects/custom_objects.pet/records/{rex}?locationId={location}", 200),
    ),
    scenario(
        "R3",
        "not from another location",
        *_RELATED,
        Step("DELETE", _RELATIONS + "/{relation}?locationId={sister}", 404, token="sister"),
        Step("DELETE", _RELATIONS + "/{relation}?locationId={location}", 403, token="sister"),
        _of("vet", {"total": 1}),
    ),
    spec_scenario(
        "R3",
        "a record takes its relations along",
        *_RELATED,
        Step("DELETE", "/objects/custom_objects.pet/records/{rex}?locationId={location}", 200),
        _of("vet", _NONE),
    ),
    scenario(
        "R1",
        "many at once, each for itself",
        *_RELATED,
        Step(
            "POST",
            _RELATIONS + "/bulk",
            201,
            body={
                "locationId": "{location}",
                "add": [
                    {"associationId": "{association}", "firstRecordId": "{vet}", "secondRecordId": "{max}"},
                    {"associationId": "{association}", "firstRecordId": "{vet}", "secondRecordId": "{max}"},
                ],
                "remove": [{"relationId": "{relation}"}, {"relationId": "none"}],
            },
            has={
                "results": {
                    "created": [{"secondRecordId": "{max}"}],
                    "deleted": [{"id": "{relation}"}],
                    "errored": [
                        {"relationId": "none", "error": holds("not found")},
                        {"secondRecordId": "{max}", "associationId": "{association}", "error": _DUPLICATE},
                    ],
                }
            },
        ),
        Step("POST", _RELATIONS + "/bulk", 422, body={"locationId": "{location}", "remove": [{}]}),
        _of("vet", {"total": 1}),
    ),
    scenario(
        "R1",
        "unless there is one",
        *GIVEN,
        *_RECORDS,
        Step("PUT", "/x/associations/relations", 200, body=_ends(), has={"new": True}, keep={"relation": "id"}),
        Step("PUT", "/x/associations/relations", 200, body=_ends(), has={**_SHOWN_RELATION, "new": False}),
    ),
)
