"""The command `groundlevel`, with a log of requests that SIGUSR1 puts aside and takes up again.

Two processes of one program differ by more than what the log costs, so it is measured within one.
"""

from __future__ import annotations

import signal
import sys
from typing import Any
from unittest.mock import patch

from groundlevel import app
from groundlevel.cli import run
from groundlevel.kernel.http.request_log import RequestLog
from groundlevel.kernel.http.server import Application


class _Switched(Application):
    """An application that does without its log at times."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._aside: RequestLog | None = None
        signal.signal(signal.SIGUSR1, self._switch)

    def _switch(self, *_: object) -> None:
        self.requests, self._aside = self._aside, self.requests


if __name__ == "__main__":
    with patch.object(app, "Application", _Switched):
        sys.exit(run(sys.argv[1:]))
