"""Scenarios of locations and users: their profiles, and who works there."""

from __future__ import annotations

from typing import Any

from groundlevel.access.rules import NewUser, create_user, find_location
from groundlevel.kernel.storage.base import Storage
from tests.conformance.given import PET, scenario
from tests.conformance.scenario import SHORT_ID, TEXT, UUID, Kind, Lacks, Like, Scenario, Sized, Step, Variables, holds
from tests.kernel.http.world import World

_ROW = "Locations"
_ONE = "/locations/{location}"
_SEARCH = "/locations/search"
_ELSEWHERE = {"statusCode": 403, "message": "The token does not have access to this location.", "error": "Forbidden"}
_UNSCOPED = {"statusCode": 401, "message": "The token is not authorized for this scope.", "error": "Unauthorized"}
_MARK = {
    "name": "Mark Shoes",
    "companyId": "{company}",
    "phone": "+1410039940",
    "address": "4th fleet street",
    "city": "New York",
    "state": "Illinois",
    "country": "US",
    "postalCode": "567654",
    "website": "https://shoes.example",
    "timezone": "US/Central",
    "prospectInfo": {"firstName": "John", "lastName": "Doe", "email": "john.doe@mail.example"},
    "settings": {"allowDuplicateContact": True},
    "social": {"twitter": "https://twitter.example/mark"},
}
_SHOWN = {name: value for name, value in _MARK.items() if name not in ("prospectInfo", "settings", "social")}
_COMPANY = Step("GET", _ONE, 200, keep={"company": "location/companyId"})

NEW = Step("POST", "/locations/", 200, body=_MARK, token="company", keep={"new": "id"})
"""A step that creates a location of the company; its id is kept."""


def refused(method: str, path: str, status: int, has: Any = None, **members: Any) -> Step:
    """A step that the company's token is refused."""
    return Step(method, path, status, has=has, token="company", **members)


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        _ROW,
        "a profile has every member",
        Step(
            "GET",
            _ONE,
            200,
            has={
                "location": {
                    "id": "{location}",
                    "companyId": SHORT_ID,
                    "name": "Mine",
                    "city": "Motihari",
                    "timezone": "Asia/Kolkata",
                    **dict.fromkeys(("domain", "address", "state", "logoUrl", "country", "postalCode", "website"), ""),
                    **dict.fromkeys(("firstName", "lastName", "email", "phone"), ""),
                    "business": {"name": "Mine", "city": "Motihari", "timezone": "Asia/Kolkata", "logoUrl": ""},
                    "social": {"facebookUrl": "", "googlePlacesId": ""},
                    "settings": {"allowDuplicateContact": False, "disableContactTimezone": False},
                    "reseller": {},
                }
            },
        ),
    ),
    scenario(
        _ROW,
        "search is no location's id, and a location's token finds its own",
        Step("GET", _SEARCH, 200, has={"locations": [{"id": "{location}", "name": "Mine", "city": "Motihari"}]}),
        Step("GET", _SEARCH, 200, has={"locations": Sized(2)}, token="company"),
        Step("GET", _SEARCH, 200, has={"locations": [{"id": "{foreign}"}]}, token="foreign"),
        Step("GET", _SEARCH + "?companyId={foreign}", 403, has=_ELSEWHERE),
        Step("GET", _SEARCH, 401, has=_UNSCOPED, token="unscoped"),
    ),
    scenario(
        _ROW,
        "limit, skip and order walk the list, and email finds",
        _COMPANY,
        NEW,
        Step("GET", _SEARCH + "?limit=1", 200, has={"locations": [{"id": "{location}"}]}, token="company"),
        Step("GET", _SEARCH + "?limit=1&skip=2", 200, has={"locations": [{"id": "{new}"}]}, token="company"),
        Step(
            "GET",
            _SEARCH + "?order=desc",
            200,
            has={"locations": [{"id": "{new}"}, {"id": "{sister}"}, {"id": "{location}"}]},
            token="company",
        ),
        Step(
            "GET",
            _SEARCH + "?email=John.Doe@mail.example&companyId={company}",
            200,
            has={"locations": [{"id": "{new}"}]},
            token="company",
        ),
        Step("GET", _SEARCH + "?email=john", 200, has={"locations": []}, token="company"),
        Step(
            "GET",
            _SEARCH + "?order=up",
            422,
            has={"message": holds("order must be one of the following values: asc, desc")},
        ),
        Step("GET", _SEARCH + "?limit=many", 422),
    ),
    scenario(
        _ROW,
        "a new location is complete and at once in reach of the company's token",
        _COMPANY,
        Step(
            "POST",
            "/locations/",
            200,
            body=_MARK,
            token="company",
            has={
                **_SHOWN,
                "id": SHORT_ID,
                "email": "john.doe@mail.example",
                "settings": {"allowDuplicateContact": True},
            },
            keep={"new": "id"},
        ),
        Step(
            "GET",
            "/locations/{new}",
            200,
            token="company",
            has={"location": {**_SHOWN, "firstName": "John", "social": {"twitter": "https://twitter.example/mark"}}},
        ),
        Step("GET", "/objects/?locationId={new}", 200, has={"objects": Sized(3)}, token="company"),
        Step("GET", "/locations/{new}", 403, has=_ELSEWHERE),
    ),
    scenario(
        _ROW,
        "only a company's token creates, changes and deletes",
        _COMPANY,
        Step("POST", "/locations/", 403, body=_MARK, has=_ELSEWHERE, headers={"x-groundlevel-hint": holds("company")}),
        Step("PUT", _ONE, 403, body={"companyId": "{company}", "name": "Other"}, has=_ELSEWHERE),
        Step("DELETE", _ONE, 403, has=_ELSEWHERE),
        Step("POST", "/locations/", 401, body=_MARK, has=_UNSCOPED, token="unscoped"),
        Step("PUT", _ONE, 401, body={"companyId": "{company}"}, has=_UNSCOPED, token="unscoped"),
        Step("DELETE", _ONE, 401, has=_UNSCOPED, token="unscoped"),
        Step("PUT", _ONE, 403, body={"companyId": "{company}"}, has=_ELSEWHERE, token="foreign"),
        Step("DELETE", _ONE, 403, has=_ELSEWHERE, token="foreign"),
        refused("PUT", "/locations/{foreign}", 403, _ELSEWHERE, body={"companyId": "{company}"}),
        refused("DELETE", "/locations/{foreign}", 403, _ELSEWHERE),
        refused("POST", "/locations/", 403, _ELSEWHERE, body={**_MARK, "companyId": "{foreign}"}),
        Step("GET", _ONE, 200, has={"location": {"name": "Mine"}}),
    ),
    scenario(
        _ROW,
        "what is not offered or not valid is refused, and stores nothing",
        _COMPANY,
        refused("POST", "/locations/", 422, body={"companyId": "{company}"}),
        refused("POST", "/locations/", 422, body={**_MARK, "country": "USA"}),
        refused(
            "POST",
            "/locations/",
            422,
            {"message": [Like("country must be one of the following values: AD, AE, AF, .*, ZM, ZW")]},
            body={**_MARK, "country": "ZZ"},
        ),
        refused("PUT", _ONE, 422, body={"companyId": "{company}", "country": "us"}),
        refused("POST", "/locations/", 400, body={**_MARK, "timezone": "Mars/Olympus"}),
        refused("POST", "/locations/", 400, body={**_MARK, "snapshotId": "x"}),
        refused(
            "PUT",
            _ONE,
            400,
            {"message": "twilio is not supported by this server"},
            body={"companyId": "{company}", "twilio": {"sid": "a", "authToken": "b"}},
        ),
        Step("GET", _SEARCH, 200, has={"locations": Sized(2)}, token="company"),
    ),
    scenario(
        _ROW,
        "a change keeps what it does not name, and the empty text clears",
        _COMPANY,
        Step(
            "PUT",
            _ONE,
            200,
            body={"companyId": "{company}", "state": "Bihar", "city": "", "phone": None, "social": {"yelp": "y"}},
            token="company",
            has={"id": "{location}", "name": "Mine", "state": "Bihar", "timezone": "Asia/Kolkata"},
            absent=("city", "phone"),
        ),
        Step(
            "PUT",
            _ONE,
            200,
            body={"companyId": "{company}", "name": "Ours", "social": {"twitter": "t"}},
            token="company",
        ),
        Step(
            "GET",
            _ONE,
            200,
            has={"location": {"name": "Ours", "city": "", "state": "Bihar", "social": {"yelp": "y", "twitter": "t"}}},
        ),
    ),
    scenario(
        _ROW,
        "a deleted location is gone with everything of it",
        _COMPANY,
        Step("POST", "/contacts/", 201, body={"locationId": "{location}", "email": "ann@example.com"}),
        Step(
            "DELETE",
            _ONE + "?deleteTwilioAccount=true",
            200,
            token="company",
            has={"success": True, "message": Like("Deleted location with id: [A-Za-z0-9]{20}")},
        ),
        Step("GET", _ONE, 401),
        Step("GET", _ONE, 403, token="company"),
        Step("GET", _SEARCH, 200, has={"locations": [{"id": "{sister}"}]}, token="company"),
        Step("GET", "/locations/{sister}", 200, token="sister"),
    ),
    scenario(
        _ROW,
        "time zones have names that a location may be given",
        Step("GET", _ONE + "/timezones", 200, has={"timeZones": holds("US/Central", "Asia/Kolkata", "UTC")}),
        Step("GET", "/locations/{foreign}/timezones", 403, has=_ELSEWHERE),
        Step("GET", _ONE + "/timezones", 401, has=_UNSCOPED, token="unscoped"),
    ),
)

USER_ROW = "Users"
_ADA = {"id": "{ada}", "firstName": "Ada", "roles": {"type": "account", "role": "user", "locationIds": ["{location}"]}}
_SUE = {"firstName": "Sue"}
_CHIEF = {"id": "{chief}", "name": "Grace Hopper", "roles": {"type": "agency", "locationIds": []}}


async def employ(storage: Storage, world: World, variables: Variables) -> None:
    """Gives the company a user everywhere, and one in each of two locations; their ids become variables."""
    mine = await find_location(storage, world.location)
    assert mine is not None
    people = {
        "ada": (world.location, "Ada", "Lovelace", "ada@mine.example"),
        "sue": (world.sister, "Sue", "Storm", "sue@sister.example"),
        "chief": (None, "Grace", "Hopper", "grace@company.example"),
    }
    for name, (location_id, *person) in people.items():
        variables[name] = (await create_user(storage, NewUser(mine.company_id, location_id, *person))).id


USERS: tuple[Scenario, ...] = (
    scenario(
        USER_ROW,
        "the users of a location are its own and the company's",
        Step("GET", "/users/?locationId={location}", 200, has={"users": holds(_ADA, _CHIEF)}),
        Step("GET", "/users/", 200, has={"users": Sized(2)}),
        Step(
            "GET",
            "/users/?locationId={sister}",
            200,
            has={"users": holds(_CHIEF, {"firstName": "Sue"})},
            token="sister",
        ),
        Step("GET", "/users/?locationId={foreign}", 403, has=_ELSEWHERE),
        Step("GET", "/users/?locationId={foreign}", 200, has={"users": []}, token="foreign"),
        Step("GET", "/users/?companyId={foreign}", 403, has=_ELSEWHERE),
        Step("GET", "/users/", 401, has=_UNSCOPED, token="unscoped"),
    ),
    scenario(
        USER_ROW,
        "a company's token sees everybody",
        _COMPANY,
        Step("GET", "/users/?companyId={company}", 200, has={"users": Sized(3)}, token="company"),
        Step("GET", "/users/?locationId={sister}", 200, has={"users": Sized(2)}, token="company"),
    ),
    scenario(
        USER_ROW,
        "a user has every member",
        Step(
            "GET",
            "/users/{ada}",
            200,
            has={
                **_ADA,
                "name": "Ada Lovelace",
                "lastName": "Lovelace",
                "email": "ada@mine.example",
                "phone": "",
                "extension": "",
                "permissions": {},
                "scopes": [],
                "deleted": False,
                "traceId": UUID,
            },
        ),
        Step("GET", "/users/{chief}", 200, has=_CHIEF),
        Step("GET", "/users/{ada}", 404, has={"error": "Not Found"}, token="sister"),
        Step("GET", "/users/{ada}", 404, has={"error": "Not Found"}, token="foreign"),
        Step("GET", "/users/{ada}", 401, has=_UNSCOPED, token="unscoped"),
        Step("GET", "/users/nobody", 404, has={"message": TEXT}),
    ),
    scenario(
        USER_ROW,
        "a search finds by text, type and ids, and counts all pages",
        _COMPANY,
        Step("GET", "/users/search?companyId={company}", 200, has={"count": 3}, token="company"),
        Step("GET", "/users/search?companyId={company}&query=LOVE", 200, has={"users": [_ADA], "count": 1}),
        Step("GET", "/users/search?query=mine.example", 200, has={"users": [_ADA], "count": 1}),
        Step("GET", "/users/search?type=agency", 200, has={"users": [_CHIEF], "count": 1}),
        Step("GET", "/users/search?type=chief", 422),
        Step("GET", "/users/search?role=admin", 200, has={"users": [], "count": 0}),
        Step("GET", "/users/search?ids={ada},{chief}", 200, has={"count": 2}),
        Step("GET", "/users/search?ids={ada}", 200, has={"users": [_ADA]}),
        Step("GET", "/users/search?limit=1", 200, has={"users": Sized(1), "count": 2}),
        Step("GET", "/users/search?limit=1&skip=2", 200, has={"users": [], "count": Kind(int)}),
        Step("GET", "/users/search?limit=101", 422),
        Step("GET", "/users/search?companyId={foreign}", 403, has=_ELSEWHERE),
        Step("GET", "/users/search", 401, has=_UNSCOPED, token="unscoped"),
    ),
    scenario(
        USER_ROW,
        "whoever is listed may own a record",
        Step("GET", "/users/search?query=ada", 200, keep={"found": "users/0/id"}),
        PET,
        Step(
            "POST",
            "/objects/custom_objects.pet/records",
            201,
            body={"locationId": "{location}", "properties": {"name": "Rex"}, "owners": ["{found}"]},
            has={"record": {"owners": ["{ada}"]}},
        ),
        Step("GET", "/users/?locationId={location}", 200, has={"users": Lacks(_SUE)}),
    ),
)
