"""Stores the server's own key pairs."""

from __future__ import annotations

from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.signing.model import SigningKey


async def lock_signing_keys(tx: Transaction) -> None:
    """Keeps other processes from making keys until the transaction ends."""
    await tx.connection.run(tx.sql["lock_signing_keys"])


async def list_signing_keys(tx: Transaction, purpose: str) -> list[SigningKey]:
    """The keys of a purpose that are still good, the newest first: that one signs."""
    return [SigningKey(*row) for row in await tx.connection.rows(tx.sql["list_signing_keys"], purpose)]


async def list_all_signing_keys(tx: Transaction) -> list[SigningKey]:
    """The keys of all purposes, retired ones too, as they are stored."""
    return [SigningKey(*row) for row in await tx.connection.rows(tx.sql["list_all_signing_keys"])]


async def update_private_key(tx: Transaction, key: SigningKey) -> None:
    """Stores the private part of a key in another form."""
    await tx.connection.run(tx.sql["update_private_key"], key.id, key.private_pem)


async def insert_signing_key(tx: Transaction, key: SigningKey) -> None:
    """Stores a new key pair, which signs from now on."""
    await tx.connection.run(
        tx.sql["insert_signing_key"], key.id, key.purpose, key.private_pem, key.public_pem, key.created_at
    )


async def retire_signing_key(tx: Transaction, key_id: str, *, now: int) -> bool:
    """Stops a key; whether there was one that was still good."""
    return await tx.connection.row(tx.sql["retire_signing_key"], key_id, now) is not None
