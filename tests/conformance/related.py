"""Scenarios of relations where records show them, and of searches by relations: O5, O6, O7, O9.

See docs/contract.md#record-replies, #search-filters.
"""

from __future__ import annotations

from typing import Any

from tests.conformance.given import PET, REX, create, live_scenario, search, spec_scenario
from tests.conformance.scenario import MOMENT, Scenario, Step

_SEARCH = "/objects/custom_objects.pet/records/search"
_REX = "/objects/custom_objects.pet/records/{record}"
_VET = Step(
    "POST",
    "/objects/",
    201,
    body={
        "locationId": "{location}",
        "labels": {"singular": "Vet", "plural": "Vets"},
        "key": "vet",
        "primaryDisplayPropertyDetails": {"key": "name", "name": "Name", "dataType": "TEXT"},
    },
)
_ANN = Step(
    "POST",
    "/objects/custom_objects.vet/records",
    201,
    body={"locationId": "{location}", "properties": {"name": "Ann"}},
    has={"record": {"relations": []}},
    keep={"ann": "record/id"},
)
_TREATS = Step(
    "POST",
    "/associations/",
    201,
    body={
        "locationId": "{location}",
        "key": "treats",
        "firstObjectLabel": "Vet",
        "firstObjectKey": "custom_objects.vet",
        "secondObjectLabel": "Patient",
        "secondObjectKey": "custom_objects.pet",
    },
    keep={"treats": "id"},
)


def _relate(pet: str, name: str = "relation") -> Step:
    body = {
        "locationId": "{location}",
        "associationId": "{treats}",
        "firstRecordId": "{ann}",
        "secondRecordId": f"{{{pet}}}",
    }
    return Step("POST", "/associations/relations", 201, body=body, keep={name: "id"})


_TREATED = (PET, _VET, _ANN, _TREATS, REX, create({"name": "Tom"}, "tom"), _relate("record"))
_OF_REX = {
    "associationId": "{treats}",
    "relationId": "{relation}",
    "objectKey": "custom_objects.vet",
    "recordId": "{ann}",
    "createdAt": MOMENT,
}
_ZOE = {"field": "properties.name", "operator": "eq", "value": "Zoe"}
_OF_ANN = {**_OF_REX, "objectKey": "custom_objects.pet", "recordId": "{record}"}


def _related(record_id: Any, **more: Any) -> dict[str, Any]:
    parts = [{"field": "recordId", "operator": "eq", "value": record_id}]
    parts += [{"field": name, "operator": "eq", "value": value} for name, value in more.items()]
    return {"field": "relations", "operator": "nested", "value": parts}


def _finds(names: list[str], *filters: dict[str, Any], status: int = 200, **members: Any) -> Step:
    has = {"records": [{"id": f"{{{name}}}"} for name in names], "total": len(names)}
    return Step("POST", _SEARCH, status, body=search(filters=list(filters), **members), has=has)


def _refused(message: str, condition: dict[str, Any]) -> Step:
    has = {"message": message, "error": "Unprocessable Entity"}
    return Step("POST", _SEARCH, 422, body=search(filters=[condition]), has=has, absent=("records",))


SCENARIOS: tuple[Scenario, ...] = (
    spec_scenario(
        "O6",
        "a record shows its relations, on either side",
        *_TREATED,
        Step("GET", _REX, 200, has={"record": {"relations": [_OF_REX]}}),
        Step("GET", "/objects/custom_objects.vet/records/{ann}", 200, has={"record": {"relations": [_OF_ANN]}}),
        Step("GET", "/objects/custom_objects.pet/records/{tom}", 200, has={"record": {"relations": []}}),
        Step("DELETE", "/associations/relations/{relation}?locationId={location}", 200),
        Step("GET", _REX, 200, has={"record": {"relations": []}}),
    ),
    spec_scenario(
        "O7",
        "an updated record shows its relations",
        *_TREATED,
        Step(
            "PUT",
            _REX + "?locationId={location}",
            200,
            body={"properties": {"name": "Max"}},
            has={"record": {"properties": {"name": "Max"}, "relations": [_OF_REX]}},
        ),
    ),
    spec_scenario(
        "O9",
        "records found show their relations",
        *_TREATED,
        Step(
            "POST",
            _SEARCH,
            200,
            body=search(),
            has={"records": [{"id": "{tom}", "relations": []}, {"id": "{record}", "relations": [_OF_REX]}]},
        ),
        Step("DELETE", "/objects/custom_objects.vet/records/{ann}", 200),
        Step("POST", _SEARCH, 200, body=search(query="Rex"), has={"records": [{"relations": []}]}),
    ),
    spec_scenario(
        "O9",
        "the records related to another",
        *_TREATED,
        _relate("tom", "second"),
        create({"name": "Zoe"}, "zoe"),
        _finds(["tom", "record"], _related(["{ann}"])),
        _finds(["record"], _related("{ann}"), query="rex"),
        _finds(["tom", "record"], _related("{ann}", associationId=["{treats}"])),
        _finds([], _related("{ann}", associationId="0123456789abcdef01234567")),
        _finds([], _related("{zoe}")),
        _finds([], _related("0123456789abcdef01234567")),
        _finds(["zoe", "tom", "record"], {"group": "OR", "filters": [_related("{ann}"), _ZOE]}),
    ),
    spec_scenario(
        "O9",
        "a condition on relations of the wrong form",
        PET,
        _refused("filters[0].value: a condition on recordId is required", _related("x") | {"value": []}),
        _refused(
            "filters[0].value[1]: only the operator eq applies to associationId",
            {
                "field": "relations",
                "operator": "nested",
                "value": [*_related("x")["value"], {"field": "associationId", "operator": "not_eq", "value": "x"}],
            },
        ),
        _refused(
            "filters[0]: the field relations and the operator nested go together",
            {"field": "relations", "operator": "eq", "value": "x"},
        ),
    ),
    live_scenario(
        "O9",
        "a record alone shows no relations, and a record found does",
        *_TREATED,
        Step("GET", _REX, 200, has={"record": {"relations": []}}),
        Step("POST", _SEARCH, 201, body=search(query="Rex"), has={"records": [{"relations": [_OF_REX]}]}),
        _finds(["record"], _related("{ann}"), status=201),
    ),
)
