"""Opens the console, and manages who may sign in to it."""

from __future__ import annotations

import sys
import webbrowser
from typing import Annotated

import typer
from rich.table import Table

from groundlevel.console.model import Role
from groundlevel.console.rules import (
    NewOperator,
    change_password,
    create_link,
    create_operator,
    list_operators,
    remove_operator,
)
from groundlevel.kernel.command import Options, Result, command, on_terminal, open_database, settings_of
from groundlevel.kernel.errors import InputError
from groundlevel.kernel.http.hosts import url_of
from groundlevel.kernel.timestamps import day_of, iso

Email = Annotated[str, typer.Option(help="The operator's e-mail address.")]


class LinkOptions(Options, frozen=True, kw_only=True):
    """Options of `console`."""

    url: Annotated[
        str | None, typer.Option(help="Where the server is reached; public_url, or host and port, if left out.")
    ] = None
    open: Annotated[bool, typer.Option("--open", help="Also open it in the browser of this machine.")] = False


class OperatorOptions(Options, frozen=True, kw_only=True):
    """Options of `operator create`."""

    email: Email
    role: Annotated[Role, typer.Option(help="viewer reads, editor also writes records, owner does everything.")]
    location: Annotated[
        list[str] | None, typer.Option(help="Id of a location they reach; may be given several times. All if left out.")
    ] = None


class EmailOptions(Options, frozen=True, kw_only=True):
    """Options of `operator remove` and `operator password`."""

    email: Email


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    command(app, "console")(show_link)
    family = typer.Typer(help="Operators: people who sign in to the console.", no_args_is_help=True)
    app.add_typer(family, name="operator")
    command(family, "create")(create)
    command(family, "list")(show)
    command(family, "remove")(remove)
    command(family, "password")(set_password)


async def show_link(options: LinkOptions) -> Result:
    """Print a link that signs in to the console as an owner, once, within a minute."""
    settings = settings_of(options)
    if settings.console == "off":
        raise NoConsoleError
    async with open_database(settings) as storage:
        code = await create_link(storage)
    link = f"{(options.url or settings.public_url or url_of(settings)).rstrip('/')}/console/#link={code}"
    if options.open:
        webbrowser.open(link)
    return Result({"url": link}, link)


async def create(options: OperatorOptions) -> Result:
    """Create an operator; the password is asked for, or read from standard input."""
    async with open_database(settings_of(options)) as storage:
        wanted = NewOperator(options.email, read_password(), options.role, tuple(options.location or ()))
        operator = await create_operator(storage, wanted)
    return Result(
        {"id": operator.id, "email": operator.email, "role": operator.role.value}, f"{operator.email} created"
    )


async def show(options: Options) -> Result:
    """List the operators, oldest first."""
    async with open_database(settings_of(options)) as storage:
        found = await list_operators(storage)
    table = Table("e-mail", "role", "reaches", "created", box=None)
    for each in found:
        table.add_row(each.email, each.role.value, ", ".join(each.locations) or "everything", day_of(each.created_at))
    rows = [
        {
            "id": each.id,
            "email": each.email,
            "role": each.role.value,
            "locations": list(each.locations),
            "createdAt": iso(each.created_at),
        }
        for each in found
    ]
    nobody = "There is no operator; `groundlevel console` signs in without one."
    return Result({"operators": rows}, table if found else nobody)


async def remove(options: EmailOptions) -> Result:
    """Remove an operator, and sign them out."""
    async with open_database(settings_of(options)) as storage:
        await remove_operator(storage, options.email)
    return Result({"removed": options.email}, f"{options.email} removed")


async def set_password(options: EmailOptions) -> Result:
    """Set another password, and sign the operator out; it is asked for, or read from standard input."""
    async with open_database(settings_of(options)) as storage:
        await change_password(storage, options.email, read_password())
    return Result({"changed": options.email}, f"{options.email} has another password")


class NoConsoleError(InputError):
    """The console is off"""

    advice = "Set console to loopback or password."

    def __init__(self) -> None:
        super().__init__("The console is off")


def read_password() -> str:
    """The password that a person types twice, or the first line of standard input; never an argument, which shows."""
    if on_terminal() and sys.stdin.isatty():
        typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    return sys.stdin.readline().rstrip("\n")
