"""Documented operations as clients made from the documents call them: by their names in JavaScript and Python."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from groundlevel.kernel.http.routing import Route
from tests.compat.deviations import FIELDS
from tests.compat.deviations_contacts import CONTACTS
from tests.compat.deviations_locations import LOCATIONS
from tests.compat.deviations_platform import BUSINESSES
from tests.compat.deviations_sales import OPPORTUNITIES
from tests.compat.published import Operation, read_facts, route_at

SERVICES = {
    CONTACTS: "contacts",
    OPPORTUNITIES: "opportunities",
    LOCATIONS: "locations",
    BUSINESSES: "businesses",
    FIELDS: "customFields",
}
"""What clients call the part of them that stands for a document."""


class Documented(Struct, frozen=True):
    """An operation of a document, and the row of our table for it."""

    service: str
    operation: Operation
    route: Route
    shown: frozenset[str]
    """The documented members of a successful reply; none where the document leaves them open."""

    @property
    def name(self) -> str:
        """The operation's name in its document."""
        return self.operation.name

    @property
    def lacks_parameters(self) -> bool:
        """Whether the document does not list every parameter of the path."""
        listed = {each.name for each in self.operation.parameters if each.location == "path"}
        return not listed >= set(re.findall(r"{(\w+)}", self.operation.path))

    @property
    def camel(self) -> str:
        """The operation's name as generators for JavaScript write it."""
        first, *rest = self.name.split("-")
        return first[0].lower() + first[1:] + "".join(word[0].upper() + word[1:] for word in rest)

    @property
    def snake(self) -> str:
        """The operation's name as generators for Python write it."""
        return snake(self.camel)


def snake(name: str) -> str:
    """A name in camelCase with underscores instead."""
    return re.sub("[A-Z]", lambda capital: "_" + capital[0].lower(), name)


def documented(*names: str) -> list[Documented]:
    """The operations of documents."""
    found = []
    for name in names:
        facts = read_facts(name)
        for operation in facts.operations:
            route = route_at(operation.method, operation.path)
            assert route is not None, operation
            (success,) = (body for status, body in operation.replies.items() if status.startswith("2"))
            schema: dict[str, Any] = success.schema or {}
            if "$ref" in schema:
                schema = facts.schemas[schema["$ref"].rpartition("/")[2]]
            shown = frozenset(schema.get("properties", ()))
            found.append(Documented(SERVICES[name], operation, route, shown))
    return found
