"""A server starts without the libraries that only some requests need."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "library", ["aiohttp", "jinja2", "jwt", "phonenumbers", "prometheus_client", "rich", "structlog"]
)
def test_a_start_does_not_load(library: str) -> None:
    started = "import groundlevel.api, groundlevel.app, groundlevel.kernel.http.listener, groundlevel.webhooks.worker"
    loaded = f"{started}, sys; print({library!r} in sys.modules)"

    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
