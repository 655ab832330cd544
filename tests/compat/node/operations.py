"""How the official Node SDK calls the operations of the documents, and what its methods take."""

from __future__ import annotations

import re

from groundlevel.kernel.model import Json
from tests.compat.deviations import FIELDS, OBJECTS, OPERATIONS
from tests.compat.deviations_platform import ASSOCIATIONS, BUSINESSES
from tests.compat.known import Request

SERVICES = {OBJECTS: "objects", FIELDS: "customFields", ASSOCIATIONS: "associations", BUSINESSES: "businesses"}


def method(operation: str) -> str:
    """The method of the SDK that stands for the operation."""
    service = next(service for name, service in SERVICES.items() if operation in OPERATIONS[name])
    first, *rest = operation.split("-")
    return f"{service}.{first}{''.join(word[0].upper() + word[1:] for word in rest)}"


def arguments(request: Request) -> list[Json]:
    """What the SDK takes: an object of all that goes into the path and the query, and then the body."""
    named = {re.sub("_(.)", lambda found: found[1].upper(), name): value for name, value in request.path.items()}
    given: list[Json] = [{**named, **request.query}] if request.path or request.query else []
    return given if request.body is None else [*given, request.body]
