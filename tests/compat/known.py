"""Requests known to succeed, one for each operation, on an object that has a field of every type and a few records."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cached_property
from itertools import count
from typing import Any

import httpx
from msgspec import Struct

from groundlevel.system.assets import asset_path
from tests.compat.known_history import history_request
from tests.compat.known_locations import location_request
from tests.compat.known_platform import platform_request
from tests.compat.known_sales import sales_request
from tests.compat.server import Server, Tenant

UNKNOWN_ID = "0123456789abcdef01234567"
OBJECT = "custom_objects.pet"
_RECORDS = f"/objects/{OBJECT}/records"
_OPTIONS = [{"key": "a", "label": "Alpha"}, {"key": "b", "label": "Beta"}]
_FIELDS: dict[str, dict[str, Any]] = {
    "LARGE_TEXT": {},
    "NUMERICAL": {},
    "PHONE": {},
    "MONETORY": {},
    "CHECKBOX": {"options": _OPTIONS},
    "SINGLE_OPTIONS": {"options": _OPTIONS},
    "MULTIPLE_OPTIONS": {"options": _OPTIONS},
    "DATE": {},
    "TEXTBOX_LIST": {"options": _OPTIONS},
    "FILE_UPLOAD": {"acceptedFormats": "all", "maxFileLimit": 3},
    "RADIO": {"options": _OPTIONS, "allowCustomOption": True},
}
"""The members that a field of each type needs beside those of every field."""
_VALUES = {
    "name": "Rex",
    "large_text": "A good dog",
    "numerical": 3,
    "phone": "+14155552671",
    "monetory": {"currency": "default", "value": 12.5},
    "checkbox": ["a"],
    "single_options": "b",
    "multiple_options": ["a", "b"],
    "date": "2021-05-04",
    "textbox_list.a": "left",
    "file_upload": [{"url": "https://files.example/rex.png"}],
    "radio": "b",
}


class Request(Struct):
    """The parts of a request."""

    path: dict[str, str] = {}
    query: dict[str, str] = {}
    body: Any = None
    token: str | None = None
    """The one that reaches what is asked for, where the tenant's own does not."""


class World:
    """A tenant and, once something needs it, an object to work on; makes anew whatever a request uses up."""

    def __init__(self, server: Server, tenant: Tenant) -> None:
        self.tenant: Tenant = tenant
        self.client: httpx.Client = server.client(tenant)
        self._numbers = count(1)
        self.located: dict[str, str] = {"locationId": tenant.location}
        self._unique_field = ""

    @cached_property
    def folder(self) -> str:
        """The folder of the fields of OBJECT, which is made with a field of every type."""
        labels = {"singular": "Pet", "plural": "Pets"}
        primary = {"key": "name", "name": "Name", "dataType": "TEXT"}
        self.post("/objects/", {"labels": labels, "key": OBJECT, "primaryDisplayPropertyDetails": primary})
        folder: str = self.get(f"/custom-fields/object-key/{OBJECT}")["folders"][0]["id"]
        for data_type, members in _FIELDS.items():
            self.post("/custom-fields/", {**self._field(data_type.lower(), data_type, folder), **members})
        return folder

    @cached_property
    def _spare_field(self) -> str:
        return self.new_field()

    @cached_property
    def _spare_folder(self) -> str:
        return self.new_folder()

    @cached_property
    def _spare_record(self) -> str:
        return self.record()

    def make_object(self) -> None:
        """Makes OBJECT, unless it is there."""
        assert self.folder

    def close(self) -> None:
        """Closes the connection."""
        self.client.close()

    def number(self) -> int:
        """A number not given before."""
        return next(self._numbers)

    def record(self) -> str:
        """The id of a new record."""
        self.make_object()
        return str(self.post(_RECORDS, {"properties": _VALUES})["record"]["id"])

    def new_field(self) -> str:
        """The id of a new field."""
        return str(self.post("/custom-fields/", self.field(f"spare_{self.number()}", "TEXT"))["field"]["id"])

    def new_folder(self) -> str:
        """The id of a new, empty folder."""
        self.make_object()
        body = {"objectKey": OBJECT, "name": f"Folder {self.number()}"}
        return str(self.post("/custom-fields/folder", body)["id"])

    def new_object(self) -> str:
        """The key of a new object."""
        return str(self.post("/objects/", self._object())["object"]["key"])

    def field(self, key: str, data_type: str) -> dict[str, Any]:
        """The members that every new field needs."""
        return self._field(key, data_type, self.folder)

    def _field(self, key: str, data_type: str, folder: str) -> dict[str, Any]:
        return {
            **self.located,
            "objectKey": OBJECT,
            "fieldKey": f"{OBJECT}.{key}",
            "dataType": data_type,
            "parentId": folder,
            "showInForms": True,
            "name": key,
        }

    def known(self, operation: str) -> Request:
        """A request of the operation that succeeds; an empty one for an operation that needs nothing."""
        make = _KNOWN.get(operation)
        if make is not None:
            self.make_object()
            return copy.deepcopy(make(self))
        parts = (
            sales_request(self, operation)
            or location_request(self, operation)
            or platform_request(self, operation)
            or history_request(self, operation)
            or ()
        )
        return Request(*parts)

    def _object(self) -> dict[str, Any]:
        return {
            **self.located,
            "labels": {"singular": "Thing", "plural": "Things"},
            "key": f"thing_{self.number()}",
            "description": "Anything",
            "primaryDisplayPropertyDetails": {"key": "name", "name": "Name", "dataType": "TEXT"},
        }

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The reply to a request that creates something for the tenant."""
        return _done(self.client.post(path, json={**self.located, **body}))

    def get(self, path: str) -> Any:
        """The reply to a request that reads something of the tenant."""
        return _done(self.client.get(path, params=self.located))

    def _search(self) -> Request:
        page = {"page": 1, "pageLimit": 2, "query": "", "searchAfter": []}
        return Request({"schemaKey": OBJECT}, {}, {**self.located, **page})

    def _update_field(self) -> Request:
        body = {**self.located, "showInForms": False, "name": "Renamed", "description": "Text", "placeholder": "…"}
        return Request({"id": self._spare_field}, {}, body)

    def _update_record(self) -> Request:
        people = {"owners": [self.tenant.users[0]], "followers": {"add": [self.tenant.users[1]], "remove": []}}
        changes = {"numerical": 4, "multiple_options": {"add": ["a"], "remove": []}}
        return Request({"schemaKey": OBJECT, "id": self._spare_record}, self.located, {"properties": changes, **people})

    def _make_record(self) -> Request:
        body = {**self.located, "properties": dict(_VALUES), "owners": [self.tenant.users[0]]}
        return Request({"schemaKey": OBJECT}, {}, body)

    def _upsert_record(self) -> Request:
        # An object may have few unique fields, so this one is made once.
        if not self._unique_field:
            self._unique_field = "chip"
            self.post("/custom-fields/", {**self.field("chip", "TEXT"), "isUnique": True})
        properties = {**_VALUES, "chip": f"985-{self.number()}"}
        return Request({"schemaKey": OBJECT}, {}, {**self.located, "match": "chip", "properties": properties})

    def _update_object(self) -> Request:
        labels = {"singular": "Animal", "plural": "Animals"}
        searchable = [f"{OBJECT}.name", f"{OBJECT}.large_text"]
        return Request({"key": OBJECT}, {}, {**self.located, "labels": labels, "searchableProperties": searchable})

    def _make_folder(self) -> Request:
        return Request({}, {}, {**self.located, "objectKey": OBJECT, "name": f"Folder {self.number()}"})

    def _make_field(self) -> Request:
        return Request({}, {}, self.field(f"field_{self.number()}", "TEXT"))


def _done(response: httpx.Response) -> Any:
    assert response.is_success, f"{response.request.method} {response.request.url}: {response.text}"
    return response.json()


_KNOWN: dict[str, Callable[[World], Request]] = {
    "get-object-by-location-id": lambda world: Request({}, world.located),
    "create-custom-object-schema": lambda world: Request({}, {}, world._object()),
    "get-object-schema-by-key": lambda world: Request({"key": OBJECT}, {**world.located, "fetchProperties": "true"}),
    "update-custom-object": World._update_object,
    "delete-custom-object": lambda world: Request({"key": world.new_object()}, world.located),
    "create-object-record": World._make_record,
    "upsert-object-record": World._upsert_record,
    "get-record-by-id": lambda world: Request({"schemaKey": OBJECT, "id": world._spare_record}),
    "update-object-record": World._update_record,
    "delete-object-record": lambda world: Request({"schemaKey": OBJECT, "id": world.record()}),
    "search-object-records": World._search,
    "get-custom-field-by-id": lambda world: Request({"id": world._spare_field}),
    "update-custom-field": World._update_field,
    "delete-custom-field": lambda world: Request({"id": world.new_field()}),
    "get-custom-fields-by-object-key": lambda world: Request({"objectKey": OBJECT}, world.located),
    "create-custom-field-folder": World._make_folder,
    "update-custom-field-folder": lambda world: Request(
        {"id": world._spare_folder}, {}, {**world.located, "name": f"Renamed {world.number()}"}
    ),
    "delete-custom-field-folder": lambda world: Request({"id": world.new_folder()}, world.located),
    "create-custom-field": World._make_field,
    "order-custom-fields": lambda world: Request(
        {"schemaKey": OBJECT}, {}, {**world.located, "fields": [{"id": world._spare_field}]}
    ),
    "get-docs-asset": lambda world: Request({"name": asset_path("swagger-ui.css").rpartition("/")[2]}),
    "get-error-doc": lambda world: Request({"code": "token_invalid"}),
}
