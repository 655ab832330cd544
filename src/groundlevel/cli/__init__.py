"""The command line: one module for each family of commands, of which a run loads the one that it needs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer
from msgspec import Struct

from groundlevel.kernel.command import say

_HELP = "A self-hosted custom-objects platform that speaks HighLevel's Objects API."
_EVERY_NOUN = "groundlevel.api"
_COMPLETION = "_GROUNDLEVEL_COMPLETE"
"""What a shell sets that asks for completions."""
_VERSION = "--version"


class Family(Struct, frozen=True):
    """A module of commands, and the first words that lead to them."""

    module: str
    words: tuple[str, ...]
    every_noun: bool = False
    """Whether its commands look into the tables that all nouns add to: events, scopes, operations."""


FAMILIES = (
    Family("groundlevel.cli.serve", ("serve",), every_noun=True),
    Family("groundlevel.cli.double", ("double", "mark-disposable"), every_noun=True),
    Family("groundlevel.cli.detached", ("stop",)),
    Family("groundlevel.control.commands", ("reset", "checkpoint", "fault", "clock", "requests", "inbox")),
    Family("groundlevel.testing.commands", ("testing",)),
    Family("groundlevel.locations.commands", ("location",)),
    Family("groundlevel.access.commands", ("token",), every_noun=True),
    Family("groundlevel.console.commands", ("console", "operator")),
    Family("groundlevel.oauth.commands", ("app",), every_noun=True),
    Family("groundlevel.cli.environment", ("env",), every_noun=True),
    Family("groundlevel.cli.database", ("migrate",)),
    Family("groundlevel.backup.commands", ("backup", "restore")),
    Family("groundlevel.transfer.commands", ("migrate-database",)),
    Family("groundlevel.doctor.commands", ("doctor",)),
    Family("groundlevel.audit.commands", ("changes", "audit"), every_noun=True),
    Family("groundlevel.records.commands", ("upkeep",)),
    Family("groundlevel.seed.commands", ("seed",)),
    Family("groundlevel.imports.commands", ("import", "export")),
    Family("groundlevel.webhooks.commands", ("webhooks", "deliver"), every_noun=True),
    Family("groundlevel.signing.commands", ("webhooks",)),
    Family("groundlevel.cli.tls", ("tls",)),
    Family("groundlevel.cli.conformance", ("conformance",)),
    Family("groundlevel.cli.healthcheck", ("healthcheck",)),
    Family("groundlevel.cli.about", ("version",)),
)
"""Every family, in the order of the help."""


def make_app(families: Iterable[Family] = FAMILIES) -> typer.Typer:
    """The command line with these families of commands."""
    app = typer.Typer(
        name="groundlevel",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    # With a callback a single command keeps its name.
    app.callback(help=_HELP)(_take_options)
    for family in families:
        if family.every_noun:
            import_module(_EVERY_NOUN)
        import_module(family.module).add_to(app)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        from groundlevel.cli.about import describe_version

        typer.echo(describe_version())
        raise typer.Exit


def _take_options(
    version: Annotated[
        bool, typer.Option(_VERSION, help="Print the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """The options of the program itself, which do all that they do as they are read."""


def families_of(arguments: Iterable[str]) -> tuple[Family, ...]:
    """The families that a command line needs: all of them for help, completions, and words that no family has."""
    # The option does what the command of the same name does.
    word = next((each for each in arguments if each == _VERSION or not each.startswith("-")), "").lstrip("-")
    needed = tuple(family for family in FAMILIES if word in family.words)
    return needed if needed and _COMPLETION not in os.environ else FAMILIES


def run(arguments: list[str]) -> int:
    """Runs one command line and returns its exit status; a wrong one is answered in the form --json asks for."""
    app = make_app(families_of(arguments))
    # What stands behind -- is meant for another program.
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    try:
        status = app(arguments, prog_name="groundlevel", standalone_mode="--json" not in own)
    except typer.TyperException as problem:
        say(problem.format_message(), "groundlevel COMMAND --help lists the options.", as_json=True)
        return problem.exit_code
    except SystemExit as end:
        status = end.code
    return status if isinstance(status, int) else 0
