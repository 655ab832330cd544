"""Scenarios of contacts: their own operations."""

from __future__ import annotations

from typing import Any

from tests.conformance.businesses import business
from tests.conformance.given import live_scenario, scenario, spec_scenario
from tests.conformance.scenario import MOMENT, SHORT_ID, Like, Scenario, Sized, Step, holds

ROW = "Contacts"
ONE = "/contacts/{contact}"
ALL = "/contacts/?locationId={location}"
_MEMBERS = {
    "firstName": "Ann",
    "lastName": "Lee",
    "name": "Ann Lee",
    "email": "ann@example.com",
    "phone": "+14155552671",
    "companyName": "Acme",
    "address1": "1 Way",
    "city": "Motihari",
    "state": "BR",
    "postalCode": "845401",
    "country": "IN",
    "website": "https://ann.example",
    "timezone": "Asia/Kolkata",
    "source": "public api",
    "dateOfBirth": "1990-09-25",
    "assignedTo": "y0BeYjuRIlDwsDcOHOJo",
    "dnd": True,
    "dndSettings": {"SMS": {"status": "active", "message": "no", "code": "1"}},
    "tags": ["vip", "new lead"],
}
_DUPLICATE = {"statusCode": 400, "message": "This location does not allow duplicated contacts.", "error": "Bad Request"}


def contact(kept_as: str = "contact", /, *, has: Any = None, **members: Any) -> Step:
    """A step that creates a contact; its id is kept under the name given."""
    body = {"locationId": "{location}", **members}
    return Step("POST", "/contacts/", 201, body=body, has=has, keep={kept_as: "contact/id"})


def refused(code: int, has: Any, /, **members: Any) -> Step:
    body = {"locationId": "{location}", **members}
    return Step("POST", "/contacts/", code, body=body, has=has, absent=("contact",))


def change(has: Any = None, absent: tuple[str, ...] = (), **members: Any) -> Step:
    return Step("PUT", ONE, 200, body=members, has=has, absent=absent)


def upsert(new: bool, has: Any = None, **members: Any) -> Step:
    body = {"locationId": "{location}", **members}
    return Step("POST", "/contacts/upsert", 200, body=body, has={"new": new, "contact": has or {}})


def search(*found: Any, total: int | None = None, **members: Any) -> Step:
    """A search that finds exactly these."""
    body = {"locationId": "{location}", "pageLimit": 20, **members}
    has = {"contacts": list(found), "total": len(found) if total is None else total}
    return Step("POST", "/contacts/search", 200, body=body, has=has)


def where(field: str, operator: str, value: Any = None) -> list[Any]:
    return [{"field": field, "operator": operator, "value": value}]


ANN = contact(firstName="Ann", lastName="Lee", email="ann@example.com", phone="+14155552671", tags=["vip"])
BOB = contact("bob", name="Bob van Dyke", email="bob@example.com")

SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        ROW,
        "every member comes back",
        contact(has={"contact": {**_MEMBERS, "id": SHORT_ID}}, **_MEMBERS),
        Step(
            "GET",
            ONE,
            200,
            has={
                "contact": {
                    **_MEMBERS,
                    "id": "{contact}",
                    "locationId": "{location}",
                    "firstNameLowerCase": "ann",
                    "lastNameLowerCase": "lee",
                    "fullNameLowerCase": "ann lee",
                    "emailLowerCase": "ann@example.com",
                    "customFields": [],
                    "dateAdded": MOMENT,
                    "dateUpdated": MOMENT,
                }
            },
            absent=("contact/businessId",),
        ),
        Step("GET", "/objects/contact/records/{contact}", 400),
    ),
    scenario(
        ROW,
        "names are made of each other, dates are taken as people write them, empty texts are no values",
        contact(
            name="Bob van Dyke",
            dateOfBirth="09/25/1990",
            email="",
            has={"contact": {"firstName": "Bob", "lastName": "van Dyke", "dateOfBirth": "1990-09-25", "dnd": False}},
        ),
        change({"contact": {"name": "Rob van Dyke", "fullNameLowerCase": "rob van dyke"}}, firstName="Rob"),
        change({"contact": {"name": "Robby", "firstName": "Robby"}}, ("contact/lastName",), name="Robby"),
        refused(400, {"message": Like("Date Of Birth: .*")}, dateOfBirth="1990.13.45"),
        refused(400, {"message": Like("Email: .*")}, email="nobody"),
        refused(400, {"message": Like("Phone: .*")}, phone="12"),
        refused(422, {"message": holds("property owner should not exist")}, owner="me"),
        Step("POST", "/contacts/", 422, body={"name": "Ann"}, has={"message": holds("locationId must be a string")}),
    ),
    scenario(
        ROW,
        "a second contact with the email or the phone is refused",
        ANN,
        refused(
            400, {**_DUPLICATE, "meta": {"contactId": "{contact}", "matchingField": "email"}}, email="ANN@example.com"
        ),
        refused(
            400, {**_DUPLICATE, "meta": {"contactId": "{contact}", "matchingField": "phone"}}, phone="+1 415 555 2671"
        ),
        BOB,
        Step(
            "PUT",
            "/contacts/{bob}",
            400,
            body={"phone": "+14155552671"},
            has={**_DUPLICATE, "meta": {"contactId": "{contact}", "matchingField": "phone"}},
        ),
        change({"contact": {"email": "ann@example.com"}}, email=" ann@EXAMPLE.com "),
        change(None, ("contact/email", "contact/emailLowerCase"), email=None),
        contact("again", email="ann@example.com"),
    ),
    scenario(
        ROW,
        "an upsert tells whether the contact is new",
        upsert(True, {"name": "Ann Lee"}, name="Ann Lee", email="ann@example.com"),
        upsert(False, {"name": "Ann Lee", "phone": "+14155552671"}, email="ANN@example.com", phone="+14155552671"),
        upsert(False, {"name": "Ann Oh"}, lastName="Oh", phone="+14155552671", createNewIfDuplicateAllowed=True),
        upsert(True, name="Bob", email="bob@example.com"),
        # The email counts first, and the phone of another contact is left out.
        Step(
            "POST",
            "/contacts/upsert",
            200,
            body={"locationId": "{location}", "email": "bob@example.com", "phone": "+14155552671", "city": "Delhi"},
            has={"new": False, "contact": {"name": "Bob", "city": "Delhi"}},
            absent=("contact/phone",),
        ),
        search({"name": "Ann Oh", "phone": "+14155552671"}, filters=where("phone", "exists")),
    ),
    spec_scenario(
        ROW,
        "a change may name the location",
        ANN,
        Step("PUT", ONE, 200, body={"locationId": "{location}"}, has={"contact": {"firstName": "Ann"}}),
        Step("PUT", ONE, 403, body={"locationId": "{foreign}"}),
    ),
    live_scenario(
        ROW,
        "a change names no location in its body",
        ANN,
        Step("PUT", ONE, 422, body={"locationId": "{location}"}),
    ),
    scenario(
        ROW,
        "a change keeps what it does not name, and a deleted contact is gone",
        ANN,
        change(
            {"succeded": True, "contact": {"firstName": "Ann", "city": "Delhi", "tags": ["a"]}},
            city="Delhi",
            tags=["a"],
        ),
        Step("PUT", "/contacts/nobody", 404, body={"city": "X"}, has={"message": "Contact (nobody) not found"}),
        Step("DELETE", ONE, 200, has={"succeded": True, "succeeded": True}),
        Step("DELETE", ONE, 404, has={"error": "Not Found"}),
        Step("GET", ONE, 404),
        search(),
        contact("again", email="ann@example.com"),
    ),
    scenario(
        ROW,
        "tags are added and taken away",
        ANN,
        Step("POST", ONE + "/tags", 201, body={"tags": ["new", "vip"]}, has={"tags": ["vip", "new"]}),
        Step("DELETE", ONE + "/tags", 200, body={"tags": ["vip", "other"]}, has={"tags": ["new"]}),
        Step("GET", ONE, 200, has={"contact": {"tags": ["new"]}}),
        Step("POST", ONE + "/tags", 422, body={"tags": "new"}),
        Step("POST", ONE + "/tags", 201, body={"tags": [" VIP", "vip ", "New", " "]}, has={"tags": ["new", "vip"]}),
        change({"contact": {"tags": ["a", "b"]}}, tags=["A", "a ", "B"]),
        search({"id": "{contact}"}, filters=where("tags", "eq", " A ")),
        search({"id": "{contact}"}, filters=where("tags", "contains", "A ")),
        search({"id": "{contact}"}, filters=where("tags", "contains", ["x", " B"])),
        search(filters=where("tags", "contains", "a b")),
        search(filters=where("tags", "not_contains", ["x", "B "])),
        search({"id": "{contact}"}, filters=where("tags", "not_contains", "x")),
        search({"id": "{contact}"}, filters=where("tags", "not_eq", ["x", "y"])),
        search({"id": "{contact}"}, filters=where("tags", "exists")),
        search(filters=where("tags", "not_exists")),
        Step("DELETE", ONE + "/tags", 200, body={"tags": ["B "]}, has={"tags": ["a"]}),
        Step("POST", "/contacts/nobody/tags", 404, body={"tags": ["x"]}),
    ),
    scenario(
        ROW,
        "the search knows the names of members",
        ANN,
        BOB,
        search({"id": "{contact}"}, filters=where("email", "eq", "ANN@Example.com")),
        search({"id": "{contact}"}, filters=where("firstNameLowerCase", "eq", "Ann")),
        search({"id": "{contact}"}, filters=where("tags", "eq", ["vip"])),
        search({"id": "{bob}"}, filters=where("phone", "not_exists")),
        search({"id": "{bob}"}, filters=where("id", "eq", "{bob}")),
        search({"id": "{bob}"}, {"id": "{contact}"}, filters=where("dateAdded", "range", {"gte": "2020-01-01"})),
        search({"id": "{bob}"}, query="van d"),
        search({"id": "{contact}"}, {"id": "{bob}"}, sort=[{"field": "firstNameLowerCase", "direction": "asc"}]),
        search(filters=where("dnd", "eq", True)),
        Step(
            "POST",
            "/contacts/search",
            422,
            body={"locationId": "{location}", "pageLimit": 5, "filters": where("oid", "eq", "x")},
            has={"message": "Invalid field - oid"},
        ),
        Step(
            "POST",
            "/contacts/search",
            422,
            body={"locationId": "{location}"},
            has={"message": holds("pageLimit must be a number conforming to the specified constraints")},
        ),
        Step(
            "POST",
            "/contacts/search",
            422,
            body={"pageLimit": 5},
            has={"message": holds("locationId must be a string")},
        ),
    ),
    scenario(
        ROW,
        "pages follow each other, by cursor and by the list's own members",
        contact("one", name="One"),
        contact("two", name="Two"),
        contact("three", name="Three"),
        Step(
            "POST",
            "/contacts/search",
            200,
            body={"locationId": "{location}", "pageLimit": 2},
            has={"contacts": [{"id": "{three}"}, {"id": "{two}"}], "total": 3},
            keep={"after": "contacts/1/searchAfter"},
        ),
        search({"id": "{one}"}, total=3, pageLimit=2, searchAfter="{after}"),
        search({"id": "{one}"}, total=3, pageLimit=2, page=2),
        Step(
            "GET",
            ALL + "&limit=2",
            200,
            has={
                "contacts": [{"id": "{three}"}, {"id": "{two}"}],
                "count": 3,
                "meta": {"total": 3, "startAfterId": "{two}"},
            },
            keep={"timestamp": "meta/startAfter", "last": "meta/startAfterId"},
        ),
        Step(
            "GET",
            ALL + "&limit=2&startAfter={timestamp}&startAfterId={last}",
            200,
            has={"contacts": [{"id": "{one}"}]},
        ),
        Step("GET", ALL + "&query=tw", 200, has={"contacts": [{"id": "{two}"}], "count": 1}),
        Step("GET", ALL + "&limit=101", 422, has={"message": holds("limit must not be greater than 100")}),
        Step("GET", ALL + "&startAfterId=nobody", 400),
        Step("GET", "/contacts/", 422),
    ),
    spec_scenario(
        ROW,
        "the contacts of a business are those of the token's location",
        business(name="Acme"),
        Step("GET", "/contacts/business/{business}", 200, has={"contacts": [], "count": 0}),
        Step("GET", "/contacts/business/{business}?locationId={foreign}", 403),
        Step("GET", "/contacts/business/{business}", 400, token="company"),
    ),
    live_scenario(
        ROW,
        "the contacts of a business are those of the location named",
        business(name="Acme"),
        Step("GET", "/contacts/business/{business}", 422),
    ),
    scenario(
        ROW,
        "contacts belong to a business by their relation",
        business(name="Acme"),
        ANN,
        BOB,
        Step(
            "POST",
            "/contacts/bulk/business",
            200,
            body={"locationId": "{location}", "ids": ["{contact}", "{bob}"], "businessId": "{business}"},
            has={"success": True, "ids": ["{contact}", "{bob}"]},
        ),
        Step("GET", ONE, 200, has={"contact": {"businessId": "{business}"}}),
        Step("GET", "/contacts/business/{business}?locationId={location}", 200, has={"contacts": Sized(2), "count": 2}),
        Step(
            "GET",
            "/contacts/business/{business}?locationId={location}&limit=1&skip=1",
            200,
            has={"contacts": [{"id": "{contact}", "businessId": "{business}"}], "count": 2},
        ),
        Step("GET", "/contacts/business/nobody?locationId={location}", 200, has={"contacts": Sized(0), "count": 0}),
        Step("GET", "/contacts/business/{contact}?locationId={location}", 200, has={"contacts": Sized(0), "count": 0}),
        Step("GET", "/contacts/business/{business}?locationId={foreign}", 403, absent=("contacts",)),
        search({"id": "{bob}"}, filters=[*where("businessId", "eq", "{business}"), *where("phone", "not_exists")]),
        Step(
            "GET",
            "/associations/relations/{contact}?locationId={location}",
            200,
            has={
                "relations": [
                    {
                        "associationId": "BUSINESSES_CONTACTS_ASSOCIATION",
                        "firstRecordId": "{business}",
                        "secondRecordId": "{contact}",
                    }
                ]
            },
        ),
        Step(
            "POST",
            "/contacts/bulk/business",
            200,
            body={"locationId": "{location}", "ids": ["{bob}"], "businessId": None},
        ),
        Step("GET", "/contacts/{bob}", 200, absent=("contact/businessId",)),
        business(name="Other"),
        Step(
            "POST",
            "/contacts/bulk/business",
            200,
            body={"locationId": "{location}", "ids": ["{contact}"], "businessId": "{business}"},
        ),
        Step("GET", ONE, 200, has={"contact": {"businessId": "{business}"}}),
        Step("DELETE", "/businesses/{business}", 200),
        Step("GET", ONE, 200, absent=("contact/businessId",)),
        Step(
            "POST",
            "/contacts/bulk/business",
            400,
            body={"locationId": "{location}", "ids": ["{contact}"], "businessId": "{business}"},
            has={"message": Like("businessId: .* not found")},
        ),
    ),
    scenario(
        ROW,
        "a company token finds a contact by its id, another location's does not",
        ANN,
        Step("GET", ONE, 200, has={"contact": {"locationId": "{location}"}}, token="company"),
        Step("PUT", ONE, 200, body={"city": "Delhi"}, has={"contact": {"city": "Delhi"}}, token="company"),
        Step("GET", ONE, 404, token="foreign", absent=("contact",)),
        Step("DELETE", ONE, 404, token="sister"),
        Step("GET", ALL, 403, token="foreign", absent=("contacts",)),
        Step("DELETE", ONE, 401, token="reader"),
    ),
)
