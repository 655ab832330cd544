"""One request on its way through the guard to its handler, and what all requests of a server share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from copy import copy
from typing import Any, TypeAlias

from groundlevel.kernel.changes import Author
from groundlevel.kernel.http.access import Access
from groundlevel.kernel.http.faults import Fault
from groundlevel.kernel.http.rate_limits import UNLIMITED, Limits
from groundlevel.kernel.http.request_log import RequestLog
from groundlevel.kernel.http.routing import Endpoint, Route
from groundlevel.kernel.http.spelling import AS_DOCUMENTED
from groundlevel.kernel.model import Actor, DataType, Location
from groundlevel.kernel.observe import Measurements
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import Call, origin_of

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]

NO_LOCATION = Location(0, "", "", "", 0, {})
"""Stands for the location of a request that names none and whose token reaches several."""
_SCHEMES = ("http", "https")


class Context:
    """What all requests of one server share."""

    __slots__ = (
        "access", "email_type", "limited", "limits", "measurements", "openapi", "requests", "routes", "settings",
        "storage", "strict",
    )  # fmt: skip

    def __init__(self, storage: Storage, settings: Settings, access: Access, *, measurements: Measurements) -> None:
        self.storage = storage
        self.access = access
        self.settings = settings
        self.measurements = measurements
        self.strict = settings.profile == "live"
        shown_as_text = settings.email_data_type == "TEXT" or (settings.email_data_type == "profile" and self.strict)
        self.email_type = DataType.TEXT if shown_as_text else DataType.EMAIL
        """By which type replies show a field of the type EMAIL: decision 0052."""
        self.limited = settings.limits == "live"
        self.limits = Limits(storage.ids.clock) if self.limited else None
        """The rate limits, where they are enforced."""
        self.requests: RequestLog | None = None
        """The log of requests, where one is kept."""
        self.routes: tuple[Route, ...] = ()
        """The operations that are documented."""
        self.openapi: tuple[bytes, str] | None = None
        """The OpenAPI document and its SHA-256, once it was asked for."""

    def over(self, storage: Storage) -> Context:
        """The same on another storage."""
        context = copy(self)
        context.storage, context.access = storage, self.access.over(storage)
        return context


class Request:
    """What a handler is given: admitted, decoded and with its location.

    `actor`, `query`, `body` and `location` are what the guard's checks have found.
    """

    __slots__ = (
        "actor", "arriving", "body", "context", "endpoint", "fault", "headers", "limits", "location", "params", "query",
        "raw", "receive", "reply_headers", "scope", "spelling", "status", "trace_id",
    )  # fmt: skip

    actor: Actor

    def __init__(  # Parameters: what the server has of a request, each once
        self, context: Context, endpoint: Endpoint, params: list[str], *, scope: Scope, receive: Receive, trace_id: str
    ) -> None:
        self.context = context
        self.endpoint = endpoint
        self.params = params
        """The decoded parameters of the path, in order."""
        self.trace_id = trace_id
        self.scope = scope
        self.receive = receive
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        """By their names in lower case; the last one where one stands twice."""
        self.query: dict[str, str] = {}
        self.raw = b""
        """The bytes of the body."""
        self.arriving = endpoint.route.lines is not None
        """Whether more of a body is to come that the handler reads itself."""
        self.status = endpoint.status
        """The status of the reply, unless it is refused."""
        self.spelling = AS_DOCUMENTED
        """How the client spells the members of the body."""
        self.body: Any = None
        self.location = NO_LOCATION
        self.limits = UNLIMITED
        """The rate limit headers of the response."""
        self.fault: Fault | None = None
        """What is done to it on purpose."""
        self.reply_headers: tuple[tuple[bytes, bytes], ...] = ()
        """What else the handler wants to stand in the head of its reply."""

    @property
    def version(self) -> str:
        """The Version header."""
        return self.headers.get(b"version", b"").decode("latin-1").strip()

    @property
    def host(self) -> str:
        """The Host header."""
        return self.headers.get(b"host", b"").decode("latin-1")

    @property
    def address(self) -> str:
        """Scheme and authority by which clients reach the server: as the settings, the proxy or the request says."""
        public = self.context.settings.public_url
        if public is not None:
            return public
        forwarded = self.headers.get(b"x-forwarded-proto", b"").decode("latin-1").strip().lower()
        scheme = forwarded if forwarded in _SCHEMES else self.scope["scheme"]
        return f"{scheme}://{self.host}"

    @property
    def site(self) -> str:
        """The Sec-Fetch-Site header: whose page made a browser send this."""
        return self.headers.get(b"sec-fetch-site", b"").decode("latin-1")

    @property
    def wants_page(self) -> bool:
        """Whether a browser asks, for something to show to a person."""
        return b"text/html" in self.headers.get(b"accept", b"").lower()

    @property
    def if_none_match(self) -> str:
        """The If-None-Match header: what of the reply the client has."""
        return self.headers.get(b"if-none-match", b"").decode("latin-1")

    @property
    def if_match(self) -> str | None:
        """The If-Match header: of which state of a thing the client knows, when it says so."""
        sent = self.headers.get(b"if-match")
        return None if sent is None else sent.decode("latin-1")

    def call(self, location: Location | None = None) -> Call:
        """The circumstances of a use case, at the request's location or at the one given."""
        context = self.context
        return Call(
            location or self.location,
            origin_of(self.actor),
            context.storage.ids,
            strict=context.strict,
            limited=context.limited,
            author=self.author,
        )

    @property
    def author(self) -> Author:
        """Who makes the changes that the request asks for."""
        actor = self.actor
        return Author(actor.kind, actor.source_id, actor.source, self.trace_id)

    @property
    def key(self) -> str:
        """The object key or id that is the first parameter of the path."""
        return self.params[0]
