"""Starts the server, and says how to use it once it is ready."""

from __future__ import annotations

import os
import shlex
import signal
import threading
from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from groundlevel.access.rules import list_locations
from groundlevel.app import (
    ServingLoop,
    bind_socket,
    build_app,
    check_certificate,
    serve_here,
    serve_in_processes,
)
from groundlevel.backup.rules import take_kept
from groundlevel.cli.credentials import demo_token, load_token
from groundlevel.console.rules import START_LINK_MS, create_link, list_operators
from groundlevel.kernel.command import Options, command, open_database, settings_of
from groundlevel.kernel.http.hosts import is_everywhere, url_of
from groundlevel.kernel.model import Json, Location
from groundlevel.kernel.observe import start_logging
from groundlevel.kernel.settings import SETTINGS, Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.seed.rules import DEMO, load_seed, seed_database
from groundlevel.signing.protection import protect_keys
from groundlevel.tls.authority import DIRECTORY, authority_file, local_certificate

ServeOptions = msgspec.defstruct(
    "ServeOptions",
    [
        (
            setting.name,
            Annotated[str | None, typer.Option(setting.flag, help=setting.doc, metavar="VALUE", show_default=False)],
            None,
        )
        for setting in SETTINGS
        if setting.name != "database"
    ]
    + [
        (
            "tls",
            Annotated[
                bool, typer.Option("--tls", help="Speak TLS, with a certificate of the local CA if none is set.")
            ],
            False,
        ),
        (
            "until_stdin_ends",
            Annotated[
                bool,
                typer.Option(
                    "--until-stdin-ends", help="Stop when standard input ends, as it does with whoever started it."
                ),
            ],
            False,
        ),
    ],
    bases=(Options,),
    frozen=True,
    kw_only=True,
)
"""Options of `serve`: a flag for every setting, so that a new setting needs no change here."""


class Welcome(Struct, frozen=True, rename="camel", omit_defaults=True):
    """What a started server says."""

    url: str
    console: str | None = None
    """A link that signs in to the console, once."""
    token: str | None = None
    location_id: str | None = None
    location_name: str | None = None
    demo: bool = False
    """Whether the location holds the demo's objects."""
    ca: str | None = None
    """The file of the certificate authority that clients have to trust, if it is the local one."""
    notices: list[str] = []
    """What the operator should know about the database."""


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    command(app, "serve", make_loop=ServingLoop)(serve)


async def serve(options: ServeOptions) -> None:  # type: ignore[valid-type]
    """Run the server until it is interrupted or terminated; then running requests are finished.

    With --seed demo an empty database is filled with an example. --json prints one JSON object when ready.
    """
    await run_server(settings_of(options, flags_of(options)), options)


def flags_of(options: Options) -> dict[str, object]:
    """The value of every setting's flag, None where it was not given."""
    return {setting.name: getattr(options, setting.name) for setting in SETTINGS}


async def run_server(
    settings: Settings, options: Options, prepare: Callable[[Storage], Awaitable[None]] | None = None
) -> None:
    """Serves with these settings, of which `options` says how to present them.

    `prepare` is called with the database before it is seeded.
    """
    as_json = options.json
    if options.until_stdin_ends:  # type: ignore[attr-defined]
        threading.Thread(target=_stop_at_end_of_input, daemon=True).start()
    authority = None
    if options.tls and settings.tls_certificate is None:  # type: ignore[attr-defined]
        certificate, key = local_certificate(DIRECTORY)
        authority = str(authority_file(DIRECTORY).resolve())
        settings = msgspec.structs.replace(settings, tls_certificate=str(certificate), tls_key=str(key))
    check_certificate(settings)
    start_logging(settings.log_format, settings.log_level)
    with bind_socket(settings) as listener:
        url = url_of(settings, listener.getsockname()[1])
        replaced = await take_kept(settings)
        async with open_database(settings) as storage:
            if prepare is not None:
                await prepare(storage)
            welcome = await prepare_demo(storage, settings, url)
            await protect_keys(storage, lasting=settings.database != "sqlite:///:memory:")
            console = await console_link(storage, settings, url)
            notices = list(storage.notices)
            if replaced is not None:
                notices.append(f"the backup that was uploaded is in place now; the database before it is {replaced}")
            welcome = msgspec.structs.replace(welcome, console=console, ca=authority, notices=notices)

            def ready() -> None:
                announce(welcome, settings, as_json=as_json)

            if settings.workers == 1:
                await serve_here(build_app(settings, storage), settings, listener=listener, ready=ready)
                return
        serve_in_processes(settings, listener=listener, ready=ready)


def _stop_at_end_of_input() -> None:
    # Not by way of sys.stdin: whoever reads from that holds a lock, without which the interpreter cannot end.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


async def console_link(storage: Storage, settings: Settings, url: str) -> str | None:
    """A link that signs in to the console within half an hour, once; None where there is no console.

    While nobody else could sign in and there is nothing to see yet, it leads to the first set-up.
    """
    if settings.console == "off":
        return None
    code = await create_link(storage, START_LINK_MS)
    nobody = not await list_operators(storage)
    first = nobody and (settings.console == "password" or not await list_locations(storage))
    return f"{settings.public_url or url}/console/#{'setup' if first else 'link'}={code}"


async def prepare_demo(storage: Storage, settings: Settings, url: str) -> Welcome:
    """Seeds the database if it is empty and a seed is asked for, and finds out what to say. Raises SeedError."""
    locations = await list_locations(storage)
    demo: Location | None = None
    if settings.seed is not None:
        seed = load_seed(settings.seed)
        if not locations:
            locations = [part.location for part in await seed_database(storage, seed)]
        demo = next((at for at in locations if at.name == seed.locations[0].name), None)
    if demo is not None:
        token = await demo_token(storage, settings, demo)
        return Welcome(url, token=token, location_id=demo.id, location_name=demo.name, demo=settings.seed == DEMO)
    kept = await load_token(storage, settings)
    if kept is not None:
        return Welcome(url, token=kept[1], location_id=kept[0].id, location_name=kept[0].name)
    if len(locations) == 1:
        return Welcome(url, location_id=locations[0].id, location_name=locations[0].name)
    return Welcome(url)


def announce(welcome: Welcome, settings: Settings, *, as_json: bool) -> None:
    """Prints how to use the server that is now ready."""
    if as_json:
        typer.echo(msgspec.json.encode(welcome).decode())
        return
    location = f"{welcome.location_id} ({welcome.location_name})" if welcome.location_id else "none yet"
    lines = [
        "GroundLevel is ready.",
        *(
            [f"  Console   {welcome.console}", "            (signs in once; `groundlevel console` prints another)"]
            if welcome.console
            else []
        ),
        f"  URL       {welcome.url}",
        f"  Docs      {welcome.url}/docs",
        f"  Token     {welcome.token or 'as you made it with: groundlevel token create'}",
        f"  Location  {location}",
    ]
    if not welcome.location_id:
        lines += [
            "",
            "Make a location and a token:",
            "  groundlevel location create --name …",
            "  groundlevel token create --location …",
        ]
    if welcome.token:
        lines += ["", "Try it:", *(f"  {line}" for line in curl_lines(welcome))]
    lines += [f"\nNote: {notice}" for notice in welcome.notices]
    if is_everywhere(settings.host):
        lines += ["", f"Other machines can connect too: it listens on {settings.host}."]
    typer.echo("\n".join(lines))


def curl_lines(welcome: Welcome) -> list[str]:
    """Commands to be pasted into a shell: create and search a record of the demo, or list the objects."""
    if not welcome.demo:
        return [_curl(welcome, f"/objects/?locationId={welcome.location_id}", None)]
    located = {"locationId": welcome.location_id}
    record = {**located, "properties": {"name": "Waffle", "species": "dog", "weight_kg": 8.5}}
    search = {**located, "page": 1, "pageLimit": 5, "query": "waffle"}
    path = "/objects/custom_objects.pet/records"
    return [_curl(welcome, path, record), _curl(welcome, f"{path}/search", search)]


def _curl(welcome: Welcome, path: str, body: Json) -> str:
    parts = [
        "curl",
        "-sS",
        welcome.url + path,
        "-H",
        f"Authorization: Bearer {welcome.token}",
        "-H",
        "Version: 2021-07-28",
    ]
    if welcome.ca is not None:
        parts += ["--cacert", welcome.ca]
    if body is not None:
        parts += ["-H", "Content-Type: application/json", "-d", msgspec.json.encode(body).decode()]
    return shlex.join(parts)
