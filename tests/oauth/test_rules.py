"""Tests of what apps exchange for access tokens, and of what ends them."""

from __future__ import annotations

import asyncio
import json

import jwt
import msgspec
import pytest

from groundlevel.access.rules import NewToken, authenticate, create_token, list_tokens
from groundlevel.kernel.errors import InvalidValue, TokenInvalid
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import origin_of
from groundlevel.oauth.app_rules import (
    NewApp,
    TargetQuery,
    create_app,
    delete_app,
    install_app,
    list_apps,
    list_installs,
    rotate_secret,
    uninstall_app,
)
from groundlevel.oauth.errors import (
    AuthClassUnsupported,
    InvalidClient,
    InvalidGrant,
    InvalidGrantRequest,
    InvalidRedirect,
    InvalidScope,
)
from groundlevel.oauth.grant_rules import (
    ACCESS_SECONDS,
    CODE_MS,
    REFRESH_MS,
    Client,
    GrantType,
    TokenRequest,
    UserType,
    issue_location_token,
    pkce_challenge,
    reconnect_install,
)
from groundlevel.oauth.model import Install
from groundlevel.signing.rules import TOKEN, list_active_keys
from tests.oauth.world import GRACE_SECONDS, REDIRECT, SCOPES, VERIFIER, World, oauth_world, refused, rows

NEW = NewApp("Sync", (REDIRECT,), SCOPES)


@pytest.fixture
async def world(storage: Storage) -> World:
    return await oauth_world(storage)


async def test_a_code_is_good_for_an_access_token(world: World) -> None:
    issued = await world.trade(await world.code(), redirect_uri=REDIRECT)

    actor = await world.actor(issued)
    assert (actor.location_id, actor.company_id) == (world.location.id, world.location.company_id)
    assert actor.scopes == frozenset(SCOPES)
    assert origin_of(actor).source_id == world.app.client_id
    public = (await list_active_keys(world.storage, TOKEN))[0].public_pem
    claims = jwt.decode(issued.text, public, algorithms=["EdDSA"], options={"verify_exp": False, "verify_iat": False})
    assert claims == {
        "authClass": "Location",
        "authClassId": world.location.id,
        "primaryAuthClassId": world.location.id,
        "source": "INTEGRATION",
        "sourceId": world.app.client_id,
        "channel": "OAUTH",
        "oauthMeta": {"scopes": list(SCOPES), "client": world.app.id},
        "iat": world.clock.timestamp // 1000,
        "exp": (world.clock.timestamp + ACCESS_SECONDS * 1000) // 1000,
        "jti": actor.token_id,
    }
    assert await list_tokens(world.storage) == []


async def test_an_expired_token_is_refreshed_once(world: World) -> None:
    first = await world.trade(await world.code())
    await world.actor(first)
    world.clock.timestamp += ACCESS_SECONDS * 1000
    assert await refused(world, first.text)

    second = await world.refresh(first)

    assert (await world.actor(second)).scopes == frozenset(SCOPES)
    assert await rows(world, "SELECT id FROM tokens") == [(second.token.id,)], "what has expired is dropped"


@pytest.mark.parametrize("used", ["code", "refresh"])
async def test_what_is_used_again_ends_its_family(used: str, world: World) -> None:
    code = await world.code()
    first = await world.trade(code)
    second = await world.refresh(first)
    other = await world.trade(await world.code())
    await world.actor(second)
    world.clock.timestamp += GRACE_SECONDS * 1000 + 1

    with pytest.raises(InvalidGrant):
        await (world.trade(code) if used == "code" else world.refresh(first))

    assert await refused(world, first.text)
    assert await refused(world, second.text)
    with pytest.raises(InvalidGrant):
        await world.refresh(second)
    await world.actor(other)


async def test_what_is_no_grant(world: World) -> None:
    code = await world.code()
    issued = await world.trade(await world.code())
    app, secret = await create_app(world.storage, msgspec.structs.replace(NEW, name="Other"))
    thief = msgspec.structs.replace(world, app=app, secret=secret)

    for attempt in (
        thief.trade(code),
        world.trade("none"),
        world.trade(issued.refresh_token or ""),
        thief.refresh(issued),
    ):
        with pytest.raises(InvalidGrant):
            await attempt
    with pytest.raises(InvalidRedirect):
        await world.trade(code, redirect_uri=REDIRECT + "/")
    for client in (Client(world.app.client_id, "wrong"), Client(world.app.id, world.secret), Client("", "")):
        with pytest.raises(InvalidClient):
            await world.exchange(TokenRequest(client=client, grant_type=GrantType.AUTHORIZATION_CODE, grant=code))

    await world.actor(await world.trade(code))
    await world.actor(await world.refresh(issued))


@pytest.mark.parametrize(("kind", "lifetime"), [("code", CODE_MS), ("refresh", REFRESH_MS)])
async def test_grants_expire(kind: str, lifetime: int, world: World) -> None:
    async def attempt(age: int) -> None:
        code = await world.code()
        issued = await world.trade(code) if kind == "refresh" else None
        world.clock.timestamp += age
        await (world.trade(code) if issued is None else world.refresh(issued))

    await attempt(lifetime - 1)
    with pytest.raises(InvalidGrant, match="expired"):
        await attempt(lifetime)


@pytest.mark.parametrize("method", ["S256", "plain", ""])
async def test_a_challenged_code_needs_its_verifier(method: str, world: World) -> None:
    challenge = pkce_challenge(VERIFIER) if method == "S256" else VERIFIER
    code = await world.code(code_challenge=challenge, code_challenge_method=method)

    for verifier in (None, "", pkce_challenge("x"), pkce_challenge(VERIFIER)):
        with pytest.raises(InvalidGrant):
            await world.trade(code, code_verifier=verifier)

    await world.actor(await world.trade(code, code_verifier=VERIFIER))


async def test_a_verifier_for_a_code_without_a_challenge_is_refused(world: World) -> None:
    code = await world.code()
    with pytest.raises(InvalidGrant, match="without a challenge"):
        await world.trade(code, code_verifier=VERIFIER)
    await world.actor(await world.trade(code))


def test_the_challenge_is_that_of_the_standard() -> None:
    assert pkce_challenge(VERIFIER) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_a_company_exchanges_its_token_for_those_of_its_locations(world: World) -> None:
    scopes = "objects/record.readonly oauth.write"
    whole = await world.trade(await world.code(world.company, scope=scopes))
    assert whole.user_type is UserType.COMPANY
    assert whole.approved == (world.location.id, world.sister.id)
    actor = await world.actor(whole)

    one = await issue_location_token(world.storage, actor, world.sister)

    narrow = await world.actor(one)
    assert (narrow.location_id, narrow.scopes) == (world.sister.id, frozenset(scopes.split()))
    assert narrow.source_id == world.app.client_id
    again = await world.refresh(one)
    assert (await world.actor(again)).location_id == world.sister.id
    with pytest.raises(AuthClassUnsupported):
        await issue_location_token(world.storage, narrow, world.sister)
    secret, _ = await create_token(world.storage, NewToken("private", company_id=world.location.company_id))
    with pytest.raises(AuthClassUnsupported):
        await issue_location_token(world.storage, await authenticate(world.storage, secret), world.sister)
    await world.refresh(whole)
    world.clock.timestamp += GRACE_SECONDS * 1000 + 1
    with pytest.raises(InvalidGrant):
        await world.refresh(whole)
    assert await refused(world, again.text), "what a company's token was exchanged for is of its family"
    with pytest.raises(TokenInvalid):
        await issue_location_token(world.storage, actor, world.sister)


async def test_scopes_do_not_grow(world: World) -> None:
    few = await world.trade(await world.code(scope="objects/record.readonly"))
    many = await world.trade(await world.code())

    assert (await world.actor(await world.refresh(few))).scopes == frozenset(("objects/record.readonly",))
    assert (await world.actor(await world.refresh(many))).scopes == frozenset(SCOPES)


async def test_uninstalling_ends_everything(world: World) -> None:
    code, issued = await world.code(), await world.trade(await world.code())
    elsewhere = await world.trade(await world.code(TargetQuery(location_id=world.sister.id)))
    await world.actor(issued)

    await uninstall_app(world.storage, world.app.client_id, TargetQuery(location_id=world.location.id))

    assert await refused(world, issued.text)
    for attempt in (world.trade(code), world.refresh(issued)):
        with pytest.raises(InvalidGrant):
            await attempt
    await world.actor(elsewhere)
    assert [each.location_id for each in await list_installs(world.storage, None)] == [world.sister.id]
    assert await rows(world, "SELECT install_id FROM grants WHERE used_at IS NULL") == [(elsewhere.install.id,)]


async def test_the_app_is_told_of_its_installs(world: World) -> None:
    install = (await world.trade(await world.code())).install
    await world.code()
    await uninstall_app(world.storage, world.app.id, TargetQuery(location_id=world.location.id))
    whole = await install_app(world.storage, world.app.id, world.company)

    told = await rows(world, "SELECT type, app_id, subject, payload FROM outbox ORDER BY seq")

    assert [each[:3] for each in told] == [
        ("INSTALL", world.app.id, install.id),
        ("UNINSTALL", world.app.id, install.id),
        ("INSTALL", world.app.id, whole.id),
    ]
    target = {"companyId": world.location.company_id, "locationId": world.location.id}
    assert json.loads(str(told[0][3])) == {
        **_shared(world, install),
        "installType": "Location",
        **target,
    }
    assert json.loads(str(told[1][3])) == target
    assert json.loads(str(told[2][3])) == {**_shared(world, whole), "installType": "Company"}


def _shared(world: World, install: Install) -> dict[str, object]:
    return {
        "versionId": world.app.id,
        "companyId": world.location.company_id,
        "userId": install.user_id,
        "planId": "",
        "trial": {},
        "isWhitelabelCompany": False,
        "whitelabelDetails": {"domain": "", "logoUrl": ""},
        "companyName": "Mine",
    }


async def test_an_app_is_installed_once_at_a_target(world: World) -> None:
    target = TargetQuery(location_id=world.location.id)

    made = await asyncio.gather(*(install_app(world.storage, world.app.id, target) for _ in range(4)))

    assert len({each.id for each in made}) == 1
    assert len(await rows(world, "SELECT id FROM users")) >= 1
    assert len(await list_installs(world.storage, world.app.id)) == 1


async def test_the_credentials_of_an_app(world: World) -> None:
    def request(where: TargetQuery = TargetQuery(), user_type: UserType | None = None) -> TokenRequest:  # noqa: B008
        kind = GrantType.CLIENT_CREDENTIALS
        return TokenRequest(client=world.client, grant_type=kind, where=where, user_type=user_type)

    here, there = TargetQuery(location_id=world.location.id), TargetQuery(location_id=world.sister.id)
    with pytest.raises(InvalidGrantRequest):
        await world.exchange(request())
    await install_app(world.storage, world.app.id, here)

    only = await world.exchange(request())

    assert ((await world.actor(only)).location_id, only.refresh_token) == (world.location.id, None)
    with pytest.raises(InvalidGrant):
        await world.exchange(request(there))
    await install_app(world.storage, world.app.id, world.company)
    with pytest.raises(InvalidGrantRequest):
        await world.exchange(request())
    chosen = [await world.exchange(request(*args)) for args in ((there,), (world.company,), (TargetQuery(), "Company"))]
    assert [each.token.location_id for each in chosen] == [world.sister.id, None, None]


async def test_an_app_that_lost_its_tokens_is_reconnected(world: World) -> None:
    here = TargetQuery(location_id=world.location.id)
    with pytest.raises(InvalidGrant):
        await reconnect_install(world.storage, world.client, here)
    await install_app(world.storage, world.app.id, here)

    code, expires_at = await reconnect_install(world.storage, world.client, here)

    assert expires_at == world.clock.timestamp + CODE_MS
    assert (await world.actor(await world.trade(code))).location_id == world.location.id
    with pytest.raises(InvalidClient):
        await reconnect_install(world.storage, Client(world.app.client_id, "wrong"), here)


async def test_another_secret(world: World) -> None:
    issued = await world.trade(await world.code())
    secret = await rotate_secret(world.storage, world.app.client_id)

    with pytest.raises(InvalidClient):
        await world.refresh(issued)
    await msgspec.structs.replace(world, secret=secret).refresh(issued)


async def test_a_deleted_app_leaves_nothing(world: World) -> None:
    issued = await world.trade(await world.code())
    await world.actor(issued)

    await delete_app(world.storage, world.app.id)

    assert await refused(world, issued.text)
    assert (await list_apps(world.storage), await list_installs(world.storage, None)) == ([], [])
    assert await rows(world, "SELECT 1 FROM grants") == []
    with pytest.raises(InvalidClient):
        await world.refresh(issued)


async def test_only_digests_are_stored(world: World) -> None:
    code = await world.code()
    issued = await world.trade(await world.code())

    stored = repr([await rows(world, f"SELECT * FROM {table}") for table in ("apps", "grants", "tokens")])

    for secret in (code, world.secret, issued.text, issued.refresh_token):
        assert str(secret) not in stored


@pytest.mark.parametrize(
    "members",
    [
        {"name": " "},
        {"redirect_uris": ("app.example.com",)},
        {"redirect_uris": ("javascript://x/%0aalert(1)",)},
        {"redirect_uris": ("https://a.example/#x",)},
        {"redirect_uris": ("https://a.example;x/",)},
        {"redirect_uris": ("https://user@a.example/",)},
        {"redirect_uris": ("https://a.example/\r\nx: y",)},
        {"redirect_uris": ("https://[::1/",)},
        {"scopes": ("objects/everything",)},
    ],
    ids=str,
)
async def test_an_app_that_is_refused(members: dict[str, object], storage: Storage) -> None:
    with pytest.raises((InvalidValue, InvalidScope)):
        await create_app(storage, msgspec.structs.replace(NEW, **members))
    assert await list_apps(storage) == []
