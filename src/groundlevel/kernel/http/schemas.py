"""Writes the JSON Schemas of Structs in words that generators of clients read: what is true is said, not left open."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import msgspec
from msgspec import Struct

from groundlevel.kernel.model import Json

REFERENCE: Final = "#/components/schemas/{name}"

ANYTHING: Final[dict[str, Json]] = {
    "type": ["string", "number", "boolean", "object", "array", "null"],
    "items": {},
    "additionalProperties": {},
}
"""Any JSON value. Of `{}` in its place, generators of TypeScript make nothing, and leave out what holds it."""

_NAMES: Final[dict[type, str]] = {str: "string", bool: "boolean", int: "integer"}


class NameTaken(Exception):
    """Two Structs of different modules have the same name, by which clients could not tell them apart."""


def component_schemas(structs: Collection[type[Struct]]) -> dict[str, Json]:
    """The schema of each Struct, and of each that is part of one, by the name of its class. Raises NameTaken."""
    in_order = sorted(structs, key=lambda struct: struct.__name__)
    _, components = msgspec.json.schema_components(in_order, ref_template=REFERENCE)
    if taken := sorted(name for name in components if "." in name):
        raise NameTaken(", ".join(taken))
    for schema in components.values():
        _complete(schema)
    return components


def reference(struct: type[Struct]) -> dict[str, Json]:
    """A schema that stands for the Struct's."""
    return {"$ref": REFERENCE.format(name=struct.__name__)}


def _complete(schema: Any) -> None:
    """Says of every array and object what is in it, and of every choice of constants what type they have."""
    if isinstance(schema, list):
        for each in schema:
            _complete(each)
    elif isinstance(schema, dict):
        if schema.get("type") == "array" and "prefixItems" not in schema and not schema.get("items"):
            schema["items"] = ANYTHING
            return
        if schema.get("type") == "object" and not schema.get("properties"):
            schema.setdefault("additionalProperties", {})
        constants = schema.get("enum")
        if isinstance(constants, list) and constants and "type" not in schema:
            types = {_NAMES.get(type(each)) for each in constants}
            if len(types) == 1 and None not in types:
                schema["type"] = types.pop()
            if len(constants) == 1:
                # Generators take a `const` of any type, and an `enum` of texts and numbers alone.
                del schema["enum"]
                schema["const"] = constants[0]
        for each in schema.values():
            _complete(each)
