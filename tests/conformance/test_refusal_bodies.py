"""What the documentation shows as the body of a refusal is, letter by letter, what a request gets that causes it."""

from __future__ import annotations

from typing import Any

import httpx
from msgspec import Struct

import groundlevel.console.errors
import groundlevel.control.errors  # noqa: F401  the refusals of both belong to the tree
from groundlevel.kernel.errors import refusals
from groundlevel.kernel.http.openapi import example_of
from groundlevel.kernel.model import Json
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.conformance import oauth
from tests.conformance.contacts import contact
from tests.conformance.given import FOLDER, OPTIONS, PET, REX, create, field, search
from tests.conformance.opportunities import PIPELINES, deal
from tests.conformance.record_notes import record_note
from tests.conformance.scenario import Scenario, Step, Variables, filled, play
from tests.kernel.http.world import VERSION, World, open_world

LIMIT = 100_000
PETS = "/objects/custom_objects.pet/records"
_FRIENDS = {
    "locationId": "{location}",
    "key": "friends",
    "firstObjectLabel": "Friend",
    "firstObjectKey": "custom_objects.pet",
    "secondObjectLabel": "Pal",
    "secondObjectKey": "custom_objects.pet",
    "firstObjectToSecondObjectCardinality": "ONE_TO_ONE",
    "secondObjectToFirstObjectCardinality": "ONE_TO_ONE",
}
_ENDS = {"locationId": "{location}", "associationId": "{friends}", "firstRecordId": "{record}"}
GIVEN = (
    PET,
    FOLDER,
    field("age", "NUMERICAL"),
    field("chip", "TEXT", isUnique=True),
    field("tags", "MULTIPLE_OPTIONS", options=OPTIONS),
    REX,
    create({"name": "Tom", "chip": "1"}, "other"),
    create({"name": "Kim"}, "third"),
    Step("POST", "/associations/", 201, body=_FRIENDS, keep={"friends": "id"}),
    Step("POST", "/associations/relations", 201, body={**_ENDS, "secondRecordId": "{other}"}),
    contact(name="Ann", email="ann@example.com"),
    PIPELINES,
    deal(),
    record_note(),
    Step(
        "GET",
        "/associations/relations/{contact}?locationId={location}",
        200,
        keep={"to_primary_contact": "relations/0/id"},
    ),
)


class Cause(Struct, frozen=True, kw_only=True):
    """A request that is refused in one way. `{name}` stands for a variable of the steps before."""

    code: str
    method: str = "POST"
    path: str
    body: Json = None
    content: bytes | None = None
    """The body as it is, instead of JSON."""
    token: str = "own"
    version: str | None = VERSION
    headers: dict[str, str] = {}
    shown: dict[str, str] = {}
    """Ids that the server made, by the variables that hold them, and what the documentation shows in their place."""


def _pet(code: str, properties: dict[str, Json], **members: Json) -> Cause:
    return Cause(code=code, path=PETS, body={"locationId": "{location}", "properties": properties, **members})


def _search(code: str, **members: Json) -> Cause:
    return Cause(code=code, path=f"{PETS}/search", body=search(**members))


def _field(code: str, key: str) -> Cause:
    step = field(key, "NUMERICAL")
    return Cause(code=code, path=step.path, body=step.body)


def _get(code: str, path: str, **members: Any) -> Cause:
    return Cause(code=code, method="GET", path=path, **members)


def _token(code: str, /, **members: Json) -> Cause:
    body = {"client_id": "{client_id}", "client_secret": "{client_secret}", **members}
    return Cause(code=code, path="/oauth/token", body=body, token="", version=None)


def _nested(depth: int) -> Json:
    node: Json = {"field": "properties.age", "operator": "exists"}
    for _ in range(depth):
        node = {"group": "AND", "filters": [node]}
    return node


_HEX = "668fa61b0802420000000001"
_SCHEMAS = "/objects/?locationId={location}"
CAUSES = (
    Cause(code="malformed_json", path=PETS, content=b'{"properties": {"name": "Rex",}}'),
    Cause(code="duplicate_member", path=PETS, content=b'{"properties": {"name": "Rex", "name": "Tom"}}'),
    _search("nesting_too_deep", filters=[_nested(11)]),
    Cause(code="location_missing", path=PETS, body={"properties": {"name": "Rex"}}, token="company"),
    Cause(code="location_mismatch", path=PETS + "?locationId={sister}", body={"locationId": "{location}"}),
    _get("invalid_shape", "/objects/"),
    _get("token_invalid", _SCHEMAS, token=""),
    _get("version_missing", _SCHEMAS, version=None),
    _get("version_invalid", _SCHEMAS, version="2020-01-01"),
    _get("scope_missing", _SCHEMAS, token="unscoped"),
    _get("location_forbidden", "/objects/?locationId={foreign}"),
    _get("route_not_found", "/objects/custom_objects.pet/record"),
    Cause(code="method_not_allowed", method="PATCH", path="/objects"),
    Cause(code="body_too_large", path=PETS, content=b" " * (LIMIT + 1)),
    _pet("unknown_property", {"name": "Rex", "color": "red"}),
    _pet("invalid_value", {"name": "Rex", "age": "3"}),
    _pet("required_property_missing", {"age": 3}),
    _pet("unique_property_conflict", {"name": "Tim", "chip": "1"}),
    _pet("limit_exceeded", {"name": "Rex"}, owners=["a", "b"]),
    _search("invalid_cursor", searchAfter=["rex"]),
    _search("invalid_field", sort=[{"field": "age"}]),
    _search("invalid_filter", filters=[{"field": "properties.age", "operator": "eq", "value": "3"}]),
    Cause(
        code="invalid_update",
        method="PUT",
        path=PETS + "/{record}?locationId={location}",
        body={"properties": {"tags": {"set": ["a"]}}},
    ),
    _get("record_not_found", f"{PETS}/{_HEX}"),
    Cause(
        code="record_changed",
        method="PUT",
        path=PETS + "/{record}?locationId={location}",
        body={"properties": {"name": "Max"}},
        headers={"If-Match": '"another-state"'},
        shown={"record": _HEX},
    ),
    _field("invalid_key", "Age"),
    _field("duplicate_key", "age"),
    Cause(code="in_use", method="DELETE", path="/custom-fields/{primary}"),
    _get("not_supported", f"/objects/contact/records/{_HEX}"),
    _get("object_not_found", "/objects/custom_objects.owner?locationId={location}"),
    _get("contact_not_found", "/contacts/ocQHyuzHvysMo5N5VsXc"),
    _get("note_not_found", "/contacts/{contact}/notes/HGPcayliwcdoUFzvbTok"),
    Cause(
        code="last_note_relation",
        method="PUT",
        path="/notes/{record_note}/relations?locationId={location}",
        body={"type": "remove", "relations": [{"objectKey": "custom_objects.pet", "recordId": "{record}"}]},
    ),
    _get("task_not_found", "/contacts/{contact}/tasks/lJpzYrWdpkC2hX6t2yue"),
    _get("opportunity_not_found", "/opportunities/yWQobCRIhRguQtD2llvk"),
    Cause(
        code="duplicate_contact",
        path="/contacts/",
        body={"locationId": "{location}", "email": "ann@example.com"},
        shown={"contact": "ocQHyuzHvysMo5N5VsXc"},
    ),
    Cause(
        code="unknown_reference",
        path="/opportunities/",
        body={
            "locationId": "{location}",
            "name": "First deal",
            "pipelineId": "{pipeline}",
            "contactId": "ocQHyuzHvysMo5N5VsXc",
            "status": "open",
        },
    ),
    _get("field_not_found", "/custom-fields/3sv6UEo51C9Bmpo1cKTq"),
    Cause(
        code="folder_not_found",
        method="DELETE",
        path="/custom-fields/folder/3sv6UEo51C9Bmpo1cKTq?locationId={location}",
    ),
    Cause(code="same_labels", path="/associations/", body={**_FRIENDS, "key": "same", "secondObjectLabel": "Friend"}),
    _get("association_not_found", "/associations/6b04a3f09c402f19e9a8d4c1?locationId={location}"),
    Cause(
        code="relation_not_found",
        method="DELETE",
        path="/associations/relations/6b04a3f11a802f19e9a8d4d2?locationId={location}",
    ),
    Cause(code="duplicate_relation", path="/associations/relations", body={**_ENDS, "secondRecordId": "{other}"}),
    Cause(
        code="primary_contact_relation",
        method="DELETE",
        path="/associations/relations/{to_primary_contact}?locationId={location}",
    ),
    Cause(
        code="cardinality_exceeded",
        path="/associations/relations",
        body={**_ENDS, "secondRecordId": "{third}"},
        shown={"record": _HEX},
    ),
    Cause(code="invalid_relation", path="/associations/relations", body={**_ENDS, "secondRecordId": _HEX}),
    Cause(code="idempotency_key_invalid", path=PETS, body={}, headers={"Idempotency-Key": "x" * 256}),
    Cause(
        code="idempotency_unsupported",
        path="/oauth/locationToken",
        body={"companyId": "{company}", "locationId": "{sister}"},
        token="app",
        headers={"Idempotency-Key": "once"},
    ),
    Cause(
        code="match_not_unique",
        path="/x/objects/custom_objects.pet/records/upsert",
        body={"match": "name", "properties": {"name": "Rex"}},
    ),
    Cause(
        code="match_value_missing",
        path="/x/objects/custom_objects.pet/records/upsert",
        body={"match": "chip", "properties": {"name": "Rex"}},
    ),
    _get("webhook_not_found", "/x/webhooks/668fa61b0802420000000003"),
    Cause(code="delivery_not_found", path="/x/webhooks/deliveries/8a1f1f0a-6d3e-4a7e-9f5b-0c1d2e3f4a5b/replay"),
    Cause(code="url_forbidden", path="/x/webhooks", body={"locationId": "{location}", "url": "http://10.0.0.1/"}),
    Cause(
        code="lost_reason_not_found",
        method="DELETE",
        path="/x/lost-reasons/CLu7BaljjqrEjBGKTNNe?locationId={location}",
    ),
    _get("custom_value_not_found", "/locations/{location}/customValues/3sv6UEo51C9Bmpo1cKTq"),
    _get("tag_not_found", "/locations/{location}/tags/flGwEuzsfJOia1i1ikRN"),
    _get("operation_unsupported", "/locations/{location}/templates"),
    _get("import_not_found", f"/x/imports/{_HEX}?locationId={{location}}"),
    Cause(code="not_in_bin", path=f"/x/bin/{_HEX}/restore"),
    Cause(
        code="version_not_found",
        path="/x/objects/custom_objects.pet/records/{record}/restore",
        body={"version": 9},
        shown={"record": _HEX},
    ),
    _get("user_not_found", "/users/sx6wyHhbFdRXh302LLNR"),
    _get("app_not_found", "/oauth/installedLocations?companyId={company}&appId=668fa61b0802420000000002", token="app"),
    _get("auth_class_unsupported", "/oauth/installedLocations?companyId={company}&appId={app}"),
    _token("invalid_client", client_secret="wrong", grant_type="authorization_code", code="x"),
    _token("invalid_grant", grant_type="authorization_code", code="x"),
    _token("invalid_grant_request", grant_type="client_credentials"),
)
NOT_BY_ONE_REQUEST = {
    **dict.fromkeys(
        (
            "console_foreign_page",
            "console_host",
            "console_role",
            "console_sign_in_refused",
            "console_signed_out",
            "console_too_many_tries",
        ),
        "the console alone answers it: tests/console/test_routes.py",
    ),
    **dict.fromkeys(
        ("backup_refused", "console_choice", "console_set_up", "location_filled"),
        "the console alone answers it: tests/console",
    ),
    **dict.fromkeys(
        (
            "checkpoint_elsewhere",
            "checkpoint_not_found",
            "checkpoint_reserved",
            "control_forbidden",
            "fault_invalid",
            "fault_not_found",
            "logged_request_not_found",
            "not_disposable",
        ),
        "what steers a double alone answers it: tests/control",
    ),
    **dict.fromkeys(("import_busy", "import_not_ready"), "asks for an import at work: tests/imports"),
    **dict.fromkeys(
        ("moment_gone", "place_taken", "record_in_the_way", "version_gone"),
        "asks for a record that was deleted or changed before: tests/audit",
    ),
    "audit_off": "asks for a server with another setting: tests/audit/test_history_routes.py",
    "cursor_gone": "names cursors of the database: tests/audit/test_changes_routes.py",
    **dict.fromkeys(("operator_invalid", "operator_not_found"), "commands alone name operators: tests/console"),
    "chunk_refused": "stands in the result of a row: tests/records/test_bulk_routes.py",
    "parquet_missing": "asks for a server without a library: tests/imports/test_export_routes.py",
    "rate_limited": "asks for a hundred requests, with a setting: tests/kernel/http/test_rate_limits.py",
    "schema_busy": "asks for a schema that changes all the time",
    "secret_refused": "asks for a server with another secret: tests/signing/test_protection.py",
    "search_timed_out": "asks for a search that takes longer than a setting: tests/kernel/storage/test_fair_slots.py",
    "storage_unavailable": "asks for a database that is down: tests/kernel/http/test_server.py",
    "timed_out": "asks for a request that takes longer than a setting allows: tests/kernel/http/test_server.py",
    "location_not_found": "commands alone name locations that there are not; a token is told that it may not",
    "idempotency_key_reused": "asks for two requests: tests/kernel/http/test_idempotency.py",
    "outcome_unknown": "asks for a database that fails while it commits: tests/kernel/storage/test_postgres_faults.py",
    "head_timeout": "asks for a client that stalls: tests/kernel/http/test_protocol.py",
    "head_too_large": "no client of ours sends such a head: tests/kernel/http/test_protocol.py",
    "malformed_request": "no client of ours sends what is not HTTP: tests/kernel/http/test_protocol.py",
    "invalid_redirect": "asks for a code that a person has let out on the consent page: tests/oauth",
    "invalid_scope": "commands and the consent page alone ask for scopes",
}


def test_every_refusal_is_caused() -> None:
    caused = [cause.code for cause in CAUSES]

    assert sorted([*caused, *NOT_BY_ONE_REQUEST]) == sorted(refusal.code for refusal in refusals())


async def test_the_documentation_shows_what_requests_get(storage: Storage) -> None:
    async with open_world(storage, Settings(max_body_bytes=LIMIT)) as world:
        variables: Variables = {"location": world.location, "sister": world.sister, "foreign": world.foreign}
        await oauth.prepare(storage, world, variables)
        await play(Scenario("given", "what refusals are about", GIVEN), world, variables)
        shown = {refusal.code: example_of(refusal) for refusal in refusals()}

        for cause in CAUSES:
            reply = await _ask(world, cause, variables)
            got = reply.text
            for name, sample in cause.shown.items():
                got = got.replace(str(variables[name]), sample)
            body = httpx.Response(reply.status_code, text=got).json()
            del body["traceId"]
            expected = {name: value for name, value in shown[cause.code].items() if name != "traceId"}
            assert (cause.code, body) == (cause.code, expected)
            assert reply.headers["x-groundlevel-doc"] == f"/docs/errors/{cause.code}"


async def _ask(world: World, cause: Cause, variables: Variables) -> httpx.Response:
    content: dict[str, Any] = {} if cause.content is None else {"content": cause.content}
    if cause.body is not None:
        content["json"] = filled(cause.body, variables)
    headers = {**world.headers(cause.token, cause.version), **cause.headers}
    return await world.client.request(cause.method, filled(cause.path, variables), headers=headers, **content)
