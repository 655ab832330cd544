"""Why a backup is not made or not restored."""

from __future__ import annotations

from groundlevel.kernel.errors import InputError


class BackupError(InputError):
    """A backup cannot be made, or one cannot be restored."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice
