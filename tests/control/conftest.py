"""Servers that tests can steer: one in this process on every engine, and real ones in processes of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.testing import Double
from groundlevel.testing.session import Session
from tests.control.lab import Lab, open_lab
from tests.lent_databases import LentDatabases


@pytest.fixture
async def lab(storage: Storage) -> AsyncIterator[Lab]:
    """A server in this process whose database is disposable, with a location and the object `pet`."""
    async with open_lab(storage, Settings(control=True)) as opened:
        yield opened


@pytest.fixture(scope="session")
def _sqlite_double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with Double(database=f"sqlite:///{tmp_path_factory.mktemp('double')}/double.db") as running:
        yield running


@pytest.fixture(scope="session")
def _postgres_double(lent_databases: LentDatabases) -> Iterator[Session]:
    with lent_databases.lend() as url, Double(database=url) as running:
        yield running


@pytest.fixture
def session(engine_name: str, request: pytest.FixtureRequest) -> Session:
    """A double in a process of its own, on every engine, with the demo: for each test as it was when it started."""
    running: Session = request.getfixturevalue(f"_{engine_name}_double")
    found = running.anew()
    found.reset()
    return found
