"""Scenarios of followers, upserts and lost reasons of opportunities."""

from __future__ import annotations

from typing import Any

from tests.conformance.given import scenario
from tests.conformance.opportunities import GIVEN, ONE, deal, lost_reason, refused
from tests.conformance.opportunity_searches import search, where
from tests.conformance.scenario import MOMENT, SHORT_ID, Like, Scenario, Step, holds

_ROW = "Opportunities"
_ANN, _BOB = "sx6wyHhbFdRXh302Lunr", "sx6wyHhbFdRXh302LLss"
_FOLLOWERS = ONE + "/followers"


def _reasons(query: str, *names: str, total: int | None = None) -> Step:
    """A list that holds exactly these lost reasons."""
    has = {"lostReasons": [{"name": name} for name in names], "total": len(names) if total is None else total}
    return Step("GET", f"/opportunities/lost-reason?locationId={{location}}{query}", 200, has=has)


def _upsert(status: int, has: Any, /, keep: dict[str, str] | None = None, **members: Any) -> Step:
    body = {"locationId": "{location}", "pipelineId": "{pipeline}", **members}
    return Step("POST", "/opportunities/upsert", status, body=body, has=has, keep=keep or {})


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        _ROW,
        "users follow it",
        *GIVEN,
        deal(),
        deal("other", name="Other"),
        Step(
            "POST",
            _FOLLOWERS,
            201,
            body={"followers": [_ANN, _BOB]},
            has={"followers": [_ANN, _BOB], "followersAdded": [_ANN, _BOB]},
        ),
        Step("GET", ONE, 200, has={"opportunity": {"followers": [_ANN, _BOB]}}),
        search({"id": "{deal}", "followers": [_ANN, _BOB]}, filters=where("followers", _BOB)),
        search({"id": "{deal}"}, filters=where("followers", _ANN, "contains")),
        search({"id": "{other}"}, filters=where("followers", _ANN, "not_contains")),
        search({"id": "{other}"}, filters=where("followers", None, "not_exists")),
        Step("PUT", ONE, 200, body={"name": "Renamed"}, has={"opportunity": {"followers": [_ANN, _BOB]}}),
        Step(
            "DELETE",
            _FOLLOWERS,
            200,
            body={"followers": [_BOB]},
            has={"followers": [_ANN], "followersRemoved": [_BOB]},
        ),
        Step(
            "DELETE",
            _FOLLOWERS + "?isRemoveAllFollowers=true",
            200,
            body={"followers": []},
            has={"followers": [], "followersRemoved": [_ANN]},
        ),
        Step("POST", "/opportunities/nothing/followers", 404, body={"followers": [_ANN]}),
        Step("POST", _FOLLOWERS, 422, body={}),
    ),
    scenario(
        _ROW,
        "an upsert recognises it by its id, or by its contact and its pipeline",
        *GIVEN,
        _upsert(
            200,
            {
                "new": True,
                "opportunity": {
                    "id": SHORT_ID,
                    "name": "Ann Lee",
                    "status": "open",
                    "pipelineStageId": "{first}",
                    "followers": [_ANN],
                },
            },
            {"deal": "opportunity/id"},
            contactId="{contact}",
            followers=[_ANN],
            isRemoveAllFollowers=False,
            followersActionType="add",
        ),
        _upsert(
            200,
            {"new": False, "opportunity": {"id": "{deal}", "name": "Ann Lee", "monetaryValue": 3}},
            contactId="{contact}",
            monetaryValue=3,
        ),
        _upsert(
            200,
            {
                "new": False,
                "opportunity": {"id": "{deal}", "name": "Big", "status": "won", "followers": [_BOB]},
            },
            id="{deal}",
            name="Big",
            status="won",
            followers=[_BOB],
            isRemoveAllFollowers=True,
        ),
        _upsert(
            200,
            {"new": False, "opportunity": {"followers": []}},
            id="{deal}",
            followers=[_BOB],
            isRemoveAllFollowers=False,
            followersActionType="remove",
        ),
        deal("newest", name="Newest"),
        _upsert(200, {"new": False, "opportunity": {"id": "{newest}"}}, contactId="{contact}"),
        _upsert(422, {"message": holds(Like("id or contactId must be sent.*"))}, name="X"),
        _upsert(422, {"message": holds(Like("followersActionType.*"))}, id="{deal}", followersActionType="set"),
        _upsert(400, {"message": Like("id: Opportunity .* not found")}, id="nothing"),
        _upsert(400, {"message": Like("contactId: Contact .* not found")}, contactId="nobody"),
        _upsert(400, {"message": Like("lostReasonId: .*")}, id="{deal}", lostReasonId="nothing"),
        Step("GET", ONE, 200, has={"opportunity": {"name": "Big"}}),
        Step("POST", "/opportunities/upsert", 422, body={"locationId": "{location}"}),
        Step("POST", "/opportunities/upsert", 403, body={"locationId": "{foreign}", "pipelineId": "x", "id": "x"}),
        Step("GET", "/opportunities/search?locationId={location}", 200, has={"total": 2}),
    ),
    scenario(
        _ROW,
        "a location chooses from its lost reasons",
        *GIVEN,
        _reasons(""),
        lost_reason("Too expensive"),
        lost_reason("No answer", "silent"),
        Step(
            "POST",
            "/x/lost-reasons",
            201,
            body={"locationId": "{location}", "name": "TOO expensive"},
            has={"lostReason": {"id": "{reason}", "name": "Too expensive"}},
        ),
        Step("POST", "/x/lost-reasons", 422, body={"locationId": "{location}", "name": ""}),
        _reasons("", "Too expensive", "No answer"),
        Step(
            "GET",
            "/opportunities/lost-reason?locationId={location}&name=no answer&getCount=true",
            200,
            has={
                "lostReasons": [
                    {
                        "id": "{silent}",
                        "name": "No answer",
                        "locationId": "{location}",
                        "createdAt": MOMENT,
                        "updatedAt": MOMENT,
                    }
                ]
            },
        ),
        _reasons("&query=EXPENS", "Too expensive"),
        _reasons("&query=cheap"),
        _reasons("&limit=1&skip=1", "No answer", total=2),
        _reasons("&deleted=true"),
        deal(status="lost", lostReasonId="{reason}", has={"opportunity": {"lostReasonId": "{reason}"}}),
        search({"id": "{deal}"}, filters=where("lost_reason_id", "{reason}")),
        refused(400, {"message": Like("lostReasonId: .*")}, lostReasonId="nothing"),
        Step("DELETE", "/x/lost-reasons/{reason}?locationId={location}", 200, has={"succeded": True}),
        Step("DELETE", "/x/lost-reasons/{reason}?locationId={location}", 404),
        _reasons("", "No answer"),
        _reasons("&deleted=true", "Too expensive"),
        refused(400, {"message": Like("lostReasonId: .*")}, lostReasonId="{reason}"),
        Step("PUT", ONE, 200, body={"lostReasonId": "{reason}", "name": "X"}),
        Step("PUT", ONE, 200, body={"lostReasonId": None}, absent=("opportunity/lostReasonId",)),
        Step("GET", "/opportunities/lost-reason?locationId={location}&deleted=maybe", 422),
        Step("GET", "/opportunities/lost-reason", 422),
        Step("GET", "/opportunities/lost-reason?locationId={foreign}", 403, absent=("lostReasons",)),
    ),
)
