"""Prints the version."""

from __future__ import annotations

import platform

import typer

from groundlevel import __version__
from groundlevel.kernel.command import Options, Result, command


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""

    @command(app, "version")
    async def version(options: Options) -> Result:
        """Print the version."""
        return Result({"version": __version__, "python": platform.python_version()}, describe_version())


def describe_version() -> str:
    """The version of this program and of Python, on one line."""
    return f"groundlevel {__version__} (Python {platform.python_version()})"
