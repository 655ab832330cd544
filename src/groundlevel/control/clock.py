"""A clock that a test can set, advance, stop and speed up; everything in the server that tells time looks at it."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.kernel.ids import Clock


class Reading(Struct, frozen=True):
    """How a clock stands."""

    now: int
    """Epoch milliseconds."""
    frozen: bool
    speed: float


class MovableClock(Clock):
    """Runs as the system's clock does until it is moved."""

    def __init__(self) -> None:
        self._started = self._shown = 0
        self._speed = 1.0
        self._frozen = False
        self.restart()

    def restart(self) -> None:
        """Shows the time of the system again."""
        self._speed, self._frozen = 1.0, False
        self._started = self._shown = super().now()

    def now(self) -> int:
        if self._frozen:
            return self._shown
        return self._shown + int((super().now() - self._started) * self._speed)

    def set(self, now: int) -> None:
        """Shows this time from now on, in epoch milliseconds."""
        self._shown, self._started = now, super().now()

    def advance(self, milliseconds: int) -> None:
        """Goes on from so much later."""
        self.set(self.now() + milliseconds)

    def freeze(self, frozen: bool) -> None:
        """Stops, or goes on."""
        self.set(self.now())
        self._frozen = frozen

    def run_at(self, speed: float) -> None:
        """Runs so many times as fast."""
        self.set(self.now())
        self._speed = speed

    def read(self) -> Reading:
        """How it stands."""
        return Reading(self.now(), self._frozen, self._speed)
