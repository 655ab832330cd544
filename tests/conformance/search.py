"""Scenarios of the search of records: O9."""

from __future__ import annotations

from typing import Any

from tests.conformance.given import ALL_FIELDS, FOLDER, OPTIONS, PET, create, field, scenario, search, spec_scenario
from tests.conformance.scenario import HEX_ID, MOMENT, UUID, Kind, Scenario, Step, holds

_SEARCH = "/objects/custom_objects.pet/records/search"
_NAMES = ("Ann", "Bea", "Cy", "Dan", "Eve")
_PETS = tuple(create({"name": name, "age": age}, name.lower()) for age, name in enumerate(_NAMES))
_AGED = (PET, FOLDER, field("age", "NUMERICAL"), *_PETS)

_RICH = (
    PET,
    *ALL_FIELDS,
    create(
        {
            "name": "Rex",
            "age": 3,
            "phone": "+14155552671",
            "price": {"currency": "default", "value": 10},
            "boxes": ["a"],
            "size": "b",
            "tags": ["a", "b"],
            "born": "2021-05-04",
            "parts.a": "left",
            "mood": "happy",
        },
        "rex",
    ),
    create({"name": "Tom"}, "tom"),
)


def _condition(name: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": f"properties.{name}", "operator": operator, "value": value}


def _ids(status: int, expected: list[str], *, total: int | None = None, **members: Any) -> Step:
    """A search that finds these records in this order."""
    has = {"records": [{"id": f"{{{name}}}"} for name in expected], "total": len(expected) if total is None else total}
    return Step("POST", _SEARCH, status, body=search(**members), has=has)


def _finds(expected: list[str], **members: Any) -> Step:
    return _ids(200, expected, sort=[{"field": "createdAt", "direction": "asc"}], **members)


def _refused(status: int, has: Any = None, **members: Any) -> Step:
    return Step("POST", _SEARCH, status, body=search(**members), has=has, absent=("records",))


_OPERATORS: tuple[tuple[str, list[str]], ...] = tuple(
    (name, operators)
    for names, operators in (
        (("name", "note", "phone", "size", "mood", "parts.a"), ["eq", "not_eq", "contains", "not_contains"]),
        (("boxes", "tags"), ["eq", "not_eq"]),
        (("age", "price"), ["eq", "not_eq", "range"]),
        (("born",), ["range"]),
    )
    for name in names
)

_VALUES: dict[str, Any] = {
    "name": "Rex",
    "note": "x",
    "phone": "+14155552671",
    "size": "b",
    "mood": "happy",
    "parts.a": "left",
    "boxes": "a",
    "tags": "a",
    "age": 3,
    "price": 10,
}
_RANGES: dict[str, Any] = {
    "age": {"gte": 2, "lt": 4},
    "price": {"gt": 9, "lte": 10},
    "born": {"gte": "2021-01-01", "lt": "2022-01-01"},
}


def _every_operator() -> list[Step]:
    steps = []
    for name, operators in _OPERATORS:
        set_in_rex = name != "note"
        for operator in operators:
            value = _RANGES[name] if operator == "range" else _VALUES[name]
            positive = not operator.startswith("not_")
            expected = ["rex"] if positive and set_in_rex else []
            if not positive:
                expected = ["tom"] if set_in_rex else ["rex", "tom"]
            steps.append(_finds(expected, filters=[_condition(name, operator, value)]))
        if name != "name":
            steps.append(_finds(["rex"] if set_in_rex else [], filters=[_condition(name, "exists")]))
            steps.append(_finds(["tom"] if set_in_rex else ["rex", "tom"], filters=[_condition(name, "not_exists")]))
    return steps


def _walk() -> tuple[Step, ...]:
    """Three pages by cursor while records are inserted: each of the first five is seen once."""
    steps: list[Step] = []
    cursor: Any = []
    order = [{"field": "properties.age", "direction": "asc"}]
    for number, page in enumerate((("ann", "bea"), ("cy", "dan"))):
        step = _ids(200, list(page), total=5 + number, pageLimit=2, sort=order, searchAfter=cursor)
        steps.append(
            Step(
                step.method,
                step.path,
                step.status,
                body=step.body,
                has=step.has,
                keep={"after": "records/1/searchAfter"},
            )
        )
        steps.append(create({"name": "New", "age": -1}, f"new{number}"))
        cursor = "{after}"
    last = search(pageLimit=2, sort=order, searchAfter="{after}")
    steps.append(Step("POST", _SEARCH, 200, body=last, has={"records": [{"id": "{eve}"}], "total": 7}))
    return tuple(steps)


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "O9",
        "page and pageLimit are required",
        PET,
        Step(
            "POST",
            _SEARCH,
            422,
            body={"locationId": "{location}", "pageSize": 5},
            has={
                "message": [
                    "property pageSize should not exist",
                    "page must be a number conforming to the specified constraints",
                    "page should not be empty",
                    "pageLimit must be a number conforming to the specified constraints",
                    "pageLimit should not be empty",
                ],
                "error": "Unprocessable Entity",
            },
        ),
        _refused(422, pageLimit=501),
        _refused(422, pageLimit=0),
        _refused(422, page=0),
        _refused(422, {"message": ["page must be a number conforming to the specified constraints"]}, page="1"),
    ),
    spec_scenario(
        "O9",
        "groups of AND and OR",
        *_AGED,
        _finds(
            ["ann", "dan"],
            filters=[
                {
                    "group": "OR",
                    "filters": [
                        _condition("name", "eq", "Ann"),
                        {
                            "group": "AND",
                            "filters": [_condition("age", "range", {"gte": 3}), _condition("name", "contains", "an")],
                        },
                    ],
                }
            ],
        ),
        _finds(["bea", "cy"], filters=[_condition("age", "range", {"gt": 0}), _condition("age", "range", {"lt": 3})]),
        _finds(["ann", "eve"], filters=[_condition("name", "eq", ["Ann", "Eve"])]),
    ),
    spec_scenario(
        "O9",
        "a day is the midnight with which it begins",
        *_RICH,
        *(
            _finds(found, filters=[_condition("born", "range", ends)])
            for ends, found in (
                ({"gte": "2021-05-04T00:00:00.000Z", "lt": "2021-05-04T23:59:59.999Z"}, ["rex"]),
                ({"gt": "2021-05-03T23:59:59.999Z", "lt": "2021-05-04T12:00:00Z"}, ["rex"]),
                ({"gt": "2021-05-04T00:00:00Z"}, []),
                ({"lt": "2021-05-04T02:00:00+02:00"}, []),
            )
        ),
    ),
    spec_scenario(
        "O9",
        "an option is named by its key or its label",
        *_RICH,
        *(
            _finds(["rex"], filters=[_condition(name, "eq", option)])
            for name, option in (("size", "Beta"), ("tags", "Alpha"), ("boxes", ["Alpha", "Gamma"]), ("tags", "b"))
        ),
        _finds(["tom"], filters=[_condition("size", "not_eq", "Beta")]),
    ),
    spec_scenario("O9", "each operator of each type", *_RICH, *_every_operator()),
    spec_scenario(
        "O9",
        "sorts both ways, stable with ties",
        PET,
        FOLDER,
        field("age", "NUMERICAL"),
        *(create({"name": name, "age": age}, name) for name, age in (("a", 2), ("b", 1), ("c", 2), ("d", 1))),
        create({"name": "e"}, "e"),
        _ids(200, ["b", "d", "a", "c", "e"], sort=[{"field": "properties.age", "direction": "asc"}]),
        Step(
            "POST",
            _SEARCH,
            200,
            body=search(sort=[{"field": "properties.age", "direction": "desc"}]),
            has={"records": holds({"id": "{a}"}, {"id": "{e}"}), "total": 5},
        ),
    ),
    spec_scenario("O9", "a cursor walks all rows once while rows are inserted", *_AGED, *_walk()),
    spec_scenario(
        "O9",
        "the newest first, and a cursor in that order",
        *_AGED,
        _ids(200, ["eve", "dan", "cy", "bea", "ann"]),
        Step("POST", _SEARCH, 200, body=search(pageLimit=3), keep={"after": "records/2/searchAfter"}),
        _ids(200, ["bea", "ann"], total=5, pageLimit=3, searchAfter="{after}"),
        _ids(200, ["cy", "bea"], total=5, page=2, pageLimit=2),
    ),
    scenario(
        "O9",
        "a bare field is invalid",
        PET,
        _refused(
            422,
            {"message": "Invalid field - oid", "error": "Unprocessable Entity"},
            filters=[{"field": "oid", "operator": "eq", "value": 1}],
        ),
        _refused(422, filters=[_condition("name", "is_not_empty")]),
    ),
    spec_scenario(
        "O9",
        "the documented form and the observed one",
        PET,
        create({"name": "Rex"}),
        Step(
            "POST",
            _SEARCH,
            200,
            body=search(query="", searchAfter=[], filters=[], sort=[], includeTopRelations=True),
            has={
                "records": [
                    {
                        "id": HEX_ID,
                        "owner": [],
                        "followers": [],
                        "properties": {"name": "Rex"},
                        "createdAt": MOMENT,
                        "updatedAt": MOMENT,
                        "locationId": "{location}",
                        "objectId": "{pet}",
                        "objectKey": "custom_objects.pet",
                        "createdBy": {
                            "channel": "OAUTH",
                            "source": "INTEGRATION",
                            "createdAt": MOMENT,
                            "sourceId": UUID,
                        },
                        "lastUpdatedBy": {"channel": "OAUTH", "createdAt": MOMENT},
                        "searchAfter": [Kind(int), "{record}"],
                        "sort": [Kind(int), "{record}"],
                    }
                ],
                "total": 1,
            },
        ),
    ),
    spec_scenario(
        "O9",
        "plain text over the searchable properties",
        PET,
        create({"name": "Zoë Größe"}),
        _finds(["record"], query="ZOE"),
        _finds(["record"], query="name:zo"),
        _finds([], query="rex"),
    ),
    spec_scenario(
        "O9",
        "the location may be the token's",
        PET,
        create({"name": "Rex"}),
        Step("POST", _SEARCH, 200, body={"page": 1, "pageLimit": 5}, has={"total": 1}),
        Step("POST", _SEARCH, 400, body={"page": 1, "pageLimit": 5}, token="company"),
    ),
    scenario(
        "O9",
        "unknown objects and objects without records",
        Step(
            "POST",
            "/objects/custom_objects.yak/records/search",
            404,
            body=search(),
            has={"message": "Custom Object (custom_objects.yak) not found"},
        ),
        Step("POST", "/objects/contact/records/search", 400, body=search()),
        Step("GET", "/objects/custom_objects.yak/records/search", 404),
    ),
    spec_scenario(
        "O9",
        "options are found by key",
        PET,
        FOLDER,
        field("size", "SINGLE_OPTIONS", options=OPTIONS),
        create({"name": "Rex", "size": "a"}),
        _finds(["record"], filters=[_condition("size", "eq", "a")]),
        _finds(["record"], filters=[_condition("size", "eq", "Alpha")]),
        _finds([], filters=[_condition("size", "eq", "alpha")]),
    ),
)
