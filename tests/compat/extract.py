"""Takes the facts that the tests need from the published OpenAPI documents: names, types, members, scopes, statuses.

    python -m tests.compat.extract [DIRECTORY]

The documents themselves may not be copied here. Nothing that explains or illustrates is taken: no summaries, no
descriptions, no examples. A word of the documents that is in neither list below is refused, so that no fact gets lost.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any

import msgspec

from tests.compat.deviation import Document
from tests.compat.published import FACTS, Body, Facts, Operation, Parameter, Schema

DOCUMENTS = Path(__file__).resolve().parents[3] / "shared" / "spec"
"""Where the documents are looked for, if no other directory is named: beside this repository."""

PROSE = frozenset(("description", "example", "examples", "externalDocs", "summary", "tags", "title"))
"""What explains and illustrates, and is left out."""

_MANY = frozenset(("allOf", "anyOf", "oneOf"))
_PLAIN = frozenset(("$ref", "default", "enum", "format", "maxLength", "nullable", "required", "type"))
_SCHEMA = _MANY | _PLAIN | {"additionalProperties", "items", "properties"}


class UnknownWord(Exception):
    """A document says something of which it is not known whether it is a fact."""


def facts_of(document: Document) -> Facts:
    """The facts of an OpenAPI document. Raises UnknownWord."""
    components = document["components"]
    return Facts(
        security_schemes=tuple(components["securitySchemes"]),
        operations=tuple(
            _operation(path, method, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ),
        schemas={name: _schema(schema) for name, schema in components["schemas"].items()},
    )


def written(facts: Facts) -> str:
    """The text of a table: a row for each operation and each schema."""
    members = (
        f'"security_schemes": {_text(facts.security_schemes)}',
        f'"operations": [\n{_rows(_text(each) for each in facts.operations)}\n]',
        f'"schemas": {{\n{_rows(f"{_text(name)}: {_text(each)}" for name, each in facts.schemas.items())}\n}}',
    )
    return "{\n" + ",\n".join(members) + "\n}\n"


def extract(directory: Path) -> dict[str, str]:
    """The tables of all documents in a directory, by name. Raises UnknownWord."""
    return {file.name: written(facts_of(json.loads(file.read_text("utf-8")))) for file in directory.glob("*.json")}


def _operation(path: str, method: str, operation: Document) -> Operation:
    _known(operation, {"operationId", "parameters", "requestBody", "responses", "security", "deprecated"})
    body = operation.get("requestBody")
    return Operation(
        name=operation["operationId"],
        method=method,
        path=path,
        replies={status: _body(reply) for status, reply in operation["responses"].items()},
        parameters=tuple(_parameter(each) for each in operation.get("parameters", ())),
        body=None if body is None else _body(body),
        security=tuple(
            {name: tuple(scopes) for name, scopes in each.items()} for each in operation.get("security", ())
        ),
        deprecated=operation.get("deprecated", False),
    )


def _parameter(parameter: Document) -> Parameter:
    _known(parameter, {"name", "in", "required", "schema"})
    return Parameter(
        name=parameter["name"],
        location=parameter["in"],
        schema=_schema(parameter["schema"]),
        required=parameter.get("required", False),
    )


def _body(body: Document) -> Body:
    _known(body, {"content", "required"})
    content = body.get("content", {})
    if not content:
        return Body()
    if len(content) > 1:
        raise UnknownWord(f"a second media type: {', '.join(content)}")
    ((media_type, described),) = content.items()
    _known(described, {"schema"})
    schema = described.get("schema")
    return Body(media_type, None if schema is None else _schema(schema), body.get("required", False))


def _schema(schema: Schema) -> Schema:
    _known(schema, _SCHEMA)
    kept: Schema = {}
    for word, value in schema.items():
        if word in _PLAIN:
            kept[word] = value
        elif word == "properties":
            kept[word] = {name: _schema(member) for name, member in value.items()}
        elif word in _MANY:
            kept[word] = [_schema(each) for each in value]
        elif word in _SCHEMA:
            kept[word] = value if isinstance(value, bool) else _schema(value)
    return kept


def _known(members: Mapping[str, Any], facts: Set[str]) -> None:
    if unknown := members.keys() - facts - PROSE:
        raise UnknownWord(", ".join(sorted(unknown)))


def _rows(rows: Iterator[str]) -> str:
    return ",\n".join(rows)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def main() -> None:
    """Writes the tables of all documents in the directory that is named."""
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS
    FACTS.mkdir(exist_ok=True)
    for name, table in extract(directory).items():
        (FACTS / name).write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
