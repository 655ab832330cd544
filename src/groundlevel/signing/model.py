"""Key pairs as frozen values."""

from __future__ import annotations

from msgspec import Struct


class SigningKey(Struct, frozen=True, gc=False):
    """A key pair of the server, in PEM."""

    id: str
    purpose: str
    """ed25519 or rsa for webhooks, token for access tokens."""
    private_pem: str
    public_pem: str
    created_at: int
    retired_at: int | None
