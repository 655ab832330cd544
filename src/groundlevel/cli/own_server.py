"""Runs a server within this process for as long as a command needs one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from msgspec import Struct

from groundlevel.app import bind_socket, build_app, run
from groundlevel.cli.environment import client_variables
from groundlevel.cli.serve import prepare_demo
from groundlevel.kernel.command import Options, open_database, settings_of
from groundlevel.kernel.errors import Unavailable
from groundlevel.kernel.http.hosts import url_of
from groundlevel.kernel.http.listener import make_server
from groundlevel.kernel.observe import start_logging
from groundlevel.kernel.settings import Settings
from groundlevel.seed.rules import DEMO
from groundlevel.signing.protection import protect_keys

IN_MEMORY = "sqlite:///:memory:"


class OwnServer(Struct, frozen=True):
    """A running server, and what a client needs to know of it."""

    url: str
    token: str
    location_id: str
    variables: dict[str, str]
    """The same as `groundlevel env` prints it."""


class _Running(Struct, frozen=True):
    own: OwnServer
    stop: Callable[[], None]


def own_settings(options: Options, **flags: str | None) -> Settings:
    """The settings of a server that is asked by one command alone: in memory with the demo, if not told otherwise.

    Raises SettingsError.
    """
    own = {"host": "127.0.0.1", "port": "0", "workers": "1", "tls_certificate": "none", "tls_key": "none"}
    chosen = {"database": options.database or IN_MEMORY, "seed": flags.pop("seed", None) or DEMO}
    return settings_of(options, {**flags, **own, **chosen})


@contextmanager
def own_server(settings: Settings) -> Iterator[OwnServer]:
    """A server in a thread and with an event loop of its own. Raises what has kept it from starting."""
    started: Future[_Running] = Future()
    thread = threading.Thread(target=_run, args=(settings, started), name="own server")
    thread.start()
    try:
        running = started.result()
    except BaseException:
        thread.join()
        raise
    try:
        yield running.own
    finally:
        running.stop()
        thread.join()


def _run(settings: Settings, started: Future[_Running]) -> None:
    try:
        run(_serve(settings, started))
    except BaseException as problem:
        if started.done():
            raise
        started.set_exception(problem)


async def _serve(settings: Settings, started: Future[_Running]) -> None:
    # Warnings are for who runs a server, and the lines of the command's own program stand beside these.
    start_logging(settings.log_format, "error")
    with bind_socket(settings) as listener:
        url = url_of(settings, listener.getsockname()[1])
        async with open_database(settings) as storage:
            welcome = await prepare_demo(storage, settings, url)
            await protect_keys(storage, lasting=settings.database != IN_MEMORY)
            if welcome.token is None or welcome.location_id is None:
                raise Unavailable(
                    "the database has no location that the seed describes",
                    hint="Leave --database out, or name one that `groundlevel serve --seed` has filled.",
                )
            variables = await client_variables(storage, url, token=welcome.token, location=welcome.location_id)
            own = OwnServer(url, welcome.token, welcome.location_id, variables)

            def stop() -> None:
                server.should_exit = True

            server = make_server(
                build_app(settings, storage), settings, ready=lambda: started.set_result(_Running(own, stop))
            )
            await server.serve(sockets=[listener])
    if not started.done():
        raise Unavailable("the server did not start", hint="The lines above say why.")
