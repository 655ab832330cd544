"""Probes that make an object of their own, its fields and its associations, and delete them."""

from __future__ import annotations

from typing import Any

from groundlevel.conformance.matching import TEXT, Kind, Sized, holds
from groundlevel.conformance.probe import Expected, Probe
from groundlevel.kernel.model import Json

OBJECT = "{probe}"
"""The key of the object that a run has made."""
_MADE = "custom_objects.probe_{random}"
_OPTIONS: list[Json] = [{"key": "a", "label": "Alpha"}, {"key": "b", "label": "Beta"}]
_DELETED = {"succeded": True, "id": TEXT, "key": TEXT}


def _object(**members: Json) -> dict[str, Json]:
    return {
        "locationId": "{location}",
        "labels": {"singular": "Probe {random}", "plural": "Probes {random}"},
        "key": "probe_{random}",
        "description": "Made by a conformance run, and deleted at its end",
        "primaryDisplayPropertyDetails": {"key": "name", "name": "Name", "dataType": "TEXT"},
        **members,
    }


def _creating_field(key: str, data_type: str, **members: Json) -> Probe:
    body: dict[str, Json] = {
        "locationId": "{location}",
        "objectKey": OBJECT,
        "fieldKey": f"{OBJECT}.{key}",
        "dataType": data_type,
        "parentId": "{made_folder}",
        "showInForms": True,
        "name": key.capitalize(),
        **members,
    }
    shown = {"field": {"fieldKey": f"{OBJECT}.{key}", "dataType": data_type, "objectKey": OBJECT}}
    return Probe(
        f"fields: create {data_type}",
        "POST",
        "/custom-fields/",
        body=body,
        documented=Expected(201, shown),
        keep={f"made_{key}": "field/id"},
        writes=True,
        undo=("DELETE", f"/custom-fields/{{made_{key}}}"),
    )


def _writing(name: str, method: str, path: str, **members: Any) -> Probe:
    return Probe(name, method, path, writes=True, **members)


PROBES: tuple[Probe, ...] = (
    _writing(
        "objects: create with an unknown member",
        "POST",
        "/objects/",
        body=_object(key="odd_{random}", colour="red"),
        observed=Expected(422, {"message": holds("property colour should not exist")}),
        # Where it is taken for a request without the member, there is an object now.
        undo=("DELETE", "/objects/custom_objects.odd_{random}?locationId={location}"),
    ),
    _writing(
        "objects: create",
        "POST",
        "/objects/",
        body=_object(),
        documented=Expected(201, {"object": {"key": _MADE, "standard": False, "locationId": "{location}"}}),
        keep={"made": "object/id", "probe": "object/key"},
        undo=("DELETE", f"/objects/{_MADE}?locationId={{location}}"),
    ),
    _writing("objects: create one whose key is taken", "POST", "/objects/", body=_object()),
    _writing(
        "objects: a new one has a folder and its primary field",
        "GET",
        f"/custom-fields/object-key/{OBJECT}?locationId={{location}}",
        observed=Expected(200, {"fields": [{"fieldKey": f"{OBJECT}.name"}], "folders": Sized(1)}),
        keep={"made_folder": "folders/0/id"},
    ),
    _writing(
        "objects: change labels",
        "PUT",
        f"/objects/{OBJECT}",
        body={
            "locationId": "{location}",
            "labels": {"singular": "Renamed {random}", "plural": "Probes {random}"},
            "searchableProperties": [f"{OBJECT}.name"],
        },
        documented=Expected(200, {"object": {"key": OBJECT, "labels": {"singular": "Renamed {random}"}}}),
    ),
    _writing(
        "objects: four searchable properties",
        "PUT",
        f"/objects/{OBJECT}",
        body={"locationId": "{location}", "searchableProperties": [f"{OBJECT}.{key}" for key in ("name", *"bcd")]},
        observed=Expected(400, {"message": "Too many searchable properties. Maximum allowed is 3, but received 4."}),
    ),
    _creating_field("note", "LARGE_TEXT"),
    _creating_field("age", "NUMERICAL"),
    _creating_field("price", "MONETORY"),
    _creating_field("born", "DATE"),
    _creating_field("size", "SINGLE_OPTIONS", options=_OPTIONS),
    _creating_field("tags", "MULTIPLE_OPTIONS", options=_OPTIONS),
    _writing(
        "fields: change",
        "PUT",
        "/custom-fields/{made_age}",
        body={"locationId": "{location}", "showInForms": False, "name": "Years"},
        documented=Expected(200, {"field": {"id": "{made_age}", "name": "Years", "showInForms": False}}),
    ),
    _writing(
        "folders: create",
        "POST",
        "/custom-fields/folder",
        body={"locationId": "{location}", "objectKey": OBJECT, "name": "Extra {random}"},
        documented=Expected(201, {"id": TEXT, "objectKey": OBJECT, "locationId": "{location}"}),
        keep={"extra": "id"},
        undo=("DELETE", "/custom-fields/folder/{extra}?locationId={location}"),
    ),
    _writing(
        "folders: rename",
        "PUT",
        "/custom-fields/folder/{extra}",
        body={"locationId": "{location}", "name": "More {random}"},
        documented=Expected(200, {"id": "{extra}", "name": "More {random}"}),
    ),
    _writing(
        "folders: delete",
        "DELETE",
        "/custom-fields/folder/{extra}?locationId={location}",
        documented=Expected(200, {**_DELETED, "id": "{extra}"}),
    ),
    _writing(
        "associations: create with equal labels",
        "POST",
        "/associations/",
        body={
            "locationId": "{location}",
            "key": "probe_same_{random}",
            "firstObjectLabel": "Same",
            "firstObjectKey": "contact",
            "secondObjectLabel": "Same",
            "secondObjectKey": OBJECT,
        },
        observed=Expected(422, {"message": holds("Both object labels can not be same")}),
        keep={"same_association": "id"},
        undo=("DELETE", "/associations/{same_association}"),
    ),
    _writing(
        "associations: create",
        "POST",
        "/associations/",
        body={
            "locationId": "{location}",
            "key": "probe_{random}",
            "firstObjectLabel": "Keeper",
            "firstObjectKey": OBJECT,
            "secondObjectLabel": "Kept",
            "secondObjectKey": OBJECT,
        },
        documented=Expected(201, {"id": TEXT, "key": "probe_{random}", "associationType": "USER_DEFINED"}),
        keep={"made_association": "id"},
        undo=("DELETE", "/associations/{made_association}"),
    ),
    _writing(
        "associations: change labels",
        "PUT",
        "/associations/{made_association}",
        body={"firstObjectLabel": "Holder", "secondObjectLabel": "Held"},
        documented=Expected(200, {"id": "{made_association}", "firstObjectLabel": "Holder"}),
    ),
)
"""The object, which is there for the probes of records behind them."""

ENDINGS: tuple[Probe, ...] = (
    _writing(
        "associations: delete",
        "DELETE",
        "/associations/{made_association}",
        documented=Expected(200, {"deleted": True, "id": "{made_association}", "message": TEXT}),
    ),
    _writing(
        "fields: delete",
        "DELETE",
        "/custom-fields/{made_note}",
        documented=Expected(200, {**_DELETED, "id": "{made_note}"}),
    ),
    _writing(
        "objects: delete",
        "DELETE",
        f"/objects/{OBJECT}?locationId={{location}}",
        last=True,
        observed=Expected(200, {"id": "{made}", "success": True, "meta": Kind(dict)}),
    ),
)
