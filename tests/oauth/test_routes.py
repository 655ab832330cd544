"""The OAuth endpoints as apps call them: how requests and replies are spelled, and who is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from msgspec import Struct

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.oauth.app_rules import NewApp, TargetQuery, create_app, install_app
from groundlevel.oauth.grant_rules import ACCESS_SECONDS, Client, reconnect_install
from tests.kernel.http.world import World, open_world

SCOPES = ("objects/record.readonly", "objects/schema.readonly", "oauth.readonly", "oauth.write")
SNAKE = {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
CAMEL = {"accessToken", "tokenType", "expiresIn", "refreshToken", *SNAKE}
REACH = {
    "userType", "companyId", "userId", "traceId",
    "isBulkInstallation", "installToFutureLocations", "approveAllLocations",
}  # fmt: skip


class Scene(Struct):
    """An app installed in a location and in its whole company, and the server it talks to."""

    world: World
    storage: Storage
    app_id: str
    client: Client
    company: str

    async def code(self, where: TargetQuery) -> str:
        """A code for a target."""
        return (await reconnect_install(self.storage, self.client, where))[0]

    async def token(self, *, version: str | None = None, **members: Any) -> httpx.Response:
        """What the token endpoint answers to a form in snake_case."""
        form = {"client_id": self.client.id, "client_secret": self.client.secret, **members}
        headers = {} if version is None else {"Version": version}
        return await self.world.client.post("/oauth/token", data=form, headers=headers)

    async def granted(self, where: TargetQuery) -> dict[str, Any]:
        """Tokens for a target."""
        reply = await self.token(grant_type="authorization_code", code=await self.code(where))
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    async def post(self, path: str, token: str, **sent: Any) -> httpx.Response:
        """A request with a token."""
        headers = {"Authorization": f"Bearer {token}", "Version": "v3"}
        return await self.world.client.post(path, headers=headers, **sent)


@pytest.fixture
async def scene(storage: Storage) -> AsyncIterator[Scene]:
    async with open_world(storage, Settings()) as world:
        app, secret = await create_app(storage, NewApp("Sync", ("https://app.example.com/cb",), SCOPES))
        install = await install_app(storage, app.id, TargetQuery(location_id=world.location))
        await install_app(storage, app.id, TargetQuery(company_id=install.company_id))
        yield Scene(world, storage, app.id, Client(app.client_id, secret), install.company_id)


async def test_a_reply_is_spelled_as_the_version_asks(scene: Scene) -> None:
    here = TargetQuery(location_id=scene.world.location)
    old = await scene.token(grant_type="authorization_code", code=await scene.code(here), user_type="Location")
    refreshed = {"clientId": scene.client.id, "clientSecret": scene.client.secret, "grantType": "refresh_token"}
    new = await scene.world.client.post(
        "/oauth/token",
        json={**refreshed, "refreshToken": old.json()["refresh_token"], "userType": "Location"},
        headers={"Version": "v3"},
    )

    assert (old.status_code, new.status_code) == (200, 200)
    assert set(old.json()) == SNAKE | REACH | {"locationId"}
    assert set(new.json()) == CAMEL | REACH | {"locationId"}
    assert old.headers["cache-control"] == new.headers["cache-control"] == "no-store"
    body = new.json()
    assert (body["tokenType"], body["expiresIn"], body["userType"]) == ("Bearer", ACCESS_SECONDS, "Location")
    assert (body["accessToken"], body["refreshToken"]) == (body["access_token"], body["refresh_token"])
    assert (body["scope"], body["locationId"]) == (" ".join(SCOPES), scene.world.location)


async def test_a_company_is_told_of_its_locations(scene: Scene) -> None:
    body = await scene.granted(TargetQuery(company_id=scene.company))

    assert (body["userType"], body["isBulkInstallation"]) == ("Company", True)
    assert body["approvedLocations"] == [scene.world.location, scene.world.sister]
    assert "locationId" not in body


@pytest.mark.parametrize(
    ("members", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"code": "wrong"}, 400, "invalid_grant"),
        ({"code": ""}, 422, "Unprocessable Entity"),
        ({"grant_type": "refresh_token"}, 422, "Unprocessable Entity"),
        ({"grant_type": "password"}, 422, "Unprocessable Entity"),
        ({"client_secret": ""}, 422, "Unprocessable Entity"),
        ({"grant_type": "client_credentials"}, 400, "invalid_request"),
    ],
    ids=str,
)
async def test_a_token_that_is_refused(members: dict[str, str], status: int, error: str, scene: Scene) -> None:
    reply = await scene.token(**{"grant_type": "authorization_code", "code": "none", **members})

    body = reply.json()
    assert (reply.status_code, body["statusCode"], body["error"]) == (status, status, error)
    if status != 422:
        assert body["error_description"] == body["message"]


@pytest.mark.parametrize("path", ["/oauth/locationToken", "/oauth/location-token"])
@pytest.mark.parametrize("spelling", ["camel", "snake", "json"])
async def test_a_location_token(path: str, spelling: str, scene: Scene) -> None:
    token = (await scene.granted(TargetQuery(company_id=scene.company)))["access_token"]
    camel = {"companyId": scene.company, "locationId": scene.world.sister}
    snake = {"company_id": scene.company, "location_id": scene.world.sister}
    sent = {"camel": {"data": camel}, "snake": {"data": snake}, "json": {"json": camel}}[spelling]

    reply = await scene.post(path, token, **sent)

    body = reply.json()
    spelled = CAMEL if path.endswith("-token") else SNAKE
    assert set(body) == spelled | {"userType", "locationId", "companyId", "userId", "appId", "versionId", "traceId"}
    assert (reply.status_code, body["userType"]) == (200, "Location")
    assert (body["locationId"], body["appId"]) == (scene.world.sister, scene.app_id)
    token = body.get("access_token") or body.get("accessToken")
    headers = {"Authorization": f"Bearer {token}", "Version": "v3"}
    for target, status in ((scene.world.sister, 200), (scene.world.location, 403)):
        listed = await scene.world.client.get("/objects/", params={"locationId": target}, headers=headers)
        assert listed.status_code == status


async def test_who_gets_no_location_token(scene: Scene) -> None:
    whole = (await scene.granted(TargetQuery(company_id=scene.company)))["access_token"]
    local = (await scene.granted(TargetQuery(location_id=scene.world.location)))["access_token"]
    private = scene.world.tokens["company"]
    ours, foreign = {"companyId": scene.company, "locationId": scene.world.sister}, scene.world.foreign

    for token, members, status in (
        (whole, {**ours, "locationId": foreign}, 403),
        (whole, {**ours, "companyId": "other"}, 403),
        (whole, {"companyId": scene.company}, 422),
        (local, ours, 401),
        (private, ours, 401),
        (scene.world.tokens["reader"], ours, 401),
    ):
        reply = await scene.post("/oauth/locationToken", token, data=members)
        assert reply.status_code == status, reply.text


async def test_installed_locations(scene: Scene) -> None:
    token = (await scene.granted(TargetQuery(company_id=scene.company)))["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Version": "2021-07-28"}

    async def listed(path: str, **query: str) -> dict[str, Any]:
        params = {"companyId": scene.company, "appId": scene.app_id, **query}
        reply = await scene.world.client.get(path, params=params, headers=headers)
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    old = await listed("/oauth/installedLocations", skip="1", limit="1")
    assert set(old) == {"locations", "count", "installToFutureLocations", "traceId"}
    assert (old["count"], [each["_id"] for each in old["locations"]]) == (2, [scene.world.sister])
    assert old["installToFutureLocations"]
    item = old["locations"][0]
    assert set(item) == {"_id", "name", "address", "isInstalled", "versionId", "installedAt"}
    assert (item["name"], item["address"], item["isInstalled"]) == ("Sister", "", True)
    assert (await listed("/oauth/installedLocations", query="mIN"))["count"] == 1
    assert (await listed("/oauth/installedLocations", isInstalled="false"))["locations"] == []

    first = await listed("/oauth/installed-locations", pageSize="1", isInstalled="true")
    second = await listed("/oauth/installed-locations", pageSize="1", pageToken=first["pagination"]["nextPageToken"])
    assert [each["items"][0]["_id"] for each in (first, second)] == [scene.world.location, scene.world.sister]
    assert first["pagination"] == {
        "totalRecords": 2,
        "estimatedTotalRecords": 2,
        "currentPageSize": 1,
        "hasNextPage": True,
        "hasPrevPage": False,
        "nextPageToken": "1",
        "prevPageToken": None,
    }
    assert (second["pagination"]["hasNextPage"], second["pagination"]["prevPageToken"]) == (False, "0")
    assert first["metadata"] == {"filterApplied": {"isInstalled": "true"}, "sortApplied": {}}


@pytest.mark.parametrize(
    ("token", "query", "status"),
    [
        ("company", {"companyId": ""}, 422),
        ("company", {"appId": ""}, 422),
        ("company", {"isInstalled": "perhaps"}, 422),
        ("company", {"limit": "-1"}, 422),
        ("company", {"companyId": "other"}, 403),
        ("company", {"appId": "0" * 24}, 404),
        ("own", {}, 401),
        ("reader", {}, 401),
    ],
    ids=str,
)
async def test_installed_locations_that_are_refused(
    token: str, query: dict[str, str], status: int, scene: Scene
) -> None:
    params = {"companyId": scene.company, "appId": scene.app_id, **query}

    reply = await scene.world.client.get("/oauth/installedLocations", params=params, headers=scene.world.headers(token))

    assert reply.status_code == status, reply.text


@pytest.mark.parametrize(
    ("token", "query", "status", "code", "details"),
    [
        (
            "company",
            {"isInstalled": "perhaps"},
            422,
            "invalid_shape",
            {"faults": ["isInstalled must be a boolean value"]},
        ),
        ("company", {"companyId": "other"}, 403, "location_forbidden", {}),
        ("company", {"appId": "0" * 24}, 404, "app_not_found", {}),
        ("own", {}, 401, "auth_class_unsupported", {}),
    ],
    ids=str,
)
async def test_version_three_explains_its_refusals(
    token: str, query: dict[str, str], status: int, code: str, details: dict[str, Any], scene: Scene
) -> None:
    params = {"companyId": scene.company, "appId": scene.app_id, **query}

    reply = await scene.world.client.get(
        "/oauth/installed-locations", params=params, headers=scene.world.headers(token)
    )

    body = reply.json()
    assert (reply.status_code, body["statusCode"], body["error"]["code"]) == (status, status, code)
    assert body["error"]["details"] == details
    assert body["error"]["message"] in (body["message"], body["message"][0])
    assert body["error"]["resolution"] == reply.headers["x-groundlevel-hint"]
    assert set(body) == {"statusCode", "message", "error", "traceId"}


async def test_an_app_sees_no_other(scene: Scene) -> None:
    other, _ = await create_app(scene.storage, NewApp("Other", ()))
    token = (await scene.granted(TargetQuery(company_id=scene.company)))["access_token"]

    reply = await scene.world.client.get(
        "/oauth/installedLocations",
        params={"companyId": scene.company, "appId": other.id},
        headers={"Authorization": f"Bearer {token}", "Version": "v3"},
    )

    assert reply.status_code == 404


async def test_reconnecting(scene: Scene) -> None:
    keys = {"clientKey": scene.client.id, "clientSecret": scene.client.secret}

    reply = await scene.world.client.post("/oauth/reconnect", json={**keys, "locationId": scene.world.location})

    assert reply.status_code == 200
    assert set(reply.json()) == {"authorizationCode", "expiresAt", "traceId"}
    traded = await scene.token(grant_type="authorization_code", code=reply.json()["authorizationCode"])
    assert traded.json()["locationId"] == scene.world.location
    for members, status in (({}, 422), ({"locationId": scene.world.foreign}, 400), ({"clientSecret": "x"}, 422)):
        refused = await scene.world.client.post("/oauth/reconnect", json={**keys, **members})
        assert refused.status_code == status
    wrong = {**keys, "clientSecret": "x", "companyId": scene.company}
    assert (await scene.world.client.post("/oauth/reconnect", json=wrong)).status_code == 401


async def test_records_show_the_app_that_wrote_them(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        app, secret = await create_app(storage, NewApp("Sync", ()))
        await install_app(storage, app.id, TargetQuery(location_id=world.location))
        form = {"client_id": app.client_id, "client_secret": secret, "grant_type": "client_credentials"}
        token = (await world.client.post("/oauth/token", data=form)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Version": "2021-07-28"}

        made = await world.client.post(
            "/objects/business/records",
            json={"locationId": world.location, "properties": {"name": "A"}},
            headers=headers,
        )

    assert made.json()["record"]["createdBy"]["sourceId"] == app.client_id
