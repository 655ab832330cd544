"""Scenarios of searches and lists of opportunities."""

from __future__ import annotations

from typing import Any

from tests.conformance.contacts import contact
from tests.conformance.given import scenario
from tests.conformance.opportunities import GIVEN, ONE, deal
from tests.conformance.scenario import Like, Scenario, Step, holds

_ROW = "Opportunities"


def search(*found: Any, **members: Any) -> Step:
    """A search that finds exactly these."""
    body = {"locationId": "{location}", "limit": 20, **members}
    has = {"opportunities": list(found), "total": len(found), "aggregations": {}}
    return Step("POST", "/opportunities/search", 200, body=body, has=has)


def where(field: str, value: Any, operator: str = "eq") -> list[Any]:
    """Filters of one condition."""
    return [{"field": field, "operator": operator, "value": value}]


def _listed(query: str, *found: Any) -> Step:
    return Step("GET", f"/opportunities/search?{query}", 200, has={"opportunities": list(found)})


def _misfit(says: Any, *filters: Any) -> Step:
    """A search whose filters are refused with what is said."""
    body = {"locationId": "{location}", "limit": 20, "filters": list(filters)}
    return Step("POST", "/opportunities/search", 422, body=body, has={"message": says})


def _page_behind(*found: Any, **members: Any) -> Step:
    """The page behind the cursor that was kept as `after`."""
    body = {"locationId": "{location}", "limit": 1, "searchAfter": "{after}", **members}
    return Step("POST", "/opportunities/search", 200, body=body, has={"opportunities": list(found)})


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        _ROW,
        "the search knows the names in snake_case",
        *GIVEN,
        deal(monetaryValue=10),
        deal("big", name="Big deal", status="won", monetaryValue=1000, pipelineStageId="{second}"),
        search({"id": "{big}", "contact": {"name": "Ann Lee"}}, {"id": "{deal}"}, page=1, query="", searchAfter=[]),
        search({"id": "{big}"}, filters=where("status", "won")),
        search({"id": "{big}"}, filters=where("pipeline_stage_id", "{second}")),
        search({"id": "{deal}"}, filters=where("monetary_value", {"lt": 100}, "range")),
        search({"id": "{big}"}, {"id": "{deal}"}, filters=where("contact_id", "{contact}")),
        search({"id": "{deal}"}, {"id": "{big}"}, sort=[{"field": "monetary_value", "direction": "asc"}]),
        search({"id": "{big}"}, query="big"),
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
            body={"locationId": "{location}", "limit": 501},
            has={"message": holds("limit must not be greater than 500")},
        ),
        Step(
            "POST",
            "/opportunities/search",
            422,
            body={"locationId": "{location}", "filters": where("oid", "x")},
            has={"message": "Invalid field - oid"},
        ),
    ),
    scenario(
        _ROW,
        "it is found by its primary contact, which may change",
        *GIVEN,
        contact("bob", name="Bob Ray", email="Bob@Ray.example", phone="+14155552671"),
        deal(),
        deal("other", name="Other", contactId="{bob}"),
        search({"id": "{deal}"}, filters=where("contact_name", "Ann Lee")),
        search({"id": "{other}"}, filters=where("contact_name", "Ann Lee", "not_eq")),
        search({"id": "{other}"}, filters=where("contact_name", "Ray", "contains")),
        search({"id": "{deal}"}, filters=where("company_name", "Acme")),
        search({"id": "{other}"}, filters=where("company_name", None, "not_exists")),
        search({"id": "{other}"}, filters=where("email", "BOB@ray.example")),
        search({"id": "{other}"}, filters=where("email", "RAY", "contains")),
        search({"id": "{other}"}, filters=where("phone", "+14155552671")),
        search({"id": "{deal}"}, filters=where("phone", None, "not_exists")),
        search({"id": "{deal}"}, filters=where("tags", " VIP")),
        search({"id": "{deal}"}, filters=where("tags", ["x", "Vip "], "contains")),
        search({"id": "{other}"}, filters=where("tags", "VIP", "not_contains")),
        search({"id": "{other}"}, {"id": "{deal}"}, filters=where("tags", "vi", "not_contains")),
        search({"id": "{other}"}, filters=where("tags", ["VIP", "x"], "not_eq")),
        search({"id": "{other}"}, filters=where("tags", None, "not_exists")),
        search({"id": "{deal}"}, query="ann@example"),
        search({"id": "{deal}"}, query="acme"),
        search({"id": "{other}"}, query="bob ray"),
        _listed("locationId={location}&q=4155552671", {"id": "{other}"}),
        Step("GET", ONE, 200, keep={"updated": "opportunity/updatedAt"}),
        Step("PUT", "/contacts/{contact}", 200, body={"firstName": "Zoë", "lastName": "Lee", "companyName": ""}),
        search({"id": "{deal}"}, filters=where("contact_name", "Zoë Lee")),
        search(filters=where("contact_name", "Ann Lee")),
        search(filters=where("company_name", None, "exists")),
        search({"id": "{deal}"}, query="zoe"),
        search(query="acme"),
        Step("GET", ONE, 200, has={"opportunity": {"updatedAt": "{updated}", "contact": {"name": "Zoë Lee"}}}),
        Step("PUT", ONE, 200, body={"contactId": "{bob}"}),
        search({"id": "{other}"}, {"id": "{deal}"}, filters=where("contact_name", "Bob Ray")),
        search(query="zoe"),
        search({"id": "{deal}"}, {"id": "{other}"}, sort=[{"field": "contact_name", "direction": "asc"}]),
    ),
    scenario(
        _ROW,
        "it is found by when its status and stage changed",
        *GIVEN,
        deal(),
        deal("other", name="Other"),
        Step(
            "PUT",
            "/opportunities/{other}/status",
            200,
            body={"status": "won"},
        ),
        Step("GET", "/opportunities/{other}", 200, keep={"won": "opportunity/lastStatusChangeAt"}),
        Step("PUT", ONE, 200, body={"pipelineStageId": "{second}"}),
        Step("GET", ONE, 200, keep={"staged": "opportunity/lastStageChangeAt"}),
        search({"id": "{other}"}, filters=where("last_status_change_date", {"gte": "{won}"}, "range")),
        search({"id": "{deal}"}, filters=where("last_status_change_date", {"lt": "{won}"}, "range")),
        search({"id": "{deal}"}, filters=where("last_stage_change_date", {"gte": "{staged}"}, "range")),
        search(
            {"id": "{other}"}, {"id": "{deal}"}, filters=where("last_stage_change_at", {"gte": "2020-01-01"}, "range")
        ),
        search({"id": "{other}"}, {"id": "{deal}"}, filters=where("last_stage_change_date", None, "exists")),
        search(filters=where("last_stage_change_date", None, "not_exists")),
        search({"id": "{other}"}, {"id": "{deal}"}, sort=[{"field": "last_status_change_date", "direction": "desc"}]),
        search({"id": "{deal}"}, {"id": "{other}"}, sort=[{"field": "last_stage_change_date", "direction": "desc"}]),
        Step(
            "POST",
            "/opportunities/search",
            200,
            body={
                "locationId": "{location}",
                "limit": 1,
                "sort": [{"field": "last_stage_change_date", "direction": "desc"}],
            },
            has={"opportunities": [{"id": "{deal}"}], "total": 2},
            keep={"after": "opportunities/0/searchAfter"},
        ),
        _page_behind({"id": "{other}"}, sort=[{"field": "last_stage_change_date", "direction": "desc"}]),
        _misfit(Like("eq does not apply to last_status_change_date.*"), *where("last_status_change_date", "{won}")),
        _misfit(
            Like("last_stage_change_date: expected an ISO date-time.*"),
            *where("last_stage_change_date", {"gte": "soon"}, "range"),
        ),
        _misfit(Like(".*expected an object.*"), *where("last_stage_change_date", "2024-01-01", "range")),
        _misfit(Like(".*only the members.*"), *where("last_stage_change_date", {"from": "2024-01-01"}, "range")),
    ),
    scenario(
        _ROW,
        "the list is asked in either spelling",
        *GIVEN,
        deal(),
        deal("won", name="Won deal", status="won"),
        _listed("location_id={location}&pipeline_id={pipeline}", {"id": "{won}"}, {"id": "{deal}"}),
        _listed("locationId={location}&pipelineId={pipeline}&order=added_asc", {"id": "{deal}"}, {"id": "{won}"}),
        _listed("location_id={location}&order=added_desc", {"id": "{won}"}, {"id": "{deal}"}),
        _listed("location_id={location}&order=name_asc", {"id": "{deal}"}, {"id": "{won}"}),
        _listed("location_id={location}&order=name_desc", {"id": "{won}"}, {"id": "{deal}"}),
        _listed("location_id={location}&order=status_desc&limit=1&page=2", {"id": "{deal}"}),
        _listed("location_id={location}&order=updated_asc", {"id": "{deal}"}, {"id": "{won}"}),
        Step(
            "GET",
            "/opportunities/search?location_id={location}&order=name_asc&limit=1",
            200,
            has={
                "opportunities": [{"id": "{deal}"}],
                "meta": {"nextPage": 2, "nextPageUrl": Like(r".*[?&]order=name_asc&limit=1&page=2")},
            },
            absent=("meta/startAfter", "meta/startAfterId"),
        ),
        Step("GET", "/opportunities/search?location_id={location}&order=name_asc&startAfterId={deal}", 422),
        Step("GET", "/opportunities/search?location_id={location}&order=name", 422),
        Step("GET", "/opportunities/search?location_id={location}&order=oid_asc", 422),
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
        _listed("location_id={location}&date=01-31-2020&endDate=2020-02-01"),
        _listed("location_id={location}&date=01-31-2020&endDate=12-31-2999", {"id": "{won}"}, {"id": "{deal}"}),
        _listed("location_id={location}&campaignId=Y2I9XM7aO1hncuSOlc9L"),
        _listed("location_id={location}&country=US"),
        Step("PUT", "/contacts/{contact}", 200, body={"country": "US"}),
        _listed("location_id={location}&country=US&getNotes=true", {"id": "{won}", "notes": []}, {"id": "{deal}"}),
        Step("GET", "/opportunities/search?location_id={location}&getTasks=some", 422),
        Step("GET", "/opportunities/search?location_id={location}&date=soon", 422),
        Step("GET", "/opportunities/search", 422),
        Step("GET", "/opportunities/search?location_id={location}&status=new", 422),
        Step("GET", "/opportunities/search?location_id={location}&locationId={location}", 422),
        Step("GET", "/opportunities/search?location_id={foreign}", 403, absent=("opportunities",)),
    ),
)
