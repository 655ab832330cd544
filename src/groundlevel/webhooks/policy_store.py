"""Stores the egress policy, so that it is the same for every process on a database."""

from __future__ import annotations

from ipaddress import ip_network

from groundlevel.kernel.codec import decode_texts, encode_text
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.webhooks.egress import EgressPolicy, egress_policy_of


async def store_egress_policy(storage: Storage, policy: EgressPolicy) -> None:
    """Makes a policy that of all processes on the database."""
    networks = encode_text([str(network) for network in policy.let_in])

    async def work(tx: Transaction) -> None:
        await tx.connection.run(tx.sql["store_egress_policy"], networks)

    await storage.write(None, work)


async def current_egress_policy(storage: Storage, settings: Settings) -> EgressPolicy:
    """The policy that a server has stored or, on a database that none has served yet, that of the settings."""

    async def work(tx: Transaction) -> EgressPolicy | None:
        row = await tx.connection.row(tx.sql["find_egress_policy"])
        return None if row is None else EgressPolicy(tuple(ip_network(text) for text in decode_texts(row[0])))

    return await storage.read(None, work) or egress_policy_of(settings)
