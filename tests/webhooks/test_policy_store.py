"""The egress policy of a database: the same for a server, for `deliver` and for commands."""

from __future__ import annotations

import ipaddress

from groundlevel.app import build_app
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.webhooks.egress import EgressPolicy
from groundlevel.webhooks.policy_store import current_egress_policy, store_egress_policy

LOOPBACK = ipaddress.ip_address("127.0.0.1")
OUTSIDE = Settings(host="0.0.0.0", deliver=False)
INSIDE = Settings(host="127.0.0.1", deliver=False)


async def start(storage: Storage, settings: Settings) -> None:
    """What a server does when it starts, on a storage that is open."""
    opening = build_app(settings, storage)._opening
    assert opening is not None
    await opening()
    await storage.background.stop()


async def test_a_process_beside_the_server_keeps_to_the_policy_of_the_server(storage: Storage) -> None:
    assert (await current_egress_policy(storage, INSIDE)).admits(LOOPBACK), "nobody has served it yet"
    await start(storage, OUTSIDE)
    assert not (await current_egress_policy(storage, INSIDE)).admits(LOOPBACK)
    await start(storage, Settings(webhook_networks=(), deliver=False))
    assert not (await current_egress_policy(storage, INSIDE)).admits(LOOPBACK)
    await start(storage, INSIDE)
    assert (await current_egress_policy(storage, OUTSIDE)).admits(LOOPBACK)


async def test_a_policy_is_stored_as_it_is(storage: Storage) -> None:
    policy = EgressPolicy((ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")))
    await store_egress_policy(storage, policy)
    await store_egress_policy(storage, policy)
    assert await current_egress_policy(storage, INSIDE) == policy
