"""Probes that read objects, their fields, and associations."""

from __future__ import annotations

from groundlevel.conformance.matching import SHORT_ID, TEXT, Kind, Like, Sized, holds
from groundlevel.conformance.probe import Expected, Probe

NO_LOCATION = ["locationId must be a string", "locationId should not be empty"]
"""What the live platform was seen to say where the location is missing."""
_LABELS = {"singular": TEXT, "plural": TEXT}
_SCHEMA = {
    "id": TEXT,
    "standard": Kind(bool),
    "key": TEXT,
    "labels": _LABELS,
    "locationId": "{location}",
    "primaryDisplayProperty": TEXT,
    "dateAdded": TEXT,
    "dateUpdated": TEXT,
}
_FIELD = {
    "id": SHORT_ID,
    "locationId": "{location}",
    "objectKey": "{object}",
    "fieldKey": Like(r"custom_objects\..+"),
    "dataType": TEXT,
    "parentId": TEXT,
    "showInForms": Kind(bool),
    "dateAdded": TEXT,
    "dateUpdated": TEXT,
}
_ASSOCIATION = {
    "id": TEXT,
    "locationId": "{location}",
    "key": TEXT,
    "firstObjectLabel": TEXT,
    "firstObjectKey": TEXT,
    "secondObjectLabel": TEXT,
    "secondObjectKey": TEXT,
    "associationType": Like("USER_DEFINED|SYSTEM_DEFINED"),
}
_NONE = "custom_objects.none_{random}"
_NOT_THERE = Expected(404, {"message": f"Custom Object ({_NONE}) not found", "error": "Not Found"})
_CONTACT_FIELDS = "Api does not support objectKey of type contact or opportunity"

PROBES: tuple[Probe, ...] = (
    Probe(
        "objects: list",
        "GET",
        "/objects/?locationId={location}",
        documented=Expected(200, {"objects": holds(_SCHEMA)}),
        observed=Expected(200, {"objects": holds({**_SCHEMA, "createdAt": TEXT, "updatedAt": TEXT}), "traceId": TEXT}),
        keep={"object": "objects/key=custom_objects.*/key", "object_id": "objects/key={object}/id"},
    ),
    Probe(
        "objects: list without a location",
        "GET",
        "/objects/",
        documented=Expected(422, {"message": Kind(list), "error": "Unprocessable Entity"}),
        observed=Expected(422, {"message": NO_LOCATION}),
    ),
    Probe(
        "objects: list with an unknown parameter",
        "GET",
        "/objects/?locationId={location}&colour=red",
        observed=Expected(422, {"message": ["property colour should not exist"]}),
    ),
    Probe(
        "objects: list with an empty location",
        "GET",
        "/objects/?locationId=",
        documented=Expected(422, {"message": Kind(list)}),
        observed=Expected(422, {"message": holds("locationId should not be empty")}),
    ),
    Probe(
        "objects: get",
        "GET",
        "/objects/{object}?locationId={location}",
        documented=Expected(200, {"object": {**_SCHEMA, "key": "{object}", "standard": False}, "cache": Kind(bool)}),
    ),
    Probe(
        "objects: get with fields",
        "GET",
        "/objects/{object}?locationId={location}&fetchProperties=true",
        documented=Expected(200, {"object": {"key": "{object}"}, "fields": holds(_FIELD)}),
    ),
    Probe(
        "objects: get by id",
        "GET",
        "/objects/{object_id}?locationId={location}",
        observed=Expected(200, {"object": {"id": "{object_id}", "key": "{object}"}}),
    ),
    *(
        Probe(
            f"objects: get {key}",
            "GET",
            f"/objects/{key}?locationId={{location}}",
            documented=Expected(200, {"object": {**_SCHEMA, "key": key, "standard": True}}),
        )
        for key in ("contact", "opportunity", "business")
    ),
    Probe(
        "objects: get one that is not there", "GET", f"/objects/{_NONE}?locationId={{location}}", observed=_NOT_THERE
    ),
    Probe(
        "fields: list",
        "GET",
        "/custom-fields/object-key/{object}?locationId={location}",
        documented=Expected(200, {"fields": holds(_FIELD), "folders": Kind(list)}),
        keep={"field": "fields/0/id", "folder": "folders/0/id"},
    ),
    Probe(
        "fields: list of contacts",
        "GET",
        "/custom-fields/object-key/contact?locationId={location}",
        observed=Expected(400, {"message": _CONTACT_FIELDS}),
    ),
    Probe(
        "fields: get",
        "GET",
        "/custom-fields/{field}",
        documented=Expected(200, {"field": {**_FIELD, "id": "{field}"}}),
    ),
    Probe(
        "fields: get a folder",
        "GET",
        "/custom-fields/{folder}",
        documented=Expected(200, {"field": {"id": "{folder}"}}),
    ),
    Probe("fields: get one that is not there", "GET", "/custom-fields/none{random}"),
    Probe(
        "associations: list",
        "GET",
        "/associations/?locationId={location}&skip=0&limit=20",
        documented=Expected(200, _ASSOCIATION),
        observed=Expected(200, {"associations": holds(_ASSOCIATION)}),
        keep={"association": "associations/0/id", "association_key": "associations/0/key"},
    ),
    Probe(
        "associations: list one",
        "GET",
        "/associations/?locationId={location}&skip=0&limit=1",
        observed=Expected(200, {"associations": Sized(1)}),
    ),
    Probe(
        "associations: get",
        "GET",
        "/associations/{association}",
        documented=Expected(200, {**_ASSOCIATION, "id": "{association}"}),
    ),
    Probe(
        "associations: get by key",
        "GET",
        "/associations/key/{association_key}?locationId={location}",
        documented=Expected(200, {**_ASSOCIATION, "key": "{association_key}"}),
    ),
    Probe(
        "associations: list those of an object",
        "GET",
        "/associations/objectKey/contact?locationId={location}",
        documented=Expected(200, _ASSOCIATION),
        observed=Expected(200, {"associations": holds(_ASSOCIATION)}),
    ),
    Probe("associations: get one that is not there", "GET", "/associations/key/none_{random}?locationId={location}"),
)
