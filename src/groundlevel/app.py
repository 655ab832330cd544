"""The composition root: the only place where an engine is chosen and the parts are put together."""

from __future__ import annotations

import os

from groundlevel.http.listening import bound_socket, is_everywhere, run, serve_in_processes, url_of
from groundlevel.http.listening import serve as serve_here
from groundlevel.http.server import Application
from groundlevel.observe import logger, start_logging
from groundlevel.service.indexes import keep_indexes
from groundlevel.service.refill import finish_refills
from groundlevel.settings import Settings, SettingsError, load_settings
from groundlevel.storage.base import Storage
from groundlevel.storage.postgres import PostgresStorage
from groundlevel.storage.sqlite import SqliteStorage

_log = logger("app")
SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")


def make_storage(settings: Settings) -> Storage:
    """The engine that `settings.database` names, not yet open. Raises SettingsError for an unknown one."""
    url = settings.database
    if url.startswith(SQLITE):
        return SqliteStorage(url.removeprefix(SQLITE), synchronous=settings.synchronous)
    if url.startswith(POSTGRES):
        return PostgresStorage(url, pool_size=settings.pool_size)
    raise SettingsError("database: it is neither sqlite:///path nor postgresql://…")


async def open_storage(settings: Settings) -> Storage:
    """The engine that `settings.database` names, open and migrated.

    Raises SettingsError, StorageUnavailable or MigrationError.
    """
    storage = make_storage(settings)
    await storage.open()
    return storage


def build_app(settings: Settings, storage: Storage) -> Application:
    """The platform over HTTP, on a storage that is open or is opened when the server starts."""
    return Application(storage, settings, opening=lambda: _attend(storage, settings))


async def _attend(storage: Storage, settings: Settings) -> None:
    """Carries on what a crash cut off, and begins what is done in the background."""
    for notice in storage.notices:
        _log.warning("database", notice=notice)
    await finish_refills(storage)
    storage.attend(keep_indexes(storage))
    if settings.deliver:
        storage.attend(deliver(storage, settings))


async def deliver(storage: Storage, settings: Settings) -> None:
    """Delivers webhooks until cancelled."""
    # Imported here, since what it needs takes as long to load as half of the server, and nobody waits for it.
    from groundlevel.delivery.worker import make_worker

    await make_worker(storage, settings).run()


def from_environment() -> Application:
    """The application of one of several server processes, with its settings from the environment.

    Raises SettingsError.
    """
    settings = load_settings({}, os.environ, None)
    start_logging(settings.log_format, settings.log_level)
    storage = make_storage(settings)

    async def opening() -> None:
        await storage.open()
        await _attend(storage, settings)

    return Application(storage, settings, opening=opening)


__all__ = [
    "bound_socket",
    "build_app",
    "deliver",
    "from_environment",
    "is_everywhere",
    "open_storage",
    "run",
    "serve_here",
    "serve_in_processes",
    "url_of",
]
