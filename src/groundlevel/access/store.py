"""Stores companies, locations, users and tokens."""

from __future__ import annotations

import msgspec

from groundlevel.access.model import Company, Token, User
from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.model import Location
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.transaction import Transaction

_USE_MS = 59_000
"""How old a last use is before it is written anew: a little less than what lies between two writings of one process."""


async def insert_company(tx: Transaction, company: Company, *, now: int) -> None:
    """Stores a new company."""
    await tx.connection.run(tx.sql["insert_company"], company.id, company.name, now)


async def find_company(tx: Transaction, company_id: str) -> Company | None:
    """The company, or None."""
    row = await tx.connection.row(tx.sql["find_company"], company_id)
    return None if row is None else Company(row[0], row[1])


async def insert_location(tx: Transaction, location: Location) -> Location:
    """Stores a new location and returns it with its number."""
    row = await tx.connection.row(
        tx.sql["insert_location"],
        location.id,
        location.company_id,
        location.name,
        encode_text(location.details),
        location.created_at,
    )
    assert row is not None
    return msgspec.structs.replace(location, number=row[0])


async def find_location(tx: Transaction, location_id: str) -> Location | None:
    """The location, or None."""
    row = await tx.connection.row(tx.sql["find_location"], location_id)
    return None if row is None else location_of(row)


async def update_location(tx: Transaction, location: Location) -> None:
    """Stores a location's new name and details."""
    tx.cache.note_change("location", location.id)
    details = encode_text(location.details)
    await tx.connection.run(tx.sql["update_location"], location.number, location.name, details)


async def list_locations(tx: Transaction) -> list[Location]:
    """All locations, oldest first."""
    return [location_of(row) for row in await tx.connection.rows(tx.sql["list_locations"])]


async def locations_with_object(tx: Transaction, company_id: str, key: str) -> list[str]:
    """The ids of a company's locations that have an object with this key or id."""
    return [row[0] for row in await tx.connection.rows(tx.sql["locations_with_object"], company_id, key)]


async def insert_user(tx: Transaction, user: User) -> None:
    """Stores a new user."""
    await tx.connection.run(
        tx.sql["insert_user"],
        user.id,
        user.company_id,
        user.location_id,
        user.first_name,
        user.last_name,
        user.email,
    )


async def list_users(tx: Transaction, company_id: str, location_id: str) -> list[User]:
    """The users of a company that may work in the location."""
    return [User(*row) for row in await tx.connection.rows(tx.sql["list_users"], company_id, location_id)]


async def list_users_of_company(tx: Transaction, company_id: str) -> list[User]:
    """All users of a company, those of its locations included."""
    return [User(*row) for row in await tx.connection.rows(tx.sql["list_users_of_company"], company_id)]


async def find_user(tx: Transaction, user_id: str) -> User | None:
    """The user, or None."""
    row = await tx.connection.row(tx.sql["find_user"], user_id)
    return None if row is None else User(*row)


async def insert_token(tx: Transaction, token: Token, digest: bytes) -> None:
    """Stores a token; of its secret only the digest."""
    await tx.connection.run(tx.sql["insert_token"], *token_values(token, digest))


def token_values(token: Token, digest: bytes) -> tuple[object, ...]:
    """The columns of a token, in the order of every statement that stores one."""
    scopes = " ".join(token.scopes)
    return (
        digest, token.id, token.name, token.company_id, token.location_id, scopes, token.created_at, token.expires_at,
    )  # fmt: skip


async def find_token(tx: Transaction, digest: bytes) -> Row | None:
    """Id, company, location, scopes (space separated), expiry, client id, session and name of an unrevoked token."""
    return await tx.connection.row(tx.sql["find_token"], digest)


async def list_tokens(tx: Transaction) -> list[Token]:
    """All private integration tokens, revoked ones included, oldest first."""
    rows = await tx.connection.rows(tx.sql["list_tokens"])
    return [Token(row[0], row[1], row[2], row[3], tuple(row[4].split()), *row[5:9]) for row in rows]


async def revoke_token(tx: Transaction, token_id: str, *, now: int) -> bool:
    """Revokes a token; whether there was an unrevoked one with this id."""
    tx.cache.note_change("token", token_id)
    return await tx.connection.row(tx.sql["revoke_token"], token_id, now) is not None


async def store_last_use(tx: Transaction, token_id: str, *, now: int) -> None:
    """Notes that a private integration token was used, unless that was written less than a minute ago."""
    await tx.connection.run(tx.sql["store_last_use"], token_id, now, now - _USE_MS)


def location_of(row: Row) -> Location:
    """A location from its columns."""
    return Location(row[0], row[1], row[2], row[3], row[4], msgspec.json.decode(row[5]))
