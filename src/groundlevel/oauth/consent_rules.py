"""Decides whether an app may act in a location or company, and by whose authority (RFC 6749, 4.1; RFC 7636)."""

from __future__ import annotations

import re
import secrets

from msgspec import Struct

from groundlevel.access import store as access_store
from groundlevel.access.model import Company
from groundlevel.access.rules import TOKEN_PREFIX, authenticate, token_digest
from groundlevel.kernel.errors import LocationForbidden, ScopeMissing, TokenInvalid
from groundlevel.kernel.model import Location
from groundlevel.kernel.scopes import is_foreign_scope
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.oauth import store
from groundlevel.oauth.app_rules import TargetQuery, check_scopes, ensure_install, get_app, get_target
from groundlevel.oauth.errors import AppNotFound, InvalidClient, InvalidRedirect, InvalidScope
from groundlevel.oauth.grant_rules import insert_code, pkce_challenge
from groundlevel.oauth.model import App
from groundlevel.oauth.store import Terms

TICKET_PREFIX = "once-"
TICKET_MS = 10 * 60_000
"""How long a ticket is good."""
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")


class AuthorizationRequest(Struct, frozen=True, kw_only=True):
    """What an app sends a user's browser with."""

    client_id: str = ""
    redirect_uri: str = ""
    """May be left out when the app has only one."""
    response_type: str = ""
    scope: str = ""
    """Separated by spaces; all of the app's if left out."""
    state: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""


class AuthorizationReading(Struct, frozen=True):
    """A request of a known app, and where its answer goes."""

    app: App
    redirect_uri: str
    state: str
    scopes: tuple[str, ...] = ()
    challenge: str | None = None
    fault: tuple[str, str] | None = None
    """Why the app is answered at once: a word of RFC 6749 4.1.2.1, and the words for people."""


class Offer(Struct, frozen=True):
    """A company, whether the whole of it may be chosen, and its locations that may be."""

    company: Company
    whole: bool
    locations: tuple[Location, ...]


async def read_authorization_request(storage: Storage, request: AuthorizationRequest) -> AuthorizationReading:
    """The request, checked. Raises InvalidClient, InvalidRedirect: then the browser may be sent nowhere."""
    try:
        app = await storage.read(None, lambda tx: get_app(tx, request.client_id))
    except AppNotFound:
        raise _unknown_client() from None
    if app.client_id != request.client_id:
        raise _unknown_client()
    uri = request.redirect_uri or (app.redirect_uris[0] if len(app.redirect_uris) == 1 else "")
    if uri not in app.redirect_uris:
        raise InvalidRedirect

    def declined(error: str, description: str) -> AuthorizationReading:
        return AuthorizationReading(app, uri, request.state, fault=(error, description))

    if request.response_type != "code":
        return declined("unsupported_response_type", "response_type has to be code")
    scopes = tuple(dict.fromkeys(request.scope.split())) or app.scopes
    try:
        check_scopes(scopes, app.scopes)
    except InvalidScope as refusal:
        return declined("invalid_scope", refusal.message)
    challenge = request.code_challenge or None
    method = request.code_challenge_method or "plain"
    if method not in ("plain", "S256") or (request.code_challenge_method and challenge is None):
        return declined("invalid_request", "code_challenge_method has to be S256 or plain, and code_challenge sent")
    if challenge is not None and not _VERIFIER.match(challenge):
        return declined("invalid_request", "code_challenge has 43 to 128 letters, digits and -._~")
    if challenge is not None and method == "plain":
        challenge = pkce_challenge(challenge)
    return AuthorizationReading(app, uri, request.state, scopes, challenge)


def _unknown_client() -> InvalidClient:
    return InvalidClient("The client id is not that of an app", hint="Ask the maker of the app for a link that has it.")


class Authority(Struct, frozen=True):
    """What the person on the consent page may decide about."""

    offers: list[Offer]
    ticket: bytes | None = None
    """The digest of the ticket that is used up by the decision; None for a private integration token."""


async def create_ticket(storage: Storage) -> str:
    """A code that allows one decision on the consent page, about any location or company.

    A person who can create one can read and change the whole database anyway.
    """
    ticket = TICKET_PREFIX + secrets.token_urlsafe(24)
    expires_at = storage.ids.now() + TICKET_MS
    await storage.write(None, lambda tx: store.insert_ticket(tx, token_digest(ticket), expires_at=expires_at))
    return ticket


async def authorize(storage: Storage, credential: str, scopes: tuple[str, ...]) -> Authority:
    """Where the holder of a ticket or a private integration token may install an app with these scopes.

    Raises TokenInvalid, ScopeMissing when the token holds less than the app would get.
    """
    if credential.startswith(TICKET_PREFIX):
        return await _authorize_by_ticket(storage, token_digest(credential))
    if not credential.startswith(TOKEN_PREFIX):
        raise TokenInvalid("This is neither a private integration token nor a one-time code")
    actor = await authenticate(storage, credential)
    if missing := sorted(scope for scope in set(scopes) - actor.scopes if not is_foreign_scope(scope)):
        raise ScopeMissing(f"The token lacks scopes that the app asks for: {', '.join(missing)}")

    async def work(tx: Transaction) -> list[Offer]:
        company = await access_store.find_company(tx, actor.company_id)
        reachable = await store.list_locations_of_company(tx, actor.company_id)
        within = tuple(each for each in reachable if actor.location_id in (None, each.id))
        return [] if company is None else [Offer(company, actor.location_id is None, within)]

    return Authority(await storage.read(None, work))


async def _authorize_by_ticket(storage: Storage, digest: bytes) -> Authority:
    """Every location and company. Raises TokenInvalid for a ticket that is unknown, used or expired."""

    async def work(tx: Transaction) -> list[Offer]:
        if not await store.has_ticket(tx, digest):
            raise _ticket_error()
        return [
            Offer(each, whole=True, locations=tuple(await store.list_locations_of_company(tx, each.id)))
            for each in await store.list_companies(tx)
        ]

    return Authority(await storage.read(None, work), digest)


def _ticket_error() -> TokenInvalid:
    return TokenInvalid(
        "The one-time code is unknown, used or expired", hint="`groundlevel app ticket` prints another."
    )


async def approve(storage: Storage, asked: AuthorizationReading, authority: Authority, where: TargetQuery) -> str:
    """Installs the app in the target, which must be among those offered, and returns the authorization code.

    A ticket is used up by that. Raises LocationForbidden, TokenInvalid for a ticket that was used meanwhile.
    """
    if not any(_is_offered(offer, where) for offer in authority.offers):
        raise LocationForbidden

    async def work(tx: Transaction) -> str:
        if authority.ticket is not None and not await store.use_ticket(tx, authority.ticket):
            raise _ticket_error()
        target = await get_target(tx, where)
        install = await ensure_install(tx, asked.app, target, scopes=asked.scopes)
        code, _ = await insert_code(
            tx, install, Terms(target.location_id, asked.scopes, asked.redirect_uri, asked.challenge)
        )
        return code

    return await storage.write(None, work)


def _is_offered(offer: Offer, where: TargetQuery) -> bool:
    """Whether the target is part of an offer."""
    if where.location_id is not None:
        return any(each.id == where.location_id for each in offer.locations)
    return offer.whole and offer.company.id == where.company_id
