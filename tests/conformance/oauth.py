"""The rows of OAuth: tokens, tokens of locations and installed locations."""

from __future__ import annotations

from typing import Any

from groundlevel.kernel.storage.base import Storage
from groundlevel.oauth.app_rules import NewApp, TargetQuery, create_app, install_app
from groundlevel.oauth.grant_rules import Client, GrantType, TokenRequest, exchange, reconnect_install
from tests.conformance.given import scenario
from tests.conformance.scenario import HEX_ID, MOMENT, SHORT_ID, TEXT, Scenario, Sized, Step, Variables
from tests.kernel.http.world import World

ROWS = ("POST /oauth/token", "location token", "installed locations")
TOKEN, LOCATION_TOKEN, INSTALLED = ROWS

_SNAKE = {"client_id": "{client_id}", "client_secret": "{client_secret}"}
_CAMEL = {"clientId": "{client_id}", "clientSecret": "{client_secret}"}
_CODE = {**_SNAKE, "grant_type": "authorization_code", "code": "{code}"}
_RENEWAL = {**_SNAKE, "grant_type": "refresh_token", "refresh_token": "{old}"}
_PLACE = {"companyId": "{company}", "locationId": "{sister}"}
_PATHS = ("/oauth/locationToken", "/oauth/location-token")
_LISTS = ("/oauth/installedLocations", "/oauth/installed-locations")
_QUERY = "?companyId={company}&appId={app}"


async def prepare(storage: Storage, world: World, variables: Variables) -> None:
    """Makes an app that is installed in the company, with a code for the location and the company's access token."""
    app, secret = await create_app(storage, NewApp("Sync", ("https://app.example.com/cb", "https://b.example/cb")))
    install = await install_app(storage, app.id, TargetQuery(location_id=world.location))
    company = TargetQuery(company_id=install.company_id)
    await install_app(storage, app.id, company)
    client = Client(app.client_id, secret)
    code, _ = await reconnect_install(storage, client, TargetQuery(location_id=world.location))
    request = TokenRequest(client=client, grant_type=GrantType.CLIENT_CREDENTIALS, where=company)
    world.tokens["app"] = (await exchange(storage, request, grace_seconds=0)).text
    variables |= {"client_id": app.client_id, "client_secret": secret, "app": app.id, "code": code}
    variables["company"] = install.company_id


def _token(status: int, body: Any, has: Any = None, **members: Any) -> Step:
    return Step("POST", "/oauth/token", status, body=body, has=has, token="", version=None, **members)


def _located(status: int, body: Any = None, token: str = "app", path: str = _PATHS[0], has: Any = None) -> Step:
    return Step("POST", path, status, body=body or _PLACE, has=has, token=token)


def _listed(status: int, path: str, has: Any = None, token: str = "app") -> Step:
    return Step("GET", path, status, has=has, token=token)


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        TOKEN,
        "snake by default, camel too under v3",
        _token(
            200,
            _CODE,
            {"access_token": TEXT, "token_type": "Bearer", "expires_in": 86_399, "userType": "Location"},
            absent=("accessToken",),
            keep={"refresh": "refresh_token"},
        ),
        Step(
            "POST",
            "/oauth/token",
            200,
            body={**_CAMEL, "grantType": "refresh_token", "refreshToken": "{refresh}"},
            has={"accessToken": TEXT, "refreshToken": TEXT, "expiresIn": 86_399, "locationId": "{location}"},
            token="",
            version="v3",
        ),
    ),
    scenario(
        TOKEN,
        "a code that is exchanged twice at once is answered alike",
        _token(200, _CODE, keep={"access": "access_token", "renewal": "refresh_token"}),
        _token(200, _CODE, {"access_token": "{access}", "refresh_token": "{renewal}"}),
        _token(400, {**_CODE, "code": "{renewal}"}, {"error": "invalid_grant"}),
    ),
    scenario(
        TOKEN,
        "a refresh token that is used twice at once is answered alike",
        _token(200, _CODE, keep={"old": "refresh_token"}),
        _token(200, _RENEWAL, keep={"access": "access_token", "renewal": "refresh_token"}),
        _token(200, _RENEWAL, {"access_token": "{access}", "refresh_token": "{renewal}"}),
        _token(200, {**_RENEWAL, "refresh_token": "{renewal}"}),
    ),
    scenario(
        TOKEN,
        "a wrong secret",
        _token(401, {**_CODE, "client_secret": "wrong"}, {"statusCode": 401, "error": "invalid_client"}),
        _token(200, _CODE),
    ),
    scenario(
        TOKEN,
        "the redirect URI of the code, if any is sent",
        Step("GET", "/oauth/chooselocation?client_id={client_id}&redirect_uri=https%3A%2F%2Fc.example", 400, token=""),
        _token(200, {**_CODE, "redirect_uri": "https://app.example.com/cb"}),
    ),
    scenario(
        TOKEN,
        "members that are missing or unknown",
        _token(422, {**_SNAKE, "grant_type": "authorization_code"}, {"message": Sized(2)}),
        _token(422, {"grant_type": "refresh_token"}),
        _token(422, {**_CODE, "grant_type": "magic"}),
        _token(422, {**_CODE, "colour": "red"}),
    ),
    *(
        scenario(LOCATION_TOKEN, f"{spelling} at {path}", _located(200, body, path=path, has=has))
        for path, has in (
            (_PATHS[0], {"access_token": TEXT, "refresh_token": TEXT, "locationId": "{sister}", "appId": HEX_ID}),
            (_PATHS[1], {"accessToken": TEXT, "refreshToken": TEXT, "locationId": "{sister}", "userId": SHORT_ID}),
        )
        for spelling, body in (
            ("camel", _PLACE),
            ("snake", {"company_id": "{company}", "location_id": "{sister}"}),
        )
    ),
    scenario(
        LOCATION_TOKEN,
        "an app's company token only",
        _located(401, token="company", has={"message": "This AuthClass is not yet supported"}),
        _located(401, token="own", has={"message": "This AuthClass is not yet supported"}),
        _located(403, {**_PLACE, "locationId": "{foreign}"}),
        _located(422, {"companyId": "{company}"}),
    ),
    scenario(
        INSTALLED,
        "both envelopes",
        _listed(
            200,
            _LISTS[0] + _QUERY,
            {
                "locations": [
                    {"_id": "{location}", "name": "Mine", "address": "", "isInstalled": True, "installedAt": MOMENT},
                    {"_id": "{sister}", "isInstalled": True},
                ],
                "count": 2,
                "installToFutureLocations": True,
            },
        ),
        _listed(200, _LISTS[1] + _QUERY, {"items": Sized(2), "pagination": {"totalRecords": 2, "hasNextPage": False}}),
    ),
    scenario(
        INSTALLED,
        "what is required",
        *(_listed(422, path + query) for path in _LISTS for query in ("?companyId={company}", "?appId={app}")),
    ),
    scenario(
        INSTALLED,
        "page after page",
        Step("GET", f"{_LISTS[1]}{_QUERY}&pageSize=1", 200, token="app", keep={"next": "pagination/nextPageToken"}),
        _listed(200, f"{_LISTS[1]}{_QUERY}&pageSize=1&pageToken={{next}}", {"items": [{"_id": "{sister}"}]}),
        _listed(200, f"{_LISTS[0]}{_QUERY}&skip=1&limit=1", {"locations": [{"_id": "{sister}"}], "count": 2}),
    ),
    scenario(
        INSTALLED,
        "an agency's token only",
        _listed(401, _LISTS[0] + _QUERY, token="own"),
        _listed(401, _LISTS[0] + _QUERY, token="unscoped"),
        _listed(403, _LISTS[0] + "?companyId=other&appId={app}"),
        _listed(200, _LISTS[0] + _QUERY, token="company"),
    ),
    scenario(
        INSTALLED,
        "narrowed",
        _listed(200, _LISTS[0] + _QUERY + "&query=sis", {"count": 1}),
        _listed(200, _LISTS[0] + _QUERY + "&isInstalled=false", {"count": 0, "locations": []}),
        _listed(422, _LISTS[0] + _QUERY + "&isInstalled=maybe"),
    ),
)
