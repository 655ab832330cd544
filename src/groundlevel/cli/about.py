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
        python = platform.python_version()
        return Result({"version": __version__, "python": python}, f"groundlevel {__version__} (Python {python})")
