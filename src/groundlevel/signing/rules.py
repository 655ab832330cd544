"""Signs webhooks and access tokens with the server's key pairs.

Several keys of a purpose may be good at once, so that receivers can be given a new one before it signs: the newest
signs, and all that are not retired are published.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from msgspec import Struct

from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.signing import store
from groundlevel.signing.model import SigningKey
from groundlevel.signing.protection import protected, unprotected

ED25519, RSA, TOKEN = "ed25519", "rsa", "token"
"""The purposes of keys: the two signatures of webhooks (docs/contract.md#webhook-signatures), and access tokens."""
RSA_BITS = 2048
"""A signature of 4096 bits, as the live platform's, takes six times as long, and verifies alike."""
_Private = ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
_MAKERS: dict[str, Callable[[], _Private]] = {
    ED25519: ed25519.Ed25519PrivateKey.generate,
    RSA: lambda: rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS),
    TOKEN: ed25519.Ed25519PrivateKey.generate,
}


class Signatures(Struct, frozen=True, gc=False):
    """The two signatures of a webhook's body, in base64."""

    ed25519: str
    """x-ghl-signature"""
    rsa: str
    """x-wh-signature, of older receivers"""


class Signer:
    """Signs the bodies of webhooks. It does not touch the database, so it may run in a thread."""

    def __init__(self, newest_ed25519: SigningKey, newest_rsa: SigningKey) -> None:
        self._ed25519: Any = _load_private_key(newest_ed25519)
        self._rsa: Any = _load_private_key(newest_rsa)

    def sign(self, body: bytes) -> Signatures:
        """The signatures over the raw bytes of a body (docs/contract.md#webhook-signatures)."""
        modern = self._ed25519.sign(body)
        legacy = self._rsa.sign(body, padding.PKCS1v15(), hashes.SHA256())
        return Signatures(base64.b64encode(modern).decode(), base64.b64encode(legacy).decode())


async def list_active_keys(storage: Storage, purpose: str) -> list[SigningKey]:
    """The keys of a purpose that are not retired, the newest first; one is made if there is none.

    Raises SecretRefused.
    """
    keys = await storage.read(None, lambda tx: store.list_signing_keys(tx, purpose))
    if keys:
        return [unprotected(key, storage.secret) for key in keys]
    made = await asyncio.to_thread(_generate_pair, purpose)

    async def work(tx: Transaction) -> list[SigningKey]:
        # Another process may have been faster, and two first keys would confuse a receiver that has fetched the other.
        await store.lock_signing_keys(tx)
        present = await store.list_signing_keys(tx, purpose)
        return present or [await _store_key(tx, purpose, made, storage.secret)]

    return [unprotected(key, storage.secret) for key in await storage.write(None, work)]


async def rotate_key(storage: Storage, purpose: str) -> SigningKey:
    """A new key that signs from now on; the older ones stay good until they are retired."""
    made = await asyncio.to_thread(_generate_pair, purpose)
    return await storage.write(None, lambda tx: _store_key(tx, purpose, made, storage.secret))


async def retire_key(storage: Storage, key_id: str) -> bool:
    """Stops publishing a key; whether it was good until now."""
    return await storage.write(None, lambda tx: store.retire_signing_key(tx, key_id, now=tx.ids.now()))


def sign_token(key: SigningKey, claims: dict[str, Json]) -> str:
    """An access token: a JWT with these claims."""
    # Imported here, since it loads all of cryptography, and a server without apps signs no token.
    import jwt

    return jwt.encode(claims, key.private_pem, algorithm="EdDSA", headers={"kid": key.id})


async def _store_key(tx: Transaction, purpose: str, made: tuple[str, str], secret: str) -> SigningKey:
    key = SigningKey(tx.ids.uuid(), purpose, *made, created_at=tx.ids.now(), retired_at=None)
    await store.insert_signing_key(tx, protected(key, secret))
    return key


def _generate_pair(purpose: str) -> tuple[str, str]:
    """A new private and public key, in PEM."""
    private = _MAKERS[purpose]()
    private_pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public_pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private_pem.decode(), public_pem.decode()


def is_signed(key: SigningKey, body: bytes, signature: str) -> bool:
    """Whether a signature, in base64, is that of a webhook's body under a key."""
    public: Any = serialization.load_pem_public_key(key.public_pem.encode())
    try:
        raw = base64.b64decode(signature, validate=True)
        if key.purpose == RSA:
            public.verify(raw, body, padding.PKCS1v15(), hashes.SHA256())
        else:
            public.verify(raw, body)
    except (InvalidSignature, ValueError):
        return False
    return True


def _load_private_key(key: SigningKey) -> Any:
    return serialization.load_pem_private_key(key.private_pem.encode(), password=None)


def raw_public_key(key: SigningKey) -> str:
    """The 32 bytes of a public Ed25519 key in base64, as some receivers want it."""
    return base64.b64encode(_bytes_of(key.public_pem)[-32:]).decode()


def one_line(pem: str) -> str:
    """A PEM without its line breaks, which an environment variable may not have everywhere; readers take both."""
    begin, *body, end = pem.strip().splitlines()
    return f"{begin}{''.join(body)}{end}"


def _bytes_of(pem: str) -> bytes:
    return base64.b64decode("".join(pem.strip().splitlines()[1:-1]))
