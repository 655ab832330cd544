"""Who may use the console: operators and links, the sessions that they open, and the tokens that sessions are given."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import deque
from collections.abc import Awaitable, Callable

from msgspec import Struct
from msgspec.structs import replace

from groundlevel.access import store as access_store
from groundlevel.access.model import Token
from groundlevel.access.rules import TOKEN_PREFIX, token_digest
from groundlevel.console import store
from groundlevel.console.changes import (
    log_new_password,
    log_operator_changed,
    log_operator_created,
    log_operator_removed,
)
from groundlevel.console.errors import (
    ConsoleSignedOut,
    OperatorInvalid,
    OperatorNotFound,
    RoleForbidden,
    SignInRefused,
    TooManyTries,
)
from groundlevel.console.model import Operator, Role, Session, scopes_of
from groundlevel.console.passwords import LONGEST, SHORTEST, hash_password, is_password
from groundlevel.kernel.changes import Author
from groundlevel.kernel.model import Location
from groundlevel.kernel.scopes import declared_scopes
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import authored

LINK_MS = 60_000
"""How long the link of `groundlevel console` is good."""
START_LINK_MS = 30 * 60_000
"""How long the link is good that the server prints when it starts."""
SESSION_MS = 7 * 86_400_000
TOKEN_MS = 15 * 60_000
_TRIES, _TRIES_MS = 5, 60_000
_MOST_COUNTED = 10_000
"""E-mails and addresses whose tries are counted at once; beyond that, the oldest is forgotten."""
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


class NewOperator(Struct, frozen=True):
    """The operator to be created."""

    email: str
    password: str
    role: Role
    locations: tuple[str, ...] = ()


class Tries:
    """Counts tries to sign in, in the memory of this process, for each e-mail and each address."""

    def __init__(self) -> None:
        self._times: dict[str, deque[int]] = {}

    def count(self, key: str, now: int) -> None:
        """Counts one. Raises TooManyTries with the seconds to wait."""
        times = self._times.pop(key, None) or deque()
        while times and times[0] <= now - _TRIES_MS:
            times.popleft()
        self._times[key] = times
        if len(self._times) > _MOST_COUNTED:
            del self._times[next(iter(self._times))]
        if len(times) >= _TRIES:
            seconds = (times[0] + _TRIES_MS - now + 999) // 1000
            raise TooManyTries(f"Too many tries to sign in: wait {seconds} seconds")
        times.append(now)


# --- operators ----------------------------------------------------------------------------------------------------


async def create_operator(storage: Storage, request: NewOperator, *, author: Author | None = None) -> Operator:
    """A new operator. Raises OperatorInvalid."""
    email = request.email.strip().lower()
    if not _EMAIL.fullmatch(email) or len(email) > 254:
        raise OperatorInvalid(f"{request.email!r} is no e-mail address")
    password = await _hash_checked(request.password)

    async def work(tx: Transaction) -> Operator:
        await _check_locations(tx, request.locations)
        operator = Operator(
            tx.ids.short_id(), email, request.role, tuple(dict.fromkeys(request.locations)), password, tx.ids.now()
        )
        if not await store.insert_operator(tx, operator):
            raise OperatorInvalid(f"There is an operator {email} already")
        log_operator_created(tx, operator)
        return operator

    return await storage.write(None, authored(author, work))


async def list_operators(storage: Storage) -> list[Operator]:
    """All operators, oldest first."""
    return await storage.read(None, store.list_operators)


async def remove_operator(storage: Storage, email: str, *, author: Author | None = None) -> None:
    """Removes an operator and ends their sessions. Raises OperatorNotFound."""

    async def work(tx: Transaction) -> None:
        operator_id = await store.delete_operator(tx, email.strip().lower())
        if operator_id is None:
            raise OperatorNotFound(f"There is no operator {email}")
        await store.delete_sessions_of(tx, operator_id)
        log_operator_removed(tx, operator_id)

    await storage.write(None, authored(author, work))


async def change_password(storage: Storage, email: str, password: str) -> None:
    """Gives an operator another password and ends their sessions. Raises OperatorNotFound, OperatorInvalid."""
    stored = await _hash_checked(password)

    async def work(tx: Transaction) -> None:
        operator_id = await store.update_operator_password(tx, email.strip().lower(), stored)
        if operator_id is None:
            raise OperatorNotFound(f"There is no operator {email}")
        await store.delete_sessions_of(tx, operator_id)
        log_new_password(tx, operator_id)

    await storage.write(None, work)


class OperatorChange(Struct, frozen=True):
    """What changes of an operator; None for what stays."""

    operator_id: str
    password: str | None = None
    role: Role | None = None
    locations: tuple[str, ...] | None = None
    """The ids of the locations that they reach; all of them when empty."""


async def get_operator(storage: Storage, operator_id: str) -> Operator:
    """The operator with an id. Raises OperatorNotFound."""
    for each in await list_operators(storage):
        if each.id == operator_id:
            return each
    raise OperatorNotFound


async def change_operator(storage: Storage, change: OperatorChange, *, author: Author | None = None) -> Operator:
    """An operator after a change, which ends their sessions. Raises OperatorNotFound, OperatorInvalid."""
    before = await get_operator(storage, change.operator_id)
    stored = before.password if change.password is None else await _hash_checked(change.password)

    async def work(tx: Transaction) -> Operator:
        locations = before.locations if change.locations is None else tuple(dict.fromkeys(change.locations))
        await _check_locations(tx, locations)
        after = replace(before, password=stored, role=change.role or before.role, locations=locations)
        if not await store.update_operator(tx, after):
            raise OperatorNotFound
        await store.delete_sessions_of(tx, after.id)
        log_operator_changed(tx, before, after)
        return after

    return await storage.write(None, authored(author, work))


async def _check_locations(tx: Transaction, location_ids: tuple[str, ...]) -> None:
    """Raises OperatorInvalid for one that there is not."""
    for location_id in location_ids:
        if await access_store.find_location(tx, location_id) is None:
            raise OperatorInvalid(f"There is no location {location_id}")


async def _hash_checked(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise OperatorInvalid(f"A password has {SHORTEST} to {LONGEST:,} characters")
    return await asyncio.to_thread(hash_password, password)


# --- signing in ---------------------------------------------------------------------------------------------------


async def create_link(storage: Storage, lifetime: int = LINK_MS) -> str:
    """The code of a link that signs in once, as an owner, within `lifetime` milliseconds.

    A person who can create one can read and change the whole database anyway.
    """
    code = secrets.token_urlsafe(32)
    expires_at = storage.ids.now() + lifetime
    await storage.write(None, lambda tx: store.insert_link(tx, token_digest(code), expires_at=expires_at))
    return code


async def check_link(storage: Storage, code: str) -> None:
    """Raises SignInRefused for a link that is used or expired."""
    if not await storage.read(None, lambda tx: store.is_link(tx, token_digest(code))):
        raise SignInRefused("The link is used or expired")


async def use_link(storage: Storage, code: str) -> None:
    """Uses up a link."""
    await storage.write(None, lambda tx: store.use_link(tx, token_digest(code)))


async def sign_in_by_link(storage: Storage, code: str, *, agent: str) -> tuple[str, Session]:
    """A new session and the value of its cookie. Raises SignInRefused for a link that is used or expired."""
    digest = token_digest(code)

    async def work(tx: Transaction) -> tuple[str, Session]:
        if not await store.use_link(tx, digest):
            raise SignInRefused("The link is used or expired")
        return await _open_session(tx, None, agent)

    return await storage.write(None, work)


async def sign_in_by_password(storage: Storage, email: str, password: str, *, agent: str) -> tuple[str, Session]:
    """A new session and the value of its cookie. Raises SignInRefused, alike and as late for an unknown e-mail."""
    address = email.strip().lower()
    operator = await storage.read(None, lambda tx: store.find_operator(tx, address))
    stored = None if operator is None else operator.password
    if len(password) > LONGEST or not await asyncio.to_thread(is_password, password, stored):
        raise SignInRefused("The e-mail or the password is not right")
    return await storage.write(None, lambda tx: _open_session(tx, operator, agent))


async def _open_session(tx: Transaction, operator: Operator | None, agent: str) -> tuple[str, Session]:
    secret, now = secrets.token_urlsafe(32), tx.ids.now()
    session = Session(tx.ids.uuid(), operator, agent, now, now, now + SESSION_MS)
    await store.insert_session(tx, session, token_digest(secret))
    return secret, session


async def find_session(storage: Storage, secret: str) -> Session:
    """Who has this cookie. Raises ConsoleSignedOut."""
    session = await storage.read(None, lambda tx: store.find_session(tx, token_digest(secret))) if secret else None
    if session is None:
        raise ConsoleSignedOut
    return session


async def keep_sessions(storage: Storage) -> Callable[[], Awaitable[None]]:
    """Notes who is signed in. What it returns signs them in again, as if just now.

    Meanwhile the database is put back, or the clock moved. Operators who are gone then are signed out.
    """
    kept = await storage.read(None, store.list_session_digests)

    async def work(tx: Transaction) -> None:
        operators, now = await store.list_operators(tx), tx.ids.now()
        for digest, session in kept:
            if session.operator is None or session.operator in operators:
                await store.delete_session(tx, session.id)
                again = replace(session, created_at=now, seen_at=now, expires_at=now + SESSION_MS)
                await store.insert_session(tx, again, digest)

    async def sign_in_again() -> None:
        if kept:
            await storage.write(None, work)

    return sign_in_again


async def list_sessions(storage: Storage, session: Session) -> list[Session]:
    """Who is signed in: for an owner of everything everybody, for others themselves."""
    found = await storage.read(None, store.list_sessions)
    return [each for each in found if session.is_unlimited or each.source_id == session.source_id]


async def end_session(storage: Storage, session: Session, session_id: str) -> None:
    """Signs somebody out, at once and with their tokens. Raises OperatorNotFound."""
    if all(each.id != session_id for each in await list_sessions(storage, session)):
        raise OperatorNotFound("There is no such session")
    await storage.write(None, lambda tx: store.delete_session(tx, session_id))


# --- what a session reaches ---------------------------------------------------------------------------------------


async def list_places(storage: Storage, session: Session) -> list[Location]:
    """The locations that somebody reaches, oldest first."""
    found = await storage.read(None, access_store.list_locations)
    return [location for location in found if session.reaches(location.id)]


async def create_session_token(storage: Storage, session: Session, location_id: str) -> tuple[str, Token]:
    """A token for one location, for 15 minutes, with what the role allows. Raises RoleForbidden."""
    secret = TOKEN_PREFIX + storage.ids.uuid()
    scopes = scopes_of(session.role, declared_scopes())

    async def work(tx: Transaction) -> Token:
        location = await access_store.find_location(tx, location_id)
        if location is None or not session.reaches(location_id):
            raise RoleForbidden("The location does not exist, or is not among yours")
        now = tx.ids.now()
        token = Token(
            tx.ids.uuid(), session.source_id, location.company_id, location_id, scopes, now, now + TOKEN_MS, None
        )
        await store.touch_session(tx, session)
        await store.insert_session_token(tx, token, token_digest(secret), session=session)
        return token

    return secret, await storage.write(None, work)


def require_owner(session: Session, location_id: str | None = None) -> None:
    """Raises RoleForbidden for whoever does not own the location; without one, for whoever does not own them all."""
    if location_id is None and not session.is_unlimited:
        raise RoleForbidden
    if location_id is not None and (session.role is not Role.OWNER or not session.reaches(location_id)):
        raise RoleForbidden
