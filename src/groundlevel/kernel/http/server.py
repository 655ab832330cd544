"""The ASGI application: takes requests apart, has them carried out and sends the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from groundlevel.kernel.errors import BodyTooLarge, IdempotencyUnsupported, RateLimited, Refusal, TimedOut
from groundlevel.kernel.http.access import Access
from groundlevel.kernel.http.decode import camel_form, decode_body, decode_query
from groundlevel.kernel.http.guard import check_query, check_scope, check_version, read_token, resolve_location
from groundlevel.kernel.http.idempotency import HEADER, REPLAYED, SAFE_METHODS, answer_once, request_key
from groundlevel.kernel.http.rate_limits import UNLIMITED, Headers, Limits
from groundlevel.kernel.http.refusals import (
    INTERNAL_ERROR,
    body_of,
    encode_body,
    headers_of,
    internal_error_body,
    status_of,
)
from groundlevel.kernel.http.request import Context, Request
from groundlevel.kernel.http.routing import Endpoint, Page, Placement, Route, Router
from groundlevel.kernel.http.timeouts import Timeouts
from groundlevel.kernel.http.traces import trace_ids
from groundlevel.kernel.model import Actor
from groundlevel.kernel.observe import Measurements, fields_of_request, logger
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.idempotency import StoredReply

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

JSON = "application/json; charset=utf-8"
_PASSED_ON = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"via")
"""Headers by which proxies say that they are between."""
_SCHEMES = ("http", "https")
UNKNOWN = "unknown"
"""The operation under which requests without a route are measured."""

_encode = msgspec.json.Encoder().encode
_log = logger("http")


class ClientGoneError(Exception):
    """The client went away before its request was complete; there is nobody to answer."""


class Parts(Struct, frozen=True):
    """What nouns bring to the server."""

    routes: tuple[Route, ...]
    access: Access


class _Answer:
    """What is about to be sent."""

    __slots__ = ("content", "headers", "media_type", "status")

    def __init__(self, status: int, content: bytes, media_type: str = JSON) -> None:
        self.status = status
        self.content = content
        self.media_type = media_type
        self.headers: Headers = []


class Application:
    """The platform over HTTP, as an ASGI application.

    When the server stops, it closes the storage. `opening` is awaited when it starts, for a storage that is not open.
    """

    def __init__(
        self,
        storage: Storage,
        settings: Settings,
        parts: Parts,
        *,
        opening: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._storage = storage
        self._access = parts.access
        self._settings = settings
        self._opening = opening
        self._measurements = Measurements()
        self._context = Context(storage, settings, parts.access, measurements=self._measurements)
        self._context.routes = parts.routes
        self._router = Router(Endpoint(route, strict=self._context.strict) for route in parts.routes)
        self._limits = Limits(storage.ids.clock) if settings.limits == "live" else None
        self._deadlines = Timeouts(settings.request_timeout_seconds)
        self._traces = trace_ids()
        self._lost: dict[int, Any] = {}
        self._talkative = settings.log_level == "debug"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the life of the server."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1000})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        trace_id = next(self._traces)
        request = None
        try:
            if scope["method"] == "OPTIONS":
                answer = self._options(scope)
            else:
                endpoint, params = self._router.find(scope["method"], _path(scope))
                request = Request(self._context, endpoint, params, trace_id)
                answer = await self._deadlines.watched(self._answer(request, scope, receive))
        except Refusal as refusal:
            answer = _refusal_answer(refusal, trace_id, request)
        except ClientGoneError:
            return
        except TimeoutError:
            answer = self._given_up(trace_id, request)
        except Exception:
            _log.exception("request failed", traceId=trace_id)
            answer = _Answer(INTERNAL_ERROR[0], internal_error_body(trace_id))
        self._measure(request, answer.status, trace_id, seconds=perf_counter() - started)
        headers = [
            (b"content-type", answer.media_type.encode()),
            (b"content-length", b"%d" % len(answer.content)),
            (b"x-trace-id", trace_id.encode()),
            *(request.limits if request is not None else UNLIMITED),
            *answer.headers,
        ]
        if answer.status == 204:
            headers = headers[2:]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else answer.content
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, request: Request, scope: Scope, receive: Receive) -> _Answer:
        """Carries out a request in the order that `guard` documents. Raises Refusal, ClientGoneError."""
        endpoint = request.endpoint
        if endpoint.placement is Placement.OPEN:
            await self._open(request, scope, receive)
        elif endpoint.placement is not Placement.NOWHERE:
            authorization, version, idempotency, length = _headers(scope)
            token = read_token(authorization)
            actor = self._access.find_cached_actor(token) or await self._access.authenticate(token)
            self._admit(request, actor, version)
            raw = b""
            if endpoint.decode is not None:
                raw = await _read(receive, length, limit=self._settings.max_body_bytes)
                if endpoint.route.form:
                    raw = camel_form(raw, _header(scope, b"content-type"))
            query = scope["query_string"]
            if query:
                request.query = decode_query(endpoint, query, strict=self._context.strict)
            if self._context.strict:
                check_query(request, raw)
            if endpoint.decode is not None:
                request.body = decode_body(endpoint, raw, located="locationId" in request.query)
            await resolve_location(request)
            if endpoint.linked:
                request.address = _address(scope)
            if idempotency and scope["method"] not in SAFE_METHODS:
                parts = (f"{scope['method']} {_path(scope)}", query, raw)
                stored, replayed = await answer_once(request, request_key(request, idempotency, parts), _stored_reply)
                answer = _Answer(stored.status, stored.content)
                if replayed:
                    answer.headers.append(REPLAYED)
                return answer
        reply = await endpoint.handler(request)
        if isinstance(reply, Page):
            answer = _Answer(reply.status, reply.content, reply.media_type)
            answer.headers.extend(reply.headers)
            return answer
        return _Answer(endpoint.status, _encode(reply))

    async def _open(self, request: Request, scope: Scope, receive: Receive) -> None:
        """Decodes a request that is admitted by what it holds. Raises VersionInvalid, and what decoding raises."""
        endpoint = request.endpoint
        _, version, _, length = _headers(scope)
        check_version(version, required=False)
        request.version = version.decode("latin-1").strip()
        request.host = _header(scope, b"host").decode("latin-1")
        request.site = _header(scope, b"sec-fetch-site").decode("latin-1")
        request.proxied = any(_header(scope, name) for name in _PASSED_ON)
        request.query = decode_query(endpoint, scope["query_string"], strict=False)
        if endpoint.decode is not None:
            raw = await _read(receive, length, limit=self._settings.max_body_bytes)
            if endpoint.route.form:
                raw = camel_form(raw, _header(scope, b"content-type"))
            request.body = decode_body(endpoint, raw, located=True)

    def _admit(self, request: Request, actor: Actor, version: bytes) -> None:
        """Checks version, rate and scope. Raises VersionMissing, VersionInvalid, RateLimited, ScopeMissing."""
        check_version(version, required=self._settings.version_required)
        if self._limits is not None:
            try:
                request.limits = self._limits.take(actor)
            except RateLimited:
                request.limits = self._limits.headers(actor)
                raise
        check_scope(actor, request.endpoint.scope)
        request.admit(actor)

    def _options(self, scope: Scope) -> _Answer:
        answer = _Answer(204, b"")
        answer.headers = [(b"allow", ", ".join(self._router.allowed(_path(scope))).encode())]
        return answer

    def _given_up(self, trace_id: str, request: Request | None) -> _Answer:
        seconds = self._settings.request_timeout_seconds
        _log.warning("request given up", traceId=trace_id, seconds=seconds)
        refusal = TimedOut(f"The request took longer than {seconds:g} seconds and was given up")
        return _refusal_answer(refusal, trace_id, request)

    def _measure(self, request: Request | None, status: int, trace_id: str, *, seconds: float) -> None:
        tallies = self._lost if request is None else request.endpoint.tallies
        tally = tallies.get(status)
        if tally is None:
            operation = UNKNOWN if request is None else request.endpoint.route.operation_id
            tally = tallies[status] = self._measurements.tally(operation, status)
        tally.count(seconds)
        if self._talkative:
            operation = UNKNOWN if request is None else request.endpoint.route.operation_id
            _log.debug("request", **fields_of_request(operation, status, trace_id=trace_id, seconds=seconds))

    async def _live(self, receive: Receive, send: Send) -> None:
        """Follows the server's start and stop."""
        await receive()
        try:
            if self._opening is not None:
                await self._opening()
        except Exception as problem:
            _log.exception("start failed")
            await send({"type": "lifespan.startup.failed", "message": str(problem)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._deadlines.stop()
        await self._storage.close()
        await send({"type": "lifespan.shutdown.complete"})


async def _stored_reply(request: Request) -> StoredReply:
    """The answer of a request as it is stored under its Idempotency-Key. Raises IdempotencyUnsupported for a page."""
    reply = await request.endpoint.handler(request)
    if isinstance(reply, Page):
        raise IdempotencyUnsupported
    return StoredReply(request.endpoint.status, _encode(reply))


def _headers(scope: Scope) -> tuple[bytes, bytes, bytes, int]:
    """Authorization, version, idempotency key, and the declared length of the body; empty and 0 when missing."""
    authorization = version = idempotency = b""
    length = 0
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value
        elif name == b"version":
            version = value
        elif name == HEADER:
            idempotency = value
        elif name == b"content-length" and value.isdigit():
            length = int(value)
    return authorization, version, idempotency, length


def _header(scope: Scope, wanted: bytes) -> bytes:
    """The value of a header that few operations look at; empty when it is missing."""
    return next((value for name, value in scope["headers"] if name == wanted), b"")


def _address(scope: Scope) -> str:
    """Scheme and authority by which the client reached the server, or a proxy before it that speaks TLS."""
    passed_on = _header(scope, b"x-forwarded-proto").decode("latin-1").strip().lower()
    scheme = passed_on if passed_on in _SCHEMES else scope["scheme"]
    return f"{scheme}://{_header(scope, b'host').decode('latin-1')}"


def _path(scope: Scope) -> str:
    """The percent-encoded path, so that an encoded slash does not separate segments."""
    raw = scope.get("raw_path")
    return raw.decode("latin-1") if raw is not None else str(scope["path"])


def _refusal_answer(refusal: Refusal, trace_id: str, request: Request | None) -> _Answer:
    explained = request is not None and request.endpoint.route.explained
    answer = _Answer(status_of(type(refusal))[0], encode_body(body_of(refusal, trace_id, explained=explained)))
    answer.headers = headers_of(refusal)
    return answer


async def _read(receive: Receive, declared: int, *, limit: int) -> bytes:
    """The whole body. Raises BodyTooLarge as soon as it must be larger than `limit` bytes, ClientGoneError."""
    if declared > limit:
        raise BodyTooLarge
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > limit:
            raise BodyTooLarge
        if not message.get("more_body"):
            return body
