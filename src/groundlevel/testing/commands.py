"""Prints what test suites in other languages steer a double with."""

from __future__ import annotations

from importlib import resources

import typer

from groundlevel.kernel.command import Options, Result, command


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    family = typer.Typer(help="What test suites steer a double with.", no_args_is_help=True)
    app.add_typer(family, name="testing")
    command(family, "node")(print_module)


async def print_module(options: Options) -> Result:
    """Print the module for suites in Node (vitest, jest, node:test): `groundlevel testing node > groundlevel.mjs`."""
    text = (resources.files("groundlevel.testing") / "node" / "groundlevel.mjs").read_text("utf-8")
    return Result({"module": text}, text.rstrip("\n"))
