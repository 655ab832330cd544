"""A database that several storages may open side by side, durable as a server's would be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import open_storage
from tests.postgres import database_of, fresh_database

Opening = Callable[[], Awaitable[Storage]]


@pytest.fixture
def shared_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database that can be opened more than once, also with --memory."""
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path}/shared.db"
        return
    migrated = database_of(request.getfixturevalue("migrated_postgres"))
    with fresh_database(request.getfixturevalue("postgres_server"), template=migrated) as url:
        yield url


@pytest.fixture
async def opening(shared_url: str) -> AsyncIterator[Opening]:
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
