"""Encrypts the private keys of the server where they are stored, under the operator's secret (decision 55)."""

from __future__ import annotations

import base64

import msgspec

from groundlevel.kernel.observe import logger
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.signing import store
from groundlevel.signing.errors import SecretRefused
from groundlevel.signing.model import SigningKey

UNPROTECTED = (
    "the private keys that sign webhooks and access tokens are stored as they are; with the setting `secret` "
    "(GROUNDLEVEL_SECRET) they are encrypted"
)
"""What an operator without a secret reads in the log."""
_log = logger("signing")
_SEALED = "sealed:1:"
_PURPOSE = b"groundlevel signing key"


def unprotected(key: SigningKey, secret: str) -> SigningKey:
    """The key with its private part as it is. Raises SecretRefused."""
    if not is_protected(key):
        return key
    # Imported here, since cryptography takes long to load and most starts do not need it.
    from groundlevel.signing.sealing import SealError, unseal

    try:
        plain = unseal(base64.b64decode(key.private_pem.removeprefix(_SEALED)), secret, purpose=_PURPOSE)
    except (SealError, ValueError):
        raise SecretRefused from None
    return msgspec.structs.replace(key, private_pem=plain.decode())


def protected(key: SigningKey, secret: str) -> SigningKey:
    """The key as it is stored: its private part encrypted, if there is a secret."""
    if not secret or is_protected(key):
        return key
    from groundlevel.signing.sealing import seal

    sealed = seal(key.private_pem.encode(), secret, purpose=_PURPOSE)
    return msgspec.structs.replace(key, private_pem=_SEALED + base64.b64encode(sealed).decode())


def is_protected(key: SigningKey) -> bool:
    """Whether the private part is encrypted."""
    return key.private_pem.startswith(_SEALED)


async def protect_keys(storage: Storage, *, lasting: bool = True) -> None:
    """Encrypts the keys that are stored as they are. Without a secret it says in the log that they are not encrypted,
    where the database is one that lasts.

    Raises SecretRefused.
    """
    keys = await storage.read(None, store.list_all_signing_keys)
    for key in keys:
        unprotected(key, storage.secret)
    if not storage.secret and lasting:
        _log.warning("private keys", notice=UNPROTECTED)
    if storage.secret and not all(is_protected(key) for key in keys):
        await change_secret(storage, storage.secret)


async def change_secret(storage: Storage, secret: str) -> int:
    """Encrypts all keys, retired ones too, with another secret, or stores them as they are where it is empty.

    How many there are. Servers have to be started again with it. Raises SecretRefused.
    """

    async def work(tx: Transaction) -> int:
        await store.lock_signing_keys(tx)
        keys = await store.list_all_signing_keys(tx)
        for key in [protected(unprotected(each, storage.secret), secret) for each in keys]:
            await store.update_private_key(tx, key)
        return len(keys)

    return await storage.write(None, work)
