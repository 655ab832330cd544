"""Shows the long work that requests have left to the background, and does it where no server runs."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.table import Table

from groundlevel.kernel.command import Options, Result, command, open_database, settings_of
from groundlevel.records.upkeep import carry_out, list_progress


class UpkeepOptions(Options, frozen=True, kw_only=True):
    """Options of `upkeep`."""

    finish: Annotated[bool, typer.Option("--finish", help="Carry it out now; a running server does so by itself.")] = (
        False
    )


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "upkeep")(show_upkeep)


async def show_upkeep(options: UpkeepOptions) -> Result:
    """Show the long work that is left: search texts to be rebuilt, what is left of deleted objects to be removed."""
    async with open_database(settings_of(options)) as storage:
        if options.finish:
            await carry_out(storage)
        left = await list_progress(storage)
    table = Table("location", "work", "of", "done", box=None)
    for each in left:
        job = each.job
        done = "" if each.percent is None else f"{each.percent} %"
        table.add_row(job.location_id, job.kind.value, str(job.subject), done)
    return Result({"jobs": msgspec.to_builtins(left)}, table if left else "Nothing is left to do.")
