"""The official Python SDK as an app: its sessions, their renewal, and tokens for locations (contract 5.2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from highlevel import GHLError, HighLevel  # type: ignore[import-untyped]
from msgspec import Struct

from groundlevel.app import open_storage
from groundlevel.service.apps import NewApp, Where, create_app, install_app
from groundlevel.settings import Settings
from tests.compat.server import Place, Server
from tests.postgres import run_apart

# What the SDK hands to its HTTP client is spelled as that deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

REDIRECT = "https://app.example.com/callback"
DEAD = "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl"
"""Looks like an access token, and is none."""


class App(Struct, frozen=True):
    """An app, and the company whose every location it may act in."""

    client_id: str
    secret: str
    company: str


@pytest.fixture
def app(server: Server, place: Place) -> App:
    made: list[App] = []

    async def make() -> None:
        storage = await open_storage(Settings(database=server.database, synchronous="OFF", pool_size=1))
        try:
            found = await storage.read(None, lambda tx: tx.find_location(place.location))
            assert found is not None
            created, secret = await create_app(storage, NewApp("SDK", (REDIRECT,)))
            await install_app(storage, created.id, Where(company_id=found.company_id))
            made.append(App(created.client_id, secret, found.company_id))
        finally:
            await storage.close()

    run_apart(make())
    return made[0]


@pytest.fixture
async def sdk(server: Server, app: App, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HighLevel]:
    monkeypatch.setattr(HighLevel, "BASE_URL", server.url)
    client = HighLevel(client_id=app.client_id, client_secret=app.secret, log_level="none")
    yield client
    await client.close()


async def session_of(sdk: HighLevel, server: Server, app: App, place: str) -> dict[str, Any]:
    """A session as the SDK keeps it: from the consent page to the tokens."""
    kind = "companyId" if place == app.company else "locationId"
    async with httpx.AsyncClient(base_url=server.url) as browser:
        form = {"client_id": app.client_id, "response_type": "code", "redirect_uri": REDIRECT, "decision": "approve"}
        choice = f"{kind.removesuffix('Id')}:{place}"
        reply = await browser.post("/v2/oauth/chooselocation", data={**form, "place": choice})
    code = httpx.URL(reply.headers["location"]).params["code"]
    tokens: dict[str, Any] = await sdk.oauth.get_access_token(
        {
            "clientId": app.client_id,
            "clientSecret": app.secret,
            "grantType": "authorization_code",
            "code": code,
            "redirectUri": REDIRECT,
        }
    )
    await sdk.get_session_storage().set_session(place, tokens)
    assert tokens[kind] == place
    return tokens


async def test_a_dead_token_is_renewed_and_the_call_repeated_once(
    sdk: HighLevel, server: Server, place: Place, app: App
) -> None:
    tokens = await session_of(sdk, server, app, place.location)
    storage = sdk.get_session_storage()
    renewed = tokens
    for _ in range(3):
        known = renewed
        await storage.set_session(place.location, {**known, "access_token": DEAD})

        listed = await sdk.objects.get_object_by_location_id(place.location)

        assert {each["key"] for each in listed["objects"]} >= {"contact", "business"}
        renewed = await storage.get_session(place.location)
        assert renewed["access_token"] not in (DEAD, known["access_token"])
        assert renewed["refresh_token"] != known["refresh_token"]
    assert (renewed["userType"], renewed["locationId"], bool(renewed["userId"])) == ("Location", place.location, True)


async def test_without_a_good_refresh_token_the_refusal_is_seen(
    sdk: HighLevel, server: Server, place: Place, app: App
) -> None:
    tokens = await session_of(sdk, server, app, place.location)
    dead = {"access_token": DEAD, "refresh_token": "none"}
    await sdk.get_session_storage().set_session(place.location, {**tokens, **dead})

    with pytest.raises(GHLError) as refused:
        await sdk.objects.get_object_by_location_id(place.location)

    assert (refused.value.status_code, refused.value.message) == (401, "Invalid JWT")


async def test_a_company_gets_tokens_for_its_locations(sdk: HighLevel, server: Server, place: Place, app: App) -> None:
    tokens = await session_of(sdk, server, app, app.company)
    assert tokens["approvedLocations"] == [place.location]

    installed = await sdk.oauth.get_installed_location(company_id=app.company, app_id=app.client_id.partition("-")[0])
    located = await sdk.oauth.get_location_access_token({"companyId": app.company, "locationId": place.location})
    await sdk.get_session_storage().set_session(place.location, located)
    listed = await sdk.objects.get_object_by_location_id(place.location)

    assert [each["_id"] for each in installed["items"]] == [place.location]
    assert (located["locationId"], located["tokenType"]) == (place.location, "Bearer")
    assert listed["objects"]


async def test_a_location_whose_tokens_are_lost_falls_back_on_its_company(
    sdk: HighLevel, server: Server, place: Place, app: App
) -> None:
    await session_of(sdk, server, app, app.company)
    lost = {"access_token": DEAD, "refresh_token": "none", "userType": "Location", "companyId": app.company}
    await sdk.get_session_storage().set_session(place.location, {**lost, "expires_in": 86_399})

    listed = await sdk.objects.get_object_by_location_id(place.location)

    assert listed["objects"]
