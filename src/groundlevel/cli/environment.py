"""Prints what a client needs to know to talk to the server."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from groundlevel.access.choice import choose_location
from groundlevel.cli.credentials import load_token, working_token
from groundlevel.control.client import ControlError
from groundlevel.control.detached import DetachedError, find_detached
from groundlevel.kernel.command import Options, Result, command, open_database, settings_of
from groundlevel.kernel.http.hosts import url_of
from groundlevel.kernel.storage.base import Storage
from groundlevel.signing.rules import ED25519, RSA, list_active_keys, one_line, raw_public_key
from groundlevel.testing.session import Session

API_VERSION = "2021-07-28"
"""The Version header that clients should send (docs/contract.md#version-header)."""


class EnvironmentOptions(Options, frozen=True, kw_only=True):
    """Options of `env`."""

    location: Annotated[
        str | None, typer.Option(help="Id of the location; the demo's or the only one if left out.")
    ] = None
    url: Annotated[str | None, typer.Option(help="Where the server is; else its host and port settings say it.")] = None
    double: Annotated[
        Path | None, typer.Option(help="Print those of a double: the file that `double --detach` has written.")
    ] = None
    dotenv: Annotated[bool, typer.Option("--dotenv", help="Print NAME=value lines.")] = False
    shell: Annotated[bool, typer.Option("--shell", help="Print export lines for a shell; the default.")] = False


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    command(app, "env")(show_environment)


async def show_environment(options: EnvironmentOptions) -> Result:
    """Print the variables that client programs read: base URL, token, location, API version, and webhook keys.

    In a shell: eval "$(groundlevel env)". Beside a demo on SQLite its token is used; otherwise a new one is made.
    """
    if options.double is not None:
        if options.location is not None or options.url is not None:
            raise DetachedError("--double names a double, which knows its own", "Leave --location and --url out.")
        return _lines(options, variables_of_double(options.double))
    settings = settings_of(options)
    async with open_database(settings) as storage:
        kept = await load_token(storage, settings) if options.location is None else None
        location = kept[0] if kept else await choose_location(storage, options.location)
        token = kept[1] if kept else await working_token(storage, settings, location)
        url = (options.url or url_of(settings)).rstrip("/")
        variables = await client_variables(storage, url, token=token, location=location.id)
    return _lines(options, variables)


def variables_of_double(file: Path) -> dict[str, str]:
    """What programs read of the double that a file tells of. Raises DetachedError."""
    found = find_detached(file)
    try:
        return Session(found.url, found.token, found.location_id).env
    except ControlError as problem:
        raise DetachedError(problem.message, problem.hint) from problem


def _lines(options: EnvironmentOptions, variables: dict[str, str]) -> Result:
    begin = "" if options.dotenv else "export "
    lines = [f"{begin}{name}={shlex.quote(value)}" for name, value in variables.items()]
    return Result(dict(variables), "\n".join(lines))


async def client_variables(storage: Storage, url: str, *, token: str, location: str) -> dict[str, str]:
    """What programs read of a server at `url`: how they reach a location, by its id, and how they check webhooks."""
    ed25519, rsa = (await list_active_keys(storage, ED25519))[0], (await list_active_keys(storage, RSA))[0]
    return {
        "GHL_BASE_URL": url,
        "GHL_API_KEY": token,
        "GHL_LOCATION_ID": location,
        "GHL_API_VERSION": API_VERSION,
        # The forms that need no line breaks and that the official SDKs read: of the one both, of the other Python's.
        "WEBHOOK_SIGNATURE_PUBLIC_KEY": raw_public_key(ed25519),
        "WEBHOOK_PUBLIC_KEY": one_line(rsa.public_pem),
    }
