"""Says in the log when a database stops taking writes, and when it takes them again."""

from __future__ import annotations

import time

from groundlevel.kernel.observe import logger

QUIET_SECONDS = 60.0
"""A problem that comes and goes is logged no more often than this."""
_log = logger("storage")


class FaultLog:
    """Why writes are refused at the moment: one line when that begins, one when it ends, however many are refused."""

    def __init__(self) -> None:
        self.problem = ""
        """Empty while writes are taken."""
        self._logged: tuple[str, float] = ("", 0.0)
        """The problem of the last line, and when that was."""

    def begin(self, problem: str) -> None:
        """Notes a write that the database refused."""
        if problem == self.problem:
            return
        self.problem = problem
        last, at = self._logged
        if problem != last or time.monotonic() - at > QUIET_SECONDS:
            self._logged = problem, time.monotonic()
            _log.error("the database takes no writes", problem=problem)

    def end(self) -> None:
        """Notes a write that the database took."""
        if self.problem:
            _log.info("the database takes writes again", problem=self.problem)
            self.problem = ""
