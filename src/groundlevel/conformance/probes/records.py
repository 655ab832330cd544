"""Probes that read and search records, and their relations."""

from __future__ import annotations

from typing import Any

from groundlevel.conformance.matching import HEX_ID, MOMENT, TEXT, UUID, Kind, holds
from groundlevel.conformance.probe import Expected, Probe
from groundlevel.conformance.probes.objects import NO_LOCATION
from groundlevel.kernel.model import Json

_RECORDS = "/objects/{object}/records"
_NONE = "custom_objects.none_{random}"
_ORIGIN = {"channel": TEXT, "source": TEXT, "sourceId": TEXT, "createdAt": TEXT}
_FOUND = {
    "id": HEX_ID,
    "owner": Kind(list),
    "followers": Kind(list),
    "properties": Kind(dict),
    "createdAt": MOMENT,
    "updatedAt": MOMENT,
    "locationId": "{location}",
    "objectId": HEX_ID,
    "objectKey": "{object}",
    "createdBy": _ORIGIN,
    "lastUpdatedBy": _ORIGIN,
    "searchAfter": Kind(list),
}


def _search(**members: Json) -> dict[str, Json]:
    return {"locationId": "{location}", "page": 1, "pageLimit": 5, **members}


def _filter(field: str, operator: str, value: Json) -> Json:
    return {"field": field, "operator": operator, "value": value}


def _searching(what: str, body: Json, documented: Any = None, observed: Any = None, **more: Any) -> Probe:
    return Probe(
        f"records: search {what}",
        "POST",
        more.pop("path", f"{_RECORDS}/search"),
        body=body,
        documented=documented and Expected(*documented),
        observed=observed and Expected(*observed),
        **more,
    )


PROBES: tuple[Probe, ...] = (
    _searching(
        "a page",
        _search(query="", searchAfter=[]),
        (200, {"records": Kind(list), "total": Kind(int)}),
        (201, {"records": Kind(list), "total": Kind(int), "traceId": UUID}),
        keep={"record": "records/0/id"},
    ),
    _searching(
        "what is found",
        _search(pageLimit=1, sort=[{"field": "createdAt", "direction": "asc"}]),
        (200, {"records": holds(_FOUND)}),
        (201, {"records": holds({**_FOUND, "owners": Kind(list), "relations": Kind(list), "sort": Kind(list)})}),
    ),
    _searching(
        "without query and searchAfter",
        _search(),
        observed=(201, {"records": Kind(list)}),
    ),
    _searching(
        "by a text that nothing has",
        _search(query="none{random}none"),
        (200, {"records": [], "total": 0}),
        (201, {"records": [], "total": 0}),
    ),
    _searching("without a location", {"page": 1, "pageLimit": 5}, observed=(422, {"message": NO_LOCATION})),
    _searching("with an unknown member", _search(colour="red"), observed=(422, None)),
    _searching("by a field that is not there", _search(filters=[_filter("properties.none_{random}", "eq", "a")])),
    _searching("by an operator that is not there", _search(filters=[_filter("createdAt", "resembles", "a")])),
    _searching("page 0", _search(page=0)),
    _searching("1,000 on a page", _search(pageLimit=1_000)),
    _searching(
        "in an object that is not there",
        _search(),
        observed=(404, {"message": f"Custom Object ({_NONE}) not found"}),
        path=f"/objects/{_NONE}/records/search",
    ),
    Probe(
        "records: get",
        "GET",
        _RECORDS + "/{record}",
        documented=Expected(
            200,
            {
                "record": {
                    "id": "{record}",
                    "owner": Kind(list),
                    "followers": Kind(list),
                    "properties": Kind(dict),
                    "dateAdded": TEXT,
                    "dateUpdated": TEXT,
                }
            },
        ),
        observed=Expected(
            200,
            {
                "record": {
                    "id": "{record}",
                    "objectKey": "{object}",
                    "owners": Kind(list),
                    "follower": Kind(list),
                    "createdBy": _ORIGIN,
                    "createdAt": MOMENT,
                    "updatedAt": MOMENT,
                }
            },
        ),
    ),
    Probe(
        "records: get with a location",
        "GET",
        _RECORDS + "/{record}?locationId={location}",
        observed=Expected(200, {"record": {"id": "{record}"}}),
    ),
    Probe(
        "records: get by the id of the object",
        "GET",
        "/objects/{object_id}/records/{record}",
        observed=Expected(200, {"record": {"id": "{record}"}}),
    ),
    Probe("records: get one that is not there", "GET", _RECORDS + "/000000000000000000000000"),
    Probe("records: get one whose id is none", "GET", _RECORDS + "/none"),
    Probe(
        "records: get one of an object that is not there",
        "GET",
        f"/objects/{_NONE}/records/000000000000000000000000",
        observed=Expected(404, {"message": f"Custom Object ({_NONE}) not found", "error": "Not Found"}),
    ),
    Probe(
        "relations: list those of a record",
        "GET",
        "/associations/relations/{record}?locationId={location}&skip=0&limit=10",
        observed=Expected(200, {"relations": Kind(list), "total": Kind(int)}),
    ),
    Probe(
        "relations: list with an unknown parameter",
        "GET",
        "/associations/relations/{record}?locationId={location}&associationId=a",
        observed=Expected(422, {"message": holds("property associationId should not exist")}),
    ),
)
