"""Requests as axios sends them, by which the official Node SDK works, to the byte and without Node.

See docs/contract.md#node-sdk.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from msgspec import Struct

from groundlevel.api import ROUTES
from groundlevel.kernel.http.routing import Route
from tests.compat.expected import ALL
from tests.compat.known import UNKNOWN_ID, Request, World
from tests.compat.known_platform import new_association, relation
from tests.compat.server import Server, Tenant, serving
from tests.world import PATIENCE_SECONDS

BY_ID = {route.operation_id: route for route in ROUTES}
UNRESERVED = "!~*'()"
"""What encodeURIComponent leaves alone, beside what `quote` does."""

LIMITS = ("x-ratelimit-limit-daily", "x-ratelimit-daily-remaining", "x-ratelimit-daily-reset")
BURST = ("x-ratelimit-interval-milliseconds", "x-ratelimit-max", "x-ratelimit-remaining")

ENOUGH = 5_000
"""Requests that are more than the limit lets through, however slow the machine."""


class Reply(Struct, frozen=True):
    """What a client of axios looks at."""

    status: int
    headers: dict[str, str]
    body: Any


class Axios:
    """Sends the bytes that axios would, without the corrections that a Python client makes."""

    def __init__(self, server: Server, token: str) -> None:
        self._connection = HTTPConnection(urlsplit(server.url).netloc, timeout=PATIENCE_SECONDS)
        self._headers = {
            "Accept": "application/json, text/plain, */*",
            "Accept-Encoding": "gzip, compress, deflate, br",
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "User-Agent": "axios/1.7.9",
            "Version": "2023-02-21",
            "x-sdk-version": "3.1.0",
        }

    def close(self) -> None:
        self._connection.close()

    def send(self, method: str, target: str, body: Any = None) -> Reply:
        raw = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        self._connection.request(method, target, raw, self._headers)
        response = self._connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, headers, json.loads(response.read()))


def encoded(text: str) -> str:
    return quote(text, safe=UNRESERVED)


def encoded_wholly(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def target(route: Route, request: Request, *, wholly: bool = False, slash_turned: bool = False) -> str:
    """The request's target; `slash_turned` takes the trailing slash away, or adds one."""
    path = route.path
    for name, value in request.path.items():
        path = path.replace(f"{{{name}}}", (encoded_wholly if wholly else encoded)(value))
    if slash_turned:
        path = path.removesuffix("/") if path.endswith("/") else path + "/"
    return path + ("?" + urlencode(request.query) if request.query else "")


@pytest.fixture
def axios(server: Server, tenant: Tenant) -> Iterator[Axios]:
    with closing(Axios(server, tenant.token)) as client:
        yield client


@pytest.mark.parametrize(
    "form", [{}, {"wholly": True}, {"slash_turned": True}], ids=["as sent", "wholly encoded", "other slash"]
)
def test_every_operation_succeeds(form: dict[str, bool], axios: Axios, world: World) -> None:
    replies = {}
    for operation in ALL:
        route, known = BY_ID[operation], world.known(operation)
        replies[operation] = axios.send(route.method, target(route, known, **form), known.body)

    assert {operation: reply.status for operation, reply in replies.items()} == {
        operation: BY_ID[operation].status for operation in ALL
    }
    assert all({*LIMITS, *BURST} <= reply.headers.keys() for reply in replies.values())


@pytest.mark.parametrize("name", ["associationIds[]", "associationIds"])
def test_lists_in_a_query(name: str, axios: Axios, world: World) -> None:
    """axios writes brackets behind the name of a list, and leaves them as they are."""
    made, other = relation(world), new_association(world)["id"]
    path = f"/associations/relations/{made['firstRecordId']}?locationId={world.tenant.location}&skip=0&limit=10"

    both = axios.send("GET", f"{path}&{name}={other}&{name}={made['associationId']}")
    none = axios.send("GET", f"{path}&{name}={other}")

    assert [each["id"] for each in both.body["relations"]] == [made["id"]]
    assert (none.status, none.body["relations"], none.body["total"]) == (200, [], 0)


def test_errors_by_status(axios: Axios, server: Server, world: World) -> None:
    tenant = world.tenant
    strangers = [
        axios.send("GET", f"/objects/custom_objects.pet/records/{UNKNOWN_ID}"),
        axios.send("GET", f"/objects/?locationId={tenant.foreign_location}"),
        axios.send("POST", "/custom-fields/folder", {"locationId": tenant.location}),
        axios.send("POST", "/objects/custom_objects.pet/records", {"locationId": tenant.location, "properties": {}}),
    ]
    with closing(Axios(server, "pit-00000000-0000-4000-8000-000000000000")) as nobody:
        strangers.append(nobody.send("GET", f"/objects/?locationId={tenant.location}"))

    assert [reply.status for reply in strangers] == [404, 403, 422, 400, 401]
    assert [reply.body["statusCode"] for reply in strangers] == [404, 403, 422, 400, 401]
    assert all(reply.body["message"] for reply in strangers)


def test_rate_limits_can_be_waited_for(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/limited.db", "--limits", "live") as server:
        tenant = server.tenant()
        with closing(Axios(server, tenant.token)) as axios:
            replies = [axios.send("GET", f"/objects/?locationId={tenant.location}")]
            while replies[-1].status == 200 and len(replies) < ENOUGH:
                replies.append(axios.send("GET", f"/objects/?locationId={tenant.location}"))

    *served, refused = replies
    assert {reply.status for reply in served} == {200}
    assert (refused.status, refused.body["statusCode"], refused.body["error"]) == (429, 429, "Too Many Requests")
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert int(refused.headers["x-ratelimit-interval-milliseconds"]) > 0
    assert int(refused.headers["x-ratelimit-daily-remaining"]) > 0
