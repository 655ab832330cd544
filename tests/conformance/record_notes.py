"""Scenarios of the notes of any records."""

from __future__ import annotations

from typing import Any

from tests.conformance.businesses import business
from tests.conformance.contacts import contact
from tests.conformance.given import PET, REX, create, live_scenario, scenario, spec_scenario
from tests.conformance.opportunities import PIPELINES, deal
from tests.conformance.scenario import MOMENT, SHORT_ID, Like, Scenario, Sized, Step

ROW = "Notes of records"
_HERE = "?locationId={location}"
_ALL = "/notes/" + _HERE
_ONE = "/notes/{record_note}" + _HERE
_RELATIONS = "/notes/{record_note}/relations" + _HERE
_SEARCH = "/notes/search"
_SOMEBODY = "GCs5KuzPqTls7vWclkEV"
_NO_TEXT = "locationId must be a string"
_GONE = {"statusCode": 404, "error": "Not Found"}
_ONE_OF_REX = {"objectKey": "custom_objects.pet", "recordId": "{record}"}
_ONE_OF_ANN = {"objectKey": "contact", "recordId": "{contact}"}
_ONE_OF_ACME = {"objectKey": "business", "recordId": "{business}"}
_ONE_OF_DEAL = {"objectKey": "opportunity", "recordId": "{deal}"}
_ANN, _ACME, _TOM = contact(name="Ann"), business(name="Acme"), create({"name": "Tom"}, "tom")
_ONE_OF_TOM = {"objectKey": "custom_objects.pet", "recordId": "{tom}"}


def _body(*related: dict[str, str], body: str = "Was at the vet", **members: Any) -> dict[str, Any]:
    return {"body": body, "relations": list(related or (_ONE_OF_REX,)), "userId": _SOMEBODY, **members}


def record_note(*related: dict[str, str], kept_as: str = "record_note", has: Any = None, **members: Any) -> Step:
    """A step that adds a note to records, the pet unless others are named; its id is kept under the name given."""
    return Step("POST", _ALL, 201, body=_body(*related, **members), has=has, keep={kept_as: "note/id"})


def _refused(method: str, path: str, fault: str, body: Any) -> Step:
    return Step(method, path, 422, body=body, has={"message": [fault]}, absent=("note",))


def _change(kind: str, *related: dict[str, str], status: int = 200, has: Any = None) -> Step:
    return Step("PUT", _RELATIONS, status, body={"type": kind, "relations": list(related)}, has=has)


def _found(*names: str, has: Any = None, **members: Any) -> Step:
    expected = {"notes": [{"id": f"{{{name}}}"} for name in names], **(has or {})}
    return Step("POST", _SEARCH, 200, body={"locationId": "{location}", **members}, has=expected)


GIVEN = (record_note(),)
"""What the requests below need, beside a pet and a contact."""
OPERATIONS: tuple[tuple[str, str, str, Any], ...] = (
    ("NR1", "POST", _ALL, _body()),
    ("NR2", "GET", _ONE, None),
    ("NR3", "PUT", _ONE, {"body": "Is well"}),
    ("NR4", "PUT", _RELATIONS, {"type": "add", "relations": [_ONE_OF_ANN]}),
    ("NR5", "POST", _SEARCH, {"locationId": "{location}"}),
    ("NR6", "DELETE", _ONE, None),
)
"""Every operation on them with a request that would succeed in the order given."""
_WHOLE: dict[str, Any] = {"body": "Was at the vet", "userId": _SOMEBODY, "pinned": False}

SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        ROW,
        "a note of records of every kind of object",
        PET,
        REX,
        _ANN,
        _ACME,
        PIPELINES,
        deal(),
        record_note(
            _ONE_OF_REX,
            _ONE_OF_DEAL,
            _ONE_OF_ANN,
            _ONE_OF_ACME,
            has={
                "note": {
                    **_WHOLE,
                    "id": SHORT_ID,
                    "dateAdded": MOMENT,
                    "relations": [_ONE_OF_ACME, _ONE_OF_ANN, _ONE_OF_REX, _ONE_OF_DEAL],
                }
            },
        ),
        Step(
            "GET",
            _ONE,
            200,
            has={"note": {**_WHOLE, "relations": [_ONE_OF_ACME, _ONE_OF_ANN, _ONE_OF_REX, _ONE_OF_DEAL]}},
            absent=("note/title", "note/color", "note/contactId"),
        ),
        *(
            _found("record_note", relations=[{**each}])
            for each in (_ONE_OF_REX, _ONE_OF_ANN, _ONE_OF_ACME, _ONE_OF_DEAL)
        ),
        _found("record_note", relations=["{deal}"]),
        _found("record_note", relations=["{business}"]),
    ),
    scenario(
        ROW,
        "a change leaves what it does not name",
        PET,
        REX,
        record_note(),
        Step(
            "PUT",
            _ONE,
            200,
            body={"title": "Vet", "color": "#FFAA00", "pinned": True},
            has={"note": {**_WHOLE, "title": "Vet", "color": "#FFAA00", "pinned": True}},
        ),
        Step("PUT", _ONE, 200, body={"body": "Is well"}, has={"note": {"body": "Is well", "title": "Vet"}}),
        Step(
            "PUT",
            _ONE,
            200,
            body={"title": None, "color": "", "pinned": False},
            has={"note": {"body": "Is well", "pinned": False, "relations": [_ONE_OF_REX]}},
            absent=("note/title", "note/color"),
        ),
    ),
    scenario(
        ROW,
        "both families show a note of a contact",
        PET,
        REX,
        _ANN,
        record_note(_ONE_OF_ANN, _ONE_OF_REX),
        Step("GET", "/contacts/{contact}/notes", 200, has={"notes": [{**_WHOLE, "contactId": "{contact}"}]}),
        Step("PUT", "/contacts/{contact}/notes/{record_note}", 200, body={"title": "Vet"}),
        Step("GET", _ONE, 200, has={"note": {"title": "Vet", "relations": [_ONE_OF_ANN, _ONE_OF_REX]}}),
        Step("POST", "/contacts/{contact}/notes", 201, body={"body": "Likes tea"}, keep={"tea": "note/id"}),
        Step("GET", "/notes/{tea}" + _HERE, 200, has={"note": {"body": "Likes tea", "relations": [_ONE_OF_ANN]}}),
        _found("tea", "record_note", relations=["{contact}"]),
        Step("DELETE", "/contacts/{contact}/notes/{record_note}", 200),
        Step("GET", _ONE, 404, has=_GONE),
        _found("tea"),
    ),
    scenario(
        ROW,
        "a note of two contacts is shown with each",
        _ANN,
        contact("bob", name="Bob"),
        record_note(_ONE_OF_ANN, {"objectKey": "contact", "recordId": "{bob}"}),
        *(
            Step("GET", f"/contacts/{{{name}}}/notes/{{record_note}}", 200, has={"note": {"contactId": f"{{{name}}}"}})
            for name in ("contact", "bob")
        ),
        Step("DELETE", "/contacts/{contact}", 200),
        Step("GET", "/contacts/{bob}/notes", 200, has={"notes": [{"id": "{record_note}", "contactId": "{bob}"}]}),
        Step("DELETE", "/contacts/{bob}", 200),
        Step("GET", _ONE, 404, has={"message": "Note ({record_note}) not found"}),
    ),
    scenario(
        ROW,
        "records are added and removed",
        PET,
        REX,
        _TOM,
        _ANN,
        record_note(),
        _change("add", _ONE_OF_ANN, _ONE_OF_TOM, _ONE_OF_REX, has={"note": {"relations": Sized(3)}}),
        Step("GET", "/contacts/{contact}/notes", 200, has={"notes": [{"id": "{record_note}"}]}),
        _change("add", _ONE_OF_ANN, has={"note": {"relations": Sized(3)}}),
        _change("remove", _ONE_OF_ANN, _ONE_OF_REX, has={"note": {"relations": [_ONE_OF_TOM]}}),
        Step("GET", "/contacts/{contact}/notes", 200, has={"notes": []}),
        _change("remove", _ONE_OF_REX, has={"note": {"relations": [_ONE_OF_TOM]}}),
        _change("remove", _ONE_OF_TOM, status=400, has={"message": "A note is related to at least one record"}),
        _found("record_note", relations=["{tom}"]),
        _found(relations=["{record}"]),
    ),
    scenario(
        ROW,
        "a note goes with the last of its records",
        PET,
        REX,
        _TOM,
        record_note(_ONE_OF_REX, _ONE_OF_TOM),
        record_note(_ONE_OF_REX, kept_as="other"),
        Step("DELETE", "/objects/custom_objects.pet/records/{record}", 200),
        _found("record_note"),
        Step("GET", _ONE, 200, has={"note": {"relations": [_ONE_OF_TOM]}}),
        Step("DELETE", "/objects/custom_objects.pet/records/{tom}", 200),
        _found(),
    ),
    scenario(
        ROW,
        "a deleted note is shown for the last time",
        PET,
        REX,
        record_note(),
        Step("DELETE", _ONE, 200, has={"note": {**_WHOLE, "id": "{record_note}", "relations": [_ONE_OF_REX]}}),
        *(Step(method, _ONE, 404, body=body, has=_GONE) for method, body in (("GET", None), ("PUT", {"body": "x"}))),
        Step("DELETE", _ONE, 404, has={"message": "Note ({record_note}) not found"}),
        _change("add", _ONE_OF_REX, status=404, has=_GONE),
    ),
    scenario(
        ROW,
        "searches by text, user and page",
        PET,
        REX,
        record_note(kept_as="first", body="Été in Paris"),
        record_note(kept_as="second", body="Summer", userId="other"),
        record_note(kept_as="third", body="Winter"),
        Step("PUT", "/notes/{third}" + _HERE, 200, body={"title": "After the ETE"}),
        _found("third", "second", "first"),
        _found("first", "second", "third", sortBy="dateAdded", sortOrder="asc"),
        _found("third", "first", query="été", count=True, has={"total": 2}),
        _found("second", createdByUserId="other"),
        _found("second", limit=1, skip=1, count=True, has={"total": 3}),
        _found(query="nothing", count=True, has={"total": 0}),
        _found("third", "second", "first", relations=[], sources=[], includeRelationRecords=True),
        _found(relations=["nothing"]),
        Step("POST", _SEARCH, 200, body={"locationId": "{location}"}, absent=("total",)),
    ),
    scenario(
        ROW,
        "a search of the wrong shape is refused",
        *(
            _refused("POST", _SEARCH, fault, {"locationId": "{location}", **members})
            for fault, members in (
                ("limit must not be greater than 500", {"limit": 501}),
                ("skip must not be less than 0", {"skip": -1}),
                ("sortBy must be one of the following values: dateAdded", {"sortBy": "title"}),
                ("sortOrder must be one of the following values: asc, desc", {"sortOrder": "up"}),
                ("property page should not exist", {"page": 1}),
            )
        ),
        Step(
            "POST",
            _SEARCH,
            400,
            body={"locationId": "{location}", "sources": ["WORKFLOW"]},
            has={"message": "Notes cannot be searched by their sources"},
        ),
    ),
    scenario(
        ROW,
        "a note says something, about records that there are",
        PET,
        REX,
        record_note(),
        _refused("POST", _ALL, "body should not be empty", _body(body=" ")),
        _refused("PUT", _ONE, "body should not be empty", {"body": ""}),
        _refused("POST", _ALL, "property title should not exist", _body(title="x")),
        Step("POST", _ALL, 422, body={"body": "x", "userId": "x"}, absent=("note",)),
        Step("POST", _ALL, 422, body={"body": "x", "userId": "x", "relations": []}, absent=("note",)),
        Step("PUT", _RELATIONS, 422, body={"type": "replace", "relations": [_ONE_OF_REX]}, absent=("note",)),
        Step(
            "POST",
            _ALL,
            400,
            body=_body({"objectKey": "contact", "recordId": "nothing"}),
            has={"message": "relations: Contact (nothing) not found"},
        ),
        Step(
            "POST",
            _ALL,
            400,
            body=_body({"objectKey": "custom_objects.car", "recordId": "{record}"}),
            has={"message": Like("relations: .*custom_objects.car.*")},
        ),
        _change("add", {"objectKey": "business", "recordId": "{record}"}, status=400),
        _found("record_note"),
    ),
    scenario(
        ROW,
        "what is not supported says so",
        Step(
            "PATCH",
            "/notes/nothing/attachments" + _HERE,
            400,
            body={"type": "add", "attachments": []},
            has={"message": "Attachments of notes are not supported by this server"},
        ),
        Step(
            "POST",
            "/notes/nothing/restore" + _HERE,
            400,
            body={"forceRestore": True},
            has={"message": "Restorations of deleted notes are not supported by this server"},
        ),
    ),
    spec_scenario(
        ROW,
        "a body may name the location and need not name a user",
        PET,
        REX,
        Step(
            "POST",
            "/notes/",
            201,
            body={"locationId": "{location}", "body": "x", "relations": [_ONE_OF_REX]},
            absent=("note/userId",),
        ),
        Step("POST", "/notes/", 422, body=_body(), absent=("note",)),
        Step("GET", "/notes/nothing", 422, has={"message": [_NO_TEXT, "locationId should not be empty"]}),
    ),
    live_scenario(
        ROW,
        "no body names the location, and every note has a user",
        PET,
        REX,
        _refused("POST", _ALL, "property locationId should not exist", _body(locationId="{location}")),
        Step("POST", _ALL, 422, body={"body": "x", "relations": [_ONE_OF_REX]}, absent=("note",)),
    ),
)
