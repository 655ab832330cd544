"""Scenarios of businesses: their own operations, over the records of the object `business`."""

from __future__ import annotations

from typing import Any

from tests.conformance.given import live_scenario, scenario, spec_scenario
from tests.conformance.scenario import HEX_ID, MOMENT, UUID, Scenario, Sized, Step, holds

_ROW = "Businesses"
_ONE = "/businesses/{business}"
_RECORD = "/objects/business/records/{business}"
_ALL = "/businesses/?locationId={location}"
_MEMBERS = {
    "name": "Microsoft",
    "phone": "+18832327657",
    "email": "abc@microsoft.com",
    "website": "microsoft.com",
    "address": "1 Way",
    "city": "Redmond",
    "state": "WA",
    "postalCode": "98052",
    "country": "US",
    "description": "Software",
}
_ORIGIN = {"channel": "OAUTH", "source": "INTEGRATION", "sourceId": UUID, "createdAt": MOMENT}


def business(status: int = 201, /, has: Any = None, **members: Any) -> Step:
    """A step that creates a business; its id is kept."""
    keep = {"business": "business/id"} if status == 201 else {}
    return Step("POST", "/businesses/", status, body={"locationId": "{location}", **members}, has=has, keep=keep)


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        _ROW,
        "every member comes back, under either spelling of the envelope",
        business(has={"success": True, "buiseness": {**_MEMBERS, "id": HEX_ID}, "business": _MEMBERS}, **_MEMBERS),
        Step(
            "GET",
            _ONE,
            200,
            has={
                "business": {
                    **_MEMBERS,
                    "id": "{business}",
                    "locationId": "{location}",
                    "createdBy": _ORIGIN,
                    "updatedBy": _ORIGIN,
                    "createdAt": MOMENT,
                    "updatedAt": MOMENT,
                }
            },
        ),
    ),
    scenario(
        _ROW,
        "the operations on records show the same rows",
        business(name="Microsoft", postalCode="98052"),
        Step("GET", _RECORD, 200, has={"record": {"properties": {"name": "Microsoft", "postalcode": "98052"}}}),
        Step("PUT", _RECORD + "?locationId={location}", 200, body={"properties": {"city": "Redmond"}}),
        Step("GET", _ONE, 200, has={"business": {"city": "Redmond"}}),
        Step("DELETE", _ONE, 200, has={"success": True}),
        Step("GET", _RECORD, 404),
        Step("GET", _ONE, 404, has={"error": "Not Found"}),
        Step("GET", _ALL, 200, has={"businesses": []}),
    ),
    spec_scenario(
        _ROW,
        "a change may name the location",
        business(name="Acme"),
        Step("PUT", _ONE, 200, body={"locationId": "{location}"}, has={"business": {"name": "Acme"}}),
        Step("PUT", _ONE, 403, body={"locationId": "{foreign}"}),
    ),
    live_scenario(
        _ROW,
        "a change names no location in its body",
        business(name="Acme"),
        Step(
            "PUT",
            _ONE,
            422,
            body={"locationId": "{location}"},
            has={"message": holds("property locationId should not exist")},
        ),
    ),
    scenario(
        _ROW,
        "a change keeps what it does not name, and null and the empty text clear",
        business(**_MEMBERS),
        Step(
            "PUT",
            _ONE,
            200,
            body={"name": "Contoso", "phone": None, "email": ""},
            has={"success": True, "buiseness": {"name": "Contoso", "city": "Redmond"}},
            absent=("buiseness/phone", "buiseness/email"),
        ),
        Step("PUT", "/businesses/0123456789abcdef01234567", 404, body={"name": "X"}),
        Step("PUT", _ONE, 400, body={"phone": "123"}),
    ),
    scenario(
        _ROW,
        "limit and skip walk the list",
        business(name="One"),
        business(name="Two"),
        business(name="Three"),
        Step("GET", _ALL + "&limit=2", 200, has={"businesses": [{"name": "One"}, {"name": "Two"}]}),
        Step("GET", _ALL + "&limit=2&skip=2", 200, has={"businesses": [{"name": "Three"}]}),
        Step("GET", _ALL, 200, has={"businesses": Sized(3)}),
        Step("GET", _ALL + "&limit=many", 422),
        Step("GET", _ALL + "&limit=501", 422, has={"message": holds("limit must not be greater than 500")}),
        Step("GET", "/businesses/", 422),
    ),
    scenario(
        _ROW,
        "a name and a location are required",
        business(422, has={"message": holds("name must be a string")}),
        Step("POST", "/businesses/", 422, body={"name": "X"}, has={"message": holds("locationId must be a string")}),
        business(422, has={"message": holds("property owner should not exist")}, name="X", owner="me"),
    ),
    scenario(
        _ROW,
        "a company token finds a business by its id, another location's does not",
        business(name="Microsoft"),
        Step("GET", _ONE, 200, has={"business": {"locationId": "{location}"}}, token="company"),
        Step("GET", _ONE, 404, token="foreign", absent=("business",)),
        Step("GET", _ALL, 403, token="foreign", absent=("businesses",)),
        Step("DELETE", _ONE, 404, token="sister"),
        Step("DELETE", _ONE, 401, token="reader"),
    ),
)
