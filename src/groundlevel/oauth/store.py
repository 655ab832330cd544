"""Stores apps, their installs, and the grants and tokens of those."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from groundlevel.access.model import Company
from groundlevel.access.store import location_of
from groundlevel.kernel.codec import decode_texts, encode_text
from groundlevel.kernel.model import Location
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.oauth.model import App, Install


class Terms(Struct, frozen=True, gc=False, omit_defaults=True):
    """What a grant may be exchanged for, and how."""

    location_id: str | None
    """The location that its access tokens reach; None for the company of the install."""
    scopes: tuple[str, ...]
    redirect_uri: str | None = None
    """Where the authorization code was sent to."""
    challenge: str | None = None
    """The SHA-256 of the code verifier, as S256 of RFC 7636 spells it."""


class Grant(Struct, frozen=True, gc=False):
    """What is exchanged, once, for an access token: an authorization code or a refresh token."""

    kind: str
    """code or refresh."""
    install_id: str
    family: str
    terms: Terms
    created_at: int
    expires_at: int
    used_at: int | None
    answer: bytes | None = None
    """What it was exchanged for, sealed with the grant itself; kept for the grace time."""


class AccessToken(Struct, frozen=True, gc=False):
    """A token by which an app acts in its target: everything but its text."""

    id: str
    client_id: str
    install_id: str
    family: str
    company_id: str
    location_id: str | None
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int


_terms = msgspec.json.Decoder(Terms).decode


async def insert_app(tx: Transaction, app: App, secret: bytes) -> None:
    """Stores a new app; of its secret only the digest."""
    await tx.connection.run(
        tx.sql["insert_app"],
        app.id,
        app.client_id,
        secret,
        app.name,
        encode_text(app.redirect_uris),
        " ".join(app.scopes),
        app.created_at,
    )


async def find_app(tx: Transaction, app_id: str) -> tuple[App, bytes] | None:
    """The app and the digest of its secret, or None."""
    row = await tx.connection.row(tx.sql["find_app"], app_id)
    return None if row is None else (_app_of(row), bytes(row[6]))


async def list_apps(tx: Transaction) -> list[App]:
    """All apps, oldest first."""
    return [_app_of(row) for row in await tx.connection.rows(tx.sql["list_apps"])]


async def update_secret(tx: Transaction, app_id: str, secret: bytes) -> None:
    """Gives an app another secret, by its digest."""
    await tx.connection.run(tx.sql["update_secret"], app_id, secret)


async def delete_app(tx: Transaction, app_id: str) -> None:
    """Deletes an app; what hangs on it is for the caller to end first."""
    await tx.connection.run(tx.sql["delete_app"], app_id)


# --- targets -----------------------------------------------------------------------------------------------------


async def list_companies(tx: Transaction) -> list[Company]:
    """All companies, oldest first."""
    return [Company(*row) for row in await tx.connection.rows(tx.sql["list_companies"])]


async def list_locations_of_company(tx: Transaction, company_id: str) -> list[Location]:
    """The locations of a company, oldest first."""
    rows = await tx.connection.rows(tx.sql["list_locations_of_company"], company_id)
    return [location_of(row) for row in rows]


# --- installs ----------------------------------------------------------------------------------------------------


async def insert_install(tx: Transaction, install: Install) -> bool:
    """Stores a new install; False when the app is installed there already."""
    _note_change(tx, install.company_id, install.location_id)
    row = await tx.connection.row(
        tx.sql["insert_install"],
        install.id,
        install.app_id,
        install.company_id,
        install.location_id,
        install.user_id,
        " ".join(install.scopes),
        install.installed_at,
    )
    return row is not None


async def lock_install(tx: Transaction, app_id: str, company_id: str, location_id: str | None) -> Install | None:
    """Where the app is installed just there, held until the transaction ends; None where it is not."""
    row = await tx.connection.row(tx.sql["lock_install"], app_id, company_id, location_id or "")
    return None if row is None else _install_of(row)


async def lock_install_by_id(tx: Transaction, install_id: str) -> Install | None:
    """An install by its id, held until the transaction ends."""
    row = await tx.connection.row(tx.sql["lock_install_by_id"], install_id)
    return None if row is None else _install_of(row)


async def list_installs(tx: Transaction, app_id: str) -> list[Install]:
    """Where an app is installed, oldest first."""
    return [_install_of(row) for row in await tx.connection.rows(tx.sql["list_installs"], app_id)]


async def update_install(tx: Transaction, install_id: str, scopes: tuple[str, ...]) -> None:
    """Stores what an install may do from now on."""
    updated = await tx.connection.row(tx.sql["update_install"], install_id, " ".join(scopes))
    if updated is not None:
        _note_change(tx, *updated)


async def end_install(tx: Transaction, install_id: str, *, now: int) -> None:
    """Ends an install, and with it every grant and access token of it."""
    ended = await tx.connection.row(tx.sql["end_install"], install_id, now)
    if ended is not None:
        _note_change(tx, *ended)
    await tx.connection.run(tx.sql["revoke_install_grants"], install_id)
    for row in await tx.connection.rows(tx.sql["revoke_install_tokens"], install_id):
        tx.cache.note_change("token", row[0])


def _note_change(tx: Transaction, company_id: str, location_id: str | None) -> None:
    """Notes whose subscribers change: those of the location, or of the company's locations, where an app is."""
    if location_id is None:
        tx.cache.note_change("company", company_id)
    else:
        tx.cache.note_change("location", location_id)


# --- grants and access tokens ------------------------------------------------------------------------------------


async def insert_grant(tx: Transaction, grant: Grant, digest: bytes) -> None:
    """Stores a new grant; of its secret only the digest."""
    await tx.connection.run(
        tx.sql["insert_grant"],
        digest,
        grant.kind,
        grant.install_id,
        grant.family,
        encode_text(grant.terms),
        grant.created_at,
        grant.expires_at,
    )


async def find_grant(tx: Transaction, digest: bytes) -> Grant | None:
    """The grant, used or not, or None."""
    row = await tx.connection.row(tx.sql["find_grant"], digest)
    return None if row is None else Grant(row[0], row[1], row[2], _terms(row[3]), row[4], row[5], row[6], row[7])


async def use_grant(tx: Transaction, digest: bytes, *, now: int) -> bool:
    """Uses up a grant; False when that was done before, of several attempts at once all but one get that."""
    return await tx.connection.row(tx.sql["use_grant"], digest, now) is not None


async def update_answer(tx: Transaction, digest: bytes, answer: bytes) -> None:
    """Stores what a grant was exchanged for, which the caller has sealed."""
    await tx.connection.run(tx.sql["update_answer"], digest, answer)


async def delete_answers(tx: Transaction, family: str, *, before: int) -> None:
    """Drops what grants of a family were exchanged for that were used before a timestamp."""
    await tx.connection.run(tx.sql["delete_answers"], family, before)


async def insert_access_token(tx: Transaction, token: AccessToken, digest: bytes) -> None:
    """Stores an access token; of its text only the digest."""
    await tx.connection.run(
        tx.sql["insert_access_token"],
        digest,
        token.id,
        token.company_id,
        token.location_id,
        " ".join(token.scopes),
        token.created_at,
        token.expires_at,
        token.client_id,
        token.install_id,
        token.family,
    )


async def find_access_token(tx: Transaction, token_id: str) -> AccessToken | None:
    """The access token with this id; None for a private integration token's."""
    row = await tx.connection.row(tx.sql["find_access_token"], token_id)
    if row is None:
        return None
    return AccessToken(row[0], row[1], row[2], row[3], row[4], row[5], tuple(row[6].split()), row[7], row[8])


async def revoke_family(tx: Transaction, family: str) -> None:
    """Revokes every grant and access token that came from one code."""
    await tx.connection.run(tx.sql["revoke_family_grants"], family)
    for row in await tx.connection.rows(tx.sql["revoke_family_tokens"], family):
        tx.cache.note_change("token", row[0])


async def delete_expired(tx: Transaction, now: int) -> None:
    """Drops the access tokens and grants whose time is over, of any app."""
    for name in ("delete_expired_grants", "delete_expired_tokens"):
        await tx.connection.run(tx.sql[name], now)


# --- consent tickets ---------------------------------------------------------------------------------------------


async def insert_ticket(tx: Transaction, digest: bytes, *, expires_at: int) -> None:
    """Stores a new ticket, by its digest; drops those whose time is over."""
    await tx.connection.run(tx.sql["delete_expired_tickets"], tx.ids.now())
    await tx.connection.run(tx.sql["insert_ticket"], digest, expires_at)


async def has_ticket(tx: Transaction, digest: bytes) -> bool:
    """Whether there is such a ticket, neither used nor expired."""
    return await tx.connection.row(tx.sql["find_ticket"], digest, tx.ids.now()) is not None


async def use_ticket(tx: Transaction, digest: bytes) -> bool:
    """Uses up a ticket; False when it was used before, or has expired."""
    return await tx.connection.row(tx.sql["use_ticket"], digest, tx.ids.now()) is not None


def _app_of(row: Row) -> App:
    return App(row[0], row[1], row[2], decode_texts(row[3]), tuple(row[4].split()), row[5])


def _install_of(row: Row) -> Install:
    return Install(row[0], row[1], row[2], row[3], row[4], tuple(row[5].split()), row[6], row[7])
