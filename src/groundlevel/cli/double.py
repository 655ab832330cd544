"""Starts a server for tests, whose database may be thrown away at any time, and says of a database that it may be."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from groundlevel.access.rules import list_locations
from groundlevel.app import ServingLoop
from groundlevel.cli.detached import detach
from groundlevel.cli.serve import ServeOptions, flags_of, run_server
from groundlevel.control.detached import FILE, DetachedError
from groundlevel.control.double import EMPTY
from groundlevel.kernel.command import Options, Result, command, open_database, settings_of
from groundlevel.kernel.errors import InputError
from groundlevel.kernel.storage.base import Storage
from groundlevel.signing.rules import ED25519, RSA, TOKEN, list_active_keys

DEFAULTS = {
    "database": "sqlite:///:memory:",
    "control": True,
    "seed": "demo",
    # Nobody puts another server in its place, for which a connection would be kept a while.
    "shutdown_grace_seconds": 0.2,
    "synchronous": "OFF",
    "webhook_networks": "any",
}
"""The settings that a double has unless it is told otherwise."""


class PreciousDatabaseError(InputError):
    """The database holds something that nobody has called disposable."""

    advice = "Name another one, or `groundlevel mark-disposable --database URL` if all of it may be thrown away."


class DoubleOptions(ServeOptions, frozen=True, kw_only=True):  # type: ignore[valid-type, misc, call-arg]
    """Options of `double`."""

    detach: Annotated[
        bool, typer.Option("--detach", help="Return when it is ready; it goes on until `groundlevel stop`.")
    ] = False
    file: Annotated[Path, typer.Option(help="With --detach: where its url, token, locationId and pid are written.")] = (
        FILE
    )


class MarkOptions(Options, frozen=True, kw_only=True):
    """Options of `mark-disposable`."""

    undo: Annotated[bool, typer.Option("--undo", help="Say that the database is not disposable.")] = False


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    command(app, "double", make_loop=ServingLoop)(run_double)
    command(app, "mark-disposable")(mark_disposable)


async def run_double(options: DoubleOptions) -> Result | None:
    """Run a server for tests: in memory, with the demo, without limits, and steered at /control.

    As `serve --control true --database sqlite:///:memory: --seed demo --shutdown-grace-seconds 0.2 --synchronous OFF
    --webhook-networks any`, each of which can be given another value. A database that holds something has to be marked
    as disposable.
    """
    if options.detach:
        if options.until_stdin_ends:
            raise DetachedError("--detach goes on when standard input ends", "Leave --until-stdin-ends out.")
        return detach(words_of(options), options.file)
    await run_server(settings_of(options, flags_of(options), defaults=DEFAULTS), options, _prepare)
    return None


def words_of(options: DoubleOptions) -> list[str]:
    """The command line of a double that runs as this one would if it were not to be detached."""
    words = ["double"]
    for member in msgspec.structs.fields(options):
        value = getattr(options, member.name)
        if member.name in ("detach", "file", "json") or value == member.default:
            continue
        flag = f"--{member.name.replace('_', '-')}"
        words.append(flag if value is True else f"{flag}={value}")
    return words


async def mark_disposable(options: MarkOptions) -> Result:
    """Say that everything in the database may be thrown away at any time, as a reset of a double does."""
    async with open_database(settings_of(options)) as storage:
        await storage.images().mark_disposable(disposable=not options.undo)
    said = "is disposable" if not options.undo else "is not disposable"
    return Result({"disposable": not options.undo}, f"The database {said}.")


async def _prepare(storage: Storage) -> None:
    """Marks an empty database as disposable and takes an image of it. Raises PreciousDatabaseError."""
    images = storage.images()
    is_empty = not await list_locations(storage)
    if not is_empty and not await images.is_disposable():
        raise PreciousDatabaseError("the database holds something, and is not marked as disposable")
    await images.mark_disposable()
    # Made now, so that every image has the same ones, and receivers of webhooks go on knowing them.
    for purpose in (ED25519, RSA, TOKEN):
        await list_active_keys(storage, purpose)
    if is_empty:
        await images.take(EMPTY)
