"""The OAuth endpoints that programs call; the one that people see is the consent page.

See docs/contract.md#oauth-endpoints.

Requests are forms or JSON, in snake_case or camelCase. Tokens are answered in the snake_case
of RFC 6749, under Version v3 and on the paths of v3 in camelCase as well.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Struct

from groundlevel.access.rules import resolve_location
from groundlevel.kernel.errors import InvalidShape, LocationForbidden, StorageUnavailable
from groundlevel.kernel.errors.wording import text_errors
from groundlevel.kernel.http.params import Paging
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import JSON, Admission, Page, Parameter, Placement, Route
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.timestamps import iso
from groundlevel.oauth import grant_rules as oauth
from groundlevel.oauth.app_rules import Installed, TargetQuery, list_installed_locations
from groundlevel.oauth.errors import (
    AppNotFound,
    AuthClassUnsupported,
    InvalidClient,
    InvalidGrant,
    InvalidGrantRequest,
    InvalidRedirect,
)
from groundlevel.oauth.grant_rules import Client, GrantType, Issued, TokenRequest, UserType
from groundlevel.oauth.schemas import (
    Applied,
    CamelLocationTokenReply,
    CamelTokenReply,
    InstalledBody,
    InstalledPageReply,
    InstalledReply,
    LocationTokenBody,
    LocationTokenReply,
    Pagination,
    ReconnectBody,
    ReconnectReply,
    TokenBody,
    TokenReply,
)

TAG = "OAuth"
READ, WRITE = declare_scopes("oauth", "where the app itself is installed")
_PARTS = Paging(usual=20, most=500, skip="skip")
_PAGES = Paging(usual=20, most=500, limit="pageSize", skip="pageToken")
"""Version v3 hands out tokens of pages; they say how many locations stand before one."""
"""How many locations a list has, unless the query says more, and at most."""
_V3 = "v3"


# --- tokens ------------------------------------------------------------------------------------------------------


async def get_access_token(request: Request) -> Page:
    """Exchanges a code or a refresh token, which is good once, or the app's own credentials."""
    body: TokenBody = request.body
    name = {GrantType.AUTHORIZATION_CODE: "code", GrantType.REFRESH_TOKEN: "refreshToken"}.get(body.grant_type)
    grant = (body.code if name == "code" else body.refresh_token) or ""
    if name is not None and not grant:
        raise InvalidShape(text_errors(request.spelling(name)))
    wanted = TokenRequest(
        client=Client(body.client_id, body.client_secret),
        grant_type=body.grant_type,
        grant=grant,
        redirect_uri=body.redirect_uri or None,
        code_verifier=body.code_verifier or None,
        user_type=body.user_type or None,
        where=TargetQuery(body.location_id or None, body.company_id or None),
    )
    context = request.context
    issued = await oauth.exchange(context.storage, wanted, grace_seconds=context.settings.refresh_grace_seconds)
    reply = CamelTokenReply if request.version == _V3 else TokenReply
    whole = issued.user_type is UserType.COMPANY
    tokens = reply(
        access_token=issued.text,
        scope=" ".join(issued.token.scopes),
        refresh_token=issued.refresh_token or UNSET,
        user_type=issued.user_type,
        company_id=issued.token.company_id,
        user_id=issued.install.user_id,
        location_id=issued.token.location_id or UNSET,
        approved_locations=issued.approved if whole else UNSET,
        is_bulk_installation=whole,
        install_to_future_locations=whole,
        approve_all_locations=whole,
        trace_id=request.trace_id,
    )
    return _secret(tokens)


def _secret(reply: Struct) -> Page:
    """A reply that no cache may keep (RFC 6749, 5.1)."""
    return Page(JSON, msgspec.json.encode(reply), headers=((b"cache-control", b"no-store"),))


async def get_location_token(request: Request) -> Page:
    """The reply as it is since the first version."""
    return _location_reply(request, await _location_token(request), LocationTokenReply)


async def get_location_token_v3(request: Request) -> Page:
    """The reply of version v3."""
    return _location_reply(request, await _location_token(request), CamelLocationTokenReply)


async def _location_token(request: Request) -> Issued:
    """Raises AuthClassUnsupported, LocationForbidden."""
    body: LocationTokenBody = request.body
    storage, actor = request.context.storage, request.actor
    if actor.location_id is not None:
        raise AuthClassUnsupported
    if body.company_id != actor.company_id:
        raise LocationForbidden
    return await oauth.issue_location_token(storage, actor, await resolve_location(storage, actor, body.location_id))


def _location_reply(request: Request, issued: Issued, reply: type[LocationTokenReply]) -> Page:
    tokens = reply(
        access_token=issued.text,
        scope=" ".join(issued.token.scopes),
        refresh_token=issued.refresh_token or UNSET,
        location_id=issued.token.location_id or "",
        company_id=issued.token.company_id,
        user_id=issued.install.user_id,
        app_id=issued.install.app_id,
        version_id=issued.install.app_id,
        trace_id=request.trace_id,
    )
    return _secret(tokens)


async def reconnect(request: Request) -> Page:
    """A code without the user, who has authorized the app before."""
    body: ReconnectBody = request.body
    where = TargetQuery(body.location_id or None, body.company_id or None)
    if where == TargetQuery():
        raise InvalidShape(text_errors(request.spelling("locationId")))
    client = Client(body.client_key, body.client_secret)
    code, expires_at = await oauth.reconnect_install(request.context.storage, client, where)
    return _secret(ReconnectReply(code, iso(expires_at), request.trace_id))


# --- installs ----------------------------------------------------------------------------------------------------


async def get_installed_locations(request: Request) -> InstalledReply:
    """A part of the list, by `skip` and `limit`."""
    found, whole = await _list_installed(request)
    window = _PARTS.read(request)
    return InstalledReply(_bodies(found[window.skip : window.skip + window.limit]), len(found), whole, request.trace_id)


async def get_installed_locations_v3(request: Request) -> InstalledPageReply:
    """A page of the list, by `pageToken`: how many locations stand before it."""
    found, whole = await _list_installed(request)
    window = _PAGES.read(request)
    start, size = window.skip, window.limit
    page = found[start : start + size]
    end = start + len(page)
    pagination = Pagination(
        total_records=len(found),
        estimated_total_records=len(found),
        current_page_size=len(page),
        has_next_page=end < len(found),
        has_prev_page=start > 0,
        next_page_token=str(end) if end < len(found) else None,
        prev_page_token=str(max(start - size, 0)) if start > 0 else None,
    )
    applied = {name: request.query[name] for name in ("query", "isInstalled", "locationId") if request.query.get(name)}
    return InstalledPageReply(_bodies(page), pagination, Applied(applied, {}), whole, request.trace_id)


async def _list_installed(request: Request) -> tuple[list[Installed], bool]:
    """The locations of the company that the query asks for, and whether the app is installed in the whole of it.

    Raises InvalidShape, AuthClassUnsupported, LocationForbidden, AppNotFound.
    """
    query, actor = request.query, request.actor
    if missing := [fault for name in ("companyId", "appId") if not query.get(name) for fault in text_errors(name)]:
        raise InvalidShape(missing)
    if query.get("isInstalled") not in (None, "", "true", "false"):
        raise InvalidShape(["isInstalled must be a boolean value"])
    if actor.location_id is not None:
        raise AuthClassUnsupported
    if query["companyId"] != actor.company_id:
        raise LocationForbidden
    if actor.source_id != actor.token_id and query["appId"] not in (actor.source_id, actor.source_id.partition("-")[0]):
        raise AppNotFound(query["appId"])
    found, whole = await list_installed_locations(request.context.storage, query["appId"], actor.company_id)
    text, only = query.get("query", "").casefold(), query.get("locationId", "")
    wanted = query.get("isInstalled") or None
    kept = [
        each
        for each in found
        if text in each.location.name.casefold()
        and only in ("", each.location.id)
        and wanted in (None, "false" if each.install is None else "true")
    ]
    return kept, whole


def _bodies(found: list[Installed]) -> list[InstalledBody]:
    return [
        InstalledBody(
            each.location.id,
            each.location.name,
            str(each.location.details.get("address") or ""),
            is_installed=each.install is not None,
            version_id=each.install.app_id if each.install else UNSET,
            installed_at=iso(each.install.installed_at) if each.install else UNSET,
        )
        for each in found
    ]


_REFUSES = (
    InvalidClient,
    InvalidGrant,
    InvalidRedirect,
    InvalidGrantRequest,
    StorageUnavailable,
)
_COMPANY = Parameter("companyId", "The company, which has to be the token's.", required=True)
_APP = Parameter("appId", "The app; to an access token only its own is shown.", required=True)
_FILTERS = (
    Parameter("query", "A part of the location's name."),
    Parameter("isInstalled", "true or false: only where the app is, or is not, installed."),
    Parameter("locationId", "Only this location."),
    Parameter("versionId", "Accepted and ignored: an app has one version."),
    Parameter("onTrial", "Accepted and ignored."),
    Parameter("planId", "Accepted and ignored."),
)
_EXAMPLE = {"companyId": "yGHBA9HHqBMnqgPLLCRt", "locationId": "AjdCIp7UNm1zuMGQZQYf"}

ROUTES = (
    Route(
        method="POST",
        path="/oauth/token",
        operation_id="get-access-token",
        tag=TAG,
        summary="Exchange a code or a refresh token for an access token",
        handler=get_access_token,
        placement=Placement.NOWHERE,
        admission=Admission.OPEN,
        body=TokenBody,
        reply=TokenReply,
        refusals=_REFUSES,
        form=True,
        example={
            "clientId": "668fa70008024200000000a1-kx2ab3cd",
            "clientSecret": "5f0c",
            "grantType": "authorization_code",
            "code": "9ab3",
            "redirectUri": "https://app.example.com/callback",
        },
        doc=(
            "The body may be a form or JSON, in snake_case or camelCase. Under `Version: v3` the reply has its members "
            "in camelCase as well. Codes and refresh tokens work once. Within a grace time of its first use (setting "
            "`refresh_grace_seconds`) one is answered with the same tokens again; a use after that revokes everything "
            "that came from the same code. `redirect_uri` may be left out; `code_verifier` may not where a "
            "challenge was sent. `client_credentials` gives a token for an install, without a refresh token."
        ),
    ),
    Route(
        method="POST",
        path="/oauth/locationToken",
        operation_id="get-location-access-token",
        tag=TAG,
        summary="Get a token for one location of a company",
        handler=get_location_token,
        placement=Placement.COMPANY,
        scope=WRITE,
        body=LocationTokenBody,
        reply=LocationTokenReply,
        refusals=(AuthClassUnsupported,),
        form=True,
        example=_EXAMPLE,
        doc="Takes the access token of an app that is installed in the company; its scopes are passed on unchanged.",
    ),
    Route(
        method="POST",
        path="/oauth/location-token",
        operation_id="get-location-access-token-v3",
        tag=TAG,
        summary="Get a token for one location of a company, in version v3",
        handler=get_location_token_v3,
        placement=Placement.COMPANY,
        scope=WRITE,
        body=LocationTokenBody,
        reply=CamelLocationTokenReply,
        refusals=(AuthClassUnsupported,),
        form=True,
        example=_EXAMPLE,
        doc="As `/oauth/locationToken`, answered in camelCase as well.",
    ),
    Route(
        method="GET",
        path="/oauth/installedLocations",
        operation_id="get-installed-location",
        tag=TAG,
        summary="List the locations of a company and whether an app is installed there",
        handler=get_installed_locations,
        placement=Placement.COMPANY,
        scope=READ,
        query=(
            _COMPANY,
            _APP,
            *_PARTS.parameters,
            *_FILTERS,
        ),
        reply=InstalledReply,
        refusals=(AuthClassUnsupported, AppNotFound),
    ),
    Route(
        method="GET",
        path="/oauth/installed-locations",
        operation_id="get-installed-location-v3",
        tag=TAG,
        summary="List the locations of a company and whether an app is installed there, in version v3",
        handler=get_installed_locations_v3,
        placement=Placement.COMPANY,
        scope=READ,
        query=(
            _COMPANY,
            _APP,
            *_PAGES.parameters,
            *_FILTERS,
        ),
        reply=InstalledPageReply,
        refusals=(AuthClassUnsupported, AppNotFound),
        explained=True,
        doc="`error` in a refusal is an object with `code`, `message`, `details` and `resolution`.",
    ),
    Route(
        method="POST",
        path="/oauth/reconnect",
        operation_id="reconnect-app",
        tag=TAG,
        summary="Get an authorization code for an app that is installed and has lost its tokens",
        handler=reconnect,
        placement=Placement.NOWHERE,
        admission=Admission.OPEN,
        body=ReconnectBody,
        reply=ReconnectReply,
        refusals=(InvalidClient, InvalidGrant, StorageUnavailable),
        form=True,
        example={
            "clientKey": "668fa70008024200000000a1-kx2ab3cd",
            "clientSecret": "5f0c",
            "locationId": "AjdCIp7UNm1zuMGQZQYf",
        },
    ),
)
