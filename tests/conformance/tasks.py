"""Scenarios of the tasks of contacts, and of their search."""

from __future__ import annotations

from typing import Any

from tests.conformance.businesses import business
from tests.conformance.contacts import contact
from tests.conformance.given import live_scenario, scenario, spec_scenario
from tests.conformance.scenario import MOMENT, SHORT_ID, Kind, Scenario, Sized, Step

ROW, SEARCH_ROW = "Tasks", "Task search"
_ALL = "/contacts/{contact}/tasks"
_ONE = _ALL + "/{task}"
_DONE = _ONE + "/completed"
_FOUND = "/locations/{location}/tasks/search"
_ANN = contact(name="Ann Lee")
_GONE = {"statusCode": 404, "error": "Not Found"}
_CALL: dict[str, Any] = {"title": "Call back", "dueDate": "2026-10-25T11:00:00Z", "completed": False}
_WHOLE: dict[str, Any] = {**_CALL, "body": "About the saddle", "assignedTo": "hxHGVRb1YJUscrCB8eXK"}
_SHOWN = {**_WHOLE, "dueDate": "2026-10-25T11:00:00.000Z"}
_BAD_DATE = "dueDate must be a valid ISO 8601 date string"
_NUMBER = "must be a number conforming to the specified constraints"


def task(kept_as: str = "task", /, *, of: str = "contact", has: Any = None, **members: Any) -> Step:
    """A step that adds a task to a contact; its id is kept under the name given."""
    path = f"/contacts/{{{of}}}/tasks"
    return Step("POST", path, 201, body={**_CALL, **members}, has=has, keep={kept_as: "task/id"})


def _refused(method: str, path: str, *faults: str, **members: Any) -> Step:
    return Step(method, path, 422, body=members, has={"message": list(faults)}, absent=("task",))


def _due(sent: str, shown: str) -> Step:
    return Step("PUT", _ONE, 200, body={"dueDate": sent}, has={"task": {"dueDate": shown}})


GIVEN = (task(),)
"""What the requests below need, beside a contact."""
OPERATIONS: tuple[tuple[str, str, str, Any], ...] = (
    ("T1", "GET", _ALL, None),
    ("T2", "POST", _ALL, _CALL),
    ("T3", "GET", _ONE, None),
    ("T4", "PUT", _ONE, {"title": "Write"}),
    ("T5", "PUT", _DONE, {"completed": True}),
    ("T6", "POST", _FOUND, {"limit": 5}),
    ("T7", "DELETE", _ONE, None),
)
"""Every operation on them with a request that would succeed in the order given."""
FOUND_BY_ID = frozenset(row for row, *_ in OPERATIONS) - {"T6"}

_DUE: tuple[tuple[str, str], ...] = (
    ("2026-10-25T11:00:00Z", "2026-10-25T11:00:00.000Z"),
    ("2026-10-25T11:00:00.123Z", "2026-10-25T11:00:00.123Z"),
    ("2026-10-25T11:00:00.123456Z", "2026-10-25T11:00:00.123Z"),
    ("2026-10-25T11:00Z", "2026-10-25T11:00:00.000Z"),
    ("2026-10-25T11:00:00+05:30", "2026-10-25T05:30:00.000Z"),
    ("2026-10-25T11:00:00-0700", "2026-10-25T18:00:00.000Z"),
    ("2026-10-25T23:30:00-01", "2026-10-26T00:30:00.000Z"),
    ("2026-10-25T11:00:00", "2026-10-25T11:00:00.000Z"),
    ("2026-10-25 11:00:00", "2026-10-25T11:00:00.000Z"),
    (" 2026-10-25 ", "2026-10-25T00:00:00.000Z"),
    ("2026-10-25t11:00:00z", "2026-10-25T11:00:00.000Z"),
    ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
    ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ("1000-01-01", "1000-01-01T00:00:00.000Z"),
)
"""What is sent as a due date, and how it is shown."""
_NOT_DUE = (
    "", " ", "tomorrow", "25/10/2026", "2026-02-30", "2026-13-01", "2026-10-25T25:00:00Z", "2026-10-25T11:00:00+99:00",
    "0999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1761390000000", "Sun Oct 25 2026",
)  # fmt: skip

SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        ROW,
        "every member comes back",
        _ANN,
        task(has={"task": {**_SHOWN, "id": SHORT_ID, "contactId": "{contact}"}}, **_WHOLE),
        Step("GET", _ONE, 200, has={"task": {**_SHOWN, "id": "{task}", "contactId": "{contact}"}}),
        Step("GET", _ALL, 200, has={"tasks": [{**_SHOWN, "id": "{task}"}]}),
    ),
    scenario(
        ROW,
        "what was not sent is absent",
        _ANN,
        task(),
        Step("GET", _ONE, 200, has={"task": {"completed": False}}, absent=("task/body", "task/assignedTo")),
    ),
    scenario(
        ROW,
        "the newest come first, and only those of the contact",
        _ANN,
        contact("bob", name="Bob"),
        task("first"),
        task("second"),
        task("other", of="bob"),
        Step("GET", _ALL, 200, has={"tasks": [{"id": "{second}"}, {"id": "{first}"}]}),
        Step("GET", _ALL + "/{other}", 404, has=_GONE),
    ),
    scenario(
        ROW,
        "a change leaves what it does not name",
        _ANN,
        task(**_WHOLE),
        Step("PUT", _ONE, 200, body={"title": "Write"}, has={"task": {**_SHOWN, "title": "Write"}}),
        Step(
            "PUT",
            _ONE,
            200,
            body={"title": None, "dueDate": None, "completed": None},
            has={"task": {**_SHOWN, "title": "Write"}},
        ),
        Step(
            "PUT",
            _ONE,
            200,
            body={"body": None, "assignedTo": ""},
            has={"task": {"title": "Write"}},
            absent=("task/body", "task/assignedTo"),
        ),
        Step("GET", _ONE, 200, has={"task": {"title": "Write"}}, absent=("task/body", "task/assignedTo")),
    ),
    scenario(
        ROW,
        "a task is completed, and opened again",
        _ANN,
        task(),
        Step("PUT", _DONE, 200, body={"completed": True}, has={"task": {"id": "{task}", "completed": True}}),
        Step("GET", _ONE, 200, has={"task": {"completed": True}}),
        Step("PUT", _DONE, 200, body={"completed": False}, has={"task": {"completed": False}}),
        Step("PUT", _ONE, 200, body={"completed": True}, has={"task": {"completed": True}}),
        _refused("PUT", _DONE, "completed must be a boolean value", "completed should not be empty"),
        _refused("PUT", _DONE, "completed must be a boolean value", completed="true"),
        Step("PUT", _ALL + "/nothing/completed", 404, body={"completed": True}, has=_GONE),
    ),
    scenario(ROW, "due dates are taken in many forms", _ANN, task(), *(_due(*pair) for pair in _DUE)),
    scenario(
        ROW,
        "what is no due date is refused",
        _ANN,
        task(),
        *(_refused("PUT", _ONE, _BAD_DATE, dueDate=text) for text in _NOT_DUE),
        _refused("POST", _ALL, _BAD_DATE, **{**_CALL, "dueDate": "soon"}),
        _refused("PUT", _ONE, "dueDate must be a string", dueDate=1761390000000),
        Step("GET", _ALL, 200, has={"tasks": [{"dueDate": "2026-10-25T11:00:00.000Z"}]}),
    ),
    scenario(
        ROW,
        "members of the wrong shape are refused",
        _ANN,
        task(),
        _refused(
            "POST",
            _ALL,
            "title must be a string",
            "title should not be empty",
            "dueDate must be a string",
            "dueDate should not be empty",
            "completed must be a boolean value",
            "completed should not be empty",
        ),
        _refused("POST", _ALL, "title should not be empty", **{**_CALL, "title": " "}),
        _refused("PUT", _ONE, "title should not be empty", title=""),
        _refused(
            "POST", _ALL, "title must be shorter than or equal to 1000 characters", **{**_CALL, "title": "x" * 1_001}
        ),
        _refused("PUT", _ONE, "body must be shorter than or equal to 65536 characters", body="x" * 65_537),
        _refused("PUT", _ONE, "property status should not exist", status="done"),
        Step("GET", _ALL, 200, has={"tasks": Sized(1)}),
    ),
    scenario(
        ROW,
        "a deleted task is gone",
        _ANN,
        task(),
        Step("DELETE", _ONE, 200, has={"succeded": True}),
        Step("GET", _ONE, 404, has={"message": "Task ({task}) not found"}),
        Step("PUT", _ONE, 404, body={"title": "x"}, has=_GONE),
        Step("DELETE", _ONE, 404, has=_GONE),
        Step("GET", _ALL, 200, has={"tasks": []}),
        Step("GET", "/contacts/nothing/tasks", 404, has=_GONE),
    ),
    scenario(
        ROW,
        "a contact takes its tasks along",
        _ANN,
        task(),
        Step("DELETE", "/contacts/{contact}", 200),
        Step("GET", _ALL, 404, has={"message": "Contact ({contact}) not found"}),
        Step("GET", _ONE, 404, has={"message": "Contact ({contact}) not found"}),
    ),
    spec_scenario(
        ROW,
        "a body may name the location",
        _ANN,
        task(locationId="{location}"),
        Step("PUT", _ONE, 200, body={"title": "x", "locationId": "{location}"}),
        Step("PUT", _DONE, 200, body={"completed": True, "locationId": "{location}"}),
        Step("PUT", _DONE, 403, body={"completed": True, "locationId": "{foreign}"}, has={"error": "Forbidden"}),
    ),
    live_scenario(
        ROW,
        "no body names the location",
        _ANN,
        task(),
        _refused("PUT", _DONE, "property locationId should not exist", completed=True, locationId="{location}"),
    ),
)


_NO_CURSORS: tuple[list[Any], ...] = (["x"], [0], [None], [{}], ["{location}"])


def _search(*found: str, **members: Any) -> Step:
    """A search that finds exactly the tasks kept under these names, in this order."""
    has = {"tasks": [{"_id": f"{{{name}}}"} for name in found]}
    return Step("POST", _FOUND, 200, body=members, has=has)


_THREE = (
    _ANN,
    contact("bob", name="Bob"),
    task("call", **_WHOLE),
    task("write", of="bob", title="Write to ZO\u00cb", completed=True),
    task("visit", title="Visit 100%", body="bring_a_gift"),
)

SEARCHES: tuple[Scenario, ...] = (
    spec_scenario(
        SEARCH_ROW,
        "a task is found with everything that is known of it",
        _ANN,
        task(**_WHOLE),
        Step(
            "POST",
            _FOUND,
            200,
            body={},
            has={
                "tasks": [
                    {
                        **_SHOWN,
                        "_id": "{task}",
                        "id": "{task}",
                        "contactId": "{contact}",
                        "locationId": "{location}",
                        "dateAdded": MOMENT,
                        "dateUpdated": MOMENT,
                        "updatedAt": MOMENT,
                        "deleted": False,
                        "status": "to_do",
                        "statusGroup": "to_do",
                        "contactDetails": {"_id": "{contact}", "firstName": "Ann", "lastName": "Lee"},
                        "searchAfter": [Kind(int), "{task}"],
                    }
                ]
            },
            # Nobody whom the location knows.
            absent=("tasks/0/assignedToUserDetails",),
        ),
        Step("PUT", _DONE, 200, body={"completed": True}),
        Step("POST", _FOUND, 200, body={}, has={"tasks": [{"status": "completed", "completed": True}]}),
    ),
    spec_scenario(
        SEARCH_ROW,
        "conditions hold all together",
        *_THREE,
        _search("visit", "write", "call"),
        _search("write", completed=True),
        _search("visit", "call", completed=False),
        _search("visit", "call", contactId=["{contact}"]),
        _search("visit", "write", "call", contactId=["{bob}", "{contact}"]),
        _search("call", assignedTo=["hxHGVRb1YJUscrCB8eXK", "nobody"]),
        _search("call", contactId=["{contact}"], assignedTo=["hxHGVRb1YJUscrCB8eXK"], completed=False),
        _search(contactId=["nothing"]),
        _search(contactId=["{bob}"], completed=False),
        _search(assignedTo=["nobody"]),
        _search("visit", "write", "call", contactId=[], assignedTo=[], searchAfter=[], query=" "),
        _search("visit", "write", "call", **dict.fromkeys(("contactId", "assignedTo", "completed", "query", "limit"))),
        _search("call", assignedTo="hxHGVRb1YJUscrCB8eXK", contactId="{contact}"),
    ),
    spec_scenario(
        SEARCH_ROW,
        "texts are found whatever their case and accents",
        *_THREE,
        _search("write", query="zoe"),
        _search("call", query="SADDLE"),
        _search("visit", query="100%"),
        _search("visit", query="g_a_"),
        _search(query="_____________"),
        _search(query="\\"),
        Step("PUT", _ALL + "/{call}", 200, body={"title": "Nothing", "body": None}),
        _search(query="saddle"),
    ),
    spec_scenario(
        SEARCH_ROW,
        "the contacts of a business",
        *_THREE,
        business(name="Acme"),
        _search(businessId="{business}"),
        Step(
            "POST",
            "/contacts/bulk/business",
            200,
            body={"locationId": "{location}", "ids": ["{bob}"], "businessId": "{business}"},
        ),
        _search("write", businessId="{business}"),
        _search("write", businessId="{business}", contactId=["{bob}", "{contact}"]),
        _search(businessId="{business}", contactId=["{contact}"]),
        _search(businessId="nothing"),
    ),
    spec_scenario(
        SEARCH_ROW,
        "pages by skip, and by a cursor",
        *_THREE,
        _search("visit", limit=1),
        _search("write", limit=1, skip=1),
        _search("write", "call", skip=1.0),
        _search(skip=3),
        _search("write", "call", searchAfter=[0, "{visit}"]),
        _search("call", searchAfter=[0, "{write}"], limit=1, skip=2),
        _search("call", searchAfter=["0", "{visit}"], contactId=["{contact}"]),
        _search(searchAfter=[0, "{call}"]),
        *(
            Step(
                "POST",
                _FOUND,
                400,
                body={"searchAfter": cursor},
                has={"message": "searchAfter must hold the id of a task"},
            )
            for cursor in _NO_CURSORS
        ),
        *(
            Step("POST", _FOUND, 422, body={name: value}, has={"message": [f"{name} {says}"]})
            for name, value, says in (
                ("limit", 0, "must not be less than 1"),
                ("limit", 501, "must not be greater than 500"),
                ("limit", 1.5, "must be an integer number"),
                ("limit", "10", _NUMBER),
                ("skip", -1, "must not be less than 0"),
                ("skip", "1", _NUMBER),
            )
        ),
        _search("visit", "write", "call", limit=500),
        Step(
            "POST",
            _FOUND,
            422,
            body={"contactId": ["x"] * 501},
            has={"message": ["contactId must contain no more than 500 elements"]},
        ),
        Step("POST", _FOUND, 422, body={"page": 1}, has={"message": ["property page should not exist"]}),
    ),
    spec_scenario(
        SEARCH_ROW,
        "a deleted contact has no tasks",
        *_THREE,
        Step("DELETE", "/contacts/{contact}", 200),
        _search("write"),
    ),
    live_scenario(
        SEARCH_ROW,
        "the live platform answers 201, and wants lists",
        _ANN,
        task(),
        Step("POST", _FOUND, 201, body={"contactId": ["{contact}"]}, has={"tasks": [{"_id": "{task}"}]}),
        Step("POST", _FOUND, 422, body={"assignedTo": "x"}, has={"message": ["assignedTo must be an array"]}),
    ),
    scenario(
        SEARCH_ROW,
        "another location's tasks are not found",
        Step(
            "POST",
            "/locations/{foreign}/tasks/search",
            403,
            body={},
            has={"message": "The token does not have access to this location."},
        ),
    ),
)
