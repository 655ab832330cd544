"""What both official SDKs make of the server's replies and refusals: one row for each operation."""

from __future__ import annotations

from typing import Any

from tests.compat.deviations import FIELDS, OBJECTS, OPERATIONS
from tests.compat.deviations_platform import ASSOCIATIONS, BUSINESSES
from tests.compat.known import OBJECT, UNKNOWN_ID, Request

ALL = tuple(operation for name in (OBJECTS, FIELDS, ASSOCIATIONS, BUSINESSES) for operation in OPERATIONS[name])

_RULE = {"id", "key", "firstObjectLabel", "firstObjectKey", "secondObjectLabel", "secondObjectKey", "associationType"}
_DATED = {"locationId", "createdAt", "updatedAt"}
_SIDES = {"firstObjectToSecondObjectCardinality", "secondObjectToFirstObjectCardinality"}
_ASSOCIATION = _RULE | _DATED | _SIDES
_RELATION = _RULE | _DATED | {"associationId", "firstRecordId", "secondRecordId"}
REPLIES = {
    "get-object-by-location-id": {"objects", "cache"},
    "create-custom-object-schema": {"object"},
    "get-object-schema-by-key": {"object", "cache", "fields"},
    "update-custom-object": {"object"},
    "create-object-record": {"record"},
    "get-record-by-id": {"record"},
    "update-object-record": {"record"},
    "delete-object-record": {"id", "success"},
    "search-object-records": {"records", "total"},
    "get-custom-field-by-id": {"field"},
    "update-custom-field": {"field"},
    "delete-custom-field": {"succeded", "succeeded", "id", "key"},
    "get-custom-fields-by-object-key": {"fields", "folders"},
    "create-custom-field-folder": {"id", "objectKey", "locationId", "name"},
    "update-custom-field-folder": {"id", "objectKey", "locationId", "name"},
    "delete-custom-field-folder": {"succeded", "succeeded", "id", "key"},
    "create-custom-field": {"field"},
    "create-association": _ASSOCIATION,
    "find-associations": _ASSOCIATION | {"associations", "total"},
    "get-association-by-ID": _ASSOCIATION,
    "update-association": _ASSOCIATION,
    "delete-association": {"deleted", "id", "message"},
    "get-association-key-by-key-name": _ASSOCIATION,
    "get-association-by-object-keys": _ASSOCIATION | {"associations", "total"},
    "create-relation": _RELATION,
    "get-relations-by-record-id": _RELATION | {"relations", "total"},
    "delete-relation": _RELATION | {"deleted"},
    "create-business": {"success", "buiseness", "business"},
    "get-businesses-by-location": {"businesses"},
    "get-business": {"business"},
    "update-business": {"success", "buiseness", "business"},
    "delete-Business": {"success"},
}
"""The members of each operation's reply, beside traceId."""

_UNKNOWN_OBJECT = r"Custom Object \(custom_objects\.cat\) not found"
_NO_LOCATION = "locationId must be a string, locationId should not be empty"
_NO_ASSOCIATION = rf"Association \({UNKNOWN_ID}\) not found"
_NO_BUSINESS = rf"Record \({UNKNOWN_ID}\) not found"
REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "get-object-by-location-id": ({"locationId": ""}, 422, "locationId should not be empty"),
    "create-custom-object-schema": ({"locationId": None}, 422, _NO_LOCATION),
    "get-object-schema-by-key": ({"key": "custom_objects.cat"}, 404, _UNKNOWN_OBJECT),
    "update-custom-object": (
        {"searchableProperties": [f"{OBJECT}.{name}" for name in ("name", "phone", "date", "radio")]},
        400,
        "Too many searchable properties. Maximum allowed is 3, but received 4.",
    ),
    "create-object-record": ({"properties": {}}, 400, "Missing required properties to create .* - name"),
    "get-record-by-id": ({"id": UNKNOWN_ID}, 404, rf"Record \({UNKNOWN_ID}\) not found"),
    "update-object-record": ({"properties": {"tail": "long"}}, 400, ".*validate the mapped field.*tail.*"),
    "delete-object-record": ({"schemaKey": "custom_objects.cat"}, 404, _UNKNOWN_OBJECT),
    "search-object-records": ({"filters": [{"field": "x", "operator": "eq", "value": 1}]}, 422, "Invalid field - x"),
    "get-custom-field-by-id": ({"id": UNKNOWN_ID}, 404, ".*not found"),
    "update-custom-field": ({"showInForms": "no"}, 422, "showInForms must be a boolean value"),
    "delete-custom-field": ({"id": UNKNOWN_ID}, 404, ".*not found"),
    "get-custom-fields-by-object-key": (
        {"objectKey": "contact"},
        400,
        "Api does not support objectKey of type contact or opportunity",
    ),
    "create-custom-field-folder": ({"name": None}, 422, "name must be a string, name should not be empty"),
    "update-custom-field-folder": ({"id": UNKNOWN_ID}, 404, ".*not found"),
    "delete-custom-field-folder": ({"id": UNKNOWN_ID}, 404, ".*not found"),
    "create-custom-field": ({"dataType": "COLOUR"}, 422, "dataType must be one of .*"),
    "create-association": ({"firstObjectLabel": "Keeper"}, 422, "Both object labels can not be same"),
    "find-associations": ({"locationId": ""}, 422, "locationId should not be empty"),
    "get-association-by-ID": ({"associationId": UNKNOWN_ID}, 404, _NO_ASSOCIATION),
    "update-association": ({"associationId": "BUSINESSES_CONTACTS_ASSOCIATION"}, 400, ".*"),
    "delete-association": ({"associationId": UNKNOWN_ID}, 404, _NO_ASSOCIATION),
    "get-association-key-by-key-name": ({"key_name": UNKNOWN_ID}, 404, _NO_ASSOCIATION),
    "get-association-by-object-keys": ({"objectKey": "custom_objects.cat"}, 404, r"Custom Object .* not found"),
    "create-relation": ({"firstRecordId": UNKNOWN_ID}, 422, "Invalid record id .* for association"),
    "get-relations-by-record-id": ({"skip": "-1"}, 422, "skip must not be less than 0"),
    "delete-relation": ({"relationId": UNKNOWN_ID}, 404, rf"Relation \({UNKNOWN_ID}\) not found"),
    "create-business": ({"name": None}, 422, "name must be a string, name should not be empty"),
    "get-businesses-by-location": ({"limit": "all"}, 422, "limit must be a number .*"),
    "get-business": ({"businessId": UNKNOWN_ID}, 404, _NO_BUSINESS),
    "update-business": ({"phone": "none"}, 400, ".*"),
    "delete-Business": ({"businessId": UNKNOWN_ID}, 404, _NO_BUSINESS),
}
"""What is changed in a request that would succeed, the status it then gets, and the message that an SDK raises."""

UNLOCATED = {
    "get-record-by-id",
    "delete-object-record",
    "get-custom-field-by-id",
    "delete-custom-field",
    "get-association-by-ID",
    "update-association",
    "delete-association",
    "get-business",
    "update-business",
    "delete-Business",
}
"""Operations whose requests name no location: a token of another one is answered 404 and not 403."""


def changed(request: Request, changes: dict[str, Any]) -> Request:
    """The request with other members, wherever they stand; those not in it go into the body, and None takes one out."""
    for name, value in changes.items():
        part = next((part for part in (request.path, request.query) if name in part), None)
        part = request.body if part is None else part
        part[name] = value
        if value is None:
            del part[name]
    return request
