"""What the platform's published documents say of each operation and schema, read from tables of facts."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct, field

from groundlevel.api import ROUTES
from groundlevel.kernel.http.routing import Route
from tests.compat.deviation import Document

FACTS = Path(__file__).resolve().parent / "facts"
"""One table for each published document, under the document's own name; `tests.compat.extract` writes them."""

Schema: TypeAlias = dict[str, Any]
"""A schema in the words of JSON Schema, without what only explains it."""


class Parameter(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A parameter of an operation."""

    name: str
    location: str = field(name="in")
    """`path`, `query` or `header`."""
    schema: Schema
    required: bool = False


class Body(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What an operation takes or replies beside its parameters: nothing known, unless there is a schema."""

    media_type: str | None = None
    schema: Schema | None = None
    required: bool = False


class Operation(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An operation. Its name is unique in its document, not among all documents."""

    name: str
    method: str
    path: str
    replies: dict[str, Body]
    """By status."""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    security: tuple[dict[str, tuple[str, ...]], ...] = ()
    """Alternatives: the kind of token, and the scopes it needs."""
    deprecated: bool = False


class Facts(Struct, frozen=True, forbid_unknown_fields=True):
    """All that is kept of a document."""

    security_schemes: tuple[str, ...]
    """The kinds of token, each sent as a bearer token."""
    operations: tuple[Operation, ...]
    schemas: dict[str, Schema]


def unnamed(path: str) -> str:
    """A path without the names of its parameters and the slash at its end."""
    return re.sub(r"\{\w+\}", "{}", path).rstrip("/")


_ROUTES = {(route.method, unnamed(route.path)): route for route in ROUTES}


def route_at(method: str, path: str) -> Route | None:
    """The row of our table for a published operation, None for one that is not here."""
    return _ROUTES.get((method.upper(), unnamed(path)))


def name_here(method: str, path: str) -> str:
    """The name of a published operation in our table: its own is unique in its document alone. Raises KeyError."""
    return _ROUTES[method.upper(), unnamed(path)].operation_id


def read_facts(name: str) -> Facts:
    """The facts of the document called `name`. Raises FileNotFoundError for a document that was not published."""
    return msgspec.json.decode((FACTS / name).read_bytes(), type=Facts)


def read_published(name: str) -> Document:
    """The document called `name`, put together from its facts: OpenAPI 3.0 without descriptions and examples."""
    facts = read_facts(name)
    paths: dict[str, Document] = {}
    for operation in facts.operations:
        paths.setdefault(operation.path, {})[operation.method] = _documented(operation)
    bearer = {"type": "http", "scheme": "bearer"}
    return {
        "openapi": "3.0.0",
        "info": {"title": name, "version": "1.0"},
        "paths": paths,
        "components": {
            "securitySchemes": {scheme: dict(bearer) for scheme in facts.security_schemes},
            "schemas": facts.schemas,
        },
    }


def _documented(operation: Operation) -> Document:
    documented: Document = {
        "operationId": operation.name,
        "parameters": [
            {"name": each.name, "in": each.location, "required": each.required, "schema": each.schema}
            for each in operation.parameters
        ],
        "responses": {
            status: {"description": HTTPStatus(int(status)).phrase, **_content(reply)}
            for status, reply in operation.replies.items()
        },
        "security": [{name: list(scopes) for name, scopes in each.items()} for each in operation.security],
        "deprecated": operation.deprecated,
    }
    if operation.body is not None:
        documented["requestBody"] = {"required": operation.body.required, **_content(operation.body)}
    return documented


def _content(body: Body) -> Document:
    if body.media_type is None:
        return {}
    return {"content": {body.media_type: {} if body.schema is None else {"schema": body.schema}}}
