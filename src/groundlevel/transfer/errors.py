"""Why a database is not copied."""

from __future__ import annotations

from groundlevel.kernel.errors import InputError


class TransferError(InputError):
    """A database cannot be copied, or the copy is not what it was made of. Nothing was written."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice
