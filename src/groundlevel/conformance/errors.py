"""Why a conformance run cannot be made."""

from __future__ import annotations

from groundlevel.kernel.errors import InputError


class ConformanceError(InputError):
    """The target cannot be asked, or a file of answers not be read or written."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice
