"""Servers that tests can steer: one in this process on every engine, and real ones in processes of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.testing import Double
from groundlevel.testing.session import Session
from tests.control.lab import Lab, open_lab


@pytest.fixture
async def lab(storage: Storage) -> AsyncIterator[Lab]:
    """A server in this process whose database is disposable, with a location and the object `pet`."""
    async with open_lab(storage, Settings(control=True)) as opened:
        yield opened


@pytest.fixture
def session(shared_url: str) -> Iterator[Session]:
    """A double in a process of its own, on every engine, with the demo."""
    with Double(database=shared_url) as running:
        yield running
