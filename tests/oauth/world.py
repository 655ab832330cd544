"""An app that is installed in locations and a company, and short ways to ask for its tokens."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from groundlevel.access.rules import authenticate
from groundlevel.kernel.errors import TokenInvalid
from groundlevel.kernel.ids import Clock, Ids
from groundlevel.kernel.model import Actor, Location
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.oauth import consent_rules as consent
from groundlevel.oauth.app_rules import NewApp, TargetQuery, create_app
from groundlevel.oauth.consent_rules import AuthorizationRequest
from groundlevel.oauth.grant_rules import Client, GrantType, Issued, TokenRequest, exchange
from groundlevel.oauth.model import App

REDIRECT = "https://app.example.com/callback"
SCOPES = ("objects/record.readonly", "objects/schema.readonly", "oauth.readonly", "oauth.write")

GRACE_SECONDS = 60
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


class Moving(Clock):
    """A clock that tests move."""

    def __init__(self) -> None:
        self.timestamp = super().now()

    def now(self) -> int:
        return self.timestamp


class World(Struct):
    """An app, and two locations of a company it may be installed in."""

    storage: Storage
    clock: Moving
    app: App
    secret: str
    location: Location
    sister: Location

    @property
    def client(self) -> Client:
        """By what the app says who it is."""
        return Client(self.app.client_id, self.secret)

    async def code(self, where: TargetQuery | None = None, **members: str) -> str:
        """A code, as the consent page hands it out: for the location unless told otherwise."""
        where = where or TargetQuery(location_id=self.location.id)
        request = {"client_id": self.app.client_id, "redirect_uri": REDIRECT, "response_type": "code", **members}
        asked = await consent.read_authorization_request(self.storage, AuthorizationRequest(**request))
        assert asked.fault is None
        ticket = await consent.create_ticket(self.storage)
        authority = await consent.authorize(self.storage, ticket, asked.scopes)
        return await consent.approve(self.storage, asked, authority, where)

    async def trade(self, code: str, **members: Any) -> Issued:
        """What a code is good for."""
        kind = GrantType.AUTHORIZATION_CODE
        return await self.exchange(TokenRequest(client=self.client, grant_type=kind, grant=code, **members))

    async def refresh(self, issued: Issued) -> Issued:
        """What a refresh token is good for."""
        assert issued.refresh_token is not None
        kind, token = GrantType.REFRESH_TOKEN, issued.refresh_token
        return await self.exchange(TokenRequest(client=self.client, grant_type=kind, grant=token))

    async def exchange(self, request: TokenRequest) -> Issued:
        """What the app shows, exchanged under the grace time of these tests."""
        return await exchange(self.storage, request, grace_seconds=GRACE_SECONDS)

    async def actor(self, issued: Issued) -> Actor:
        """The holder of an access token."""
        return await authenticate(self.storage, issued.text)

    @property
    def company(self) -> TargetQuery:
        """The whole company."""
        return TargetQuery(company_id=self.location.company_id)


async def oauth_world(storage: Storage) -> World:
    """A world on an empty storage."""
    clock = Moving()
    storage.ids = Ids(clock=clock)
    location = await create_location(storage, NewLocation("Mine", details={"address": "1 High Street"}))
    sister = await create_location(storage, NewLocation("Sister", location.company_id))
    app, secret = await create_app(storage, NewApp("Sync", (REDIRECT,), SCOPES))
    return World(storage, clock, app, secret, location, sister)


async def refused(world: World, text: str) -> bool:
    """Whether an access token is refused, in the words that make the SDKs refresh it."""
    try:
        await authenticate(world.storage, text)
    except TokenInvalid as refusal:
        return refusal.message == "Invalid JWT"
    return False


async def rows(world: World, sql: str) -> list[tuple[object, ...]]:
    """What a statement finds."""
    return [tuple(row) for row in await world.storage.read(None, lambda tx: tx.connection.rows(Statement.query(sql)))]
