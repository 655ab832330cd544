"""Why no certificate is made, or a program is not run."""

from __future__ import annotations

from groundlevel.kernel.errors import InputError


class TlsError(InputError):
    """No certificate can be made, or no program be run with it."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice
