"""Scenarios of the notes of contacts."""

from __future__ import annotations

from typing import Any

from tests.conformance.contacts import contact
from tests.conformance.given import live_scenario, scenario, spec_scenario
from tests.conformance.scenario import MOMENT, SHORT_ID, Scenario, Sized, Step

ROW = "Notes"
_ALL = "/contacts/{contact}/notes"
_ONE = _ALL + "/{note}"
_ANN = contact(name="Ann")
_GONE = {"statusCode": 404, "error": "Not Found"}


def note(kept_as: str = "note", /, *, has: Any = None, **members: Any) -> Step:
    """A step that adds a note to the contact; its id is kept under the name given."""
    return Step("POST", _ALL, 201, body={"body": "Likes tea", **members}, has=has, keep={kept_as: "note/id"})


def _refused(method: str, path: str, fault: str, **members: Any) -> Step:
    return Step(method, path, 422, body=members, has={"message": [fault]}, absent=("note",))


_WHOLE: dict[str, Any] = {
    "body": "Likes tea",
    "userId": "GCs5KuzPqTls7vWclkEV",
    "title": "Taste",
    "color": "#FFAA00",
    "pinned": True,
}

GIVEN = (note(),)
"""What the requests below need, beside a contact."""
OPERATIONS: tuple[tuple[str, str, str, Any], ...] = (
    ("N1", "GET", _ALL, None),
    ("N2", "POST", _ALL, {"body": "Likes coffee"}),
    ("N3", "GET", _ONE, None),
    ("N4", "PUT", _ONE, {"body": "Likes milk"}),
    ("N5", "DELETE", _ONE, None),
)
"""Every operation on them with a request that would succeed in the order given."""
FOUND_BY_ID = frozenset(row for row, *_ in OPERATIONS)

SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        ROW,
        "every member comes back",
        _ANN,
        note(has={"note": {**_WHOLE, "id": SHORT_ID, "dateAdded": MOMENT, "contactId": "{contact}"}}, **_WHOLE),
        Step("GET", _ONE, 200, has={"note": {**_WHOLE, "id": "{note}", "dateAdded": MOMENT, "contactId": "{contact}"}}),
        Step("GET", _ALL, 200, has={"notes": [{**_WHOLE, "id": "{note}"}]}),
    ),
    scenario(
        ROW,
        "what was not sent is absent",
        _ANN,
        note(has={"note": {"body": "Likes tea", "pinned": False}}),
        Step("GET", _ONE, 200, has={"note": {"id": "{note}"}}, absent=("note/title", "note/color", "note/userId")),
    ),
    scenario(
        ROW,
        "the newest come first, and only those of the contact",
        _ANN,
        note("first", body="One"),
        note("second", body="Two"),
        contact("bob", name="Bob"),
        Step("POST", "/contacts/{bob}/notes", 201, body={"body": "Of Bob"}),
        Step("GET", _ALL, 200, has={"notes": [{"id": "{second}", "body": "Two"}, {"id": "{first}", "body": "One"}]}),
        Step("GET", "/contacts/{bob}/notes/{first}", 404, has=_GONE),
    ),
    scenario(
        ROW,
        "a change leaves what it does not name",
        _ANN,
        note(**_WHOLE),
        Step("PUT", _ONE, 200, body={"body": "Likes milk"}, has={"note": {**_WHOLE, "body": "Likes milk"}}),
        Step("PUT", _ONE, 200, body={"body": None, "pinned": None}, has={"note": {**_WHOLE, "body": "Likes milk"}}),
        Step(
            "PUT",
            _ONE,
            200,
            body={"title": None, "color": "", "userId": None, "pinned": False},
            has={"note": {"body": "Likes milk", "pinned": False}},
            absent=("note/title", "note/color", "note/userId"),
        ),
        Step("GET", _ONE, 200, has={"note": {"body": "Likes milk"}}, absent=("note/title",)),
    ),
    scenario(
        ROW,
        "a note says something",
        _ANN,
        note(),
        Step(
            "POST",
            _ALL,
            422,
            body={"title": "Taste"},
            has={"message": ["body must be a string", "body should not be empty"]},
        ),
        _refused("POST", _ALL, "body should not be empty", body=""),
        _refused("POST", _ALL, "body should not be empty", body=" \n"),
        _refused("PUT", _ONE, "body should not be empty", body=" "),
        _refused("POST", _ALL, "body must be a string", body=5),
        _refused("POST", _ALL, "pinned must be a boolean value", body="x", pinned="yes"),
        _refused("POST", _ALL, "body must be shorter than or equal to 65536 characters", body="x" * 65_537),
        _refused("PUT", _ONE, "title must be shorter than or equal to 1000 characters", title="x" * 1_001),
        _refused("POST", _ALL, "property note should not exist", body="x", note="y"),
        Step("GET", _ALL, 200, has={"notes": Sized(1)}),
        note("long", body="x" * 65_536),
    ),
    scenario(
        ROW,
        "a deleted note is gone",
        _ANN,
        note(),
        Step("DELETE", _ONE, 200, has={"succeded": True}),
        *(Step(method, _ONE, 404, body=body, has=_GONE) for method, body in (("GET", None), ("PUT", {"body": "x"}))),
        Step("DELETE", _ONE, 404, has={"message": "Note ({note}) not found"}),
        Step("GET", _ALL, 200, has={"notes": []}),
    ),
    scenario(
        ROW,
        "ids that are none are not found",
        _ANN,
        Step("GET", _ALL + "/nothing", 404, has={"message": "Note (nothing) not found"}),
        Step("GET", _ALL + "/{contact}", 404, has=_GONE),
        Step("GET", "/contacts/nothing/notes", 404, has=_GONE),
        Step("POST", "/contacts/nothing/notes", 404, body={"body": "x"}, has=_GONE),
    ),
    scenario(
        ROW,
        "a contact takes its notes along",
        _ANN,
        note(),
        Step("DELETE", "/contacts/{contact}", 200),
        Step("GET", _ALL, 404, has={"message": "Contact ({contact}) not found"}),
        Step("GET", _ONE, 404, has={"message": "Contact ({contact}) not found"}),
    ),
    spec_scenario(
        ROW,
        "a body may name the location",
        _ANN,
        note(locationId="{location}"),
        Step("PUT", _ONE, 200, body={"body": "x", "locationId": "{location}"}),
        Step("POST", _ALL, 403, body={"body": "x", "locationId": "{foreign}"}, has={"error": "Forbidden"}),
    ),
    live_scenario(
        ROW,
        "no body names the location",
        _ANN,
        note(),
        _refused("POST", _ALL, "property locationId should not exist", body="x", locationId="{location}"),
        _refused("PUT", _ONE, "property locationId should not exist", body="x", locationId="{location}"),
    ),
)
