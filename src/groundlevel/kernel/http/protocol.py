"""Frames HTTP/1.1 on one connection: bounded heads, one reading of where a message ends, and no client that stalls.

The parser (llhttp, as httptools has it) is strict about bare line feeds, folded lines, a Content-Length that stands
twice or beside Transfer-Encoding, and the like. This protocol adds what it leaves open (decision 0020).
"""

from __future__ import annotations

import asyncio
import math
import os
import socket
import struct
from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import unquote

import httptools
from msgspec import Struct
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from groundlevel.kernel.errors import HeadTimeout, HeadTooLarge, MalformedRequest, Refusal
from groundlevel.kernel.http.coalescing import CoalescingTransport
from groundlevel.kernel.http.cross_origin import CrossOrigin
from groundlevel.kernel.http.exchange import Exchange, exchange_of, header_lines
from groundlevel.kernel.http.refusals import body_of, encode_body, headers_of, status_of
from groundlevel.kernel.http.stopping import STOPPING
from groundlevel.kernel.http.traces import trace_ids

MAX_HEAD_BYTES = 65_536
"""Bytes of a request line with its header lines."""
MAX_HEADER_LINES = 100
"""Header lines of one request."""

_LINGER_SECONDS = 2.0
"""How long a connection that was refused may take to read why, before it is cut."""
_LINGER_BYTES = 1_048_576
"""How much it may send in that time."""
_BODY_PER_FRAMING = 4
"""Bytes that a chunked body has for each byte of the size lines and line ends around its chunks. It may have
MAX_HEAD_BYTES of these beyond that: chunks of a byte or two cost more to take apart than anybody means to send."""
_LINE_BYTES = len(": \r\n")
_METHODS = {method.encode(): method for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")}
"""One text for each, since the log of requests keeps thousands."""
_UPGRADES = frozenset((b"upgrade", b"http2-settings"))

_traces = trace_ids()


class ConnectionLimits(Struct, frozen=True):
    """What one server process grants its clients."""

    head_seconds: float
    """From the first byte of a head, or from the connection, to its last."""
    idle_seconds: float
    """Without a request, and without reading the reply."""
    connections: int
    drain_seconds: float
    """For one more request on a connection without one, when the server is asked to stop."""


class GuardedProtocol(HttpToolsProtocol):
    """One connection. `expire` ends it when its client takes too long, `evict` when another one needs the room."""

    def __init__(self, *args: Any, limits: ConnectionLimits, cross_origin: CrossOrigin, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limits = limits
        self._cross_origin = cross_origin
        self.headers = []
        self.waiting_since = 0.0
        """When the client was last expected to send or to read, by the clock of the event loop."""
        self._ends = math.inf
        self._refusal: Refusal | None = None
        self._lingering = False
        self._draining = False
        """Whether the server stops."""
        self._upgrade_ignored = False
        self._in_head = True
        """Whether the next byte belongs to a head, or would begin one."""
        self._begun = False
        """Whether a byte of that head was read."""
        self._fed = 0
        """Bytes given to the parser since the last message ended, of the head or of the body."""
        self._chunked = False
        self._plain_bytes = 0
        """Bytes of the body, and how many its chunks may have around them."""

    @property
    def serving(self) -> bool:
        """Whether a request is being answered; such a connection has the time limit of requests."""
        return self.cycle is not None and not self.cycle.response_complete

    # What the event loop calls.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast("asyncio.Transport", CoalescingTransport(transport, self.loop)))
        self._wait(self.limits.head_seconds)

    def data_received(self, data: bytes) -> None:
        """Parses, and refuses what is malformed or too large."""
        if self._lingering:
            self._fed += len(data)
            if self._fed > _LINGER_BYTES:
                self.evict()
            return
        try:
            self._feed(data)
        except httptools.HttpParserError:
            self._refuse(self._refusal or MalformedRequest())
            return
        if self._in_head and self._fed > MAX_HEAD_BYTES:
            self._refuse(HeadTooLarge())
        elif self._chunked and not self._in_head and self._fed > self._plain_bytes + MAX_HEAD_BYTES:
            self._refuse(MalformedRequest("The body has more framing than its chunks need"))

    def _feed(self, data: bytes) -> None:
        """Gives the parser what came. Raises HttpParserError."""
        while True:
            self._fed += len(data)
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = data[upgrade.args[0] :]
            else:
                return
            self._feed_without_upgrade()
            if not data:
                return

    def pause_writing(self) -> None:
        """The client does not read its reply."""
        super().pause_writing()
        self._wait(self.limits.idle_seconds)

    def resume_writing(self) -> None:
        """The client reads again."""
        super().resume_writing()
        if self.serving:
            self._ends = math.inf

    # What the web server calls when it stops.

    def shutdown(self) -> None:
        """Makes the next reply the last one, and tells the client so with it; one without an end is told to end.

        A connection that is closed while it is idle may be closed under a request that is on its way already. So one
        that has no request keeps `drain_seconds` for it.
        """
        if stop := self.app_state.get(STOPPING):
            stop()
        self._draining = True
        if self.serving:
            self._announce_end()
        else:
            self._ends = min(self._ends, self.loop.time() + self.limits.drain_seconds)
            # Whoever stops the server waits for this, and the acceptor looks but once a second.
            self.loop.call_at(self._ends + 0.001, lambda: self.expire(self.loop.time()))

    def _announce_end(self) -> None:
        """Has the last request that was read answered with `Connection: close`, unless its reply has begun."""
        last = self.pipeline[0][0] if self.pipeline else self.cycle
        if not last.response_started:
            last.keep_alive = False

    # What the acceptor calls.

    def expire(self, now: float) -> None:
        """Ends the connection when its client has had its time."""
        if self.transport.is_closing() and self._ends == math.inf:
            self._wait(_LINGER_SECONDS)
        if now <= self._ends:
            return
        if self._lingering or self.flow.write_paused or self.transport.is_closing():
            self.evict()
        elif not self.serving:
            if self._in_head and self._begun:
                self._refuse(HeadTimeout())
            else:
                self.transport.close()
                self._wait(_LINGER_SECONDS)

    def evict(self) -> None:
        """Ends the connection at once, and counts it no longer."""
        self.connections.discard(self)
        self.transport.abort()

    # What the parser calls.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begun = True
        self._chunked = False
        if not self.serving:
            self._wait(self.limits.head_seconds)

    def on_headers_complete(self) -> None:
        self._in_head = self._begun = False
        self._plain_bytes = self._fed
        self._check_head()
        if self.parser.should_upgrade():
            # The parser takes what follows for another protocol. `_feed_without_upgrade` mends that.
            self._upgrade_ignored = True
            return
        if not self.serving:
            self._ends = math.inf
        self._begin_exchange()
        if self._draining:
            self._announce_end()
        if self._chunked:
            # The parser reports trailers as headers. What the head has decided is not changed behind the body.
            self.headers = []

    def _begin_exchange(self) -> None:
        """Has the request answered, now or when those before it on this connection are."""
        scope, url, method = self.scope, self.url, self.parser.get_method()
        version = self.parser.get_http_version()
        if url.startswith(b"/") and b"#" not in url:
            raw_path, _, query = url.partition(b"?")
        else:
            parsed = httptools.parse_url(url)
            raw_path, query = parsed.path or b"/", parsed.query or b""
        path = raw_path.decode("ascii")
        scope["method"] = _METHODS.get(method) or method.decode("ascii")
        scope["http_version"] = version
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"] = raw_path
        scope["query_string"] = query
        before = self.cycle
        self.cycle = exchange = Exchange(
            scope,
            self.transport,
            self.flow,
            self.logger,
            self.access_logger,
            self.access_log,
            self.server_state.default_headers,
            asyncio.Event(),
            self.expect_100_continue,
            version != "1.0" and self.parser.should_keep_alive(),
            self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._start_asgi_task(exchange, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((exchange, self.app))

    def _check_head(self) -> None:
        """Refuses a head that is too large or that another reader could frame in another way."""
        if len(self.headers) > MAX_HEADER_LINES:
            self._raise(HeadTooLarge())
        if self._fed > MAX_HEAD_BYTES:  # Perhaps of a request before it, or of the body.
            size = len(self.url) + sum(len(name) + len(value) + _LINE_BYTES for name, value in self.headers)
            if size > MAX_HEAD_BYTES:
                self._raise(HeadTooLarge())
        hosts = 0
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
            elif name == b"transfer-encoding":
                if value.strip().lower() != b"chunked":
                    self._raise(MalformedRequest("The only Transfer-Encoding that is taken is chunked"))
                self._chunked = True
        if hosts > 1:
            self._raise(MalformedRequest("The request has more than one Host header"))
        self._check_version(hosts)

    def _check_version(self, hosts: int) -> None:
        """Refuses what the version of the protocol does not allow, and what this server does not do."""
        version = self.parser.get_http_version()
        if version == "1.0":
            if self._chunked:
                self._raise(MalformedRequest("HTTP/1.0 has no Transfer-Encoding"))
        elif version != "1.1":
            self._raise(MalformedRequest(f"HTTP/{version} is not spoken here"))
        elif hosts == 0:
            self._raise(MalformedRequest("The request has no Host header"))
        if self.parser.get_method() == b"CONNECT":
            self._raise(MalformedRequest("This server is no proxy"))

    def on_body(self, body: bytes) -> None:
        if self._chunked:
            self._plain_bytes += len(body) + len(body) // _BODY_PER_FRAMING
        if self.flow.write_paused:
            # It does not read yet, but it sends.
            self._wait(self.limits.idle_seconds)
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._upgrade_ignored:
            return
        self._in_head = True
        self._fed = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Serves the next request that is there, or waits for one."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        elif self._in_head and not self._begun:
            self._wait(self.limits.idle_seconds)
        else:
            # The next head is on its way, or a body that no handler waits for.
            self._wait(self.limits.head_seconds)

    def _wait(self, seconds: float) -> None:
        if self._draining:
            seconds = min(seconds, self.limits.drain_seconds)
        self.waiting_since = self.loop.time()
        self._ends = self.waiting_since + seconds

    def _raise(self, refusal: Refusal) -> None:
        """Stops the parser, which shows an error of its own; `data_received` then answers with this one."""
        self._refusal = refusal
        raise refusal

    def _feed_without_upgrade(self) -> None:
        """Gives a new parser the head again, without the offer to speak another protocol."""
        self._upgrade_ignored = False
        lines = [self.parser.get_method() + b" " + self.url + b" HTTP/" + self.parser.get_http_version().encode()]
        for name, value in self.headers:
            if name == b"connection":
                tokens = (token.strip() for token in value.split(b","))
                value = b", ".join(token for token in tokens if token.lower() not in _UPGRADES)
            if name != b"upgrade":
                lines.append(name + b": " + value)
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._in_head = True
        self._fed = 0
        self.parser.feed_data(b"\r\n".join(lines) + b"\r\n\r\n")

    def _refuse(self, refusal: Refusal) -> None:
        """Answers what is no request, where an answer can be given, and ends the connection."""
        self._lingering = True
        self._fed = 0
        if self.pipeline:
            self.evict()
            return
        if self.serving:
            if self._in_head:
                # What was asked before is answered first; the client then sees that the rest is not.
                self.cycle.keep_alive = False
                return
            if self.cycle.response_started:
                self.evict()
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        origin = dict(self.headers).get(b"origin")
        self.transport.write(_reply(refusal, self._cross_origin.headers(origin) if origin else ()))
        self._wait(_LINGER_SECONDS)
        if self.transport.can_write_eof():
            # Closed when the client has read the answer: closing with unread data would take it away from it.
            self.transport.write_eof()
        else:
            self.transport.close()


def cut_connection(send: Any, *, reset: bool = False) -> None:
    """Ends the connection that a reply was to go out on, after what was sent; with `reset`, so that its client sees it
    broken off and may lose what it has not read.

    `send` is what the application was called with. Raises ConnectionError where there is no connection.
    """
    exchange = exchange_of(send)
    if exchange is None:
        raise ConnectionAbortedError("the reply has no connection that could be cut")
    # Else the server would answer in place of an application that did not.
    exchange.disconnected = True
    if not reset:
        exchange.transport.close()
        return
    with socket.socket(fileno=os.dup(exchange.transport.get_extra_info("socket").fileno())) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.transport.abort()


def _reply(refusal: Refusal, cross_origin: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A whole response, as the application would have given it."""
    trace_id = next(_traces)
    status, _ = status_of(type(refusal))
    content = encode_body(body_of(refusal, trace_id))
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", b"%d" % len(content)),
        (b"x-trace-id", trace_id.encode()),
        *((name, value) for name, value in headers_of(refusal) if name != b"connection"),
        *cross_origin,
        (b"connection", b"close"),
    ]
    return STATUS_LINE[status] + header_lines(headers) + b"\r\n" + content
