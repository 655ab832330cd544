"""Scenarios of opportunities and pipelines."""

from __future__ import annotations

from typing import Any

from tests.conformance.contacts import contact
from tests.conformance.given import scenario
from tests.conformance.scenario import MOMENT, SHORT_ID, UUID, Like, Not, Scenario, Sized, Step, holds

_ROW = "Opportunities"
ONE = "/opportunities/{deal}"
PIPELINES = Step(
    "GET",
    "/opportunities/pipelines?locationId={location}",
    200,
    has={
        "pipelines": [{"id": Like(".{20}"), "name": "Sales Pipeline", "locationId": "{location}", "stages": Sized(4)}]
    },
    keep={"pipeline": "pipelines/0/id", "first": "pipelines/0/stages/0/id", "second": "pipelines/0/stages/1/id"},
)
GIVEN = (PIPELINES, contact(name="Ann Lee", email="ann@example.com", companyName="Acme", tags=["vip"]))


def new_deal(**members: Any) -> dict[str, Any]:
    """The body of a new opportunity of the contact."""
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
    return Step("POST", "/opportunities/", 201, body=new_deal(**members), has=has, keep={kept_as: "opportunity/id"})


def refused(code: int, has: Any, /, **members: Any) -> Step:
    """A step that creates no opportunity, and the refusal."""
    return Step("POST", "/opportunities/", code, body=new_deal(**members), has=has, absent=("opportunity",))


def lost_reason(name: str, kept_as: str = "reason") -> Step:
    """A step that creates a lost reason; its id is kept under the name given."""
    body = {"locationId": "{location}", "name": name}
    has = {"lostReason": {"id": SHORT_ID, "name": name, "locationId": "{location}"}}
    return Step("POST", "/x/lost-reasons", 201, body=body, has=has, keep={kept_as: "lostReason/id"})


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        _ROW,
        "every member comes back, with the contact in short",
        *GIVEN,
        deal(
            monetaryValue=220.5,
            source="fair",
            assignedTo="082goXVW3lIExEQPOnd3",
            has={"opportunity": {"id": SHORT_ID, "pipelineStageId": "{first}"}},
        ),
        Step(
            "GET",
            ONE,
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
        *GIVEN,
        refused(400, {"message": Like("contactId: Contact .* not found")}, contactId="nobody"),
        refused(400, {"message": Like("pipelineId: .*")}, pipelineId="nothing"),
        refused(400, {"message": Like("pipelineStageId: .*")}, pipelineStageId="nothing"),
        refused(
            422,
            {"message": holds("status must be one of the following values: open, won, lost, abandoned")},
            status="new",
        ),
        refused(422, {"message": holds("name should not be empty")}, name=""),
        refused(
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
        *GIVEN,
        deal(monetaryValue=1, source="fair"),
        Step(
            "GET",
            ONE,
            200,
            keep={"staged": "opportunity/lastStageChangeAt", "stood": "opportunity/lastStatusChangeAt"},
        ),
        Step(
            "PUT",
            ONE,
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
        lost_reason("Too expensive"),
        Step("PUT", ONE + "/status", 400, body={"status": "lost", "lostReasonId": "price"}),
        Step("PUT", ONE + "/status", 200, body={"status": "lost", "lostReasonId": "{reason}"}, has={"succeded": True}),
        Step(
            "GET",
            ONE,
            200,
            has={"opportunity": {"status": "lost", "lostReasonId": "{reason}", "lastStatusChangeAt": Not("{stood}")}},
            keep={"updated": "opportunity/updatedAt", "lost": "opportunity/lastStatusChangeAt"},
        ),
        Step("PUT", ONE + "/status", 200, body={"status": "lost"}),
        Step(
            "PUT",
            ONE,
            200,
            body={"status": "lost", "monetaryValue": 2, "name": "First deal", "contactId": "{contact}"},
            has={"opportunity": {"updatedAt": "{updated}", "lastStatusChangeAt": "{lost}"}},
        ),
        Step("PUT", ONE + "/status", 422, body={"status": "all"}),
        Step("PUT", ONE, 400, body={"pipelineStageId": "nothing"}),
        Step("PUT", ONE, 422, body={"locationId": "{location}"}),
        Step(
            "PUT", "/opportunities/nothing", 404, body={"name": "X"}, has={"message": "Opportunity (nothing) not found"}
        ),
    ),
    scenario(
        _ROW,
        "it is related to its primary contact, and goes with it",
        *GIVEN,
        contact("bob", name="Bob"),
        deal(),
        deal("other", name="Other deal"),
        Step(
            "GET",
            "/associations/relations/{contact}?locationId={location}",
            200,
            has={"total": 2, "relations": holds({"firstRecordId": "{deal}", "secondRecordId": "{contact}"})},
        ),
        Step("PUT", ONE, 200, body={"contactId": "{bob}"}, has={"opportunity": {"contact": {"name": "Bob"}}}),
        Step(
            "GET",
            "/associations/relations/{bob}?locationId={location}",
            200,
            has={"relations": [{"associationId": "OPPORTUNITIES_CONTACTS_ASSOCIATION", "firstRecordId": "{deal}"}]},
            keep={"relation": "relations/0/id"},
        ),
        Step(
            "DELETE",
            "/associations/relations/{relation}?locationId={location}",
            400,
            has={"message": "The relation of an opportunity with its primary contact cannot be deleted"},
        ),
        Step(
            "POST",
            "/associations/relations",
            201,
            body={
                "locationId": "{location}",
                "associationId": "OPPORTUNITIES_CONTACTS_ASSOCIATION",
                "firstRecordId": "{deal}",
                "secondRecordId": "{contact}",
            },
            keep={"further": "id"},
        ),
        Step("DELETE", "/associations/relations/{further}?locationId={location}", 200),
        Step("DELETE", "/contacts/{contact}", 200),
        Step("GET", "/opportunities/{other}", 404),
        Step("GET", ONE, 200),
        Step("DELETE", ONE, 200, has={"succeded": True, "succeeded": True}),
        Step("DELETE", ONE, 404, has={"error": "Not Found"}),
        Step("GET", "/associations/relations/{bob}?locationId={location}", 200, has={"relations": [], "total": 0}),
    ),
    scenario(
        _ROW,
        "another pipeline begins at its first stage",
        *GIVEN,
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
        refused(400, {"message": Like("pipelineStageId: .*")}, pipelineStageId="{asked}"),
        Step("PUT", ONE, 200, body={"pipelineId": "{adoptions}"}, has={"opportunity": {"pipelineStageId": "{asked}"}}),
        Step("PUT", ONE, 400, body={"pipelineId": "{pipeline}", "pipelineStageId": "{asked}"}),
        Step("POST", "/x/pipelines", 422, body={"locationId": "{location}", "name": "None", "stages": []}),
        Step("GET", "/opportunities/pipelines?locationId={location}", 403, token="foreign", absent=("pipelines",)),
    ),
    scenario(
        _ROW,
        "a company token finds an opportunity by its id, another location's does not",
        *GIVEN,
        deal(),
        Step("GET", ONE, 200, has={"opportunity": {"locationId": "{location}"}}, token="company"),
        Step("PUT", ONE, 400, body={"pipelineId": "nothing"}, token="company"),
        Step("GET", ONE, 404, token="foreign", absent=("opportunity",)),
        Step("DELETE", ONE, 404, token="sister"),
        Step("DELETE", ONE, 401, token="reader"),
    ),
)
