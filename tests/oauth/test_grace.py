"""Tests of grants that are shown again: one after another, and to several servers at the same moment."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from groundlevel.kernel.ids import Ids
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.oauth.app_rules import NewApp, TargetQuery, create_app, uninstall_app
from groundlevel.oauth.errors import InvalidGrant, InvalidRedirect
from groundlevel.oauth.grant_rules import GrantType, Issued, TokenRequest, exchange, pkce_challenge
from tests.conftest import Opening
from tests.oauth.world import GRACE_SECONDS, REDIRECT, SCOPES, VERIFIER, World, oauth_world, refused, rows

NEW = NewApp("Sync", (REDIRECT,), SCOPES)
ROUNDS = 50


@pytest.fixture
async def world(storage: Storage) -> World:
    return await oauth_world(storage)


@pytest.mark.parametrize("used", ["code", "refresh"])
async def test_within_the_grace_time_the_answer_is_the_same(used: str, world: World) -> None:
    code = await world.code(code_challenge=pkce_challenge(VERIFIER), code_challenge_method="S256")
    first = await world.trade(code, code_verifier=VERIFIER)

    async def ask() -> Issued:
        return await (world.trade(code, code_verifier=VERIFIER) if used == "code" else world.refresh(first))

    answered = await ask()
    if used == "code":
        assert answered == first
    again = await world.refresh(answered)
    world.clock.timestamp += GRACE_SECONDS * 1000

    assert await ask() == answered
    for each in (first, answered, again, await world.refresh(again)):
        await world.actor(each)


async def test_the_grace_time_is_for_who_could_exchange_the_code(world: World) -> None:
    code = await world.code(code_challenge=pkce_challenge(VERIFIER), code_challenge_method="S256")
    issued = await world.trade(code, code_verifier=VERIFIER)
    app, secret = await create_app(world.storage, msgspec.structs.replace(NEW, name="Other"))
    thief = msgspec.structs.replace(world, app=app, secret=secret)

    for attempt in (
        thief.trade(code, code_verifier=VERIFIER),
        world.trade(code),
        world.trade(code, code_verifier=VERIFIER + "x"),
    ):
        with pytest.raises(InvalidGrant):
            await attempt
    with pytest.raises(InvalidRedirect):
        await world.trade(code, redirect_uri=REDIRECT + "/", code_verifier=VERIFIER)

    await world.actor(issued)


async def test_without_a_grace_time_a_second_use_revokes(world: World) -> None:
    first = await world.trade(await world.code())
    request = TokenRequest(client=world.client, grant_type=GrantType.REFRESH_TOKEN, grant=first.refresh_token or "")
    at_once = await asyncio.gather(*(exchange(world.storage, request, grace_seconds=0) for _ in range(4)))
    assert len({each.text for each in at_once}) == 1
    world.clock.timestamp += 1

    with pytest.raises(InvalidGrant):
        await exchange(world.storage, request, grace_seconds=0)

    assert await refused(world, at_once[0].text)


async def test_answers_are_forgotten_after_the_grace_time(world: World) -> None:
    first = await world.trade(await world.code())
    second = await world.refresh(first)
    assert len(await rows(world, "SELECT 1 FROM grants WHERE answer IS NOT NULL")) == 2
    world.clock.timestamp += GRACE_SECONDS * 1000 + 1

    await world.refresh(second)

    assert len(await rows(world, "SELECT 1 FROM grants WHERE answer IS NOT NULL")) == 1


@pytest.mark.parametrize("lost", ["UPDATE grants SET answer = NULL", "DELETE FROM tokens"])
async def test_an_answer_that_is_lost_cannot_be_given_again(lost: str, world: World) -> None:
    """As where an older version, which kept none, has exchanged the grant: it counts as used a second time."""
    first = await world.trade(await world.code())
    second = await world.refresh(first)
    await world.storage.write(None, lambda tx: tx.connection.run(Statement.command(lost)))

    with pytest.raises(InvalidGrant):
        await world.refresh(first)
    with pytest.raises(InvalidGrant):
        await world.refresh(second)


async def test_within_the_grace_time_nothing_that_was_revoked_is_answered(world: World) -> None:
    first = await world.trade(await world.code())
    await world.refresh(first)
    await uninstall_app(world.storage, world.app.client_id, TargetQuery(location_id=world.location.id))

    with pytest.raises(InvalidGrant):
        await world.refresh(first)


@pytest.mark.parametrize("workers", [2, 4, 8])
async def test_whoever_asks_at_once_is_answered_with_tokens_that_work(workers: int, opening: Opening) -> None:
    first = await oauth_world(await opening())
    first.storage.ids = Ids()  # a clock that stands still would let the grace time pass for the others alone
    worlds = [first, *[msgspec.structs.replace(first, storage=await opening()) for _ in range(workers - 1)]]
    code = await first.code()
    issued = await asyncio.gather(*(world.trade(code) for world in worlds))

    for _ in range(ROUNDS):
        assert len({(each.text, each.refresh_token) for each in issued}) == 1
        for world, answered in zip(worlds, issued, strict=True):
            await world.actor(answered)
        issued = await asyncio.gather(*(world.refresh(issued[0]) for world in worlds))
