"""What the page of the console asks of the server besides the API: it alone reads the cookie."""

# Long: one table of small operations, with their bodies.

from __future__ import annotations

import asyncio
from collections.abc import Collection
from weakref import WeakKeyDictionary

import msgspec
from msgspec import UNSET, Struct

from groundlevel import __version__
from groundlevel.access.rules import NewToken, create_token, list_tokens, revoke_token
from groundlevel.console import rules
from groundlevel.console.errors import ConsoleSignedOut, OperatorNotFound
from groundlevel.console.guard import check_host, check_page, session_cookie, session_of
from groundlevel.console.model import Session
from groundlevel.console.pages import ASSETS, asset_page, console_page
from groundlevel.console.replies import DoneReply, author_of, console_route, json_page
from groundlevel.kernel.absence import or_else, or_none
from groundlevel.kernel.errors import LocationNotFound
from groundlevel.kernel.http.bodies import Body, Filled, Text
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Page
from groundlevel.kernel.model import Location
from groundlevel.kernel.scopes import declared_scopes
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.timestamps import iso
from groundlevel.locations.rules import (
    LocationChange,
    NewLocation,
    archive_location,
    create_location,
    list_archived,
    update_location,
)
from groundlevel.requests.routes import PARAMETERS, RequestsReply, read_asked
from groundlevel.requests.rules import list_requests

AGENT = 200
"""Characters of a browser's name that are kept."""
_EMAIL = 254
"""Characters of an e-mail address by which tries are counted: no operator's has more."""
_tries: WeakKeyDictionary[Storage, rules.Tries] = WeakKeyDictionary()
"""Tries to sign in with a password, by the database that they are about; in the memory of this process."""


class SignInBody(Body, kw_only=True):
    """A link's code, or an e-mail and a password."""

    link: Text = UNSET
    email: Text = UNSET
    password: Text = UNSET


class TokenForBody(Body, kw_only=True):
    """The location that the page wants to work in."""

    location_id: Filled


class PlaceCreation(Body, kw_only=True):
    """A new location, of a company that there is or of a new one."""

    name: Filled
    company_id: Filled | None | msgspec.UnsetType = UNSET


class PlaceChange(Body, kw_only=True):
    """Another name for a location, and whether it is archived."""

    name: Filled | None | msgspec.UnsetType = UNSET
    archived: bool | None | msgspec.UnsetType = UNSET


class TokenCreation(Body, kw_only=True):
    """A new private integration token, with all scopes if none is named."""

    name: Filled
    location_id: Filled
    scopes: list[Filled] | None | msgspec.UnsetType = UNSET


class PlaceBody(Struct, rename="camel"):
    """A location."""

    id: str
    company_id: str
    name: str
    created_at: str
    archived: bool


class SessionReply(Struct, rename="camel"):
    """Who is signed in, and what they reach."""

    session_id: str
    email: str | None
    """null for whoever came by a link."""
    role: str
    unlimited: bool
    """Whether they own every location."""
    places: list[PlaceBody]
    version: str
    profile: str
    double: bool
    """Whether tests can steer the server, and its owner on the screen for that."""
    trace_id: str


class BoughtTokenReply(Struct, rename="camel"):
    """A token for one location."""

    token: str
    location_id: str
    expires_at: str
    scopes: tuple[str, ...]
    trace_id: str


class SessionBody(Struct, rename="camel"):
    """Somebody who is signed in."""

    id: str
    email: str | None
    role: str
    agent: str
    created_at: str
    seen_at: str
    own: bool


class SessionsReply(Struct, rename="camel"):
    """Who is signed in, the last to be seen first."""

    sessions: list[SessionBody]
    trace_id: str


class PlaceReply(Struct, rename="camel"):
    """A new location."""

    place: PlaceBody
    trace_id: str


class TokenBody(Struct, rename="camel"):
    """A private integration token, without its secret."""

    id: str
    name: str
    location_id: str | None
    scopes: tuple[str, ...]
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    """To the minute; null for one that was never used."""
    state: str
    """valid, expired or revoked."""


class TokensReply(Struct, rename="camel"):
    """The private integration tokens that reach a location, newest first, and every scope that there is."""

    tokens: list[TokenBody]
    scopes: dict[str, str]
    trace_id: str


class CreatedTokenReply(Struct, rename="camel"):
    """A new token; the secret is shown this once."""

    id: str
    secret: str
    trace_id: str


async def show_page(request: Request) -> Page:
    """The page."""
    check_host(request)
    return await asyncio.to_thread(console_page, request.if_none_match)


async def show_asset(request: Request) -> Page:
    """A script, a style or a picture of the page. Raises RouteNotFound."""
    check_host(request)
    compressed = b"gzip" in request.headers.get(b"accept-encoding", b"")
    return await asyncio.to_thread(asset_page, *request.params, compressed=compressed)


async def sign_in(request: Request) -> Page:
    """Gives the browser a cookie. Raises SignInRefused, TooManyTries."""
    check_page(request)
    body: SignInBody = request.body
    storage = request.context.storage
    agent = request.headers.get(b"user-agent", b"").decode("latin-1")[:AGENT]
    link = or_else(body.link, "")
    if link:
        secret, session = await rules.sign_in_by_link(storage, link, agent=agent)
    else:
        email, password = or_else(body.email, ""), or_else(body.password, "")
        tries, now = _tries.setdefault(storage, rules.Tries()), storage.ids.now()
        tries.count(f"address {(request.scope.get('client') or ('',))[0]}", now)
        tries.count(f"email {email.strip().lower()[:_EMAIL]}", now)
        secret, session = await rules.sign_in_by_password(storage, email, password, agent=agent)
    return await session_page(request, session, session_cookie(request, secret))


async def show_session(request: Request) -> Page:
    """Who is signed in. Raises ConsoleSignedOut."""
    return await session_page(request, await session_of(request))


async def sign_out(request: Request) -> Page:
    """Ends the session, if there is one, and takes the cookie away."""
    try:
        session = await session_of(request)
    except ConsoleSignedOut:
        pass
    else:
        await rules.end_session(request.context.storage, session, session.id)
    return json_page(DoneReply(True, request.trace_id), session_cookie(request, ""))


async def buy_token(request: Request) -> Page:
    """A token for one location, for 15 minutes. Raises ConsoleSignedOut, RoleForbidden."""
    session = await session_of(request)
    body: TokenForBody = request.body
    secret, token = await rules.create_session_token(request.context.storage, session, body.location_id)
    return json_page(
        BoughtTokenReply(secret, body.location_id, iso(token.expires_at or 0), token.scopes, request.trace_id)
    )


async def show_sessions(request: Request) -> Page:
    """Who is signed in. Raises ConsoleSignedOut."""
    session = await session_of(request)
    rows = [
        SessionBody(
            each.id,
            None if each.operator is None else each.operator.email,
            each.role.value,
            each.agent,
            iso(each.created_at),
            iso(each.seen_at),
            each.id == session.id,
        )
        for each in await rules.list_sessions(request.context.storage, session)
    ]
    return json_page(SessionsReply(rows, request.trace_id))


async def end_session(request: Request) -> Page:
    """Signs somebody out. Raises OperatorNotFound."""
    session = await session_of(request)
    await rules.end_session(request.context.storage, session, request.params[0])
    return json_page(DoneReply(True, request.trace_id))


async def create_place(request: Request) -> Page:
    """A new location. Raises RoleForbidden, InvalidValue."""
    session = await session_of(request)
    rules.require_owner(session)
    body: PlaceCreation = request.body
    new = NewLocation(body.name, or_none(body.company_id))
    location = await create_location(request.context.storage, new, author=author_of(request, session))
    return json_page(PlaceReply(_place_of(location, ()), request.trace_id))


async def change_place(request: Request) -> Page:
    """A location under another name, or archived. Raises RoleForbidden, LocationNotFound, InvalidValue."""
    session, storage = await session_of(request), request.context.storage
    rules.require_owner(session, request.params[0])
    body: PlaceChange = request.body
    location = next((each for each in await rules.list_places(storage, session) if each.id == request.params[0]), None)
    if location is None:
        raise LocationNotFound(request.params[0])
    name, archived = or_none(body.name), or_none(body.archived)
    if name is not None:
        location = await update_location(
            storage, location, LocationChange(name, {}), author=author_of(request, session)
        )
    if archived is not None:
        await archive_location(storage, location.id, archived=archived, author=author_of(request, session))
    return json_page(PlaceReply(_place_of(location, await list_archived(storage)), request.trace_id))


async def show_tokens(request: Request) -> Page:
    """The tokens that reach a location. Raises RoleForbidden."""
    session = await session_of(request)
    location_id = request.params[0]
    rules.require_owner(session, location_id)
    now = request.context.storage.ids.now()
    rows = [
        TokenBody(
            each.id,
            each.name,
            each.location_id,
            each.scopes,
            iso(each.created_at),
            None if each.expires_at is None else iso(each.expires_at),
            None if each.last_used_at is None else iso(each.last_used_at),
            "revoked" if each.revoked_at else "expired" if (each.expires_at or now + 1) <= now else "valid",
        )
        for each in reversed(await list_tokens(request.context.storage))
        if each.location_id == location_id
    ]
    return json_page(TokensReply(rows, dict(declared_scopes()), request.trace_id))


async def make_token(request: Request) -> Page:
    """A new private integration token for a location. Raises RoleForbidden, BadRequest."""
    session = await session_of(request)
    body: TokenCreation = request.body
    rules.require_owner(session, body.location_id)
    scopes = or_none(body.scopes)
    wanted = NewToken(body.name, body.location_id, scopes=tuple(scopes) if scopes else None)
    secret, token = await create_token(request.context.storage, wanted, author=author_of(request, session))
    return json_page(CreatedTokenReply(token.id, secret, request.trace_id))


async def end_token(request: Request) -> Page:
    """Revokes a private integration token. Raises RoleForbidden, OperatorNotFound."""
    session = await session_of(request)
    storage = request.context.storage
    token = next((each for each in await list_tokens(storage) if each.id == request.params[0]), None)
    if token is None or token.location_id is None:
        raise OperatorNotFound("There is no such token of a location")
    rules.require_owner(session, token.location_id)
    done = await revoke_token(storage, token.id, author=author_of(request, session))
    return json_page(DoneReply(done, request.trace_id))


async def show_requests(request: Request) -> Page:
    """The last requests of everybody, those without a known token included. Raises RoleForbidden."""
    rules.require_owner(await session_of(request))
    log = request.context.requests
    if log is None:
        return json_page(RequestsReply([], 0, 0, request.trace_id))
    found = list_requests(log, read_asked(request.query), lambda entry: True)
    return json_page(RequestsReply(found, log.oldest, log.count, request.trace_id))


async def session_page(request: Request, session: Session, *headers: tuple[bytes, bytes]) -> Page:
    """Who is signed in, and what they reach."""
    places = await rules.list_places(request.context.storage, session)
    archived = await list_archived(request.context.storage)
    reply = SessionReply(
        session.id,
        None if session.operator is None else session.operator.email,
        session.role.value,
        session.is_unlimited,
        [_place_of(place, archived) for place in places],
        __version__,
        request.context.settings.profile,
        request.context.settings.control,
        request.trace_id,
    )
    return json_page(reply, *headers)


def _place_of(location: Location, archived: Collection[str]) -> PlaceBody:
    since = iso(location.created_at)
    return PlaceBody(location.id, location.company_id, location.name, since, location.id in archived)


ROUTES = (
    console_route("GET", "/console", show_page),
    console_route("GET", f"{ASSETS}{{build}}/{{name}}", show_asset),
    console_route("GET", "/console/session", show_session),
    console_route("POST", "/console/session", sign_in, body=SignInBody),
    console_route("DELETE", "/console/session", sign_out),
    console_route("POST", "/console/session/token", buy_token, body=TokenForBody),
    console_route("GET", "/console/sessions", show_sessions),
    console_route("DELETE", "/console/sessions/{id}", end_session),
    console_route("POST", "/console/places", create_place, body=PlaceCreation),
    console_route("PUT", "/console/places/{id}", change_place, body=PlaceChange),
    console_route("GET", "/console/places/{id}/tokens", show_tokens),
    console_route("POST", "/console/tokens", make_token, body=TokenCreation),
    console_route("DELETE", "/console/tokens/{id}", end_token),
    console_route("GET", "/console/requests", show_requests, query=PARAMETERS),
)
