"""Chooses the engine that a database's URL names, and loads no other."""

from __future__ import annotations

from groundlevel.kernel.settings import Settings, SettingsError
from groundlevel.kernel.storage.base import Storage

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")


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

        return PostgresStorage(url, pool_size=settings.pool_size)
    raise SettingsError("database: it is neither sqlite:///path nor postgresql://…")


async def open_storage(settings: Settings) -> Storage:
    """The engine that `settings.database` names, open and migrated.

    Raises SettingsError, StorageUnavailable or MigrationError.
    """
    storage = make_storage(settings)
    await storage.open()
    return storage
