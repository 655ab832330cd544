"""Scenarios of single records: O5 to O8."""

from __future__ import annotations

from tests.conformance.given import (
    ALL_FIELDS,
    ALL_VALUES,
    FOLDER,
    PET,
    REX,
    create,
    field,
    scenario,
    search,
    spec_scenario,
)
from tests.conformance.scenario import HEX_ID, MOMENT, UUID, Like, Not, Scenario, Step, holds

_RECORDS = "/objects/custom_objects.pet/records"
_RECORD = _RECORDS + "/{record}"
_UPDATE = _RECORD + "?locationId={location}"
_ORIGIN = {"channel": "OAUTH", "source": "INTEGRATION", "sourceId": UUID, "createdAt": MOMENT}
_SUPERSET = {
    "id": "{record}",
    "owner": [],
    "owners": [],
    "followers": [],
    "properties": {"name": "Rex"},
    "dateAdded": MOMENT,
    "dateUpdated": MOMENT,
    "createdAt": MOMENT,
    "updatedAt": MOMENT,
    "locationId": "{location}",
    "objectId": "{pet}",
    "objectKey": "custom_objects.pet",
    "createdBy": _ORIGIN,
    "lastUpdatedBy": _ORIGIN,
    "relations": [],
}
_USERS = [f"user{n:016d}" for n in range(12)]


def _refused(status: int, body: object, has: object = None) -> Step:
    return Step("POST", _RECORDS, status, body=body, has=has, absent=("record",))


def _update(status: int, has: object = None, **body: object) -> Step:
    return Step("PUT", _UPDATE, status, body=body, has=has)


def _count(total: int) -> Step:
    return Step("POST", _RECORDS + "/search", 200, body=search(), has={"total": total})


_TWELVE = {"locationId": "{location}", "properties": ALL_VALUES}

SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "O5",
        "every type comes back as it went in",
        PET,
        *ALL_FIELDS,
        Step(
            "POST",
            _RECORDS,
            201,
            body=_TWELVE,
            has={"record": {"properties": ALL_VALUES}},
            keep={"record": "record/id"},
        ),
        Step("GET", _RECORD, 200, has={"record": {"properties": ALL_VALUES}}),
    ),
    spec_scenario(
        "O5",
        "a file comes back with what its link tells",
        PET,
        *ALL_FIELDS,
        create({"name": "Rex", "files": [{"url": "https://files.example/a.pdf"}]}),
        Step(
            "GET",
            _RECORD,
            200,
            has={
                "record": {"properties": {"files": [{"url": "https://files.example/a.pdf", "meta": {"name": "a.pdf"}}]}}
            },
        ),
    ),
    scenario(
        "O5",
        "a required property is missing",
        PET,
        _refused(
            400,
            {"locationId": "{location}", "properties": {}},
            {
                "message": "Missing required properties to create Pet - name",
                "errorCode": "required_property_missing",
                "fieldKey": "custom_objects.pet.name",
                "error": "Bad Request",
            },
        ),
    ),
    scenario(
        "O5",
        "an unknown property",
        PET,
        _refused(
            400,
            {"locationId": "{location}", "properties": {"name": "Rex", "colour": "red"}},
            {"message": holds("couldn't validate the mapped field", "colour")},
        ),
    ),
    scenario(
        "O5",
        "one owner and ten followers at most",
        PET,
        _refused(400, {"locationId": "{location}", "properties": {"name": "a"}, "owners": _USERS[:2]}),
        _refused(400, {"locationId": "{location}", "properties": {"name": "a"}, "followers": _USERS[:11]}),
        create({"name": "a"}, owners=_USERS[:1], followers=_USERS[:10]),
        Step(
            "GET", _RECORD, 200, has={"record": {"owner": _USERS[:1], "owners": _USERS[:1], "followers": _USERS[:10]}}
        ),
    ),
    spec_scenario(
        "O5",
        "a unique value is taken once and no row is written",
        PET,
        FOLDER,
        field("chip", "TEXT", isUnique=True),
        create({"name": "Rex", "chip": "1"}),
        _refused(
            400,
            {"locationId": "{location}", "properties": {"name": "Tom", "chip": "1"}},
            {
                "error": "Bad Request",
                "errorCode": "unique_property_conflict",
                "fieldKey": "custom_objects.pet.chip",
                "message": holds("Chip must be unique"),
            },
        ),
        Step("POST", _RECORDS + "/search", 200, body=search(), has={"total": 1}),
    ),
    spec_scenario(
        "O5",
        "full keys, the id of the object, and owner by its other name",
        PET,
        Step(
            "POST",
            "/objects/{pet}/records",
            201,
            body={"locationId": "{location}", "properties": {"custom_object.pet.name": "Rex"}, "owner": _USERS[:1]},
            has={"record": {"properties": {"name": "Rex"}, "owners": _USERS[:1]}},
        ),
        _refused(422, {"properties": {"name": "Rex"}, "owner": _USERS[:1], "owners": _USERS[:1]}),
    ),
    spec_scenario(
        "O5",
        "the location may stand anywhere or be the token's",
        PET,
        Step("POST", _RECORDS + "?locationId={location}", 201, body={"properties": {"name": "a"}}),
        Step("POST", _RECORDS, 201, body={"properties": {"name": "a"}}),
        Step("POST", _RECORDS + "?locationId={sister}", 400, body={"locationId": "{location}"}, token="company"),
        Step(
            "POST",
            _RECORDS,
            400,
            body={"properties": {"name": "a"}},
            token="company",
            has={"message": "LocationId is not specified"},
        ),
    ),
    scenario(
        "O5",
        "an unknown object",
        Step(
            "POST",
            "/objects/custom_objects.yak/records",
            404,
            body={"locationId": "{location}", "properties": {}},
            has={"message": "Custom Object (custom_objects.yak) not found", "error": "Not Found"},
        ),
    ),
    scenario(
        "O5",
        "unknown members and wrong types",
        PET,
        _refused(
            422,
            {"locationId": "{location}", "properties": [], "x": 1},
            {"message": ["property x should not exist", "properties must be an object"]},
        ),
    ),
    scenario(
        "O6",
        "needs no location",
        PET,
        REX,
        Step("GET", _RECORD, 200, has={"record": {"id": "{record}"}, "traceId": UUID}),
        Step("GET", _RECORD + "?locationId={location}", 200),
        Step("GET", _RECORD, 200, token="company"),
    ),
    scenario(
        "O6",
        "unset properties are absent",
        PET,
        *ALL_FIELDS,
        REX,
        Step("GET", _RECORD, 200, absent=("record/properties/age",)),
    ),
    scenario(
        "O6",
        "timestamps in ISO form with milliseconds",
        PET,
        REX,
        Step("GET", _RECORD, 200, has={"record": {"createdAt": MOMENT}}),
    ),
    scenario(
        "O6",
        "the id of a record of another object",
        PET,
        REX,
        Step(
            "GET", "/objects/business/records/{record}", 404, has={"message": holds("{record}"), "error": "Not Found"}
        ),
        Step("GET", _RECORDS + "/000000000000000000000000", 404),
        Step("GET", _RECORDS + "/not-an-id", 404),
        Step("GET", "/objects/custom_objects.yak/records/{record}", 404),
    ),
    scenario("O6", "documented and observed names", PET, REX, Step("GET", _RECORD, 200, has={"record": _SUPERSET})),
    scenario(
        "O7",
        "merges",
        PET,
        *ALL_FIELDS,
        create(ALL_VALUES),
        _update(200, {"record": {"properties": {**ALL_VALUES, "age": 4}}}, properties={"age": 4}),
        Step("GET", _RECORD, 200, has={"record": {"properties": {**ALL_VALUES, "age": 4}}}),
    ),
    scenario(
        "O7",
        "null clears",
        PET,
        *ALL_FIELDS,
        create(ALL_VALUES),
        Step("PUT", _UPDATE, 200, body={"properties": {"age": None, "tags": None}}, absent=("record/properties/age",)),
        Step("GET", _RECORD, 200, absent=("record/properties/age", "record/properties/tags")),
        _update(400, {"errorCode": "required_property_missing"}, properties={"name": None}),
    ),
    scenario(
        "O7",
        "add and remove",
        PET,
        *ALL_FIELDS,
        create({**ALL_VALUES, "files": [{"url": "https://files.example/a.pdf"}]}),
        _update(
            200, {"record": {"properties": {"tags": ["b", "c"]}}}, properties={"tags": {"add": ["c"], "remove": ["a"]}}
        ),
        _update(
            200, {"record": {"properties": {"boxes": ["a", "b"]}}}, properties={"boxes": {"add": ["b"], "remove": []}}
        ),
        _update(
            200,
            {
                "record": {
                    "properties": {
                        "files": [{"url": "https://files.example/a.pdf"}, {"url": "https://files.example/b.pdf"}]
                    }
                }
            },
            properties={"files": {"add": [{"url": "https://files.example/b.pdf"}], "remove": []}},
        ),
    ),
    scenario(
        "O7",
        "owners and followers by delta",
        PET,
        create({"name": "Rex"}, owners=_USERS[:1], followers=_USERS[:2]),
        _update(200, {"record": {"owners": [_USERS[3]]}}, owners={"add": [_USERS[3]], "remove": [_USERS[0]]}),
        _update(
            200,
            {"record": {"followers": [_USERS[0], _USERS[5]]}},
            followers={"add": [_USERS[5]], "remove": [_USERS[1]]},
        ),
        _update(400, owners={"add": [_USERS[4]], "remove": []}),
        Step("GET", _RECORD, 200, has={"record": {"owners": [_USERS[3]], "followers": [_USERS[0], _USERS[5]]}}),
    ),
    scenario(
        "O7",
        "who changed it and when",
        PET,
        Step(
            "POST",
            _RECORDS,
            201,
            body={"locationId": "{location}", "properties": {"name": "Rex"}},
            keep={
                "record": "record/id",
                "created": "record/createdAt",
                "source": "record/createdBy/sourceId",
            },
        ),
        Step(
            "PUT",
            _UPDATE,
            200,
            body={"properties": {"name": "Tom"}},
            token="company",
            has={
                "record": {
                    "createdAt": "{created}",
                    "dateAdded": "{created}",
                    "updatedAt": Not("{created}"),
                    "createdBy": {"sourceId": "{source}", "createdAt": "{created}"},
                    "lastUpdatedBy": {"sourceId": Not("{source}"), "createdAt": Not("{created}")},
                }
            },
        ),
    ),
    scenario(
        "O7",
        "an unknown record or property",
        PET,
        REX,
        Step("PUT", _RECORDS + "/000000000000000000000000?locationId={location}", 404, body={"properties": {}}),
        _update(400, properties={"colour": 1}),
    ),
    scenario(
        "O8", "says what it deleted", PET, REX, Step("DELETE", _RECORD, 200, has={"id": "{record}", "success": True})
    ),
    scenario(
        "O8", "once", PET, REX, Step("DELETE", _RECORD, 200), Step("DELETE", _RECORD, 404), Step("GET", _RECORD, 404)
    ),
    spec_scenario(
        "O8",
        "search finds it no longer",
        PET,
        REX,
        _count(1),
        Step("DELETE", _RECORD, 200),
        Step("POST", _RECORDS + "/search", 200, body=search(query="rex"), has={"total": 0, "records": []}),
        _count(0),
    ),
    spec_scenario(
        "O8",
        "its unique values are free again",
        PET,
        FOLDER,
        field("chip", "TEXT", isUnique=True),
        create({"name": "Rex", "chip": "1"}),
        Step("DELETE", _RECORD, 200),
        create({"name": "Tom", "chip": "1"}),
    ),
    scenario(
        "O8",
        "a company token finds it by id",
        PET,
        REX,
        Step("DELETE", _RECORD, 404, token="sister"),
        Step("DELETE", _RECORD, 200, token="company"),
        Step("DELETE", _RECORD, 404, token="company", has={"message": holds("{record}")}),
    ),
    scenario(
        "standard records",
        "business keeps records, contact and opportunity do not",
        Step(
            "POST",
            "/objects/business/records",
            201,
            body={"locationId": "{location}", "properties": {"name": "Acme", "email": "a@acme.example"}},
            has={"record": {"id": HEX_ID, "objectKey": "business", "properties": {"email": Like(".*@acme.example")}}},
            keep={"firm": "record/id"},
        ),
        Step("GET", "/objects/business/records/{firm}", 200, token="company"),
        *(
            Step("POST", f"/objects/{key}/records", 400, body={"locationId": "{location}", "properties": {}})
            for key in ("contact", "opportunity")
        ),
    ),
)
