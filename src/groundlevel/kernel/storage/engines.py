"""Chooses the engine that a database's URL names, and loads no other."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from groundlevel.kernel.settings import Settings, SettingsError
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.ends import DatabaseEnd

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")
_NO_ENGINE = "database: it is neither sqlite:///path nor postgresql://…"


def make_storage(settings: Settings) -> Storage:
    """The engine that `settings.database` names, not yet open. Raises SettingsError for an unknown one."""
    storage = _engine_of(settings)
    storage.secret = settings.secret
    storage.scan_seconds = settings.search_timeout_seconds
    storage.audited = settings.audit != "off"
    return storage


def _engine_of(settings: Settings) -> Storage:
    url = settings.database
    if url.startswith(SQLITE):
        from groundlevel.kernel.storage.sqlite.engine import SqliteStorage

        return SqliteStorage(
            url.removeprefix(SQLITE),
            synchronous=settings.synchronous,
            copy_before_migration=settings.copy_before_migration,
        )
    if url.startswith(POSTGRES):
        from groundlevel.kernel.storage.postgres.engine import PostgresStorage

        return PostgresStorage(url, pool_size=settings.pool_size, listen_url=settings.listen_database)
    raise SettingsError(_NO_ENGINE)


def open_end(url: str, *, writing: bool) -> AbstractAsyncContextManager[DatabaseEnd]:
    """The database as one end of a copy, inside one transaction. It has to be migrated. Raises SettingsError."""
    if url.startswith(SQLITE):
        from groundlevel.kernel.storage.sqlite.end import open_sqlite_end

        return open_sqlite_end(url.removeprefix(SQLITE), writing=writing)
    if url.startswith(POSTGRES):
        from groundlevel.kernel.storage.postgres.end import open_postgres_end

        return open_postgres_end(url, writing=writing)
    raise SettingsError(_NO_ENGINE)


async def open_storage(settings: Settings) -> Storage:
    """The engine that `settings.database` names, open and migrated.

    Raises SettingsError, StorageUnavailable or MigrationError.
    """
    storage = make_storage(settings)
    await storage.open()
    return storage
