"""Writes the OpenAPI 3.1 document of the server from its table of routes and the Structs in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from groundlevel import __version__
from groundlevel.kernel.errors import (
    BodyTooLarge,
    DuplicateMember,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    IdempotencyUnsupported,
    InvalidShape,
    LocationForbidden,
    LocationMismatch,
    LocationMissing,
    MalformedJson,
    NestingTooDeep,
    OutcomeUnknown,
    RateLimited,
    Refusal,
    ScopeMissing,
    StorageUnavailable,
    TokenInvalid,
    VersionInvalid,
    VersionMissing,
    refusals,
)
from groundlevel.kernel.http.guard import VERSIONS
from groundlevel.kernel.http.idempotency import MAX_KEY, SAFE_METHODS
from groundlevel.kernel.http.refusals import BODY_SCHEMA, EXPLAINED_SCHEMA, body_of, status_of
from groundlevel.kernel.http.routing import Admission, Placement, Route
from groundlevel.kernel.http.schemas import component_schemas, reference
from groundlevel.kernel.model import Json

NDJSON = "application/x-ndjson"
PARAMETER = re.compile(r"\{(\w+)\}")

_TRACE = "8a1f1f0a-6d3e-4a7e-9f5b-0c1d2e3f4a5b"
_PLACED = (LocationForbidden,)
_BODY = (
    MalformedJson,
    DuplicateMember,
    NestingTooDeep,
    BodyTooLarge,
    InvalidShape,
)
_ADMISSION = (
    TokenInvalid,
    VersionMissing,
    VersionInvalid,
    ScopeMissing,
    RateLimited,
    StorageUnavailable,
)
_IDEMPOTENCY = (OutcomeUnknown, IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyUnsupported)


def openapi_document(routes: Iterable[Route]) -> dict[str, Json]:
    """The document as a value."""
    routes = tuple(routes)
    bodies = {body for route in routes for body in (route.body, route.lines) if body}
    replies = {route.reply for route in routes if route.reply}
    components = component_schemas(bodies | replies)
    for route in routes:
        if route.body is not None and route.placement is Placement.BODY:
            components[route.body.__name__]["required"].append("locationId")
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "GroundLevel",
            "version": __version__,
            "description": "A self-hosted custom-objects platform; independent of HighLevel, not affiliated with it.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in routes)],
        "paths": paths,
        "components": {
            "schemas": {**components, "Refusal": BODY_SCHEMA, "ExplainedRefusal": EXPLAINED_SCHEMA},
            "headers": _HEADERS,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of a location or a company, from `groundlevel token create` or by OAuth.",
                }
            },
        },
    }


def refusals_of(route: Route) -> list[type[Refusal]]:
    """Every refusal that an operation may answer with, in the order of the table of refusals."""
    possible = set(route.refusals)
    if route.admission is Admission.OPEN:
        possible.update((VersionInvalid, InvalidShape))
    elif route.admission is Admission.TOKEN:
        possible.update(_ADMISSION, _PLACED, (InvalidShape,))
        if _takes_idempotency_key(route):
            possible.update(_IDEMPOTENCY)
        if route.placement is Placement.EITHER:
            possible.add(LocationMissing)
        if route.body is not None and route.placement not in (Placement.FOUND, Placement.PATH):
            possible.add(LocationMismatch)
    if route.body is not None:
        possible.update(_BODY)
    return [refusal for refusal in refusals() if refusal in possible]


def default_message(refusal: type[Refusal]) -> str:
    """The default message of a kind of refusal."""
    return (refusal.__doc__ or "").strip()


def example_of(refusal: type[Refusal], *, explained: bool = False) -> dict[str, Json]:
    """A body of a kind of refusal, as a request gets it."""
    return body_of(refusal.example(), _TRACE, explained=explained)


def _operation(route: Route) -> dict[str, Json]:
    operation: dict[str, Json] = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": _parameters(route),
        "responses": _responses(route),
    }
    if route.doc:
        operation["description"] = route.doc
    if route.extension:
        operation["x-groundlevel-extension"] = True
    if not route.supported:
        operation["x-groundlevel-unsupported"] = True
    if route.admission is Admission.TOKEN:
        operation["security"] = [{"bearer": [route.scope] if route.scope else []}]
    if route.lines is not None:
        described: dict[str, Json] = {"schema": reference(route.lines)}
        if route.example is not None:
            described["example"] = route.example
        operation["requestBody"] = {"required": True, "content": {NDJSON: described}}
    if route.upload:
        file: Json = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": True, "content": dict.fromkeys(route.upload, file)}
    if route.body is not None:
        content: dict[str, Json] = {"schema": reference(route.body)}
        if route.example is not None:
            content["example"] = route.example
        media_types = ["application/json", *(["application/x-www-form-urlencoded"] if route.form else [])]
        operation["requestBody"] = {"required": True, "content": dict.fromkeys(media_types, content)}
    return operation


def _parameters(route: Route) -> list[Json]:
    parameters: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in PARAMETER.findall(route.path)
    ]
    for parameter in route.query:
        entry: dict[str, Json] = {
            "name": parameter.name,
            "in": "query",
            "required": parameter.required,
            "description": parameter.doc,
            "schema": {"type": "array", "items": {"type": "string"}} if parameter.many else {"type": "string"},
        }
        if parameter.example is not None:
            entry["example"] = parameter.example
        parameters.append(entry)
    if route.admission is not Admission.NONE:
        versions = sorted(version.decode() for version in VERSIONS)
        parameters.append(
            {
                "name": "Version",
                "in": "header",
                "required": route.admission is not Admission.OPEN,
                "description": "The version of the API the request was written for; all mean the same here.",
                "schema": {"type": "string", "enum": versions},
                "example": "2021-07-28",
            }
        )
    if _takes_idempotency_key(route):
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "A text that no other request has. A retry with it gets the reply of the first request"
                + (", chunk by chunk." if route.lines else "."),
                "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
            }
        )
    return parameters


def _is_json(media_type: str) -> bool:
    return "json" in media_type and media_type != NDJSON


def _takes_idempotency_key(route: Route) -> bool:
    return not route.upload and route.method not in SAFE_METHODS and route.admission is Admission.TOKEN


def _responses(route: Route) -> dict[str, Json]:
    if route.reply is not None:
        content = {route.media_type: {"schema": reference(route.reply)}}
    else:
        content = {route.media_type: {"schema": {"type": "object" if _is_json(route.media_type) else "string"}}}
    responses: dict[str, Json] = {}
    if route.supported:
        for status in filter(None, (route.status, route.other_status)):
            responses[str(status)] = {"description": "Done", "headers": _HEADER_REFERENCES, "content": content}
    schema = {"$ref": f"#/components/schemas/{'ExplainedRefusal' if route.explained else 'Refusal'}"}
    for refusal in refusals_of(route):
        refused, reason = status_of(refusal)
        response = responses.setdefault(
            str(refused),
            {
                "description": reason,
                "headers": {**_HEADER_REFERENCES, **_TEACHING_REFERENCES},
                "content": {"application/json": {"schema": schema, "examples": {}}},
            },
        )
        examples = response["content"]["application/json"]["examples"]
        example = example_of(refusal, explained=route.explained)
        examples[refusal.code] = {"summary": default_message(refusal), "value": example}
    for code in route.pages:
        page = {"description": HTTPStatus(code).phrase, "headers": _HEADER_REFERENCES, "content": {}}
        responses.setdefault(str(code), page)["content"][route.media_type] = {"schema": {"type": "string"}}
    return responses


def _header(description: str, kind: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}}


_HEADERS: dict[str, Json] = {
    "X-Trace-Id": _header("The traceId of the body.", "string"),
    "X-RateLimit-Limit-Daily": _header("Requests allowed in a day.", "integer"),
    "X-RateLimit-Daily-Remaining": _header("Requests left of the day.", "integer"),
    "X-RateLimit-Daily-Reset": _header("Milliseconds until the day ends.", "integer"),
    "X-RateLimit-Interval-Milliseconds": _header("Length of an interval.", "integer"),
    "X-RateLimit-Max": _header("Requests allowed in an interval.", "integer"),
    "X-RateLimit-Remaining": _header("Requests left of the interval.", "integer"),
    "X-GroundLevel-Hint": _header("What to change.", "string"),
    "X-GroundLevel-Doc": _header("Path of the error's page.", "string"),
}
_TEACHING = ("X-GroundLevel-Hint", "X-GroundLevel-Doc")
_TEACHING_REFERENCES = {name: {"$ref": f"#/components/headers/{name}"} for name in _TEACHING}
_HEADER_REFERENCES = {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS if name not in _TEACHING}
