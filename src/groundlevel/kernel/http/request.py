"""One request on its way through guard and handler, and what all requests of a server share."""

from __future__ import annotations

from typing import Any

from groundlevel.kernel.http.access import Access
from groundlevel.kernel.http.rate_limits import UNLIMITED
from groundlevel.kernel.http.routing import Endpoint, Route
from groundlevel.kernel.model import Actor, Location, Origin
from groundlevel.kernel.observe import Measurements
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import Call, origin_of

NO_LOCATION = Location(0, "", "", "", 0, {})
"""Stands for the location of a request that names none and whose token reaches several."""


class Context:
    """What all requests of one server share."""

    __slots__ = ("access", "limited", "measurements", "routes", "settings", "storage", "strict")

    def __init__(self, storage: Storage, settings: Settings, access: Access, *, measurements: Measurements) -> None:
        self.storage = storage
        self.access = access
        self.settings = settings
        self.measurements = measurements
        self.strict = settings.profile == "live"
        self.limited = settings.limits == "live"
        self.routes: tuple[Route, ...] = ()

    def over(self, storage: Storage) -> Context:
        """The same on another storage."""
        context = Context(storage, self.settings, self.access.over(storage), measurements=self.measurements)
        context.routes = self.routes
        return context


class Request:
    """What a handler is given: admitted, decoded and placed."""

    __slots__ = (
        "actor",
        "address",
        "body",
        "context",
        "endpoint",
        "host",
        "limits",
        "location",
        "origin",
        "params",
        "proxied",
        "query",
        "site",
        "trace_id",
        "version",
    )  # fmt: skip

    actor: Actor
    origin: Origin

    def __init__(self, context: Context, endpoint: Endpoint, params: list[str], trace_id: str) -> None:
        self.context = context
        self.endpoint = endpoint
        self.params = params
        """The decoded parameters of the path, in order."""
        self.trace_id = trace_id
        self.query: dict[str, str] = {}
        self.body: Any = None
        self.host = ""
        """The Host header, where the operation asks for no token."""
        self.address = ""
        """Scheme and authority by which the client reached the server, where the reply links to other pages."""
        self.proxied = False
        """Whether a proxy says that it has passed the request on, where the operation asks for no token."""
        self.site = ""
        """The Sec-Fetch-Site header, where the operation asks for no token: whose page made a browser send this."""
        self.version = ""
        """The Version header, where the operation asks for no token."""
        self.location = NO_LOCATION
        self.limits = UNLIMITED
        """The rate limit headers of the response."""

    def admit(self, actor: Actor) -> None:
        """Notes who asks."""
        self.actor = actor
        self.origin = origin_of(actor)

    def call(self, location: Location | None = None) -> Call:
        """The circumstances of a use case, at the request's location or at the one given."""
        context = self.context
        return Call(
            location or self.location,
            self.origin,
            context.storage.ids,
            strict=context.strict,
            limited=context.limited,
        )

    @property
    def key(self) -> str:
        """The object key or id that is the first parameter of the path."""
        return self.params[0]
