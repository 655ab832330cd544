"""The composition root: puts the server together from its parts."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from functools import partial

from groundlevel.access.admission import make_access
from groundlevel.api import ROUTES
from groundlevel.console import operator_routes, server_routes
from groundlevel.console import routes as console_routes
from groundlevel.imports.job_runner import keep_importing
from groundlevel.kernel.http.listener import (
    bind_socket,
    check_certificate,
    is_everywhere,
    run,
    serve_in_processes,
    url_of,
)
from groundlevel.kernel.http.listener import serve as serve_here
from groundlevel.kernel.http.server import Application, Parts
from groundlevel.kernel.observe import logger, start_logging
from groundlevel.kernel.settings import Settings, load_settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import make_storage
from groundlevel.kernel.storage.idempotency import keep_deleting_expired_keys
from groundlevel.records.upkeep import keep_up
from groundlevel.schema.indexes import keep_indexes
from groundlevel.webhooks.egress import egress_policy_of
from groundlevel.webhooks.policy_store import store_egress_policy

_PRIVATE_ROUTES = (*console_routes.ROUTES, *operator_routes.ROUTES, *server_routes.ROUTES)
_log = logger("app")


def make_application(
    storage: Storage, settings: Settings, *, opening: Callable[[], Awaitable[None]] | None = None
) -> Application:
    """The platform over HTTP with every noun, on a storage that `opening` opens if it is not open."""
    access = make_access(storage, live=settings.profile == "live")
    return Application(storage, settings, Parts(ROUTES, access, _PRIVATE_ROUTES), opening=opening)


def build_app(settings: Settings, storage: Storage) -> Application:
    """The platform over HTTP, on a storage that is open or is opened when the server starts."""
    return make_application(storage, settings, opening=lambda: _start(storage, settings))


async def _start(storage: Storage, settings: Settings) -> None:
    """Starts what runs in the background, which resumes what a crash cut off."""
    for notice in storage.notices:
        _log.warning("database", notice=notice)
    storage.background.start("upkeep", partial(keep_up, storage))
    storage.background.start("index keeper", partial(keep_indexes, storage))
    storage.background.start("idempotency key retention", partial(keep_deleting_expired_keys, storage))
    storage.background.start("imports", partial(keep_importing, storage, settings))
    await store_egress_policy(storage, egress_policy_of(settings))
    if settings.deliver:
        storage.background.start("webhook worker", partial(_deliver, storage, settings))


async def _deliver(storage: Storage, settings: Settings) -> None:
    # Imported here, since what it needs takes as long to load as half of the server, and no request waits for it.
    from groundlevel.webhooks.worker import deliver

    await deliver(storage, settings)


def from_environment() -> Application:
    """The application of one of several server processes, with its settings from the environment.

    Raises SettingsError.
    """
    settings = load_settings({}, os.environ, None)
    start_logging(settings.log_format, settings.log_level)
    storage = make_storage(settings)

    async def opening() -> None:
        await storage.open()
        await _start(storage, settings)

    return make_application(storage, settings, opening=opening)


__all__ = [
    "bind_socket",
    "build_app",
    "check_certificate",
    "from_environment",
    "is_everywhere",
    "make_application",
    "run",
    "serve_here",
    "serve_in_processes",
    "url_of",
]
