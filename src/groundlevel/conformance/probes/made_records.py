"""Probes that create, change, relate and delete records of the object that a run has made."""

from __future__ import annotations

from typing import Any

from groundlevel.conformance.matching import TEXT, Like, holds
from groundlevel.conformance.probe import Expected, Probe
from groundlevel.conformance.probes.made_objects import OBJECT
from groundlevel.conformance.probes.objects import NO_LOCATION
from groundlevel.kernel.model import Json

_RECORDS = f"/objects/{OBJECT}/records"
_RECORD = _RECORDS + "/{made_record}"
_LOCATION_REFUSED = Expected(422, {"message": ["property locationId should not exist"]})
_RELATION: dict[str, Json] = {
    "locationId": "{location}",
    "associationId": "{made_association}",
    "firstRecordId": "{made_record}",
    "secondRecordId": "{other_record}",
}
_FIELDS = ("made_note", "made_age", "made_price", "made_born", "made_size", "made_tags")
_VALUES: dict[str, Json] = {
    "name": "One",
    "note": "Text",
    "age": 3,
    "price": {"currency": "default", "value": 12.5},
    "born": "2021-05-04",
    "size": "a",
    "tags": ["a", "b"],
}


def _creating(what: str, body: Json, *, query: str = "", name: str = "stray", **members: Any) -> Probe:
    """A probe that creates a record. Where it is meant to be refused and is not, the record is deleted all the same."""
    return Probe(
        f"records: create {what}",
        "POST",
        _RECORDS + query,
        body=body,
        keep={name: "record/id"},
        writes=True,
        needs=_FIELDS,
        undo=("DELETE", f"{_RECORDS}/{{{name}}}"),
        **members,
    )


def _changing(what: str, body: Json, *, query: str = "?locationId={location}", **members: Any) -> Probe:
    return Probe(f"records: change {what}", "PUT", _RECORD + query, body=body, writes=True, **members)


def _located(**properties: Json) -> dict[str, Json]:
    return {"locationId": "{location}", "properties": {**properties}}


PROBES: tuple[Probe, ...] = (
    _creating(
        "one with a value of each kind",
        _located(**_VALUES),
        name="made_record",
        documented=Expected(201, {"record": {"id": TEXT, "properties": _VALUES}}),
        observed=Expected(201, {"record": {"id": TEXT, "objectKey": OBJECT, "owners": [], "follower": []}}),
    ),
    _creating("another", _located(name="Two"), name="other_record", documented=Expected(201, {"record": {"id": TEXT}})),
    _creating(
        "with the location in the query",
        {"properties": {"name": "Three"}},
        query="?locationId={location}",
        name="stray_1",
        observed=_LOCATION_REFUSED,
    ),
    _creating(
        "with the location in body and query",
        _located(name="Four"),
        query="?locationId={location}",
        name="stray_2",
        observed=_LOCATION_REFUSED,
    ),
    _creating(
        "without a location",
        {"properties": {"name": "Five"}},
        name="stray_3",
        observed=Expected(400, {"message": "LocationId is not specified"}),
    ),
    _creating(
        "with the full key of a field",
        {"locationId": "{location}", "properties": {"name": "Six", f"{OBJECT}.age": 3}},
        name="stray_4",
        observed=Expected(400, {"message": Like(".*couldn't validate the mapped field.*")}),
    ),
    _creating(
        "with a field that is not there",
        _located(name="Seven", none="a"),
        name="stray_5",
        observed=Expected(400, {"message": Like(".*couldn't validate the mapped field.*")}),
    ),
    _creating(
        "without what is required",
        _located(age=3),
        name="stray_6",
        observed=Expected(
            400, {"message": holds("Missing required properties to create"), "errorCode": "required_property_missing"}
        ),
    ),
    _creating(
        "with owner",
        {**_located(name="Eight"), "owner": []},
        name="stray_7",
        observed=Expected(422, {"message": ["property owner should not exist"]}),
    ),
    _creating("with a number in quotes", _located(name="Nine", age="3"), name="stray_8", observed=Expected(400)),
    _creating("with an option that is not there", _located(name="Ten", size="c"), name="stray_9"),
    _changing(
        "merges",
        {"properties": {"age": 4}},
        documented=Expected(200, {"record": {"id": "{made_record}"}}),
        observed=Expected(200, {"record": {"properties": {"name": "One", "age": 4, "size": "a"}}}),
    ),
    _changing(
        "to null",
        {"properties": {"note": None}},
        observed=Expected(200, {"record": {"properties": {"name": "One"}}}, absent=("record/properties/note",)),
    ),
    _changing(
        "what a list has",
        {"properties": {"tags": {"add": [], "remove": ["b"]}}},
        observed=Expected(200, {"record": {"properties": {"tags": ["a"]}}}),
    ),
    _changing(
        "a list by a list",
        {"properties": {"tags": ["b"]}},
        observed=Expected(422, {"message": Like("We couldn't apply updates to Tags due to an unexpected format.*")}),
    ),
    _changing(
        "followers by a list",
        {"followers": []},
        observed=Expected(422, {"message": ["followers must be an object"]}),
    ),
    _changing(
        "with the location in the body",
        {"locationId": "{location}", "properties": {"age": 5}},
        query="",
        observed=Expected(422, {"message": NO_LOCATION}),
    ),
    _changing(
        "with the location in body and query",
        {"locationId": "{location}", "properties": {"age": 5}},
        observed=_LOCATION_REFUSED,
    ),
    _changing(
        "without a location",
        {"properties": {"age": 5}},
        query="",
        observed=Expected(404, {"message": f"Custom Object ({OBJECT}) not found"}),
    ),
    Probe(
        "relations: create",
        "POST",
        "/associations/relations",
        body=_RELATION,
        documented=Expected(201),
        observed=Expected(201, {"id": TEXT, "associationId": "{made_association}", "firstRecordId": "{made_record}"}),
        keep={"made_relation": "id"},
        writes=True,
        undo=("DELETE", "/associations/relations/{made_relation}?locationId={location}"),
    ),
    Probe(
        "relations: create it again",
        "POST",
        "/associations/relations",
        body=_RELATION,
        observed=Expected(
            400, {"message": "Could not create relation: duplicate relation of object Ids for given association"}
        ),
        writes=True,
    ),
    Probe(
        "relations: delete",
        "DELETE",
        "/associations/relations/{made_relation}?locationId={location}",
        documented=Expected(200),
        writes=True,
    ),
    Probe(
        "records: delete with a location in the query",
        "DELETE",
        f"{_RECORDS}/{{other_record}}?locationId={{location}}",
        observed=_LOCATION_REFUSED,
        writes=True,
    ),
    Probe(
        "records: delete",
        "DELETE",
        _RECORD,
        documented=Expected(200, {"id": "{made_record}", "success": True}),
        writes=True,
    ),
    Probe("records: delete it again", "DELETE", _RECORD, writes=True),
)
