"""A server in this process with two companies, their locations and tokens of every kind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from msgspec import Struct

from groundlevel.access.rules import NewToken, create_tokens, revoke_token
from groundlevel.app import make_application
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.locations.rules import NewLocation, create_location
from tests.kernel.http.saved_rows import SavedRows, restore_rows, save_rows

VERSION = "2021-07-28"


class World(Struct):
    """Who and what there is, and a client that talks to the server."""

    client: httpx.AsyncClient
    location: str
    sister: str
    """Another location of the same company."""
    foreign: str
    """A location of another company."""
    tokens: dict[str, str]
    """By name: own, company, sister, foreign, unscoped, reader, expired, revoked."""

    def headers(self, token: str = "own", version: str | None = VERSION) -> dict[str, str]:
        """The headers of a request by the holder of the named token; no token for an empty name."""
        headers = {"Authorization": f"Bearer {self.tokens[token]}"} if token else {}
        if version is not None:
            headers["Version"] = version
        return headers


class _Made(Struct):
    """The ids and secrets of a world that was made, and all that is stored of it."""

    location: str
    sister: str
    foreign: str
    tokens: dict[str, str]
    saved: SavedRows


_made: dict[str, _Made] = {}
"""By engine, what the first test of this process has made for all of them."""


@asynccontextmanager
async def open_world(storage: Storage, settings: Settings) -> AsyncIterator[World]:
    """A world on an empty storage, served with the settings."""
    made = _made.get(storage.engine)
    if made is None:
        made = _made[storage.engine] = await _make(storage)
    else:
        await restore_rows(storage, made.saved)
    transport = httpx.ASGITransport(make_application(storage, settings), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
        yield World(client, made.location, made.sister, made.foreign, dict(made.tokens))


async def _make(storage: Storage) -> _Made:
    mine = await create_location(storage, NewLocation("Mine", details={"city": "Motihari", "timezone": "Asia/Kolkata"}))
    sister = await create_location(storage, NewLocation("Sister", company_id=mine.company_id))
    foreign = await create_location(storage, NewLocation("Foreign"))
    readonly = ("objects/schema.readonly", "objects/record.readonly", "locations/customFields.readonly")
    wanted = {
        "own": NewToken("own", location_id=mine.id),
        "company": NewToken("company", company_id=mine.company_id),
        "sister": NewToken("sister", location_id=sister.id),
        "foreign": NewToken("foreign", location_id=foreign.id),
        "unscoped": NewToken("unscoped", location_id=mine.id, scopes=()),
        "reader": NewToken("reader", location_id=mine.id, scopes=readonly),
        "expired": NewToken("expired", location_id=mine.id, expires_at=1_000),
        "revoked": NewToken("revoked", location_id=mine.id),
    }
    created = dict(zip(wanted, await create_tokens(storage, wanted.values()), strict=True))
    assert await revoke_token(storage, created["revoked"][1].id)
    tokens = {name: secret for name, (secret, _) in created.items()}
    return _Made(mine.id, sister.id, foreign.id, tokens, await save_rows(storage))
