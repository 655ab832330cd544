"""Examines the database."""

from __future__ import annotations

import msgspec
import typer
from rich.table import Table

from groundlevel.doctor.rules import examine
from groundlevel.kernel.command import FAILED, Options, Result, command, open_database, settings_of


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "doctor")(check)


async def check(options: Options) -> Result:
    """Examine the database and say what is wrong with it, if anything; then the exit status is 1.

    It is opened for reading alone: nothing is created, migrated or repaired.
    """
    async with open_database(settings_of(options), examine=True) as storage:
        report = await examine(storage)
    table = Table("", "check", "finding", box=None)
    for found in report.checks:
        table.add_row("ok" if found.ok else "WRONG", found.name, found.detail)
    return Result(msgspec.to_builtins({"ok": report.ok, "checks": report.checks}), table, 0 if report.ok else FAILED)
