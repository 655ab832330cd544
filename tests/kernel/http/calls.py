"""Requests in the bytes of their parts, and one of every operation that is sound."""

from __future__ import annotations

import json

from msgspec import Struct

from groundlevel.api import ROUTES
from groundlevel.kernel.http.request import Message
from groundlevel.kernel.http.routing import Endpoint, Router
from groundlevel.kernel.http.server import Application
from tests.conformance.every_operation import OPERATIONS
from tests.conformance.scenario import Variables, filled
from tests.kernel.http.world import VERSION

PLACEHOLDER = "000000000000000000000000"
"""The id of nothing."""


class Call(Struct, frozen=True):
    """One request, in the bytes of its parts."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Reply(Struct):
    """The status and the body of an answer."""

    status: int = 0
    body: bytes = b""


async def ask(application: Application, call: Call, token: str) -> Reply:
    """The answer to a request, whose parts reach the application as they are: no client mends them on the way."""
    reply = Reply()
    parts: list[Message] = [{"type": "http.request", "body": call.body, "more_body": False}]

    async def receive() -> Message:
        return parts.pop() if parts else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            reply.status = message["status"]
        else:
            reply.body += message["body"]

    usual = {
        b"authorization": f"Bearer {token}".encode(),
        b"version": VERSION.encode(),
        b"content-length": str(len(call.body)).encode(),
    }
    scope = {
        "type": "http",
        "method": call.method,
        "path": call.path,
        "raw_path": call.path.encode(),
        "query_string": call.query.encode(),
        "headers": list({**usual, **dict(call.headers)}.items()),
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "scheme": "http",
        "http_version": "1.1",
    }
    await application(scope, receive, send)
    return reply


def sound_calls(variables: Variables) -> dict[str, Call]:
    """A request for every operation, by its id: one that succeeds where the conformance table has it."""
    router = Router([Endpoint(route, strict=False) for route in ROUTES])
    calls = {}
    for route in ROUTES:
        path = route.path.replace("{locationId}", str(variables["location"])).replace("{key}", "custom_objects.pet")
        while "{" in path:
            path = path[: path.index("{")] + PLACEHOLDER + path[path.index("}") + 1 :]
        body = json.dumps(filled(route.example, variables)).encode() if route.example is not None else b"{}"
        query = f"locationId={variables['location']}" if route.method in ("GET", "DELETE") else ""
        calls[route.operation_id] = Call(route.method, path, query, body if route.body else b"")
    for _, method, path, body in OPERATIONS:
        bare, _, query = str(filled(path, variables)).partition("?")
        endpoint, _ = router.find(method, bare)
        raw = b"" if body is None else json.dumps(filled(body, variables)).encode()
        calls[endpoint.route.operation_id] = Call(method, bare, query, raw)
    return calls
