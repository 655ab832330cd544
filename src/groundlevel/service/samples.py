"""One example of each event's payload: what a test of a webhook sends, and what the reference shows."""

from __future__ import annotations

from collections.abc import Mapping

from groundlevel.model import Json
from groundlevel.service.events import EventType

_LOCATION = "ve9EPM428h8vShlRW1KT"
_COMPANY = "uAXXdn6L8EZ7KbB2mQ4c"
_AT = "2024-07-11T09:35:39.032Z"
_ORIGIN = {"channel": "OAUTH", "source": "INTEGRATION", "sourceId": "9c1e7f52-6f0a-4a53-8a53-0c1f3c1d7a11"}
_RECORD = {
    "id": "668fa61b0802420000000001",
    "locationId": _LOCATION,
    "objectKey": "custom_objects.pet",
    "owners": ["sx6wyHhbFdRXh302LLNR"],
    "followers": [],
    "properties": [{"key": "name", "valueString": "buddy"}, {"key": "weight_kg", "valueString": "8.5"}],
}
_OBJECT = {
    "id": "668fa5f00802420000000002",
    "labels": {"singular": "Pet", "plural": "Pets"},
    "description": "Animals of our customers",
    "searchableProperties": ["custom_objects.pet.name"],
    "primaryDisplayProperty": "custom_objects.pet.name",
    "key": "custom_objects.pet",
    "locationId": _LOCATION,
    "createdAt": _AT,
    "updatedAt": _AT,
    "createdBy": _ORIGIN,
    "updatedBy": _ORIGIN,
    "objectType": "USER_DEFINED",
}
_ASSOCIATION = {
    "id": "668fa6400802420000000003",
    "associationType": "USER_DEFINED",
    "firstObjectKey": "contact",
    "firstObjectLabel": "owner",
    "secondObjectKey": "custom_objects.pet",
    "secondObjectLabel": "pet",
    "key": "owner_pet",
    "locationId": _LOCATION,
}
_CARDINALITIES = {
    "firstObjectToSecondObjectCardinality": "MANY_TO_MANY",
    "secondObjectToFirstObjectCardinality": "MANY_TO_MANY",
}
_RELATION = {
    "id": "668fa6520802420000000004",
    "firstObjectKey": "contact",
    "firstRecordId": "7d3kfGcMWEzTkCbaNBGk",
    "secondObjectKey": "custom_objects.pet",
    "secondRecordId": "668fa61b0802420000000001",
    "associationId": "668fa6400802420000000003",
    "locationId": _LOCATION,
}
_INSTALL = {
    "versionId": "64b7c0ffee64b7c0ffee0001",
    "installType": "Location",
    "locationId": _LOCATION,
    "companyId": _COMPANY,
    "userId": "sx6wyHhbFdRXh302LLNR",
    "planId": "",
    "trial": {},
    "isWhitelabelCompany": False,
    "whitelabelDetails": {"domain": "", "logoUrl": ""},
    "companyName": "A company",
}

SAMPLES: Mapping[EventType, Mapping[str, Json]] = {
    EventType.RECORD_CREATE: _RECORD,
    EventType.RECORD_UPDATE: _RECORD,
    EventType.RECORD_DELETE: _RECORD,
    EventType.OBJECT_SCHEMA_CREATE: _OBJECT,
    EventType.OBJECT_SCHEMA_UPDATE: _OBJECT,
    EventType.ASSOCIATION_CREATE: _ASSOCIATION,
    EventType.ASSOCIATION_UPDATE: _ASSOCIATION | _CARDINALITIES,
    EventType.ASSOCIATION_DELETE: _ASSOCIATION | _CARDINALITIES,
    EventType.RELATION_CREATE: _RELATION,
    EventType.RELATION_DELETE: _RELATION,
    EventType.INSTALL: _INSTALL,
    EventType.UNINSTALL: {"locationId": _LOCATION, "companyId": _COMPANY},
}
"""By type; the members of the envelope are left out."""
