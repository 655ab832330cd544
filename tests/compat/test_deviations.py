"""The table of deviations: each row departs from its document, is true of the server and stands on the page."""

from __future__ import annotations

import re
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import jsonschema_rs
import pytest

from groundlevel.api import ROUTES
from groundlevel.kernel.http.openapi import openapi_document
from groundlevel.kernel.settings import Settings
from tests.compat.deviation import Document, Shape, Status
from tests.compat.deviations import (
    OPERATIONS,
    PAGE,
    SHAPES,
    STATUSES,
    applied,
    operations_of,
    published,
    replaced,
)
from tests.compat.known import Request, World
from tests.compat.published import read_published
from tests.compat.server import Server, Tenant, serving
from tests.postgres import database_of, fresh_database

_NAMES = ["/".join((row.document, *row.path)) for row in SHAPES]
_ROUTES = {route.operation_id: route for route in ROUTES}
_UNAVAILABLE = [row for row in STATUSES if row.status == 503]
_TOO_LARGE = [row for row in STATUSES if row.status == 413]


def takes(document: Document, row: Shape) -> bool:
    """Whether the document's schema at the row's place takes the row's example."""
    schema = published(document, row)
    last = row.path[-1]
    is_schema = len(row.path) == 1 or row.path[1:-1] == ("properties",) or last == "schema"
    if not is_schema:
        schema = {last: schema}
    if last == "items":
        schema["type"] = "array"
    return jsonschema_rs.is_valid({**schema, "components": document["components"]}, row.example)


def send(client: httpx.Client, operation: str, request: Request) -> httpx.Response:
    """The reply to a request of the operation."""
    route = _ROUTES[operation]
    path = route.path.format(**request.path)
    return client.request(route.method, path, params=request.query, json=request.body)


def nowhere(operation: str) -> dict[str, str]:
    """Parameters for the operation's path that lead to nothing."""
    return dict.fromkeys(re.findall(r"{(\w+)}", _ROUTES[operation].path), "x")


@pytest.mark.parametrize("row", SHAPES, ids=_NAMES)
def test_the_document_says_what_the_row_says(row: Shape) -> None:
    assert published(read_published(row.document), row) == row.published
    assert row.published != row.ours


@pytest.mark.parametrize("row", STATUSES, ids=lambda row: f"{row.document} {row.status}")
def test_the_document_does_not_list_the_status(row: Status) -> None:
    operations = operations_of(read_published(row.document))

    assert [name for name in row.operations if str(row.status) in operations[name]["responses"]] == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_table_lists_every_status_beyond_the_document(name: str) -> None:
    ours = operations_of(openapi_document(ROUTES))
    theirs = operations_of(read_published(name))
    listed = {(operation, str(row.status)) for row in STATUSES if row.document == name for operation in row.operations}

    beyond = {(key, status) for key in theirs for status in ours[key]["responses"].keys() - theirs[key]["responses"]}

    assert beyond == listed


@pytest.mark.parametrize("row", [row for row in SHAPES if row.example is not None])
def test_the_example_tells_the_two_apart(row: Shape) -> None:
    document = read_published(row.document)

    assert takes(document, row) != takes(applied(document, row.document), row)


def test_the_server_sends_what_the_rows_say(server: Server, tenant: Tenant) -> None:
    located = {"locationId": tenant.location}
    with closing(World(server, tenant)) as world, server.client(tenant) as client:
        made = world.record()
        search = client.post("/objects/custom_objects.pet/records/search", json={**located, "page": 1, "pageLimit": 1})
        pet = client.get("/objects/custom_objects.pet", params=located).json()["object"]
        business = client.get("/objects/business", params={**located, "fetchProperties": "true"}).json()["fields"]
        listed = client.get("/custom-fields/object-key/business", params=located).json()["fields"]
        record = client.get(f"/objects/custom_objects.pet/records/{made}").json()["record"]

    (found,) = search.json()["records"]
    assert pet["type"] == "USER_DEFINED"
    assert (type(found["properties"]), type(record["properties"])) == (dict, dict)
    assert [type(each) for each in found["searchAfter"]] == [int, str]
    assert "EMAIL" in {field["dataType"] for field in business}
    assert "EMAIL" in {field["dataType"] for field in listed}


@pytest.mark.parametrize(
    ("flags", "documented"),
    [
        (("--profile", "live"), True),
        (("--email-data-type", "TEXT"), True),
        (("--profile", "live", "--email-data-type", "EMAIL"), False),
    ],
    ids=["live", "TEXT", "live and EMAIL"],
)
def test_an_email_field_is_shown_as_the_settings_say(flags: tuple[str, ...], documented: bool, tmp_path: Path) -> None:
    schemas = read_published("custom-fields.json")["components"]["schemas"]
    types = schemas["ICustomField"]["properties"]["dataType"]["enum"]

    with serving(f"sqlite:///{tmp_path}/email.db", *flags) as server:
        tenant = server.tenant()
        with server.client(tenant) as client:
            located = {"locationId": tenant.location}
            fields = client.get("/custom-fields/object-key/business", params=located).json()["fields"]

    assert ({field["dataType"] for field in fields} <= set(types)) is documented


@pytest.mark.parametrize("row", _TOO_LARGE, ids=lambda row: row.document)
def test_bodies_that_are_too_large(row: Status, server: Server, tenant: Tenant) -> None:
    large = {"locationId": tenant.location, "name": "x" * Settings().max_body_bytes}

    with server.client(tenant) as client:
        replies = {name: send(client, name, Request(nowhere(name), {}, large)) for name in row.operations}

    assert {operation: reply.status_code for operation, reply in replies.items()} == dict.fromkeys(row.operations, 413)
    assert all(jsonschema_rs.is_valid(row.body(), reply.json()) for reply in replies.values())


def test_a_database_that_is_gone(postgres_server: str, migrated_postgres: str) -> None:
    with ExitStack() as stack:
        with fresh_database(postgres_server, template=database_of(migrated_postgres)) as database:
            server = stack.enter_context(serving(database))
            tenant = server.tenant()
            with closing(World(server, tenant)) as world:
                requests = {row: {name: world.known(name) for name in row.operations} for row in _UNAVAILABLE}

        with server.client(tenant) as client:
            replies = {
                row: {name: send(client, name, request) for name, request in known.items()}
                for row, known in requests.items()
            }

    assert {reply.status_code for sent in replies.values() for reply in sent.values()} == {503}
    assert all(jsonschema_rs.is_valid(row.body(), reply.json()) for row in replies for reply in replies[row].values())


def test_the_page_holds_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert replaced(page) == page, "run `python -m tests.compat.deviations`"
