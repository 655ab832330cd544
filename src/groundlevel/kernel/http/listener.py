"""Binds the address, runs the web server on it and says when it is ready."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from functools import partial
from types import FrameType
from typing import Any, TypeVar, cast

import uvicorn
from uvicorn.supervisors import Multiprocess

from groundlevel.kernel.errors import Unavailable
from groundlevel.kernel.http.accepting import ServingLoop, connection_limit
from groundlevel.kernel.http.cross_origin import CrossOrigin
from groundlevel.kernel.http.hosts import url_of
from groundlevel.kernel.http.protocol import ConnectionLimits, GuardedProtocol
from groundlevel.kernel.settings import SETTINGS, Settings

T = TypeVar("T")
FACTORY = "groundlevel.app:from_environment"
"""What makes the application in each of several server processes."""
LOOP = "groundlevel.kernel.http.accepting:ServingLoop"
"""What makes the event loop of each."""

_ANSWER_SECONDS = 1.0
_WORKER_SECONDS = 60
"""What a worker may take to start, and to say that it lives, before it counts as hung. A busy machine takes long."""
_PAUSE_SECONDS = 0.05


def check_certificate(settings: Settings) -> None:
    """Raises Unavailable when the server could not speak TLS as the settings want it."""
    if settings.tls_certificate is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ssl.SSLError) as problem:
        raise Unavailable(
            f"cannot speak TLS with {settings.tls_certificate} and {settings.tls_key}: {problem.strerror or problem}",
            hint="Both are PEM files, and the key is that of the certificate; `groundlevel tls cert` makes a pair.",
        ) from problem


def bind_socket(settings: Settings) -> socket.socket:
    """A socket bound to the address of the settings. Raises Unavailable."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as problem:
        raise Unavailable(
            f"cannot listen on {settings.host} port {settings.port}: {problem.strerror}",
            hint="Another program may be using the port: choose one with --port, or let --port 0 find a free one.",
        ) from problem
    listener.set_inheritable(True)
    return listener


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._ready = ready
        self._interrupted = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready is not None:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._interrupted = self._interrupted or (sig == signal.SIGINT and not self.should_exit)
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._interrupted:
            # Somebody sits at the terminal: nobody is waited for who has asked for nothing.
            for connection in cast("set[GuardedProtocol]", self.server_state.connections):
                if not connection.serving:
                    connection.transport.close()
        await super().shutdown(sockets)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine on the event loop that the server is meant for."""
    with asyncio.Runner(loop_factory=ServingLoop) as runner:
        return runner.run(main)


def make_server(app: Any, settings: Settings, *, ready: Callable[[], None] | None = None) -> uvicorn.Server:
    """A web server that is not running yet. It is to run on the event loop of `run`."""
    return _Server(_config(app, settings), ready)


async def serve(
    app: Any, settings: Settings, *, listener: socket.socket | None = None, ready: Callable[[], None] | None = None
) -> None:
    """Serves in this process until it is interrupted or terminated, then finishes the running requests.

    Listens on `listener`, or else where the settings say, and calls `ready` when requests are answered.
    Raises Unavailable when the address is taken, RuntimeError on another event loop than that of `run`.
    """
    if not isinstance(asyncio.get_running_loop(), ServingLoop):
        raise RuntimeError(
            "the server has to run on a ServingLoop: no other one ends the connections of stalling clients"
        )
    with listener or bind_socket(settings) as bound:
        await _serve(app, settings, bound, ready=ready)


async def _serve(app: Any, settings: Settings, listener: socket.socket, *, ready: Callable[[], None] | None) -> None:
    # At its end the server raises the signal again that stopped it, which would kill the process before its own end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    await make_server(app, settings, ready=ready).serve(sockets=[listener])


def serve_in_processes(settings: Settings, *, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serves with several processes until this one is interrupted or terminated. Each opens the database for itself."""
    os.environ.update({setting.variable: _text_of(getattr(settings, setting.name)) for setting in SETTINGS})
    url = url_of(settings, listener.getsockname()[1])
    threading.Thread(target=_report_when_answering, args=(url, ready), daemon=True).start()
    Multiprocess(_config(FACTORY, settings), sockets=[listener]).run()


def _text_of(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return ",".join(value) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _report_when_answering(url: str, then: Callable[[], None]) -> None:
    """Waits until some process answers: they start by themselves, and the parent gets no notice."""
    pause = threading.Event()
    # It is asked whether it answers, not who it is: its certificate may well not name the address it listens on.
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    while True:
        try:
            urllib.request.urlopen(  # noqa: S310 - our own URL
                f"{url}/health", timeout=_ANSWER_SECONDS, context=unverified
            ).close()
        except urllib.error.HTTPError:
            break
        except OSError:
            pause.wait(_PAUSE_SECONDS)
        else:
            break
    then()


def _protocol(settings: Settings) -> type[GuardedProtocol]:
    """What makes the protocol of each connection; another process can be given it as well."""
    limits = ConnectionLimits(
        settings.head_timeout_seconds,
        settings.idle_timeout_seconds,
        connections=connection_limit(settings),
        drain_seconds=settings.shutdown_grace_seconds / 2,
    )
    cross_origin = CrossOrigin(settings.cors_origins)
    return cast("type[GuardedProtocol]", partial(GuardedProtocol, limits=limits, cross_origin=cross_origin))


def _config(app: Any, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=settings.workers,
        loop=LOOP,
        http=_protocol(settings),
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        timeout_worker_healthcheck=_WORKER_SECONDS,
        timeout_graceful_shutdown=math.ceil(settings.shutdown_grace_seconds),
    )
