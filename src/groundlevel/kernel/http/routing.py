"""What a route is, and how a method and a path lead to one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from enum import Enum
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import unquote

import msgspec
from msgspec import NODEFAULT, UNSET, Struct, inspect

from groundlevel.kernel.errors import MethodNotAllowed, Refusal, RouteNotFound
from groundlevel.kernel.model import Json

JSON = "application/json; charset=utf-8"
"""The media type of JSON replies."""
SHOWN_PATH = 200
"""How many characters of a client's own path a message repeats."""


class Admission(Enum):
    """What a request must show to be served."""

    TOKEN = "token"
    """A token that holds the operation's scope."""
    OPEN = "open"
    """No token: what admits it is in its query or body. `Version` may be left out."""
    NONE = "none"
    """Nothing."""


class Placement(Enum):
    """Where a request names its location. `kernel/http/guard.py` says what each means in either profile."""

    NOWHERE = "nowhere"
    """It has none."""
    COMPANY = "company"
    """The operation is about the company of the token, whose id its handler checks; only its own locations count."""
    BODY = "body"
    """Documented as a required member of the body."""
    QUERY = "query"
    """Documented as a required parameter of the query."""
    EITHER = "either"
    """In the body or the query, or the token's (docs/contract.md#decision-4)."""
    STATED = "stated"
    """As EITHER, but the token's does not do: what profile `live` wants of some."""
    FOUND = "found"
    """Not documented: the location is the token's, or is found by the id in the path."""
    PATH = "path"
    """The first parameter of the path is the location's id."""


class Parameter(Struct, frozen=True):
    """One parameter of the query."""

    name: str
    doc: str
    required: bool = False
    example: str | None = None
    many: bool = False
    """Whether it may stand several times, also as `name[]`; the values reach the handler joined by commas."""
    alias: str = ""
    """Another name that means the same, as older versions of the API spell it."""


class Page(Struct, frozen=True):
    """A reply that is not a Struct: its media type, its bytes and its status."""

    media_type: str
    content: bytes
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Stream(Struct, frozen=True):
    """A reply that is made while it is sent."""

    media_type: str
    parts: AsyncIterator[bytes]
    headers: tuple[tuple[bytes, bytes], ...] = ()


Handler: TypeAlias = Callable[[Any], Awaitable[Struct | Page | Stream]]
"""What answers a request: a `Request` in, the reply's value out."""


class Route(Struct, frozen=True, kw_only=True):
    """One operation: what router, guard, decoder, OpenAPI document, documentation and tests all read."""

    method: str
    path: str
    """Template such as `/objects/{key}`; one trailing slash in a request never counts."""
    operation_id: str
    tag: str
    summary: str
    handler: Handler
    placement: Placement
    admission: Admission = Admission.TOKEN
    live_placement: Placement | None = None
    """The placement in profile `live`, where it differs."""
    live_check: Callable[[Any], None] | None = None
    """What the live platform refuses, given the request, before it looks at the body."""
    scope: str | None = None
    """What a token must hold. A write scope does not imply the readonly one."""
    status: int = 200
    live_status: int | None = None
    """The status in profile `live`, where it differs."""
    body: type[Struct] | None = None
    live_body: type[Struct] | None = None
    """The body in profile `live`, where it differs."""
    lines: type[Struct] | None = None
    """What each line of the body is, which the handler reads while it arrives; the guard does not look at it."""
    upload: tuple[str, ...] = ()
    """The media types of a body that is a file, which the handler reads while it arrives."""
    query: tuple[Parameter, ...] = ()
    reply: type[Struct] | None = None
    media_type: str = "application/json"
    other_status: int | None = None
    """Another status with which the same reply may come: `Request.status` says which it is."""
    pages: tuple[int, ...] = ()
    """Statuses besides `status` that a page for people may have."""
    refusals: tuple[type[Refusal], ...] = ()
    """What the use case refuses, besides what every operation may."""
    example: Json = None
    """A body that works, for the documentation."""
    doc: str = ""
    extension: bool = False
    """Whether the platform has no such documented operation."""
    explained: bool = False
    """Whether `error` in a refusal is an object with code, message, details and resolution.

    See docs/contract.md#oauth-endpoints.
    """
    supported: bool = True
    """Whether the operation does anything; if not, it refuses every request and says why."""
    quiet: bool = False
    """Whether the log of requests leaves it out: what shows that log, and what signs people in."""
    form: bool = False
    """Whether the body may also be a form, and its members be spelled in snake_case.

    See docs/contract.md#oauth-endpoints.
    """


class Endpoint:
    """A route made ready for one profile: all that is the same for every request, worked out once."""

    __slots__ = (
        "admission", "aliases", "body", "checks", "decode", "handler", "live_check", "logged", "many",
        "placement", "query_names", "route", "scope", "status", "takes_idempotency_key", "tallies"
    )  # fmt: skip

    def __init__(self, route: Route, *, strict: bool) -> None:
        self.route = route
        self.handler = route.handler
        self.admission = route.admission
        self.placement = (route.live_placement if strict else None) or route.placement
        self.live_check = route.live_check if strict else None
        self.scope = route.scope
        self.status = (route.live_status if strict else None) or route.status
        self.body = (route.live_body if strict else None) or route.body
        self.decode = decoder_of(self.body) if self.body is not None else None
        self.query_names = frozenset(parameter.name for parameter in route.query)
        self.aliases = {parameter.alias: parameter.name for parameter in route.query if parameter.alias}
        self.many = frozenset(parameter.name for parameter in route.query if parameter.many)
        changes = route.admission is Admission.TOKEN and route.method not in ("GET", "HEAD")
        self.takes_idempotency_key = changes and not route.upload
        self.logged = route.admission is not Admission.NONE and not route.quiet
        self.checks: tuple[Callable[[Any], Awaitable[None] | None], ...] = ()
        """What the guard checks, filled by the server."""
        self.tallies: dict[int, Any] = {}
        """Measurements by status, filled by the server."""


@cache
def decoder_of(body: type[Struct]) -> Callable[[bytes], Any]:
    """What decodes a body, made once in a process. Raises ValueError as `refuse_defaults` does."""
    refuse_defaults(body)
    return msgspec.json.Decoder(body).decode


def refuse_defaults(body: type[Struct]) -> None:
    """Raises ValueError when an optional member of a body, or of a Struct inside it, has a default other than UNSET.

    A name that stands twice is found by counting the names that were sent, and only an UNSET member was surely not.
    """
    for struct in _structs_in(inspect.type_info(body), set()):
        for field in struct.fields:
            optional = field.default is not NODEFAULT or field.default_factory is not NODEFAULT
            if optional and field.default is not UNSET:
                raise ValueError(f"{struct.cls.__name__}.{field.name} must be required, or UNSET when it is not sent")


def _structs_in(found: inspect.Type, seen: set[type]) -> Iterator[inspect.StructType]:
    """The Structs that a type is made of, each once."""
    match found:
        case inspect.StructType():
            if found.cls not in seen:
                seen.add(found.cls)
                yield found
                for field in found.fields:
                    yield from _structs_in(field.type, seen)
        case inspect.UnionType():
            for each in found.types:
                yield from _structs_in(each, seen)
        case inspect.ListType() | inspect.Metadata():
            yield from _structs_in(found.item_type if isinstance(found, inspect.ListType) else found.type, seen)
        case inspect.DictType():
            yield from _structs_in(found.value_type, seen)


class _Node:
    """What may follow one part of a path."""

    __slots__ = ("endpoints", "literals", "parameter")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.endpoints: dict[str, Endpoint] = {}


class Router:
    """A tree of path segments, literal ones before parameters (docs/contract.md#associations). No redirects."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._root = _Node()
        for endpoint in endpoints:
            self._add(endpoint)

    def _add(self, endpoint: Endpoint) -> None:
        node = self._root
        for segment in _segments(endpoint.route.path):
            if segment.startswith("{"):
                if node.parameter is None:
                    node.parameter = _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Node())
        method = endpoint.route.method
        if method in node.endpoints:
            raise ValueError(f"two routes for {method} {endpoint.route.path}")
        node.endpoints[method] = endpoint

    def find(self, method: str, path: str) -> tuple[Endpoint, list[str]]:
        """The endpoint of a percent-encoded path, and the decoded values of its parameters.

        HEAD finds what GET does. Raises RouteNotFound, and MethodNotAllowed for a known path with another method.
        """
        segments = _segments(path)
        if "%" in path:
            segments = _decode_segments(segments)
        params: list[str] = []
        endpoint = _find(self._root, "GET" if method == "HEAD" else method, segments, params)
        if endpoint is None:
            raise self._refusal(method, path[:SHOWN_PATH], segments)
        return endpoint, params

    def _refusal(self, method: str, path: str, segments: list[str]) -> RouteNotFound | MethodNotAllowed:
        """What is said of a path without that method, with a hint to a route that goes on behind the path."""
        below = [node.parameter.endpoints for node, _ in _ways(self._root, segments) if node.parameter is not None]
        meant = next((endpoints[method].route.path for endpoints in below if method in endpoints), None)
        hint = f"Did you mean {method} {meant}?" if meant else None
        endpoints = self._endpoints(segments)
        if not endpoints:
            return RouteNotFound(method, path, hint=hint)
        if hint is None:
            hint = f"The path knows {', '.join(sorted(endpoints))}; the reference is at /docs."
        return MethodNotAllowed(method, path, allowed=_allowed(endpoints), hint=hint)

    def _endpoints(self, segments: list[str]) -> dict[str, Endpoint]:
        """The endpoints of a path by method."""
        methods = {method for node, _ in _ways(self._root, segments) for method in node.endpoints}
        found = {method: _find(self._root, method, segments, []) for method in methods}
        return {method: endpoint for method, endpoint in found.items() if endpoint is not None}

    def allowed(self, path: str) -> list[str]:
        """The methods that a path knows, for OPTIONS. Raises RouteNotFound."""
        segments = _decode_segments(_segments(path))
        endpoints = self._endpoints(segments)
        if not endpoints:
            raise RouteNotFound("OPTIONS", path[:SHOWN_PATH])
        return _allowed(endpoints)

    def wants_version(self, path: str) -> bool:
        """Whether what is at a path needs the Version header: all but what asks for no token."""
        endpoints = self._endpoints(_decode_segments(_segments(path)))
        return not endpoints or any(each.admission is Admission.TOKEN for each in endpoints.values())


def _allowed(endpoints: Iterable[str]) -> list[str]:
    """The methods of a path in the form of an Allow header."""
    methods = sorted(endpoints)
    return [*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"]


def _segments(path: str) -> list[str]:
    parts = path.split("/")
    if len(parts) > 2 and not parts[-1]:
        parts.pop()
    return parts[1:]


def _decode_segments(segments: list[str]) -> list[str]:
    """Percent-decoded segments. One with a NUL, which PostgreSQL takes in no text, becomes empty: no parameter is."""
    decoded = [unquote(segment) for segment in segments]
    return ["" if "\0" in segment else segment for segment in decoded]


def _find(root: _Node, method: str, segments: list[str], params: list[str]) -> Endpoint | None:
    """The endpoint at the end of the segments; `params` receives the parameters, if there is one.

    Almost always the first way down, with literals before parameters, is the right one. A path that stops before the
    parameter of a route, such as `/associations/relations`, is not taken for an id.
    """
    node = root
    literal = False
    for segment in segments:
        below = node.literals.get(segment)
        literal = below is not None
        if below is None:
            if node.parameter is None or not segment:
                break
            below = node.parameter
            params.append(segment)
        node = below
    else:
        if method in node.endpoints:
            return node.endpoints[method]
        if literal and node.parameter is not None and method in node.parameter.endpoints:
            return None
    params.clear()
    for node, values in _ways(root, segments):
        if method in node.endpoints:
            params.extend(values)
            return node.endpoints[method]
    return None


def _ways(node: _Node, segments: list[str]) -> Iterator[tuple[_Node, list[str]]]:
    """Every node that the segments lead to, with its parameters, literals before parameters."""
    if not segments:
        yield node, []
        return
    head, rest = segments[0], segments[1:]
    if head in node.literals:
        yield from _ways(node.literals[head], rest)
    if node.parameter is not None and head:
        for found, values in _ways(node.parameter, rest):
            yield found, [head, *values]
