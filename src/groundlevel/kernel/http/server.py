"""The ASGI application: takes requests apart, runs their checks and handlers, and sends the replies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import perf_counter, time
from typing import Any

import msgspec
from msgspec import Struct

from groundlevel.kernel.errors import IdempotencyUnsupported, Refusal, TimedOut
from groundlevel.kernel.http.access import Access
from groundlevel.kernel.http.cross_origin import CrossOrigin
from groundlevel.kernel.http.exchange import exchange_of, header_lines, header_pairs
from groundlevel.kernel.http.faults import FindFault, Send
from groundlevel.kernel.http.guard import ClientGoneError, check_version_without_route, checks_of
from groundlevel.kernel.http.idempotency import HEADER, REPLAYED, answer_once, request_key
from groundlevel.kernel.http.rate_limits import UNLIMITED, Headers
from groundlevel.kernel.http.refusals import (
    INTERNAL_ERROR,
    body_of,
    encode_body,
    headers_of,
    internal_error_body,
    status_of,
)
from groundlevel.kernel.http.request import Context, Receive, Request, Scope
from groundlevel.kernel.http.request_log import SHOWN_BYTES, SHOWN_SUCCESS_BYTES, RequestLog
from groundlevel.kernel.http.routing import JSON, Endpoint, Page, Route, Router, Stream
from groundlevel.kernel.http.stopping import STOPPING
from groundlevel.kernel.http.streaming import send_parts
from groundlevel.kernel.http.timeouts import Timeouts
from groundlevel.kernel.http.traces import trace_ids
from groundlevel.kernel.loop_watch import LoopWatch
from groundlevel.kernel.observe import Measurements, fields_of_request, logger
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.idempotency import StoredReply

UNKNOWN = "unknown"
"""The operation under which requests without a route are measured."""
UNLIMITED_LINES = header_lines(UNLIMITED)
_WITHOUT_BODY = frozenset((204, 304))

_encode = msgspec.json.Encoder().encode
_log = logger("http")


class Parts(Struct, frozen=True):
    """What nouns bring to the server."""

    routes: tuple[Route, ...]
    access: Access
    private_routes: tuple[Route, ...] = ()
    """What is served for pages of the server's own, and is no part of the API."""


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
        self._opening = opening
        self._measurements = Measurements()
        # Whoever tests wants to see answers whole.
        most = SHOWN_BYTES if settings.control else SHOWN_SUCCESS_BYTES
        self.requests = RequestLog(most) if settings.request_log else None
        """The log of requests, where one is kept."""
        self._cross_origin = CrossOrigin(settings.cors_origins)
        self._watch = LoopWatch(self._measurements.loop_lags)
        self._deadlines = Timeouts(settings.request_timeout_seconds)
        self._traces = trace_ids()
        self._lost: dict[int, Any] = {}
        self._talkative = settings.log_level == "debug"
        self.find_fault: FindFault | None = None
        """What requests go through before their checks, while there is anything that may be done to them."""
        self.show(settings, parts)

    def show(self, settings: Settings, parts: Parts) -> None:
        """Serves with these parts and this profile from the next request on; rate limits are counted anew."""
        self._settings = settings
        context = Context(self._storage, settings, parts.access, measurements=self._measurements)
        context.requests, context.routes = self.requests, parts.routes
        endpoints = [Endpoint(route, strict=context.strict) for route in (*parts.routes, *parts.private_routes)]
        for endpoint in endpoints:
            endpoint.checks = checks_of(endpoint, limited=context.limited)
        self._context = context
        self._router = Router(endpoints)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the life of the server."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1000})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        trace_id = next(self._traces)
        request = None
        answer: _Answer | Stream
        try:
            if scope["method"] == "OPTIONS":
                answer = self._options(scope)
            else:
                endpoint, params = self._router.find(scope["method"], _path(scope))
                request = Request(self._context, endpoint, params, scope=scope, receive=receive, trace_id=trace_id)
                if self.find_fault is not None:
                    answer = await self._answer_with_fault(request, self.find_fault)
                else:
                    answer = await self._answer_in_time(request)
        except Refusal as refusal:
            if request is None:
                refusal = self._version_refusal(scope) or refusal
            answer = _refusal_answer(refusal, trace_id, request)
        except ClientGoneError:
            return
        except TimeoutError:
            answer = self._timeout_answer(trace_id, request)
        except Exception:
            _log.exception("request failed", traceId=trace_id)
            answer = _Answer(INTERNAL_ERROR[0], internal_error_body(trace_id))
        if request is not None and request.fault is not None:
            send = request.fault.change(send)
        if isinstance(answer, Stream):
            assert request is not None  # its handler has made the reply
            await self._send_stream(request, answer, send)
            answer = _Answer(request.status, b"", answer.media_type)
            self._finish(scope, request, answer, trace_id=trace_id, seconds=perf_counter() - started)
            return
        self._finish(scope, request, answer, trace_id=trace_id, seconds=perf_counter() - started)
        await self._send(scope, request, answer, send=send, trace_id=trace_id)

    async def _send(  # Parameters: what is known of a request at its end
        self, scope: Scope, request: Request | None, answer: _Answer, *, send: Send, trace_id: str
    ) -> None:
        """Sends a reply that is whole: in one step, unless something is done to it on its way."""
        if request is None:
            limits, origin = UNLIMITED, dict(scope["headers"]).get(b"origin")
        else:
            limits, origin = request.limits, request.headers.get(b"origin")
        status, content, headers = answer.status, answer.content, answer.headers
        if origin:
            headers = [*headers, *self._cross_origin.headers(origin)]
        lines = UNLIMITED_LINES if limits is UNLIMITED else header_lines(limits)
        lines = b"x-trace-id: %b\r\n%b" % (trace_id.encode(), lines)
        if status not in _WITHOUT_BODY:
            kind = answer.media_type.encode()
            lines = b"content-type: %b\r\ncontent-length: %d\r\n%b" % (kind, len(content), lines)
        exchange = exchange_of(send)
        if exchange is not None and exchange.reply(status, lines, headers, content=content):
            return
        await send({"type": "http.response.start", "status": status, "headers": [*header_pairs(lines), *headers]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})

    def _answer_in_time(self, request: Request) -> Awaitable[_Answer | Stream]:
        # Who sends a file has as long as for a request with each piece of it, which the handler sees to.
        answering = self._answer(request)
        return answering if request.endpoint.route.upload else self._deadlines.watched(answering)

    async def _send_stream(self, request: Request, stream: Stream, send: Send) -> None:
        """Sends a reply while it is made. Where that fails, the connection ends without the end of the reply."""
        headers = [
            (b"content-type", stream.media_type.encode()),
            (b"x-trace-id", request.trace_id.encode()),
            *request.limits,
            *stream.headers,
        ]
        if origin := request.headers.get(b"origin", b""):
            headers += self._cross_origin.headers(origin)
        await send({"type": "http.response.start", "status": request.status, "headers": headers})
        if request.scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        try:
            await send_parts(request, stream.parts, send)
        except ClientGoneError:
            return
        except TimeoutError:
            _log.warning("stream given up", traceId=request.trace_id)
        except Refusal as refusal:
            _log.warning("stream cut off", traceId=request.trace_id, problem=refusal.message)
        except Exception:
            _log.exception("stream failed", traceId=request.trace_id)

    async def _answer_with_fault(self, request: Request, find_fault: FindFault) -> _Answer | Stream:
        """The answer of an operation, or what a fault puts in its place."""
        fault = request.fault = await find_fault(request) if request.endpoint.logged else None
        if fault is None or fault.reply is None:
            return await self._deadlines.watched(self._answer(request))
        if fault.performed:
            await self._deadlines.watched(self._answer(request))
        return _page_answer(fault.reply)

    async def _answer(self, request: Request) -> _Answer | Stream:
        """Runs the guard's checks and the handler. Raises Refusal, ClientGoneError."""
        endpoint = request.endpoint
        for check in endpoint.checks:
            waiting = check(request)
            if waiting is not None:
                await waiting
        if (
            endpoint.route.lines is None
            and endpoint.takes_idempotency_key
            and (idempotency := request.headers.get(HEADER, b""))
        ):
            scope = request.scope
            parts = (f"{scope['method']} {_path(scope)}", scope["query_string"], request.raw)
            stored, replayed = await answer_once(request, request_key(request, idempotency, parts), _stored_reply)
            answer = _Answer(stored.status, stored.content)
            answer.headers.extend(request.reply_headers)
            if replayed:
                answer.headers.append(REPLAYED)
            return answer
        reply = await endpoint.handler(request)
        if isinstance(reply, Stream):
            return reply
        if isinstance(reply, Page):
            return _page_answer(reply)
        answer = _Answer(request.status, _encode(reply))
        answer.headers.extend(request.reply_headers)
        return answer

    def _version_refusal(self, scope: Scope) -> Refusal | None:
        """What is said of `Version` before it is said that there is no route (docs/contract.md#decision-33)."""
        required = scope["method"] != "OPTIONS" and self._settings.version_required
        try:
            check_version_without_route(
                scope["headers"], required=required and self._router.wants_version(_path(scope))
            )
        except Refusal as refusal:
            return refusal
        return None

    def _options(self, scope: Scope) -> _Answer:
        """What a page of another origin may do, without a look at the path; else the methods of the path."""
        answer = _Answer(204, b"")
        preflight = self._cross_origin.preflight(scope["headers"])
        answer.headers = preflight or [(b"allow", ", ".join(self._router.allowed(_path(scope))).encode())]
        return answer

    def _timeout_answer(self, trace_id: str, request: Request | None) -> _Answer:
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

    def _finish(  # Parameters: what is known of a request at its end
        self, scope: Scope, request: Request | None, answer: _Answer, *, trace_id: str, seconds: float
    ) -> None:
        """Counts an answered request, and adds it to the log where one is kept: what it is made of as it is, to be read
        only when somebody looks. Every request pays for each step here, so what is usual is done with the fewest."""
        self._measure(request, answer.status, trace_id, seconds=seconds)
        log = self.requests
        if log is None or (request is not None and not request.endpoint.logged):
            return
        log.count += 1
        path, query = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass"), scope["query_string"]
        if request is None:
            endpoint, actor, location, fault, body, headers = None, None, None, None, b"", dict(scope["headers"])
        else:
            endpoint, location, fault, body = request.endpoint, request.location, request.fault, request.raw
            actor, headers = getattr(request, "actor", None), request.headers
        client = headers.get(b"x-sdk-version") or headers.get(b"user-agent", b"")
        status, content, unusual = answer.status, answer.content, None
        if status >= 400 or fault is not None or answer.media_type is not JSON:
            unusual = (answer.media_type, answer.headers if status >= 400 else (), fault)
        if len(path) + len(query) + len(client) + len(body) + len(content) > SHOWN_SUCCESS_BYTES:
            lines = (path, query, client)
            path, query, client, body, content = log.cut(lines, body, content, refused=status >= 400)
        log.add(
            (
                time(), seconds, trace_id, scope["method"], path, query, client, endpoint, actor, location, body,
                status, content, unusual,
            )
        )  # fmt: skip

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Follows the server's start and stop."""
        await receive()
        scope.get("state", {})[STOPPING] = self._storage.change_signal.stop
        try:
            if self._opening is not None:
                await self._opening()
        except Exception as problem:
            _log.exception("start failed")
            await send({"type": "lifespan.startup.failed", "message": str(problem)})
            return
        self._watch.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._watch.stop()
        self._deadlines.stop()
        await self._storage.close()
        await send({"type": "lifespan.shutdown.complete"})


async def _stored_reply(request: Request) -> StoredReply:
    """The answer of a request as it is stored under its Idempotency-Key. Raises IdempotencyUnsupported for others."""
    reply = await request.endpoint.handler(request)
    if isinstance(reply, Page | Stream):
        raise IdempotencyUnsupported
    return StoredReply(request.status, _encode(reply))


def _path(scope: Scope) -> str:
    """The percent-encoded path, so that an encoded slash does not separate segments."""
    raw = scope.get("raw_path")
    return raw.decode("latin-1") if raw is not None else str(scope["path"])


def _page_answer(page: Page) -> _Answer:
    answer = _Answer(page.status, page.content, page.media_type)
    answer.headers.extend(page.headers)
    return answer


def _refusal_answer(refusal: Refusal, trace_id: str, request: Request | None) -> _Answer:
    explained = request is not None and request.endpoint.route.explained
    answer = _Answer(status_of(type(refusal))[0], encode_body(body_of(refusal, trace_id, explained=explained)))
    answer.headers = headers_of(refusal)
    return answer
