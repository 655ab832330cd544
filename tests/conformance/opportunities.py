"""Scenarios of opportunities and pipelines."""

from __future__ import annotations

from typing import Any

from tests.conformance.contacts import contact
from tests.conformance.given import scenario
from tests.conformance.scenario import MOMENT, SHORT_ID, UUID, Like, Not, Scenario, Sized, Step, holds

_ROW = "Opportunities"
_ONE = "/opportunities/{deal}"
PIPELINES = Step(
    "GET",
    "/opportunities/pipelines?locationId={location}",
    200,
    has={
        "pipelines": [{"id": Like(".{20}"), "name": "Sales Pipeline", "locationId": "{location}", "stages": Sized(4)}]
    },
    keep={"pipeline": "pipelines/0/id", "first": "pipelines/0/stages/0/id", "second": "pipelines/0/stages/1/id"},
)
_GIVEN = (PIPELINES, contact(name="Ann Lee", email="ann@example.com", companyName="Acme", tags=["vip"]))


def _body(**members: Any) -> dict[str, Any]:
    return {
        "locationId": "{location}",
        "pipelineId": "{pipeline}",
        "contactId": "{contact}",
        "name": "First deal",
        "status": "open",
        **members,
    }


def deal(kept_as: str = "deal", /, *, has: Any = None, **members: Any) -> Step:
    """A step that creates an opportunity of the contact; its id is kept under the name given."""
    return Step("POST", "/opportunities/", 201, body=_body(**members), has=has, keep={kept_as: "opportunity/id"})


def _refused(code: int, has: Any, /, **members: Any) -> Step:
    return Step("POST", "/opportunities/", code, body=_body(**members), has=has, absent=("opportunity",))


def _search(*found: Any, **members: Any) -> Step:
    """A search that finds exactly these."""
    body = {"locationId": "{location}", "limit": 20, **members}
    has = {"opportunities": list(found), "total": len(found), "aggregations": {}}
    return Step("POST", "/opportunities/search", 200, body=body, has=has)


def _where(field: str, value: Any, operator: str = "eq") -> list[Any]:
    return [{"field": field, "operator": operator, "value": value}]


def _listed(query: str, *found: Any) -> Step:
    return Step("GET", f"/opportunities/search?{query}", 200, has={"opportunities": list(found)})


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        _ROW,
        "every member comes back, with the contact in short",
        *_GIVEN,
        deal(
            monetaryValue=220.5,
            source="fair",
            assignedTo="082goXVW3lIExEQPOnd3",
            has={"opportunity": {"id": SHORT_ID, "pipelineStageId": "{first}"}},
        ),
        Step(
            "GET",
            _ONE,
            200,
            has={
                "opportunity": {
                    "id": "{deal}",
                    "name": "First deal",
                    "status": "open",
                    "pipelineId": "{pipeline}",
                    "pipelineStageId": "{first}",
                    "monetaryValue": 220.5,
                    "source": "fair",
                    "assignedTo": "082goXVW3lIExEQPOnd3",
                    "contactId": "{contact}",
                    "contact": {
                        "id": "{contact}",
                        "name": "Ann Lee",
                        "companyName": "Acme",
                        "email": "ann@example.com",
                        "tags": ["vip"],
                    },
                    "locationId": "{location}",
                    "createdAt": MOMENT,
                    "updatedAt": MOMENT,
                    "lastStatusChangeAt": MOMENT,
                    "lastStageChangeAt": MOMENT,
                    "customFields": [],
                    "followers": [],
                }
            },
            absent=("opportunity/lostReasonId", "opportunity/contact/phone"),
        ),
    ),
    scenario(
        _ROW,
        "what it refers to has to exist",
        *_GIVEN,
        _refused(400, {"message": Like("contactId: Contact .* not found")}, contactId="nobody"),
        _refused(400, {"message": Like("pipelineId: .*")}, pipelineId="nothing"),
        _refused(400, {"message": Like("pipelineStageId: .*")}, pipelineStageId="nothing"),
        _refused(
            422,
            {"message": holds("status must be one of the following values: open, won, lost, abandoned")},
            status="new",
        ),
        _refused(422, {"message": holds("name should not be empty")}, name=""),
        _refused(
            422,
            {"message": holds("monetaryValue must be a number conforming to the specified constraints")},
            monetaryValue="1",
        ),
        Step(
            "POST",
            "/opportunities/",
            422,
            body={"locationId": "{location}"},
            has={"message": holds("contactId must be a string")},
        ),
    ),
    scenario(
        _ROW,
        "a change of stage or status is dated",
        *_GIVEN,
        deal(monetaryValue=1, source="fair"),
        Step(
            "GET",
            _ONE,
            200,
            keep={"staged": "opportunity/lastStageChangeAt", "stood": "opportunity/lastStatusChangeAt"},
        ),
        Step(
            "PUT",
            _ONE,
            200,
            body={"pipelineStageId": "{second}", "monetaryValue": 2, "source": None},
            has={
                "opportunity": {
                    "pipelineStageId": "{second}",
                    "monetaryValue": 2,
                    "lastStageChangeAt": Not("{staged}"),
                    "lastStatusChangeAt": "{stood}",
                }
            },
            absent=("opportunity/source",),
        ),
        Step("PUT", _ONE + "/status", 200, body={"status": "lost", "lostReasonId": "price"}, has={"succeded": True}),
        Step(
            "GET",
            _ONE,
            200,
            has={"opportunity": {"status": "lost", "lostReasonId": "price", "lastStatusChangeAt": Not("{stood}")}},
        ),
        Step("PUT", _ONE + "/status", 422, body={"status": "all"}),
        Step("PUT", _ONE, 400, body={"pipelineStageId": "nothing"}),
        Step("PUT", _ONE, 422, body={"locationId": "{location}"}),
        Step(
            "PUT", "/opportunities/nothing", 404, body={"name": "X"}, has={"message": "Opportunity (nothing) not found"}
        ),
    ),
    scenario(
        _ROW,
        "it is related to its primary contact, and goes with it",
        *_GIVEN,
        contact("bob", name="Bob"),
        deal(),
        deal("other", name="Other deal"),
        Step(
            "GET",
            "/associations/relations/{contact}?locationId={location}",
            200,
            has={"total": 2, "relations": holds({"firstRecordId": "{deal}", "secondRecordId": "{contact}"})},
        ),
        Step("PUT", _ONE, 200, body={"contactId": "{bob}"}, has={"opportunity": {"contact": {"name": "Bob"}}}),
        Step(
            "GET",
            "/associations/relations/{bob}?locationId={location}",
            200,
            has={"relations": [{"associationId": "OPPORTUNITIES_CONTACTS_ASSOCIATION", "firstRecordId": "{deal}"}]},
        ),
        Step("DELETE", "/contacts/{contact}", 200),
        Step("GET", "/opportunities/{other}", 404),
        Step("GET", _ONE, 200),
        Step("DELETE", _ONE, 200, has={"succeded": True, "succeeded": True}),
        Step("DELETE", _ONE, 404, has={"error": "Not Found"}),
        Step("GET", "/associations/relations/{bob}?locationId={location}", 200, has={"relations": [], "total": 0}),
    ),
    scenario(
        _ROW,
        "the search knows the names in snake_case",
        *_GIVEN,
        deal(monetaryValue=10),
        deal("big", name="Big deal", status="won", monetaryValue=1000, pipelineStageId="{second}"),
        _search({"id": "{big}", "contact": {"name": "Ann Lee"}}, {"id": "{deal}"}, page=1, query="", searchAfter=[]),
        _search({"id": "{big}"}, filters=_where("status", "won")),
        _search({"id": "{big}"}, filters=_where("pipeline_stage_id", "{second}")),
        _search({"id": "{deal}"}, filters=_where("monetary_value", {"lt": 100}, "range")),
        _search({"id": "{big}"}, {"id": "{deal}"}, filters=_where("contact_id", "{contact}")),
        _search({"id": "{deal}"}, {"id": "{big}"}, sort=[{"field": "monetary_value", "direction": "asc"}]),
        _search({"id": "{big}"}, query="big"),
        Step(
            "POST",
            "/opportunities/search",
            200,
            body={"locationId": "{location}", "limit": 1},
            has={"total": 2},
            keep={"after": "opportunities/0/searchAfter"},
        ),
        Step(
            "POST",
            "/opportunities/search",
            200,
            body={"locationId": "{location}", "limit": 1, "searchAfter": "{after}"},
            has={"opportunities": [{"id": "{deal}"}]},
        ),
        Step(
            "POST",
            "/opportunities/search",
            422,
            body={"locationId": "{location}", "limit": 101},
            has={"message": holds("limit must not be greater than 100")},
        ),
        Step(
            "POST",
            "/opportunities/search",
            422,
            body={"locationId": "{location}", "filters": _where("oid", "x")},
            has={"message": "Invalid field - oid"},
        ),
    ),
    scenario(
        _ROW,
        "the list is asked in either spelling",
        *_GIVEN,
        deal(),
        deal("won", name="Won deal", status="won"),
        _listed("location_id={location}&pipeline_id={pipeline}", {"id": "{won}"}, {"id": "{deal}"}),
        _listed("locationId={location}&pipelineId={pipeline}&order=added_asc", {"id": "{deal}"}, {"id": "{won}"}),
        _listed("location_id={location}&status=won", {"id": "{won}"}),
        _listed("location_id={location}&status=all&contact_id={contact}&limit=1&page=2", {"id": "{deal}"}),
        _listed("location_id={location}&q=won", {"id": "{won}"}),
        _listed("location_id={location}&id={deal}", {"id": "{deal}"}),
        Step(
            "GET",
            "/opportunities/search?location_id={location}&limit=1",
            200,
            has={
                "total": 2,
                "meta": {"total": 2, "currentPage": 1, "nextPage": 2, "startAfterId": "{won}"},
            },
            absent=("meta/prevPage",),
            keep={"timestamp": "meta/startAfter"},
        ),
        _listed("location_id={location}&limit=1&startAfter={timestamp}&startAfterId={won}", {"id": "{deal}"}),
        Step(
            "GET",
            "/opportunities/search?location_id={location}&limit=1&page=2",
            200,
            has={"meta": {"currentPage": 2, "prevPage": 1}},
            absent=("meta/nextPage",),
        ),
        Step("GET", "/opportunities/search", 422),
        Step("GET", "/opportunities/search?location_id={location}&status=new", 422),
        Step("GET", "/opportunities/search?location_id={location}&locationId={location}", 422),
        Step("GET", "/opportunities/search?location_id={foreign}", 403, absent=("opportunities",)),
    ),
    scenario(
        _ROW,
        "another pipeline begins at its first stage",
        *_GIVEN,
        Step(
            "POST",
            "/x/pipelines",
            201,
            body={"locationId": "{location}", "name": "Adoptions", "stages": ["Asked", "Adopted"]},
            has={
                "pipeline": {
                    "name": "Adoptions",
                    "stages": [{"id": UUID, "name": "Asked", "position": 0}, {"name": "Adopted"}],
                }
            },
            keep={"adoptions": "pipeline/id", "asked": "pipeline/stages/0/id"},
        ),
        Step("GET", "/opportunities/pipelines?locationId={location}", 200, has={"pipelines": Sized(2)}),
        deal(pipelineStageId="{second}"),
        _refused(400, {"message": Like("pipelineStageId: .*")}, pipelineStageId="{asked}"),
        Step("PUT", _ONE, 200, body={"pipelineId": "{adoptions}"}, has={"opportunity": {"pipelineStageId": "{asked}"}}),
        Step("PUT", _ONE, 400, body={"pipelineId": "{pipeline}", "pipelineStageId": "{asked}"}),
        Step("POST", "/x/pipelines", 422, body={"locationId": "{location}", "name": "None", "stages": []}),
        Step("GET", "/opportunities/pipelines?locationId={location}", 403, token="foreign", absent=("pipelines",)),
    ),
    scenario(
        _ROW,
        "a company token finds an opportunity by its id, another location's does not",
        *_GIVEN,
        deal(),
        Step("GET", _ONE, 200, has={"opportunity": {"locationId": "{location}"}}, token="company"),
        Step("PUT", _ONE, 400, body={"pipelineId": "nothing"}, token="company"),
        Step("GET", _ONE, 404, token="foreign", absent=("opportunity",)),
        Step("DELETE", _ONE, 404, token="sister"),
        Step("DELETE", _ONE, 401, token="reader"),
    ),
)
