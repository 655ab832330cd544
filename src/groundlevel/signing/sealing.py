"""Encrypts what is stored and may be read only with a secret: AES-256-GCM under a key derived from it (HKDF-SHA256)."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_KEY_BYTES = 32


class SealError(ValueError):
    """The secret is another one, or what was sealed has been changed."""


def seal(plain: bytes, secret: str, *, purpose: bytes) -> bytes:
    """The nonce and the ciphertext. The secret has to be too long to be guessed: it is not stretched.

    What is sealed for one purpose cannot be read for another.
    """
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(_derive_key(secret, purpose)).encrypt(nonce, plain, purpose)


def unseal(sealed: bytes, secret: str, *, purpose: bytes) -> bytes:
    """What was sealed. Raises SealError."""
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(_derive_key(secret, purpose)).decrypt(nonce, ciphertext, purpose)
    except (InvalidTag, ValueError):
        raise SealError("The secret does not fit what it should open") from None


def _derive_key(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose).derive(secret.encode("utf-8", "surrogatepass"))
