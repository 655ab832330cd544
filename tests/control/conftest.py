"""Servers that tests can steer: one in this process on every engine, and real ones in processes of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

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


@pytest.fixture(scope="session")
def _doubles() -> Iterator[tuple[dict[str, Session], ExitStack]]:
    """By engine, the doubles that have been started so far, and what ends them with the tests."""
    with ExitStack() as running:
        yield {}, running


@pytest.fixture
def session(engine_name: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A double in a process of its own, on every engine, with the demo: for each test as it was when it started."""
    started, running = request.getfixturevalue("_doubles")
    if engine_name not in started:
        if engine_name == "postgres":
            url = running.enter_context(request.getfixturevalue("lent_databases").lend())
        else:
            url = f"sqlite:///{tmp_path_factory.mktemp('double')}/double.db"
        started[engine_name] = running.enter_context(Double(database=url))
    found: Session = started[engine_name].anew()
    found.reset()
    return found
