"""Private keys are stored encrypted under the operator's secret, and only that opens them."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.signing import store
from groundlevel.signing.errors import SecretRefused
from groundlevel.signing.protection import UNPROTECTED, change_secret, protect_keys
from groundlevel.signing.rules import ED25519, RSA, TOKEN, Signer, list_active_keys, retire_key, rotate_key, sign_token

SECRET, OTHER = "correct horse battery staple 0123", "another secret of thirty-two chars"
PURPOSES = (ED25519, RSA, TOKEN)


async def stored(storage: Storage) -> list[str]:
    """The private parts as they stand in the database."""
    return [key.private_pem for key in await storage.read(None, store.list_all_signing_keys)]


async def use(storage: Storage) -> None:
    """Signs with every kind of key."""
    newest = [(await list_active_keys(storage, purpose))[0] for purpose in PURPOSES]
    assert Signer(newest[0], newest[1]).sign(b"body").rsa
    assert sign_token(newest[2], {"sub": "x"})


@pytest.fixture
async def keys(storage: Storage) -> Storage:
    """A database with a key of each kind, one of them retired, made without a secret."""
    for purpose in PURPOSES:
        await list_active_keys(storage, purpose)
    old = (await list_active_keys(storage, ED25519))[0]
    await rotate_key(storage, ED25519)
    assert await retire_key(storage, old.id)
    assert all("PRIVATE KEY" in pem for pem in await stored(storage))
    return storage


async def test_keys_that_are_there_are_encrypted_when_a_secret_comes(keys: Storage) -> None:
    keys.secret = SECRET
    with capture_logs() as lines:
        await protect_keys(keys)
    assert lines == []
    once = await stored(keys)
    assert len(once) == 4
    assert not any("PRIVATE KEY" in pem for pem in once)
    await use(keys)
    await protect_keys(keys)
    assert await stored(keys) == once


async def test_a_key_that_is_made_later_is_encrypted_too(keys: Storage) -> None:
    keys.secret = SECRET
    await protect_keys(keys)
    made = await rotate_key(keys, RSA)
    assert "PRIVATE KEY" in made.private_pem, "its maker may use it"
    assert not any("PRIVATE KEY" in pem for pem in await stored(keys))
    await use(keys)


@pytest.mark.parametrize("secret", ["", OTHER])
async def test_without_the_right_secret_nothing_is_signed_and_nothing_overwritten(keys: Storage, secret: str) -> None:
    keys.secret = SECRET
    await protect_keys(keys)
    before = await stored(keys)
    keys.secret = secret
    for refused in (protect_keys(keys), change_secret(keys, OTHER), list_active_keys(keys, ED25519)):
        with pytest.raises(SecretRefused):
            await refused
    assert await stored(keys) == before
    keys.secret = SECRET
    await use(keys)


async def test_a_secret_is_changed_and_taken_away(keys: Storage) -> None:
    keys.secret = SECRET
    await protect_keys(keys)
    assert await change_secret(keys, OTHER) == 4
    with pytest.raises(SecretRefused):
        await list_active_keys(keys, TOKEN)
    keys.secret = OTHER
    await use(keys)
    assert await change_secret(keys, "") == 4
    keys.secret = ""
    assert all("PRIVATE KEY" in pem for pem in await stored(keys))
    await use(keys)


async def test_who_has_no_secret_is_told(keys: Storage) -> None:
    with capture_logs() as lines:
        await protect_keys(keys)
    assert [line["notice"] for line in lines] == [UNPROTECTED]


async def test_the_setting_reaches_the_database(shared_url: str) -> None:
    opened = await open_storage(Settings(database=shared_url, secret=SECRET))
    try:
        await list_active_keys(opened, TOKEN)
        assert not any("PRIVATE KEY" in pem for pem in await stored(opened))
    finally:
        await opened.close()
    opened = await open_storage(Settings(database=shared_url))
    try:
        with pytest.raises(SecretRefused):
            await protect_keys(opened)
    finally:
        await opened.close()
