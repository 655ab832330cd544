"""Hands out the token that the demo and `groundlevel env` work with.

Of a token only a digest is stored, so a token made earlier cannot be shown again. For a SQLite database it is therefore
kept in a file beside it, `<database>.demo.json`, readable by its owner alone. A database that is not a file gets a
fresh token each time.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from groundlevel.access.rules import (
    NewToken,
    authenticate,
    create_token,
    find_location,
    list_tokens,
    revoke_token,
)
from groundlevel.kernel.errors import TokenInvalid, Unavailable
from groundlevel.kernel.model import Location
from groundlevel.kernel.private_files import write_whole
from groundlevel.kernel.scopes import declared_scopes
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage

SESSION = "demo (session)"
"""Name of the token that a server with the demo makes at every start where it cannot keep one."""

_SQLITE = "sqlite:///"


class Credentials(Struct, rename="camel"):
    """What the file beside a SQLite database holds."""

    location_id: str
    token: str


def credentials_path(settings: Settings) -> Path | None:
    """The file beside the database; None when the database is not a file."""
    path = settings.database.removeprefix(_SQLITE)
    if path == settings.database or path == ":memory:":
        return None
    return Path(path + ".demo.json")


async def load_token(storage: Storage, settings: Settings) -> tuple[Location, str] | None:
    """The location and the token in the file, if the token is still good and holds every scope that there is now."""
    path = credentials_path(settings)
    if path is None:
        return None
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=Credentials)
        actor = await authenticate(storage, kept.token)
    except (OSError, msgspec.DecodeError, UnicodeError, TokenInvalid):
        return None
    location = await find_location(storage, kept.location_id)
    if location is None or actor.location_id != location.id or not actor.scopes.issuperset(declared_scopes()):
        return None
    return location, kept.token


async def demo_token(storage: Storage, settings: Settings, location: Location) -> str:
    """The token that a server with the demo shows: the kept one, or a new one that replaces it."""
    kept = await load_token(storage, settings)
    if kept is not None and kept[0].id == location.id:
        return kept[1]
    path = credentials_path(settings)
    if path is None:
        for token in await list_tokens(storage):
            if token.name == SESSION and token.location_id == location.id and token.revoked_at is None:
                await revoke_token(storage, token.id)
    secret, _ = await create_token(storage, NewToken(SESSION if path is None else "demo", location.id))
    if path is not None:
        save_token(path, Credentials(location.id, secret))
    return secret


async def working_token(storage: Storage, settings: Settings, location: Location) -> str:
    """A token for `groundlevel env`: the kept one if it is for this location, else a new one named `env`."""
    kept = await load_token(storage, settings)
    if kept is not None and kept[0].id == location.id:
        return kept[1]
    secret, _ = await create_token(storage, NewToken("env", location.id))
    return secret


def save_token(path: Path, kept: Credentials) -> None:
    """Writes the file whole, for its owner alone. Raises Unavailable."""
    try:
        write_whole(path, msgspec.json.encode(kept) + b"\n")
    except OSError as problem:
        raise Unavailable(
            f"{path} cannot be written: {problem.strerror}", hint="The demo's token is kept beside the database."
        ) from problem
