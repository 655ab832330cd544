"""Refusals about the server's key pairs."""

from __future__ import annotations

from groundlevel.kernel.errors import Unavailable


class SecretRefused(Unavailable):
    """The private keys of this database are encrypted, and the secret does not open them"""

    code = "secret_refused"
    hint = "The operator sets GROUNDLEVEL_SECRET to the secret with which the keys were encrypted."
    about = "The server's private keys are encrypted, and the setting secret is missing or another one."
