"""Scenarios of objects: O1 to O4, and their deletion."""

from __future__ import annotations

from tests.conformance.given import FOLDER, LIVE, PET, PET_BODY, REX, SPEC, field, scenario
from tests.conformance.scenario import HEX_ID, MOMENT, UUID, Kind, Lacks, Scenario, Sized, Step, holds

_MISSING = ["locationId must be a string", "locationId should not be empty"]
_UNPROCESSABLE = "Unprocessable Entity"
_PET = "/objects/custom_objects.pet?locationId={location}"
_SCHEMA = {
    "id": HEX_ID,
    "standard": False,
    "key": "custom_objects.pet",
    "labels": {"singular": "Pet", "plural": "Pets"},
    "description": "Animals",
    "locationId": "{location}",
    "primaryDisplayProperty": "custom_objects.pet.name",
    "dateAdded": MOMENT,
    "dateUpdated": MOMENT,
    "createdAt": MOMENT,
    "updatedAt": MOMENT,
    "type": "USER_DEFINED",
    "requiredProperties": ["custom_objects.pet.name"],
    "searchableProperties": ["custom_objects.pet.name"],
}
_STANDARD = {
    "id": HEX_ID,
    "standard": True,
    "type": "SYSTEM_DEFINED",
    "locationId": "{location}",
    "dateAdded": MOMENT,
    "dateUpdated": MOMENT,
}


def _change(status: int, has: object = None, **members: object) -> Step:
    body = {"locationId": "{location}", "searchableProperties": ["custom_objects.pet.name"], **members}
    return Step("PUT", "/objects/custom_objects.pet", status, body=body, has=has)


def _creation(**members: object) -> dict[str, object]:
    return {**PET_BODY, **members}


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "O1",
        "missing locationId is an array of texts",
        Step("GET", "/objects/", 422, has={"statusCode": 422, "message": _MISSING, "error": _UNPROCESSABLE}),
        Step("GET", "/objects/?locationId=", 422, has={"message": holds("locationId should not be empty")}),
    ),
    scenario(
        "O1",
        "has the standard objects",
        Step(
            "GET",
            "/objects/?locationId={location}",
            200,
            has={
                "objects": holds(
                    {**_STANDARD, "key": "contact", "labels": {"singular": "Contact", "plural": "Contacts"}},
                    {**_STANDARD, "key": "opportunity", "primaryDisplayProperty": "opportunity.name"},
                    {**_STANDARD, "key": "business", "labels": {"singular": "Company", "plural": "Companies"}},
                ),
                "traceId": UUID,
            },
        ),
    ),
    scenario(
        "O1",
        "a new object appears",
        PET,
        Step("GET", "/objects/?locationId={location}", 200, has={"objects": holds(_SCHEMA)}),
    ),
    scenario(
        "O1",
        "no object of another location",
        PET,
        Step(
            "GET",
            "/objects/?locationId={sister}",
            200,
            token="company",
            has={"objects": Lacks({"key": "custom_objects.pet"})},
        ),
    ),
    scenario(
        "O1",
        "a company token reaches each of its locations",
        Step("GET", "/objects/?locationId={location}", 200, token="company", has={"objects": Sized(3)}),
        Step("GET", "/objects/?locationId={sister}", 200, token="company", has={"objects": Sized(3)}),
        Step("GET", "/objects/?locationId={foreign}", 403, token="company"),
    ),
    scenario(
        "O2",
        "key and primary key get their prefixes",
        Step("POST", "/objects/", 201, body=PET_BODY, has={"object": _SCHEMA, "traceId": UUID}),
        Step("GET", _PET + "&fetchProperties=true", 200, has={"fields": [{"fieldKey": "custom_objects.pet.name"}]}),
    ),
    scenario(
        "O2",
        "full keys in both spellings",
        Step(
            "POST",
            "/objects/",
            201,
            body=_creation(
                key="custom_object.pet",
                primaryDisplayPropertyDetails={
                    "key": "custom_object.pet.name",
                    "name": "Name",
                    "dataType": "NUMERICAL",
                },
            ),
            has={"object": {"key": "custom_objects.pet", "primaryDisplayProperty": "custom_objects.pet.name"}},
        ),
    ),
    scenario(
        "O2",
        "a date cannot be primary",
        Step(
            "POST",
            "/objects/",
            422,
            body=_creation(primaryDisplayPropertyDetails={"key": "name", "name": "Name", "dataType": "DATE"}),
            has={
                "message": [
                    "primaryDisplayPropertyDetails.dataType must be one of the following values: TEXT, NUMERICAL"
                ]
            },
        ),
    ),
    scenario(
        "O2",
        "a key is taken once",
        PET,
        Step("POST", "/objects/", 400, body=PET_BODY, has={"statusCode": 400, "error": "Bad Request"}),
        Step("POST", "/objects/", 400, body=_creation(key="custom_objects.pet")),
    ),
    scenario(
        "O2",
        "tokens of location and company",
        PET,
        Step("POST", "/objects/", 201, body=_creation(key="car"), token="company"),
    ),
    scenario(
        "O2",
        "every fault at once",
        Step(
            "POST",
            "/objects/",
            422,
            body={"labels": {"plural": 5, "x": 1}, "colour": "red", "key": ""},
            has={
                "message": holds(
                    "property colour should not exist",
                    "labels.property x should not exist",
                    "labels.singular must be a string",
                    "labels.singular should not be empty",
                    "labels.plural must be a string",
                    "key should not be empty",
                    "primaryDisplayPropertyDetails must be an object",
                    *_MISSING,
                )
            },
        ),
    ),
    scenario(
        "O3",
        "by key and by id alike",
        PET,
        Step("GET", _PET, 200, has={"object": {**_SCHEMA, "id": "{pet}"}, "cache": Kind(bool)}),
        Step("GET", "/objects/{pet}?locationId={location}", 200, has={"object": _SCHEMA}),
        Step("GET", "/objects/custom_object.pet?locationId={location}", 200, has={"object": _SCHEMA}),
    ),
    scenario(
        "O3",
        "fields only when asked for",
        PET,
        Step("GET", _PET, 200, absent=("fields",)),
        Step("GET", _PET + "&fetchProperties=false", 200, absent=("fields",)),
        Step("GET", _PET + "&fetchProperties=True", 200, has={"fields": Sized(1)}),
        Step("GET", _PET + "&fetchProperties=1", 200, has={"fields": Sized(1)}),
    ),
    scenario("O3", "cache is a boolean", PET, Step("GET", _PET, 200, has={"cache": Kind(bool)})),
    scenario(
        "O3",
        "standard objects",
        *(
            Step(
                "GET",
                f"/objects/{key}?locationId={{location}}&fetchProperties=true",
                200,
                has={
                    "object": {**_STANDARD, "key": key, "primaryDisplayProperty": f"{key}.{primary}"},
                    "fields": Kind(list),
                },
            )
            for key, primary in (("contact", "email"), ("opportunity", "name"), ("business", "name"))
        ),
    ),
    scenario(
        "O3",
        "an unknown key",
        Step(
            "GET",
            "/objects/custom_objects.yak?locationId={location}",
            404,
            has={"statusCode": 404, "message": "Custom Object (custom_objects.yak) not found", "error": "Not Found"},
            absent=("object",),
        ),
    ),
    scenario(
        "O4",
        "searchableProperties is required",
        PET,
        Step(
            "PUT",
            "/objects/custom_objects.pet",
            422,
            body={"locationId": "{location}", "labels": {"singular": "Dog"}},
            has={"message": holds("searchableProperties must be an array")},
        ),
    ),
    scenario(
        "O4",
        "three searchable properties at most",
        PET,
        FOLDER,
        *(field(key, "TEXT") for key in ("a", "b", "c")),
        _change(200, {"object": {"searchableProperties": Sized(3)}}, searchableProperties=["name", "a", "b"]),
        _change(
            400,
            {"message": "Too many searchable properties. Maximum allowed is 3, but received 4."},
            searchableProperties=["name", "a", "b", "c"],
        ),
    ),
    scenario("O4", "an unknown field", PET, _change(400, searchableProperties=["custom_objects.pet.nope"])),
    scenario(
        "O4",
        "null clears the description",
        PET,
        _change(200, {"object": {"description": "Animals"}}),
        Step(
            "PUT",
            "/objects/custom_objects.pet",
            200,
            body={"locationId": "{location}", "searchableProperties": ["name"], "description": None},
            absent=("object/description",),
        ),
        Step("GET", _PET, 200, absent=("object/description",)),
    ),
    scenario(
        "O4",
        "one label keeps the other",
        PET,
        _change(200, {"object": {"labels": {"singular": "Dog", "plural": "Pets"}}}, labels={"singular": "Dog"}),
        Step("GET", _PET, 200, has={"object": {"labels": {"singular": "Dog", "plural": "Pets"}}}),
    ),
    scenario(
        "O4",
        "of standard objects only what is searched",
        Step(
            "PUT",
            "/objects/business",
            400,
            body={
                "locationId": "{location}",
                "searchableProperties": ["business.name"],
                "labels": {"singular": "Firm"},
            },
        ),
        Step(
            "PUT",
            "/objects/business",
            200,
            body={"locationId": "{location}", "searchableProperties": ["business.name"]},
            has={"object": {"searchableProperties": ["business.name"]}},
        ),
    ),
    scenario(
        "delete object",
        "gone with its records",
        PET,
        REX,
        Step(
            "DELETE",
            _PET,
            200,
            has={"id": "{pet}", "success": True, "meta": {"deletedFields": Sized(1), "deletedAssociationIds": []}},
        ),
        Step("GET", _PET, 404),
        Step("GET", "/objects/custom_objects.pet/records/{record}", 404),
        Step("DELETE", _PET, 404),
    ),
    scenario("delete object", "not a standard one", Step("DELETE", "/objects/contact?locationId={location}", 400)),
    Scenario(
        "placement",
        "schema operations take the location in body or query",
        (
            Step(
                "POST",
                "/objects/?locationId={location}",
                201,
                body={name: value for name, value in PET_BODY.items() if name != "locationId"},
            ),
            Step("POST", "/objects/?locationId={sister}", 400, body=PET_BODY, token="company"),
        ),
        SPEC,
    ),
    Scenario(
        "placement",
        "schema operations take the location where it is documented alone",
        (
            Step(
                "POST",
                "/objects/?locationId={location}",
                422,
                body=PET_BODY,
                has={"message": ["property locationId should not exist"]},
            ),
        ),
        LIVE,
    ),
)
