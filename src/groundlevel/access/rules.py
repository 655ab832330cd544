"""Who may call, and what a token reaches (docs/contract.md#auth-errors)."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable

from msgspec import Struct
from msgspec.structs import replace

from groundlevel.access import store
from groundlevel.access.changes import log_token
from groundlevel.access.model import Token, User
from groundlevel.kernel.changes import APP, OPERATOR, TOKEN, Author
from groundlevel.kernel.errors import BadRequest, LocationForbidden, LocationNotFound, TokenInvalid
from groundlevel.kernel.model import Actor, Location
from groundlevel.kernel.names import canonical_key
from groundlevel.kernel.scopes import declared_scopes, is_foreign_scope
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import authored

TOKEN_PREFIX = "pit-"

_JWT = "eyJ"
"""How the header of every JSON web token begins, in base64."""


class NewToken(Struct, frozen=True):
    """The private integration token to be created: for one location, or for all locations of a company."""

    name: str
    location_id: str | None = None
    company_id: str | None = None
    scopes: tuple[str, ...] | None = None
    """What it allows; None for all that there is."""
    expires_at: int | None = None


class NewUser(Struct, frozen=True):
    """The user to be created."""

    company_id: str
    location_id: str | None
    first_name: str
    last_name: str
    email: str


# --- who calls ---------------------------------------------------------------------------------------------------


async def authenticate(storage: Storage, token: str, *, live: bool = False) -> Actor:
    """The holder of a token. Raises TokenInvalid when it is unknown, revoked or expired, in profile `live` in the words
    that the platform has for that kind of token.

    Of an app's access token the text is trusted no more than of any other: what counts is the row with its digest.
    """
    actor = find_cached_actor(storage, token)
    if actor is None:
        digest, catalog = token_digest(token), storage.cache
        epoch = catalog.epoch
        actor = await storage.read(None, lambda tx: _actor(tx, digest))
        if actor is None:
            raise _token_error(token, None, live=live)
        catalog.keep_actor(digest, actor, epoch=epoch)
        if _is_expired(storage, actor):
            raise _token_error(token, "The token has expired; create another one.", live=live)
        storage.used_tokens.add(actor.token_id)
    return actor


def _token_error(token: str, hint: str | None, *, live: bool) -> TokenInvalid:
    """Why a token is not good, in the words of the live platform for its kind (docs/contract.md#auth-errors).

    Those for an access token are the same in both profiles: both SDKs renew a token when they read them.
    """
    if token.startswith(_JWT) and token.count(".") == 2:
        return TokenInvalid("Invalid JWT", hint="The access token is unknown, revoked or expired: refresh it.")
    if live and token.startswith(TOKEN_PREFIX):
        return TokenInvalid("Invalid Private Integration token", hint=hint)
    return TokenInvalid(hint=hint)


def find_cached_actor(storage: Storage, token: str) -> Actor | None:
    """The holder of a valid token that was used before; None for any other. Takes no wait, as most requests need."""
    actor = storage.cache.actors.get(token_digest(token))
    if actor is None or _is_expired(storage, actor):
        return None
    storage.used_tokens.add(actor.token_id)
    return actor


def _is_expired(storage: Storage, actor: Actor) -> bool:
    return actor.expires_at is not None and actor.expires_at <= storage.ids.now()


async def _actor(tx: Transaction, digest: bytes) -> Actor | None:
    row = await store.find_token(tx, digest)
    if row is None:
        return None
    token_id, company_id, location_id, scopes, expires_at, client_id, session_id, name = row
    # The live platform shows API writes as channel OAUTH, source INTEGRATION (docs/contract.md#record-replies), and
    # an app's name.
    # A token of the console stands for a person, and is named after them.
    origin = ("OAUTH", "INTEGRATION", client_id or token_id) if session_id is None else ("APP", "WEB_USER", name)
    kind = OPERATOR if session_id is not None else TOKEN if client_id is None else APP
    return Actor(token_id, company_id, location_id, frozenset(scopes.split()), *origin, expires_at, kind)


def token_digest(token: str) -> bytes:
    """What is stored of a token. It has 122 random bits, so a plain hash cannot be searched for it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def find_cached_location(storage: Storage, actor: Actor, location_id: str) -> Location | None:
    """The location, if the actor reaches it and it is cached; None for any other. Needs no wait, as most requests."""
    location = storage.cache.locations.get(location_id)
    if location is None or location.company_id != actor.company_id or actor.location_id not in (None, location_id):
        return None
    return location


async def resolve_location(storage: Storage, actor: Actor, location_id: str) -> Location:
    """The location, if the actor reaches it. Raises LocationForbidden, also when it does not exist:
    a token learns nothing about locations beyond its reach."""
    if actor.location_id is not None and actor.location_id != location_id:
        raise LocationForbidden
    location = storage.cache.locations.get(location_id)
    if location is None:
        epoch = storage.cache.epoch
        location = await find_location(storage, location_id)
        if location is None:
            raise LocationForbidden
        storage.cache.keep_location(location, epoch=epoch)
    if location.company_id != actor.company_id:
        raise LocationForbidden
    return location


async def locations_with_object(storage: Storage, actor: Actor, object_key: str) -> list[Location]:
    """The locations in a company token's reach that have an object with this key or id."""
    return await find_locations(
        storage, actor, lambda tx: store.locations_with_object(tx, actor.company_id, canonical_key(object_key))
    )


async def find_locations(
    storage: Storage, actor: Actor, find: Callable[[Transaction], Awaitable[list[str]]]
) -> list[Location]:
    """The locations in the actor's reach whose ids `find` returns. Raises LocationForbidden for one beyond it."""

    async def work(tx: Transaction) -> list[str]:
        return await find(tx)

    return [await resolve_location(storage, actor, found) for found in await storage.read(None, work)]


async def create_token(storage: Storage, request: NewToken, *, author: Author | None = None) -> tuple[str, Token]:
    """A new token and its secret, which is shown this once and stored only as a digest.

    Raises LocationNotFound, BadRequest for an unknown company or scope.
    """
    return (await create_tokens(storage, [request], author=author))[0]


async def create_tokens(
    storage: Storage, requests: Iterable[NewToken], *, author: Author | None = None
) -> list[tuple[str, Token]]:
    """As `create_token`, for several in one transaction."""
    wanted = [(request, _read_scopes(request), TOKEN_PREFIX + storage.ids.uuid()) for request in requests]

    async def work(tx: Transaction) -> list[tuple[str, Token]]:
        return [(secret, await _insert_token(tx, request, scopes, secret)) for request, scopes, secret in wanted]

    return await storage.write(None, authored(author, work))


def _read_scopes(request: NewToken) -> tuple[str, ...]:
    """What a token may do. Raises BadRequest."""
    known = declared_scopes()
    scopes = tuple(known if request.scopes is None else dict.fromkeys(request.scopes))
    if unknown := sorted(scope for scope in set(scopes).difference(known) if not is_foreign_scope(scope)):
        raise BadRequest(f"Unknown scopes: {', '.join(unknown)}", hint=f"Known scopes: {', '.join(known)}")
    if (request.location_id is None) == (request.company_id is None):
        raise BadRequest("A token belongs to a location or to a company", hint="Name one of the two.")
    return scopes


async def _insert_token(tx: Transaction, request: NewToken, scopes: tuple[str, ...], secret: str) -> Token:
    company_id = request.company_id
    if request.location_id is not None:
        location = await store.find_location(tx, request.location_id)
        if location is None:
            raise LocationNotFound(request.location_id)
        company_id = location.company_id
    assert company_id is not None
    if await store.find_company(tx, company_id) is None:
        raise BadRequest(f"Company ({company_id}) not found")
    token = Token(
        tx.ids.uuid(), request.name, company_id, request.location_id, scopes, tx.ids.now(), request.expires_at, None
    )
    await store.insert_token(tx, token, token_digest(secret))
    await log_token(tx, None, token)
    return token


async def list_tokens(storage: Storage) -> list[Token]:
    """All private integration tokens, revoked ones included, oldest first.

    Of those used here within the last minute that may not be stored yet; other processes are at most that late.
    """
    now, used = storage.ids.now(), storage.used_tokens
    return [
        replace(token, last_used_at=now) if token.id in used else token
        for token in await storage.read(None, store.list_tokens)
    ]


async def revoke_token(storage: Storage, token_id: str, *, author: Author | None = None) -> bool:
    """Revokes a token; whether there was an unrevoked one. Running servers refuse it within a second."""

    async def work(tx: Transaction) -> bool:
        if not await store.revoke_token(tx, token_id, now=tx.ids.now()):
            return False
        for token in await store.list_tokens(tx):
            if token.id == token_id:
                await log_token(tx, token, None)
        return True

    return await storage.write(None, authored(author, work))


async def list_locations(storage: Storage) -> list[Location]:
    """All locations, oldest first."""
    return await storage.read(None, store.list_locations)


async def find_location(storage: Storage, location_id: str) -> Location | None:
    """The location, or None."""
    return await storage.read(None, lambda tx: store.find_location(tx, location_id))


async def create_user(storage: Storage, request: NewUser) -> User:
    """A new user."""

    async def work(tx: Transaction) -> User:
        user = User(
            tx.ids.short_id(),
            request.company_id,
            request.location_id,
            request.first_name,
            request.last_name,
            request.email,
        )
        await store.insert_user(tx, user)
        return user

    return await storage.write(None, work)
