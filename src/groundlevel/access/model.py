"""Companies, users and tokens as frozen values."""

from __future__ import annotations

from msgspec import Struct


class Company(Struct, frozen=True, gc=False):
    """An agency: the owner of locations."""

    id: str
    name: str


class User(Struct, frozen=True, gc=False):
    """A person who may own or follow records."""

    id: str
    company_id: str
    location_id: str | None
    first_name: str
    last_name: str
    email: str


class Token(Struct, frozen=True, gc=False):
    """A private integration token as listed to its owner: everything but the secret."""

    id: str
    name: str
    company_id: str
    location_id: str | None
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used_at: int | None = None
    """To the minute; None for one that was never used."""
