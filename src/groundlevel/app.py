"""The composition root: puts the server together from its parts."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from groundlevel.access.admission import make_access
from groundlevel.access.last_uses import keep_storing_last_uses
from groundlevel.api import ROUTES
from groundlevel.audit.retention import Retention, keep_pruning
from groundlevel.console import operator_routes, place_routes, server_routes
from groundlevel.console import routes as console_routes
from groundlevel.imports.job_runner import keep_importing
from groundlevel.kernel.changes import THE_SERVER
from groundlevel.kernel.http.accepting import ServingLoop
from groundlevel.kernel.http.listener import (
    bind_socket,
    check_certificate,
    serve_in_processes,
)
from groundlevel.kernel.http.listener import serve as serve_here
from groundlevel.kernel.http.routing import Route
from groundlevel.kernel.http.server import Application, Parts
from groundlevel.kernel.observe import logger, start_logging
from groundlevel.kernel.settings import Settings, load_settings
from groundlevel.kernel.storage.base import Progress, Storage
from groundlevel.kernel.storage.engines import make_storage
from groundlevel.kernel.storage.idempotency import keep_deleting_expired_keys
from groundlevel.records.upkeep import keep_up
from groundlevel.schema.indexes import keep_indexes
from groundlevel.webhooks.egress import egress_policy_of
from groundlevel.webhooks.policy_store import store_egress_policy

if TYPE_CHECKING:
    from groundlevel.control.double import Double

_PRIVATE_ROUTES = (
    *console_routes.ROUTES,
    *operator_routes.ROUTES,
    *place_routes.ROUTES,
    *server_routes.ROUTES,
)
_log = logger("app")


def make_application(
    storage: Storage,
    settings: Settings,
    *,
    opening: Callable[[], Awaitable[None]] | None = None,
    double: Double | None = None,
) -> Application:
    """The platform over HTTP with every noun, on a storage that `opening` opens if it is not open.

    With `double` tests can steer it.
    """
    control = _control_routes(double)

    def parts_for(settings: Settings) -> Parts:
        return Parts(ROUTES, make_access(storage, live=settings.profile == "live"), (*_PRIVATE_ROUTES, *control))

    application = Application(storage, settings, parts_for(settings), opening=opening)
    if double is not None:
        double.steer(application, lambda settings: application.show(settings, parts_for(settings)))
    return application


def make_double(storage: Storage, settings: Settings) -> Double | None:
    """What tests steer a server by, where the settings let them."""
    if not settings.control:
        return None
    # Imported here, as what follows is: hardly any server needs it, and all of them would load it.
    from groundlevel.control.double import Double

    return Double(storage, settings)


def _control_routes(double: Double | None) -> tuple[Route, ...]:
    if double is None:
        return ()
    from groundlevel.console import control_routes
    from groundlevel.control.routes import routes_of

    return (*routes_of(double), *control_routes.routes_of(double))


def build_app(settings: Settings, storage: Storage) -> Application:
    """The platform over HTTP, on a storage that is open or is opened when the server starts."""
    double = make_double(storage, settings)
    return make_application(storage, settings, opening=lambda: _start(storage, settings, double), double=double)


async def _start(storage: Storage, settings: Settings, double: Double | None) -> None:
    """Starts what runs in the background, which resumes what a crash cut off."""
    storage.author = THE_SERVER
    for notice in storage.notices:
        _log.warning("database", notice=notice)
    storage.background.start("upkeep", partial(keep_up, storage))
    storage.background.start("index keeper", partial(keep_indexes, storage))
    storage.background.start("idempotency key retention", partial(keep_deleting_expired_keys, storage))
    storage.background.start("last uses of tokens", partial(keep_storing_last_uses, storage))
    storage.background.start("imports", partial(keep_importing, storage, settings))
    if settings.audit != "off":
        retention = Retention(settings.audit_days, settings.audit_max_rows)
        storage.background.start("audit retention", partial(keep_pruning, storage, retention))
    await store_egress_policy(storage, egress_policy_of(settings))
    if double is not None:
        await double.begin()
    if settings.deliver:
        # Events wait for it from here on, also while it is still being loaded.
        storage.progress["deliveries"] = lambda: Progress(unfinished=0, begun=0)
        storage.background.start("webhook worker", partial(_deliver, storage, settings, double))


async def _deliver(storage: Storage, settings: Settings, double: Double | None) -> None:
    # Imported here, since what it needs takes as long to load as half of the server, and no request waits for it.
    from groundlevel.webhooks.transport import Transport
    from groundlevel.webhooks.worker import deliver

    await deliver(storage, settings, Transport if double is None else double.make_transport)


def from_environment() -> Application:
    """The application of one of several server processes, with its settings from the environment.

    Raises SettingsError.
    """
    settings = load_settings({}, os.environ, None)
    start_logging(settings.log_format, settings.log_level)
    storage = make_storage(settings)

    async def opening() -> None:
        await storage.open()
        await _start(storage, settings, None)

    return make_application(storage, settings, opening=opening)


__all__ = [
    "ServingLoop",
    "bind_socket",
    "build_app",
    "check_certificate",
    "from_environment",
    "make_application",
    "serve_here",
    "serve_in_processes",
]
