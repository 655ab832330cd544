"""Tests of apps: where they are installed, in whose name, and what goes with them."""

from __future__ import annotations

import msgspec
import pytest

from groundlevel.access.rules import NewUser, create_user
from groundlevel.kernel.errors import BadRequest, LocationNotFound, Refusal
from groundlevel.kernel.storage.base import Storage
from groundlevel.oauth.app_rules import (
    NewApp,
    TargetQuery,
    create_app,
    delete_app,
    install_app,
    list_installs,
    uninstall_app,
)
from groundlevel.oauth.errors import InvalidGrant
from groundlevel.oauth.grant_rules import reconnect_install
from groundlevel.webhooks.egress import UNRESTRICTED
from groundlevel.webhooks.rules import NewWebhook, create_webhook, list_webhooks
from tests.oauth.world import REDIRECT, SCOPES, World, oauth_world


@pytest.fixture
async def world(storage: Storage) -> World:
    return await oauth_world(storage)


async def test_a_deleted_app_takes_its_webhook_along(world: World) -> None:
    other, _ = await create_app(world.storage, NewApp("Other", (REDIRECT,), SCOPES))
    for app in (world.app, other):
        await create_webhook(world.storage, UNRESTRICTED, NewWebhook("https://app.example.com/hooks", app_id=app.id))
        await install_app(world.storage, app.id, TargetQuery(location_id=world.location.id))

    await delete_app(world.storage, world.app.id)

    assert [each.app_id for each in await list_webhooks(world.storage, None)] == [other.id]
    assert [each.app_id for each in await list_installs(world.storage, None)] == [other.id]


@pytest.mark.parametrize(
    ("where", "refusal"),
    [
        (TargetQuery(), BadRequest),
        (TargetQuery(location_id="none"), LocationNotFound),
        (TargetQuery(company_id="none"), BadRequest),
        (TargetQuery(location_id="here", company_id="none"), LocationNotFound),
    ],
    ids=["neither", "no location", "no company", "a location of another company"],
)
async def test_an_app_is_installed_nowhere_but_in_a_target_that_is_there(
    where: TargetQuery, refusal: type[Refusal], world: World
) -> None:
    if where.location_id == "here":
        where = msgspec.structs.replace(where, location_id=world.location.id)

    for attempt in (install_app, uninstall_app):
        with pytest.raises(refusal):
            await attempt(world.storage, world.app.id, where)

    assert await list_installs(world.storage, None) == []
    with pytest.raises(InvalidGrant):
        await reconnect_install(world.storage, world.client, where)


async def test_an_app_is_installed_in_the_name_of_a_user_who_is_there(world: World) -> None:
    new = NewUser(world.location.company_id, world.location.id, "Ann", "Ames", "ann@example.com")
    ann = await create_user(world.storage, new)

    installs = [
        await install_app(world.storage, world.app.id, TargetQuery(location_id=location.id))
        for location in (world.location, world.sister)
    ]

    assert installs[0].user_id == ann.id
    assert installs[1].user_id != ann.id
