"""The command line: one module for each family of commands, put together here."""

from __future__ import annotations

import sys

import typer

from groundlevel.access import commands as access
from groundlevel.cli import about, database, environment, serve, tls
from groundlevel.doctor import commands as doctor
from groundlevel.imports import commands as imports
from groundlevel.kernel.command import say
from groundlevel.locations import commands as locations
from groundlevel.oauth import commands as apps
from groundlevel.records import commands as upkeep
from groundlevel.seed import commands as seed
from groundlevel.signing import commands as keys
from groundlevel.webhooks import commands as webhooks

app = typer.Typer(
    name="groundlevel",
    help="A self-hosted custom-objects platform that speaks HighLevel's Objects API.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for family in (
    serve, locations, access, apps, environment, database, doctor, upkeep, seed, imports, webhooks, keys, tls, about,
):  # fmt: skip
    family.add_to(app)


def main() -> None:
    """Runs the command line of this process and exits with its status."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs one command line and returns its exit status; a wrong one is answered in the form --json asks for."""
    try:
        status = app(arguments, prog_name="groundlevel", standalone_mode="--json" not in arguments)
    except typer.TyperException as problem:
        say(problem.format_message(), "groundlevel COMMAND --help lists the options.", as_json=True)
        return problem.exit_code
    except SystemExit as end:
        status = end.code
    return status if isinstance(status, int) else 0
