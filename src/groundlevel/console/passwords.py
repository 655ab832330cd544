"""Hashes passwords with scrypt (RFC 7914), and says whether one is right; both take a tenth of a second on purpose."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache

SHORTEST, LONGEST = 12, 1_000
"""How many characters a password has."""
_COST, _BLOCK, _LANES = 2**15, 8, 1
_MEMORY = 64 * 1024 * 1024


def hash_password(password: str) -> str:
    """What is stored of a password: the parameters, the salt and the hash."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, _COST)
    return f"scrypt${_COST}${salt.hex()}${digest.hex()}"


def is_password(password: str, stored: str | None) -> bool:
    """Whether a password is the one of which this is stored. Without one it takes as long, and is none."""
    _, cost, salt, digest = (stored or _nobody()).split("$")
    found = _scrypt(password, bytes.fromhex(salt), int(cost))
    return hmac.compare_digest(found, bytes.fromhex(digest)) and stored is not None


@cache
def _nobody() -> str:
    """The hash that the password of an unknown e-mail is compared with."""
    return hash_password(secrets.token_urlsafe())


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    text = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(text, salt=salt, n=cost, r=_BLOCK, p=_LANES, maxmem=_MEMORY, dklen=32)
