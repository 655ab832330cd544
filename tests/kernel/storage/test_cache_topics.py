"""A change drops the cached values that depend on what it changes, in every process, and no others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from msgspec import Struct

from groundlevel.access.rules import NewToken, authenticate, create_token, resolve_location, revoke_token
from groundlevel.kernel.errors import TokenInvalid
from groundlevel.kernel.events import subscribers
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.cache import EVERYTHING, MAX_TOPICS, Cache, CacheView, schema_topic
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.oauth.app_rules import NewApp, TargetQuery, create_app, install_app, uninstall_app
from groundlevel.oauth.model import App
from groundlevel.webhooks.egress import UNRESTRICTED
from groundlevel.webhooks.rules import NewWebhook, create_webhook, delete_webhook
from tests.kernel.storage.notices import hear_changes
from tests.world import PET, World, eventually, world_in

RECEIVER = "https://receiver.test/"


class Tenant(Struct, frozen=True):
    """A location of a company of its own, and a token for it."""

    world: World
    secret: str
    token_id: str


async def tenant_in(storage: Storage) -> Tenant:
    world = await world_in(storage)
    await world.pet()
    secret, token = await create_token(storage, NewToken("key", location_id=world.location.id))
    return Tenant(world, secret, token.id)


async def warm(tenant: Tenant, storage: Storage) -> None:
    """Has a process cache what serving the tenant needs."""
    actor = await authenticate(storage, tenant.secret)
    location = await resolve_location(storage, actor, tenant.world.location.id)
    await storage.read(location, lambda tx: tx.schema(PET))
    await storage.read(location, subscribers)


def cached(tenant: Tenant, storage: Storage) -> set[str]:
    """What a process has cached of the tenant."""
    cache, location = storage.cache, tenant.world.location
    held = {
        "schema": (location.number, PET) in cache.schemas,
        "location": location.id in cache.locations,
        "actor": tenant.token_id in {actor.token_id for actor in cache.actors.values()},
        "subscribers": (location.number,) in cache.tables.get("subscribers", {}),
    }
    return {name for name, is_cached in held.items() if is_cached}


ALL = {"schema", "location", "actor", "subscribers"}


@pytest.fixture
async def tenants(storage: Storage) -> tuple[Tenant, Tenant]:
    return await tenant_in(storage), await tenant_in(storage)


async def revoke(tenant: Tenant) -> None:
    assert await revoke_token(tenant.world.storage, tenant.token_id)


async def subscribe(tenant: Tenant) -> None:
    await create_webhook(tenant.world.storage, UNRESTRICTED, NewWebhook(RECEIVER, location=tenant.world.location))


async def subscribe_company(tenant: Tenant) -> None:
    company = tenant.world.location.company_id
    await create_webhook(tenant.world.storage, UNRESTRICTED, NewWebhook(RECEIVER, company_id=company))


async def change_schema(tenant: Tenant) -> None:
    await tenant.world.field("age", "NUMERICAL")


async def add_token(tenant: Tenant) -> None:
    await create_token(tenant.world.storage, NewToken("another", location_id=tenant.world.location.id))


async def add_location(tenant: Tenant) -> None:
    await create_location(tenant.world.storage, NewLocation("Next door", tenant.world.location.company_id))


@pytest.mark.parametrize(
    ("change", "dropped"),
    [
        (revoke, {"actor"}),
        (subscribe, {"location", "subscribers"}),
        (subscribe_company, {"subscribers"}),
        (change_schema, {"schema"}),
        (add_token, set()),
        (add_location, set()),
    ],
)
async def test_a_change_drops_what_depends_on_it(
    change: Callable[[Tenant], Awaitable[None]], dropped: set[str], tenants: tuple[Tenant, Tenant]
) -> None:
    changed, other = tenants
    for each in tenants:
        await settle(each, each.world.storage)
    await change(changed)
    assert cached(changed, changed.world.storage) == ALL - dropped
    assert cached(other, other.world.storage) == ALL


async def settle(tenant: Tenant, storage: Storage) -> None:
    """Warms the cache when no notice of an earlier change is on its way any more."""
    await hear_changes(storage)
    await warm(tenant, storage)
    assert cached(tenant, storage) == ALL


async def test_another_process_drops_the_same(pair: tuple[Storage, Storage]) -> None:
    one, two = pair
    changed, other = await tenant_in(one), await tenant_in(one)
    for each in (changed, other):
        await settle(each, two)
    await revoke(changed)

    async def is_refused() -> bool:
        try:
            await authenticate(two, changed.secret)
        except TokenInvalid:
            return True
        return False

    await eventually(is_refused)
    # SQLite's processes learn that something changed, and not what.
    assert cached(other, two) == (ALL if one.engine == "postgres" else set())


async def app_in(storage: Storage) -> App:
    app, _ = await create_app(storage, NewApp("App", ("https://app.test/",)))
    return app


async def subscribers_of(tenant: Tenant) -> set[str | None]:
    """The apps of those who are subscribed to the tenant's events."""
    storage = tenant.world.storage
    return {each.app_id for each in await storage.read(tenant.world.location, subscribers)}


async def test_an_apps_webhook_reaches_where_the_app_is_installed(tenants: tuple[Tenant, Tenant]) -> None:
    """Also where the app had no webhook when the subscribers were read."""
    changed, other = tenants
    storage = changed.world.storage
    app = await app_in(storage)
    await install_app(storage, app.id, TargetQuery(location_id=changed.world.location.id))
    for each in tenants:
        await settle(each, storage)
        assert await subscribers_of(each) == set()
    webhook = await create_webhook(storage, UNRESTRICTED, NewWebhook(RECEIVER, app_id=app.id))
    assert cached(changed, storage) == ALL - {"subscribers"}
    assert cached(other, storage) == ALL
    assert await subscribers_of(changed) == {app.id}
    await delete_webhook(storage, None, webhook.id)
    assert await subscribers_of(changed) == set()


@pytest.mark.parametrize("whole_company", [False, True])
async def test_an_install_changes_who_is_subscribed(whole_company: bool, tenants: tuple[Tenant, Tenant]) -> None:
    changed, other = tenants
    storage, location = changed.world.storage, changed.world.location
    app = await app_in(storage)
    await create_webhook(storage, UNRESTRICTED, NewWebhook(RECEIVER, app_id=app.id))
    where = TargetQuery(company_id=location.company_id) if whole_company else TargetQuery(location_id=location.id)
    for each in tenants:
        await settle(each, storage)
    await install_app(storage, app.id, where)
    assert cached(other, storage) == ALL
    assert await subscribers_of(changed) == {app.id}
    await uninstall_app(storage, app.id, where)
    assert await subscribers_of(changed) == set()
    assert await subscribers_of(other) == set()


async def test_a_transaction_that_is_undone_drops_nothing(tenants: tuple[Tenant, Tenant]) -> None:
    tenant = tenants[0]
    await settle(tenant, tenant.world.storage)

    async def work(tx: Transaction) -> None:
        tx.cache.note_change("token", tenant.token_id)
        raise TokenInvalid

    with pytest.raises(TokenInvalid):
        await tenant.world.storage.write(None, work)
    assert cached(tenant, tenant.world.storage) == ALL


def test_many_changes_are_told_as_one() -> None:
    view = CacheView(Cache())
    for number in range(MAX_TOPICS):
        view.note_change("token", str(number))
    assert len(view.changed_topics(0)) == MAX_TOPICS
    view.schema_changed = True
    assert view.changed_topics(7) == {EVERYTHING}


def test_a_value_that_depends_on_several_topics_goes_with_any() -> None:
    cache = Cache()
    for topic in ("app/a", "location/b"):
        cache.keep("things", (1,), "value", topics=("app/a", "location/b"), epoch=cache.epoch)
        cache.keep("things", (2,), "other", topics=(), epoch=cache.epoch)
        cache.forget([topic])
        assert cache.tables["things"] == {(2,): "other"}
        cache.forget([topic, schema_topic(1)])
        assert cache.tables["things"] == {(2,): "other"}
